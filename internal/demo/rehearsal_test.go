package demo

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
)

// A town alone is served where it listens, and its people have the name that a proxy gives
// it. It says how a desk hears them, and ends when it is told to.
func TestRehearse(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- Rehearse(ctx, Rehearsal{Listen: address, URL: "https://town.example", Desk: "@help@acme.example", Out: write, Log: slog.New(slog.DiscardHandler)})
		_ = write.Close()
	}()
	said := ""
	for lines := bufio.NewScanner(read); !strings.Contains(said, "Ctrl-C") && lines.Scan(); {
		said += lines.Text() + "\n"
	}
	const actor = "https://town.example/tags/fail"
	if !strings.Contains(said, "--actor "+actor) {
		t.Errorf("it says %q", said)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/tags/fail", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/activity+json")
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(w.Body)
	if _ = w.Body.Close(); err != nil || w.StatusCode != http.StatusOK || !strings.Contains(string(body), actor) {
		t.Errorf("%d %s, %v", w.StatusCode, body, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := Rehearse(t.Context(), Rehearsal{Listen: "192.0.2.1:80", URL: "https://town.example"}); err == nil {
		t.Error("a town without passwords listens to the world")
	}
}

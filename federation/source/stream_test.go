package source

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/test/feeds"
	"earshot/store"
)

// told is a Sink that hands on what it hears.
type told struct {
	connected chan struct{}
	heard     chan string
}

func (s told) Connected(context.Context) error { s.connected <- struct{}{}; return nil }
func (s told) Heard(_ context.Context, posts ...app.Brought) error {
	for _, p := range posts {
		s.heard <- string(p.Object)
	}
	return nil
}
func (s told) CaughtUp(ctx context.Context, p app.Polled) error { return s.Heard(ctx, p.Posts...) }

// Posts from before the connection and during it are told; a connection that is cut
// ends.
func TestStream(t *testing.T) {
	f := &feeds.Server{Clock: clock.NewFake(noon), Token: "t"}
	server := httptest.NewServer(f)
	defer server.Close()
	k := &stream{timeline{web: testWeb()}}
	s := Asked{store.Source{ID: "s", URL: server.URL, Tags: []string{"acme", "akme"}, Created: noon}, "t", noon}
	f.Add(feeds.Post{URI: "missed", Tags: []string{"acme"}})
	to := told{make(chan struct{}, 1), make(chan string, 10)}
	ended := make(chan error, 1)
	go func() { ended <- k.Stream(t.Context(), s, to) }()
	<-to.connected
	if got := <-to.heard; got != "missed" {
		t.Errorf("caught up with %q", got)
	}
	f.Add(feeds.Post{URI: "now", Tags: []string{"Akme"}})
	if got := <-to.heard; got != "now" {
		t.Errorf("heard %q", got)
	}
	f.Cut()
	if err := <-ended; desk.ErrorID(err) != "source_stream_ended" {
		t.Errorf("it ended with %v", err)
	}
	s.Token = "x"
	if err := k.Stream(t.Context(), s, to); desk.ErrorCode(err) != desk.CodeForbidden {
		t.Errorf("with a wrong token: %v", err)
	}
}

func TestStreamOfAHostileServer(t *testing.T) {
	for name, c := range map[string]struct {
		typ  string
		body func(io.Writer)
		id   string
	}{
		"a page":                 {"text/html", func(w io.Writer) { fmt.Fprint(w, "<p>hi") }, "source_no_stream"},
		"a line that never ends": {"text/event-stream", func(w io.Writer) { _, _ = w.Write(bytes.Repeat([]byte("x"), 2*maxEvent)) }, "source_stream_ended"},
		"an event that never ends": {"text/event-stream", func(w io.Writer) {
			for range 20 {
				fmt.Fprintf(w, "data: %s\n", strings.Repeat("x", maxEvent/8))
			}
		}, "source_stream_ended"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &feeds.Server{Clock: clock.NewFake(noon), Token: "t", Wrong: func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.Contains(r.URL.Path, "streaming") {
					return false
				}
				w.Header().Set("Content-Type", c.typ)
				c.body(w)
				return true
			}}
			server := httptest.NewServer(f)
			defer server.Close()
			k := &stream{timeline{web: testWeb()}}
			err := k.Stream(t.Context(), Asked{store.Source{URL: server.URL, Tags: []string{"acme"}, Created: noon}, "t", noon}, told{make(chan struct{}, 1), make(chan string, 10)})
			if desk.ErrorID(err) != c.id {
				t.Errorf("%v, want %s", err, c.id)
			}
		})
	}
}

func FuzzEvents(f *testing.F) {
	f.Add([]byte(":thump\n\nevent: update\ndata: {\"id\":\"1\"}\n\nevent: delete\ndata: 5\n\n"))
	f.Add([]byte("data\r\n\r\n:\nevent:update\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		size := 0
		_ = events(bytes.NewReader(body), func() {}, func(e event) error {
			size += len(e.data)
			e.status()
			return nil
		})
		if size > len(body) {
			t.Errorf("%d bytes of events from %d", size, len(body))
		}
		readStreaming(body)
	})
}

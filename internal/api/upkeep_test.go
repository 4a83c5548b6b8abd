package api_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"earshot/internal/api"
	"earshot/internal/backup"
	"earshot/internal/desk"
)

// overSocket serves a backup as write does it, and fetches it as the command
// line does.
func overSocket(t *testing.T, write func(context.Context, io.Writer) (backup.Header, error)) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: api.New(api.Deps{Log: slog.New(slog.DiscardHandler), Backup: write})}}
	server.Start()
	defer server.Close()
	transport := api.Socket(path)
	defer transport.CloseIdleConnections()
	var b bytes.Buffer
	err = api.NewClient(transport, "").Backup(t.Context(), &b)
	return b.String(), err
}

func TestBackupIsStreamed(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	got, err := overSocket(t, func(_ context.Context, w io.Writer) (h backup.Header, err error) {
		for n := 0; n < 80 && err == nil; n++ { // more than an answer that is kept in memory may have
			_, err = io.WriteString(w, long)
		}
		return h, err
	})
	if err != nil || len(got) != 80<<20 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// A backup that fails half-way does not look like one that ended.
func TestBackupThatFails(t *testing.T) {
	_, err := overSocket(t, func(_ context.Context, w io.Writer) (backup.Header, error) {
		if _, err := io.WriteString(w, "half of it"); err != nil {
			return backup.Header{}, err
		}
		return backup.Header{}, errors.New("the disk failed")
	})
	if err == nil {
		t.Error("half a backup arrived without an error")
	}
	_, err = overSocket(t, func(context.Context, io.Writer) (backup.Header, error) {
		return backup.Header{}, desk.Conflict("not_now", "not now")
	})
	if desk.ErrorCode(err) != desk.CodeConflict || desk.ErrorMessage(err) != "not now" {
		t.Errorf("err = %v", err)
	}
}

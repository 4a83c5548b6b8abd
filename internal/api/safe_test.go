package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"earshot/internal/app"
)

// No GET writes (RFC 9110 §9.2.1). That a token is in use is noted like a log
// entry; on the socket, where this asks, there are no tokens.
func TestGetsDoNotWrite(t *testing.T) {
	f := newFixture(t)
	issue := f.report(t, 1, "My line is down")
	if _, err := f.app.Comment(t.Context(), app.By{}, issue, "@bo, is this your cabinet?"); err != nil {
		t.Fatal(err)
	}
	running, end := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = f.deps.Live.Run(running) }() // it ends as it is told to
	defer func() { end(); <-ended }()
	fill := strings.NewReplacer("/issues/{id}", "/issues/"+string(issue), "{email}", "bo@acme.example", "{desk}", "help", "{problem}", "issue_not_found", "{id}", "none")
	for _, r := range routes() {
		if r.method != http.MethodGet {
			continue
		}
		path := fill.Replace(r.path)
		ctx, stop := context.WithCancel(t.Context())
		w := &hangsUp{httptest.NewRecorder(), stop}
		before := f.store.Updates()
		q := httptest.NewRequestWithContext(ctx, r.method, Root+path, nil)
		q.Header.Set(HeaderAgent, "bo@acme.example")
		f.handler.ServeHTTP(w, q)
		stop()
		if n := f.store.Updates() - before; n != 0 {
			t.Errorf("GET %s made %d write transactions", path, n)
		}
		if w.Code >= 500 {
			t.Errorf("GET %s: %d %s", path, w.Code, w.Body)
		}
	}
}

// hangsUp reads the beginning of an answer only: a stream has no end.
type hangsUp struct {
	*httptest.ResponseRecorder
	stop func()
}

func (h *hangsUp) Write(b []byte) (int, error) {
	defer h.stop()
	return h.ResponseRecorder.Write(b)
}

func (h *hangsUp) Flush() { h.ResponseRecorder.Flush(); h.stop() }

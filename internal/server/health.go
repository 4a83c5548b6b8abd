package server

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"earshot/store"
)

// workers counts those that run.
type workers struct {
	mu    sync.Mutex
	alive int
	lost  int
}

func (w *workers) started() { w.mu.Lock(); w.alive++; w.mu.Unlock() }
func (w *workers) ended()   { w.mu.Lock(); w.alive--; w.lost++; w.mu.Unlock() }

// all says whether every worker that was started still runs.
func (w *workers) all() bool { w.mu.Lock(); defer w.mu.Unlock(); return w.lost == 0 }

// readyWithin: a store that takes longer to answer is not ready.
const readyWithin = 2 * time.Second

// live says that the process answers, whatever else fails: its supervisor need
// not restart it.
func live(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok\n") }

// ready says whether requests are welcome.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if err := s.Ready(r.Context()); err != nil {
		plain(w, http.StatusServiceUnavailable, err.Error()+"\n")
		return
	}
	plain(w, http.StatusOK, "ok\n")
}

// Why requests are not welcome.
var (
	errStopping = errors.New("the server is stopping")
	errFull     = errors.New("the store is full")
	errStuck    = errors.New("the store does not accept writes")
	errStore    = errors.New("the store does not answer")
	errWorker   = errors.New("a worker has ended")
)

// Ready returns nil if requests are welcome: we are not stopping, the store answers and
// accepts writes, and every worker runs. Else the error says, without details, why not.
func (s *Server) Ready(ctx context.Context) error {
	if s.stopping.Load() {
		return errStopping
	}
	if !s.running.all() {
		return errWorker
	}
	if s.o.Alive == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	err := s.o.Alive(ctx)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrFull):
		return errFull
	case errors.Is(err, errStuck):
		return errStuck
	}
	s.o.Log.Error("not ready: the store does not answer", "err", err)
	return errStore
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

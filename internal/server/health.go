package server

import (
	"context"
	"net/http"
	"sync"
	"time"
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

// live says that the process answers, whatever else is wrong: whoever watches
// it need not restart it.
func live(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok\n") }

// ready says whether requests are welcome: the store answers and every worker runs.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	if s.o.Alive != nil {
		if err := s.o.Alive(ctx); err != nil {
			s.o.Log.Error("not ready: the store does not answer", "err", err)
			plain(w, http.StatusServiceUnavailable, "the store does not answer\n")
			return
		}
	}
	if !s.running.all() {
		plain(w, http.StatusServiceUnavailable, "a worker has ended\n")
		return
	}
	plain(w, http.StatusOK, "ok\n")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

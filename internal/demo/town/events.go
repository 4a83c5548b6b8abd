package town

import (
	"fmt"
	"net/http"
	"sync"
)

const maxStreams = 100

// events tells open pages that something changed; they fetch the change
// themselves.
type events struct {
	mu      sync.Mutex
	next    chan struct{} // closed at the next change
	done    chan struct{} // closed at the end
	ended   bool
	streams int
}

func newEvents() *events { return &events{next: make(chan struct{}), done: make(chan struct{})} }

func (e *events) publish() {
	e.mu.Lock()
	defer e.mu.Unlock()
	close(e.next)
	e.next = make(chan struct{})
}

func (e *events) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.ended {
		e.ended = true
		close(e.done)
	}
}

func (e *events) wait() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.next
}

func (e *events) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.streams >= maxStreams {
		return false
	}
	e.streams++
	return true
}

func (e *events) leave() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.streams--
}

// serveEvents is a stream of server-sent events without content.
func (t *Town) serveEvents(w http.ResponseWriter, r *http.Request) {
	if !t.events.enter() {
		http.Error(w, "too many pages are open", http.StatusServiceUnavailable)
		return
	}
	defer t.events.leave()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	control := http.NewResponseController(w)
	for line := "retry: 3000\n\n"; ; line = "data: changed\n\n" {
		next := t.events.wait()
		if _, err := fmt.Fprint(w, line); err != nil {
			return
		}
		if control.Flush() != nil {
			return
		}
		select {
		case <-next:
		case <-t.events.done:
			return
		case <-r.Context().Done():
			return
		}
	}
}

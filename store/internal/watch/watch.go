// Package watch wakes the workers of a store's queues when there may be work.
package watch

import (
	"sync"

	"earshot/store"
)

// Watchers are those who asked to hear of queues. The zero value has none.
type Watchers struct {
	mu    sync.Mutex
	funcs map[int]func(store.Queue)
	given int // numbers
}

// Watch has f told until cancel is called. It may be called once more while
// cancel runs.
func (w *Watchers) Watch(f func(store.Queue)) (cancel func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.funcs == nil {
		w.funcs = map[int]func(store.Queue){}
	}
	id := w.given
	w.given++
	w.funcs[id] = f
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.funcs, id)
	}
}

// Notify calls everybody for a queue, on this goroutine.
func (w *Watchers) Notify(q store.Queue) {
	w.mu.Lock()
	funcs := make([]func(store.Queue), 0, len(w.funcs))
	for _, f := range w.funcs {
		funcs = append(funcs, f)
	}
	w.mu.Unlock()
	for _, f := range funcs {
		f(q)
	}
}

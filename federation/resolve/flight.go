package resolve

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

var (
	errClosed = errors.New("the resolver is closed")
	errBusy   = errors.New("too much is being fetched already")
	errPanic  = errors.New("the document broke the parser")
)

// flights makes concurrent calls for the same thing share one run. A run is
// not tied to the caller who began it: it ends with its own deadline, with
// close, which waits for it, or, if it is given up with them, when the last caller
// stops waiting.
type flights[T any] struct {
	base    context.Context
	timeout time.Duration
	max     int  // runs at once
	givesUp bool // a run nobody waits for has no use: its result is not cached
	logger  *slog.Logger

	mu     sync.Mutex
	closed bool
	runs   map[string]*run[T]
	done   sync.WaitGroup
}

type run[T any] struct {
	cancel  context.CancelFunc
	waiting int           // callers
	done    chan struct{} // closed when value and err are set
	value   T
	err     error
}

func newFlights[T any](base context.Context, timeout time.Duration, max int, logger *slog.Logger) *flights[T] {
	return &flights[T]{base: base, timeout: timeout, max: max, logger: logger, runs: map[string]*run[T]{}}
}

// do returns the result of work for key, or an own error for url if the caller
// stops waiting, or no more work can be started.
func (f *flights[T]) do(ctx context.Context, key, url string, work func(context.Context) (T, error)) (T, error) {
	var none T
	r, err := f.join(key, url, work)
	if err != nil {
		return none, ours(url, err)
	}
	select {
	case <-r.done:
		return r.value, r.err
	case <-ctx.Done():
		f.leave(key, r)
		return none, ours(url, ctx.Err())
	}
}

func (f *flights[T]) join(key, url string, work func(context.Context) (T, error)) (*run[T], error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.runs[key]; r != nil {
		r.waiting++
		return r, nil
	}
	if f.closed {
		return nil, errClosed
	}
	if len(f.runs) >= f.max {
		return nil, errBusy
	}
	ctx, cancel := context.WithTimeout(f.base, f.timeout)
	r := &run[T]{cancel: cancel, waiting: 1, done: make(chan struct{})}
	f.runs[key] = r
	f.done.Go(func() { f.run(ctx, r, key, url, work) })
	return r, nil
}

// leave notes that a caller waits no longer.
func (f *flights[T]) leave(key string, r *run[T]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.waiting--; r.waiting > 0 || !f.givesUp {
		return
	}
	r.cancel()
	if f.runs[key] == r { // who comes now begins another
		delete(f.runs, key)
	}
}

func (f *flights[T]) run(ctx context.Context, r *run[T], key, url string, work func(context.Context) (T, error)) {
	defer r.cancel()
	defer func() {
		// A document that breaks a parser must not stop the instance.
		if p := recover(); p != nil {
			f.logger.Error("panic while reading a document", "url", url, "panic", p, "stack", string(debug.Stack()))
			r.err = invalid(url, errPanic)
		}
		f.mu.Lock()
		if f.runs[key] == r {
			delete(f.runs, key)
		}
		f.mu.Unlock()
		close(r.done)
	}()
	r.value, r.err = work(ctx)
}

// close stops new fetches and waits for the running ones; cancel base first.
func (f *flights[T]) close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.done.Wait()
}

package resolve

import (
	"context"
	"errors"
	"sync"

	"earshot/internal/desk"
)

var errHostBusy = errors.New("too many requests wait for this host")

// hosts hands out places for requests: so many to one host, so many in all. A
// host that answers slowly fills its own queue and nobody else's.
type hosts struct {
	perHost, maxWaiting int
	all                 chan struct{}

	mu     sync.Mutex
	queues map[desk.Host]*queue // of hosts with somebody in them
}

type queue struct {
	places chan struct{}
	users  int // waiting or under way
}

func newHosts(perHost, maxWaiting, all int) *hosts {
	return &hosts{
		perHost: perHost, maxWaiting: maxWaiting,
		all: make(chan struct{}, all), queues: map[desk.Host]*queue{},
	}
}

// acquire waits for a place; call the returned function to give it back.
func (h *hosts) acquire(ctx context.Context, host desk.Host) (release func(), err error) {
	q, err := h.enter(host)
	if err != nil {
		return nil, err
	}
	if err := take(ctx, q.places); err != nil {
		h.release(host, q)
		return nil, err
	}
	if err := take(ctx, h.all); err != nil {
		<-q.places
		h.release(host, q)
		return nil, err
	}
	return func() {
		<-h.all
		<-q.places
		h.release(host, q)
	}, nil
}

func take(ctx context.Context, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hosts) enter(host desk.Host) (*queue, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	q := h.queues[host]
	if q == nil {
		q = &queue{places: make(chan struct{}, h.perHost)}
		h.queues[host] = q
	}
	if q.users >= h.perHost+h.maxWaiting {
		return nil, errHostBusy
	}
	q.users++
	return q, nil
}

func (h *hosts) release(host desk.Host, q *queue) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if q.users--; q.users == 0 {
		delete(h.queues, host)
	}
}

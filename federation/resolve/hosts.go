package resolve

import (
	"context"
	"errors"
	"sync"

	"earshot/internal/desk"
)

var (
	errHostBusy      = errors.New("too many requests wait for this host")
	errStrangersBusy = errors.New("too many requests wait for hosts that are not known")
)

// hosts hands out places for requests: so many to one host, so many to all
// strangers together, so many in all. A host that answers slowly fills its own
// queue and nobody else's, and those that strangers make up never fill the
// places of hosts that we have had to do with.
type hosts struct {
	perHost, maxWaiting int
	maxStrangers        int // waiting or under way
	all, strangers      chan struct{}

	mu     sync.Mutex
	queues map[desk.Host]*queue // of hosts with somebody in them
	asking int                  // of strangers, waiting or under way
}

type queue struct {
	places chan struct{}
	users  int // waiting or under way
}

// newHosts divides all places: half of them may be used by strangers.
func newHosts(perHost, maxWaiting, all int) *hosts {
	half := max(1, all/2)
	return &hosts{
		perHost: perHost, maxWaiting: maxWaiting, maxStrangers: half + maxWaiting,
		all: make(chan struct{}, all), strangers: make(chan struct{}, half), queues: map[desk.Host]*queue{},
	}
}

// acquire waits for a place; call the returned function to give it back.
func (h *hosts) acquire(ctx context.Context, host desk.Host, known bool) (release func(), err error) {
	q, err := h.enter(host, known)
	if err != nil {
		return nil, err
	}
	places := []chan struct{}{q.places, h.all}
	if !known {
		places = []chan struct{}{q.places, h.strangers, h.all}
	}
	for n, p := range places {
		if err := take(ctx, p); err != nil {
			h.leave(host, known, q, places[:n])
			return nil, err
		}
	}
	return func() { h.leave(host, known, q, places) }, nil
}

func take(ctx context.Context, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hosts) enter(host desk.Host, known bool) (*queue, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !known && h.asking >= h.maxStrangers {
		return nil, errStrangersBusy
	}
	q := h.queues[host]
	if q == nil {
		q = &queue{places: make(chan struct{}, h.perHost)}
		h.queues[host] = q
	}
	if q.users >= h.perHost+h.maxWaiting {
		return nil, errHostBusy
	}
	q.users++
	if !known {
		h.asking++
	}
	return q, nil
}

// leave gives back the places that were taken.
func (h *hosts) leave(host desk.Host, known bool, q *queue, taken []chan struct{}) {
	for _, p := range taken {
		<-p
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !known {
		h.asking--
	}
	if q.users--; q.users == 0 {
		delete(h.queues, host)
	}
}

package resolve

import (
	"context"
	"errors"
	"sync"

	"earshot/internal/desk"
)

var (
	errDomainBusy    = errors.New("too many requests wait for this domain")
	errStrangersBusy = errors.New("too many requests wait for hosts that are not known")
)

// hosts hands out places for requests: so many to the hosts of one registrable
// domain, so many to all strangers together, so many in all. A domain whose hosts
// answer slowly fills its own queue and nobody else's, and those that strangers
// make up never fill the places of hosts that we have had to do with.
type hosts struct {
	perDomain, maxWaiting int
	maxStrangers          int // waiting or under way
	perAsker              int // places of strangers' hosts for one who asks
	all, strangers        chan struct{}

	mu     sync.Mutex
	queues map[desk.Domain]*queue // of domains with a caller in them
	askers map[string]*queue      // of those who ask for strangers' hosts
	asking int                    // for strangers' hosts, waiting or under way
}

type queue struct {
	places chan struct{}
	users  int // waiting or under way
}

// newHosts divides all places: half of them may be used by strangers.
func newHosts(perDomain, maxWaiting, all int) *hosts {
	half := max(1, all/2)
	return &hosts{
		perDomain: perDomain, maxWaiting: maxWaiting, maxStrangers: half + maxWaiting, perAsker: max(1, half/4),
		all: make(chan struct{}, all), strangers: make(chan struct{}, half), queues: map[desk.Domain]*queue{}, askers: map[string]*queue{},
	}
}

// turn is what a request goes through: the places it needs, in order.
type turn struct {
	domain desk.Domain
	known  bool   // the host is
	asker  string // who caused a request to an unknown host; "": nobody in particular
	places []chan struct{}
}

// acquire waits for a place; call the returned function to give it back.
func (h *hosts) acquire(ctx context.Context, host desk.Host, known bool) (release func(), err error) {
	t, err := h.enter(host.Domain(), known, askerOf(ctx))
	if err != nil {
		return nil, err
	}
	for n, p := range t.places {
		if err := take(ctx, p); err != nil {
			h.release(t, n)
			return nil, err
		}
	}
	return func() { h.release(t, len(t.places)) }, nil
}

func take(ctx context.Context, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hosts) enter(domain desk.Domain, known bool, asker string) (*turn, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if q := h.queues[domain]; q != nil && q.users >= h.perDomain+h.maxWaiting {
		return nil, errDomainBusy
	}
	if !known && h.asking >= h.maxStrangers {
		return nil, errStrangersBusy
	}
	t := &turn{domain: domain, known: known, asker: asker, places: []chan struct{}{join(h.queues, domain, h.perDomain)}}
	if !known {
		h.asking++
		if asker != "" {
			t.places = append(t.places, join(h.askers, asker, h.perAsker))
		}
		t.places = append(t.places, h.strangers)
	}
	t.places = append(t.places, h.all)
	return t, nil
}

// release gives back the first of a turn's places, which were taken.
func (h *hosts) release(t *turn, taken int) {
	for _, p := range t.places[:taken] {
		<-p
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	part(h.queues, t.domain)
	if !t.known {
		h.asking--
		if t.asker != "" {
			part(h.askers, t.asker)
		}
	}
}

// join adds a user to the queue of that name, and returns its places.
func join[K comparable](queues map[K]*queue, name K, places int) chan struct{} {
	q := queues[name]
	if q == nil {
		q = &queue{places: make(chan struct{}, places)}
		queues[name] = q
	}
	q.users++
	return q.places
}

// part takes a user away, and with the last the queue.
func part[K comparable](queues map[K]*queue, name K) {
	q := queues[name]
	if q.users--; q.users == 0 {
		delete(queues, name)
	}
}

type askerInContext struct{}

// OnAccountOf returns a context for requests that an asker caused. One asker has
// at most a quarter of the places for unknown hosts.
func OnAccountOf(ctx context.Context, asker string) context.Context {
	return context.WithValue(ctx, askerInContext{}, asker)
}

func askerOf(ctx context.Context) string {
	asker, _ := ctx.Value(askerInContext{}).(string)
	return asker
}

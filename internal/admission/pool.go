package admission

import (
	"context"
	"slices"
	"sync"
	"time"
)

// The times of a pool. A key of a host that we know may be the last of many
// that its server hands out one after another.
const (
	// waitAtMost is how long a request stands in line for a place.
	waitAtMost = 3 * time.Second
	// lookEvery is how often a request in line looks for a place to take over.
	lookEvery = 250 * time.Millisecond
	// A request that has waited so long for a key of a host that we do not
	// know, or know, gives way to others.
	strangerPatience = time.Second
	knownPatience    = 5 * time.Second
)

// Pool is places for requests of one kind.
type Pool struct {
	name    string
	inLine  int // requests that may stand in line; 0: nobody waits
	refused func(at string, why Reason)

	mu     sync.Mutex
	t      tally
	places map[*Place]struct{}
	line   []*waiter
}

type waiter struct {
	address Address
	ready   chan *Place // has room for one
}

// NewPool returns an empty pool. refused, which may be nil, hears
// of every refusal and must not block.
func NewPool(name string, b Bounds, inLine int, h *History, refused func(at string, why Reason)) *Pool {
	if refused == nil {
		refused = func(string, Reason) {}
	}
	return &Pool{name: name, inLine: inLine, refused: refused, t: newTally(b, h), places: map[*Place]struct{}{}}
}

// Enter gives a request of a a place. It waits for a while if there is a line.
// The error is a *Refusal, or the context's.
func (p *Pool) Enter(ctx context.Context, a Address) (*Place, error) {
	place, w, why := p.tryOrWait(a)
	if place != nil {
		return place, nil
	}
	if w == nil {
		return nil, p.refuse(why)
	}
	return p.wait(ctx, w)
}

// Inside returns how many places are taken.
func (p *Pool) Inside() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.t.used
}

func (p *Pool) refuse(why Reason) error {
	p.refused(p.name, why)
	return &Refusal{p.name, why}
}

func (p *Pool) tryOrWait(a Address) (*Place, *waiter, Reason) {
	p.mu.Lock()
	defer p.mu.Unlock()
	place, why := p.try(a)
	if place != nil || len(p.line) >= p.inLine || p.standing(a) >= p.t.share(a, 0) {
		return place, nil, why
	}
	w := &waiter{a, make(chan *Place, 1)}
	p.line = append(p.line, w)
	return nil, w, ""
}

// standing returns how many requests of a are in line. The caller holds mu.
func (p *Pool) standing(a Address) (n int) {
	for _, w := range p.line {
		if w.address == a {
			n++
		}
	}
	return n
}

// try takes a free place, or one that another request has to give up. The
// caller holds mu.
func (p *Pool) try(a Address) (*Place, Reason) {
	why := p.t.fits(a, 1)
	if why == "" {
		return p.give(a), ""
	}
	out := p.longestAsking(a, why)
	if out == nil {
		return nil, why
	}
	out.evict()
	if why = p.t.fits(a, 1); why != "" { // two bounds at once
		return nil, why
	}
	return p.give(a), ""
}

func (p *Pool) give(a Address) *Place {
	place := &Place{pool: p, held: p.t.take(a, 1)}
	p.places[place] = struct{}{}
	return place
}

// longestAsking returns the place that has to be given up, of those that would
// make room for a: of the address that has most of them the one that has waited
// longest for a key. The caller holds mu.
func (p *Pool) longestAsking(a Address, why Reason) (out *Place) {
	now := p.t.history.clock.Now()
	for place := range p.places {
		switch {
		case !place.givesWay(now),
			why == OfAddress && place.held.address != a,
			why == OfStrangers && !place.held.stranger:
		case out == nil || p.before(place, out):
			out = place
		}
	}
	return out
}

func (p *Pool) before(a, b *Place) bool {
	if n, m := p.t.of[a.held.address], p.t.of[b.held.address]; n != m {
		return n > m
	}
	return a.asking.Before(b.asking)
}

// wait stands in line.
func (p *Pool) wait(ctx context.Context, w *waiter) (*Place, error) {
	look, end := time.NewTicker(lookEvery), time.NewTimer(waitAtMost)
	defer look.Stop()
	defer end.Stop()
	for {
		select {
		case place := <-w.ready:
			return place, nil
		case <-look.C:
			if place := p.takeOver(w); place != nil {
				return place, nil
			}
		case <-end.C:
			if place := p.quit(w); place != nil {
				return place, nil
			}
			return nil, p.refuse(p.why(w.address))
		case <-ctx.Done():
			if place := p.quit(w); place != nil {
				place.Release()
			}
			return nil, ctx.Err()
		}
	}
}

// why returns why a waited in vain.
func (p *Pool) why(a Address) Reason {
	p.mu.Lock()
	defer p.mu.Unlock()
	if why := p.t.fits(a, 1); why != "" {
		return why
	}
	return Full
}

// takeOver takes a place that another request has to give up by now, for one in
// line.
func (p *Pool) takeOver(w *waiter) *Place {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Contains(p.line, w) {
		return <-w.ready
	}
	place, _ := p.try(w.address)
	if place != nil {
		p.remove(w)
	}
	return place
}

// quit leaves the line. If there has just been a place it is returned.
func (p *Pool) quit(w *waiter) *Place {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.remove(w) {
		return nil
	}
	return <-w.ready
}

// remove takes w out of the line and says whether it was in it: else a place is
// ready for it. The caller holds mu.
func (p *Pool) remove(w *waiter) bool {
	n := slices.Index(p.line, w)
	if n < 0 {
		return false
	}
	p.line = slices.Delete(p.line, n, n+1)
	return true
}

// next gives free places to those in line. The caller holds mu.
func (p *Pool) next() {
	kept := p.line[:0]
	for _, w := range p.line {
		if p.t.fits(w.address, 1) == "" {
			w.ready <- p.give(w.address)
		} else {
			kept = append(kept, w)
		}
	}
	clear(p.line[len(kept):])
	p.line = kept
}

package queue

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"earshot/internal/desk"
	"earshot/store"
)

const (
	// Patience is how long a job of a host may run before the host counts as slow.
	Patience = 2 * time.Second
	// opinionFor is how long it counts whether a host was slow.
	opinionFor = 10 * time.Minute
	// maxHosts bounds the hosts of which that is remembered.
	maxHosts = 4096
)

// pace is how a host answered lately.
type pace int

const (
	quick    pace = iota
	stranger      // nothing is known about it
	slow
)

// places divides the workers of a queue between hosts. Other hosts can always
// use half of the workers, whatever one host does; hosts that are not known
// to answer have at most half of the workers together, and slow hosts a quarter.
// A host that was known to answer begins with an eighth, and has one worker more
// for each job that was quick lately: one that falls silent holds few.
type places struct {
	all   int
	each  int                                   // for one host; 0: as its share allows
	known func(context.Context, desk.Host) bool // nil: every host is

	mu      sync.Mutex
	running map[leased]run
	seen    *simplelru.LRU[desk.Host, opinion]
}

// leased is one lease of a job.
type leased struct {
	job   string
	lease uint64
}

type run struct {
	host  desk.Host
	pace  pace // when it began
	began time.Time
}

// at is the pace of a run's host as this run shows it.
func (r run) at(now time.Time) pace {
	if now.Sub(r.began) >= Patience {
		return slow
	}
	return r.pace
}

type opinion struct {
	pace  pace
	quick int // jobs that ended quickly, one after the other
	until time.Time
}

func newPlaces(all, each int, known func(context.Context, desk.Host) bool) *places {
	seen, _ := simplelru.NewLRU[desk.Host, opinion](maxHosts, nil) // fails for a size below 1 only
	return &places{all: all, each: each, known: known, running: map[leased]run{}, seen: seen}
}

// take gives a place to a job, if one is free for its host.
func (p *places) take(ctx context.Context, j store.Job, now time.Time) bool {
	pace := p.pace(ctx, j.Host, now)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.running) >= p.all || j.Host != "" && !p.free(j.Host, pace, now) {
		return false
	}
	p.running[leased{j.ID, j.Lease}] = run{j.Host, pace, now}
	return true
}

// free says whether a host of this pace may have one more place.
func (p *places) free(h desk.Host, of pace, now time.Time) bool {
	var own, slows, strangers int
	for _, r := range p.running {
		at := r.at(now)
		if r.host == h {
			own++
			of = max(of, at)
		}
		switch {
		case r.host == "":
		case r.pace == stranger: // also if it takes long by now: it will be cut short
			strangers++
		case at == slow:
			slows++
		}
	}
	if p.each > 0 && own >= p.each {
		return false
	}
	quarter := max(1, p.all/4)
	switch of {
	case slow:
		return slows < quarter && own < max(1, quarter/2)
	case stranger:
		return own < quarter && strangers < max(1, p.all/2)
	}
	return own < min(max(1, p.all/2), max(1, p.all/8)+p.lately(h, now).quick)
}

// lately returns the opinion of a host that counts now, or the zero opinion.
func (p *places) lately(h desk.Host, now time.Time) opinion {
	if o, ok := p.seen.Get(h); ok && now.Before(o.until) {
		return o
	}
	return opinion{}
}

// leave gives the place of a job back, and remembers how quick its host was.
func (p *places) leave(j store.Job, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.running[leased{j.ID, j.Lease}]
	delete(p.running, leased{j.ID, j.Lease})
	if r.host == "" {
		return
	}
	was := opinion{quick, min(p.lately(r.host, now).quick+1, p.all), now.Add(opinionFor)}
	if now.Sub(r.began) >= Patience {
		was.pace, was.quick = slow, 0
	}
	p.seen.Add(r.host, was)
}

// stranger says whether nothing was known about the host of a running job when it began.
func (p *places) stranger(j store.Job) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running[leased{j.ID, j.Lease}].pace == stranger
}

// full says whether no worker is free.
func (p *places) full() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.running) >= p.all
}

func (p *places) pace(ctx context.Context, h desk.Host, now time.Time) pace {
	p.mu.Lock()
	o := p.lately(h, now)
	p.mu.Unlock()
	switch {
	case !o.until.IsZero():
		return o.pace
	case h == "" || p.known == nil || p.known(ctx, h):
		return quick
	}
	return stranger
}

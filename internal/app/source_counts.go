package app

import (
	"context"
	"sync"
	"time"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

// sourceCounts counts what sources bring and is dropped, between two writes: a
// relay brings thousands of posts a second, of which nothing else is written.
type sourceCounts struct {
	mu sync.Mutex
	of map[desk.SourceID]*sourceCount // as many as there are sources
}

type sourceCount struct {
	heard int // dropped without being looked at further
	last  time.Time
	drops map[string]int
}

// SourceDropped counts a post that a source brought and that was dropped once it was
// fetched, or could not be.
func (a *App) SourceDropped(id desk.SourceID, o desk.ObjectID, why drop.Reason) {
	a.counts.add(id, 0, a.Now(), why)
	if why == drop.Unreachable {
		a.offered.forget(id, o)
	}
}

// SourceSkipped counts what a source brought and what was dropped at sight.
func (a *App) SourceSkipped(id desk.SourceID, why drop.Reason) { a.counts.add(id, 1, a.Now(), why) }

func (c *sourceCounts) add(id desk.SourceID, heard int, at time.Time, why drop.Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[desk.SourceID]*sourceCount{}
	}
	n := c.of[id]
	if n == nil {
		n = &sourceCount{drops: map[string]int{}}
		c.of[id] = n
	}
	if why != drop.Kept {
		n.drops[string(why.Named())]++
	}
	if n.heard += heard; heard > 0 {
		n.last = at
	}
}

// take removes all counts.
func (c *sourceCounts) take() map[desk.SourceID]*sourceCount {
	c.mu.Lock()
	defer c.mu.Unlock()
	of := c.of
	c.of = nil
	return of
}

// giveBack adds counts that could not be written: they are with the next ones.
func (c *sourceCounts) giveBack(of map[desk.SourceID]*sourceCount) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[desk.SourceID]*sourceCount{}
	}
	for id, n := range of {
		now := c.of[id]
		if now == nil {
			c.of[id] = n
			continue
		}
		now.heard += n.heard
		if n.last.After(now.last) {
			now.last = n.last
		}
		for why, times := range n.drops {
			now.drops[why] += times
		}
	}
}

// CountSources writes down what was counted since the last time.
func (a *App) CountSources(ctx context.Context) error {
	of := a.counts.take()
	if len(of) == 0 {
		return nil
	}
	err := a.Update(ctx, func(tx *Tx) error {
		for id, n := range of {
			s, ok, err := tx.Sources().Get(id)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			heard(&s, n.last, n.heard)
			for why, times := range n.drops {
				dropFrom(&s, drop.Reason(why), times)
			}
			if err := tx.Sources().Put(s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		a.counts.giveBack(of)
	}
	return err
}

// heard counts posts that a source told us of.
func heard(s *store.Source, at time.Time, n int) {
	if n == 0 {
		return
	}
	s.Heard += n
	s.Hours, s.Days = s.Hours.Count(at, n), s.Days.Count(at, n)
	if at.After(s.HeardAt) {
		s.HeardAt = at
	}
}

func dropFrom(s *store.Source, why drop.Reason, n int) {
	drops := map[string]int{}
	for k, v := range s.Drops {
		drops[k] = v
	}
	drops[string(why.Named())] += n
	s.Drops = drops
}

// countEvery is how often CountSourcesUntil writes.
const countEvery = 10 * time.Second

// CountSourcesUntil writes the counts every few seconds until ctx ends, and once more.
func (a *App) CountSourcesUntil(ctx context.Context) error {
	t := time.NewTicker(countEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			return a.CountSources(last)
		case <-t.C:
			if err := a.CountSources(ctx); err != nil && ctx.Err() == nil {
				a.log.Warn("the counts of sources could not be written", "err", err)
			}
		}
	}
}

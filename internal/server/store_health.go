package server

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"earshot/internal/clock"
	"earshot/internal/id"
	"earshot/store"
)

// StoreHealth knows whether a store accepts writes. A disk that is full or
// hangs, and a database that waits for its standby, still answer every
// question, so it shows only when something is written.
type StoreHealth struct {
	store store.Store
	clock clock.Clock

	mu       sync.Mutex
	full     bool
	tried    time.Time
	updates  uint64               // so far
	underWay map[uint64]time.Time // since when
}

// NewStoreHealth returns a StoreHealth that watches s.
func NewStoreHealth(s store.Store, c clock.Clock) *StoreHealth {
	return &StoreHealth{store: s, clock: c, underWay: map[uint64]time.Time{}}
}

// Store is the store, watched.
func (r *StoreHealth) Store() store.Store { return watched{r.store, r} }

type watched struct {
	store.Store
	health *StoreHealth
}

func (w watched) Update(ctx context.Context, op store.Op, f func(store.Tx) error) (err error) {
	n := w.health.begin()
	defer func() { w.health.end(n, err) }()
	return w.Store.Update(ctx, op, f)
}

func (r *StoreHealth) begin() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.updates++
	r.underWay[r.updates] = r.clock.Now()
	return r.updates
}

func (r *StoreHealth) end(n uint64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.underWay, n)
	r.full = r.full || errors.Is(err, store.ErrFull)
}

// stuck says whether an update is under way for too long.
func (r *StoreHealth) stuck() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, since := range r.underWay {
		if r.clock.Now().Sub(since) > stuckAfter {
			return true
		}
	}
	return false
}

// stuckAfter: an update takes milliseconds, and seconds where many are in its
// way. After that it waits for a store that does not answer.
const stuckAfter = 20 * time.Second

const (
	// tryEvery: while the store is full, whether that is still so is tried
	// this often, by those who ask.
	tryEvery = 5 * time.Second
	// tryBytes: a disk that takes less has no room.
	tryBytes = 64 << 10
	metaTry  = "room"
)

// Check returns nil if the store answers and accepted the last write;
// store.ErrFull if it had no room for it, and errStuck if it has neither
// accepted nor refused it for long.
func (r *StoreHealth) Check(ctx context.Context) error {
	if err := r.store.View(ctx, func(store.Tx) error { return nil }); err != nil {
		return err
	}
	if r.stuck() {
		return errStuck
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.full {
		return nil
	}
	if now := r.clock.Now(); now.Sub(r.tried) >= tryEvery {
		r.tried = now
		r.full = r.try(ctx) != nil
	}
	if r.full {
		return store.ErrFull
	}
	return nil
}

// try writes something and takes it back.
func (r *StoreHealth) try(ctx context.Context) error {
	for _, value := range []string{strings.Repeat("x", tryBytes), ""} {
		err := r.store.Update(ctx, store.Op(id.New()), func(tx store.Tx) error { return tx.Meta().Put(metaTry, value) })
		if err != nil {
			return err
		}
	}
	return nil
}

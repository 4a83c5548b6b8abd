// Package clock is the source of time, so that tests can set it.
package clock

import (
	"sync"
	"time"

	"earshot/internal/failpoint"
)

// A Clock tells the time, in UTC and whole microseconds (as both stores keep
// it).
type Clock interface{ Now() time.Time }

// System is the machine's clock.
type System struct{}

// Now implements Clock.
func (System) Now() time.Time {
	return time.Now().Add(failpoint.Ahead()).UTC().Truncate(time.Microsecond)
}

// Fake is a clock that stands still until it is moved.
type Fake struct {
	mu  sync.Mutex
	now time.Time
}

// NewFake returns a clock that stands at t.
func NewFake(t time.Time) *Fake { return &Fake{now: t.UTC().Truncate(time.Microsecond)} }

// Now implements Clock.
func (f *Fake) Now() time.Time { f.mu.Lock(); defer f.mu.Unlock(); return f.now }

// Advance moves the clock forward.
func (f *Fake) Advance(d time.Duration) { f.mu.Lock(); f.now = f.now.Add(d); f.mu.Unlock() }

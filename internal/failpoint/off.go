//go:build !failpoint

package failpoint

import (
	"context"
	"time"
)

// Hit marks a moment at which the process may die. It does nothing.
func Hit(string) {}

// Lease returns how long a job is leased: as it is given.
func Lease(d time.Duration) time.Duration { return d }

// Nights returns nothing: a night takes a day to come.
func Nights(func(context.Context) error) []Worker { return nil }

// Ahead says how far the clock is ahead of the machine's: not at all.
func Ahead() time.Duration { return 0 }

// Wait returns how long to wait for a time that is so far away: as it is given.
func Wait(d time.Duration) time.Duration { return d }

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

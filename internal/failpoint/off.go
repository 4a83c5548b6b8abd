//go:build !failpoint

package failpoint

import "time"

// Hit marks a moment at which the process may die. It does nothing.
func Hit(string) {}

// Lease returns how long a job is leased: as it is given.
func Lease(d time.Duration) time.Duration { return d }

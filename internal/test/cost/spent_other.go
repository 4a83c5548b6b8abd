//go:build !linux

package cost

import "time"

var start = time.Now()

// spent is the time that has passed; where the thread's own can be had, it is better.
func spent() time.Duration { return time.Since(start) }

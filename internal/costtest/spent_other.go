//go:build !linux

package costtest

import "time"

var start = time.Now()

// spent is the time that has passed; where the thread's own can be had, it is better.
func spent() time.Duration { return time.Since(start) }

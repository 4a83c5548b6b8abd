//go:build failpoint

package failpoint

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// The environment says once, before the program starts, where it dies:
// EARSHOT_FAILPOINT=name:count is the count-th time that name is reached.
var (
	deadly, nth = chosen(os.Getenv("EARSHOT_FAILPOINT"))
	reached     atomic.Int64
)

func chosen(s string) (string, int64) {
	name, count, _ := strings.Cut(s, ":")
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil {
		n = 1
	}
	return name, n
}

// Hit kills the process, as kill -9 does, if this is the moment that was chosen.
func Hit(name string) {
	if name != deadly || reached.Add(1) != nth {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // no step further
}

// Lease returns EARSHOT_FAILPOINT_LEASE if it is set, so that what a dead
// process held comes back soon.
func Lease(d time.Duration) time.Duration {
	if short, err := time.ParseDuration(os.Getenv("EARSHOT_FAILPOINT_LEASE")); err == nil {
		return short
	}
	return d
}

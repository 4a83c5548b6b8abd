//go:build failpoint

package failpoint

import (
	"context"
	"encoding/binary"
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

// journal is the file of moments, nil without one: between the writes to disk
// they record other events.
var journal = func() *os.File {
	name := os.Getenv("EARSHOT_CRASH_JOURNAL")
	if name == "" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		panic(err)
	}
	return f
}()

// note appends a moment to the journal with one write, which outlives the
// process: its kind, a file and an offset (both always 0), the length of its
// name, and the name.
func note(name string) {
	if journal == nil {
		return
	}
	entry := append([]byte{'h'}, make([]byte, 4+8)...)
	entry = binary.BigEndian.AppendUint32(entry, uint32(len(name)))
	if _, err := journal.Write(append(entry, name...)); err != nil {
		panic(err)
	}
}

// Hit kills the process, as kill -9 does, if this is the moment that was chosen.
func Hit(name string) {
	note(name)
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

// Nights returns a worker that runs the nightly work again and again, with the
// pause of EARSHOT_FAILPOINT_NIGHTS; no worker if that is not set.
func Nights(night func(context.Context) error) []Worker {
	pause, err := time.ParseDuration(os.Getenv("EARSHOT_FAILPOINT_NIGHTS"))
	if err != nil {
		return nil
	}
	return []Worker{nights{night, pause}}
}

type nights struct {
	night func(context.Context) error
	pause time.Duration
}

// Run does it until ctx ends. An error in a night does not matter: a check from
// outside finds out whether anything was lost.
func (n nights) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(n.pause):
			_ = n.night(ctx)
		}
	}
}

// ahead is the file that says how far the clock is ahead of the machine's, in
// nanoseconds; nil: it is not.
var ahead = func() *os.File {
	name := os.Getenv("EARSHOT_FAILPOINT_CLOCK")
	if name == "" {
		return nil
	}
	f, err := os.Open(name)
	if err != nil {
		panic(err)
	}
	return f
}()

// Ahead says how far the clock is ahead of the machine's: a test moves it on, also
// while the program runs, and it stays there when the program is killed.
func Ahead() time.Duration {
	if ahead == nil {
		return 0
	}
	var b [8]byte
	if _, err := ahead.ReadAt(b[:], 0); err != nil {
		panic(err)
	}
	return time.Duration(binary.BigEndian.Uint64(b[:])) //nolint:gosec // a test writes it
}

// soonest is how often those who wait look at a clock that a test moves.
const soonest = 50 * time.Millisecond

// Wait returns how long to wait for a time that is so far away: as it is given, or
// not long where a test moves the clock.
func Wait(d time.Duration) time.Duration {
	if ahead == nil {
		return d
	}
	return min(d, soonest)
}

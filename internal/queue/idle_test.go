package queue_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"earshot/store"
)

// waiting adds n jobs for later, each for a host of its own that is dead.
func (b *bench) waiting(n int) {
	b.t.Helper()
	for from := 0; from < n; from += 1000 {
		b.update(func(tx store.Tx) error {
			for i := from; i < min(from+1000, n); i++ {
				j := store.Job{ID: fmt.Sprintf("dead/%d", i), Queue: store.QueueTimer, Lane: fmt.Sprintf("host-%d.example thread", i),
					Due: b.clock.Now().Add(12 * time.Hour), Added: b.clock.Now(), Payload: make([]byte, 200)}
				if _, err := tx.Jobs().Add(j); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// cost returns the least time and bytes of a round in which nothing is due,
// and of one that takes a single job.
func (b *bench) cost() (idle time.Duration, idleBytes uint64, busy time.Duration) {
	b.t.Helper()
	idle, busy, idleBytes = time.Hour, time.Hour, 1<<40
	for n := range 8 {
		idleBytes = min(idleBytes, allocated(func() {
			idle = min(idle, took(func() {
				for range 50 {
					if b.run() != 0 {
						b.t.Fatal("a job for later was run")
					}
				}
			}))
		})/50)
		b.add(fmt.Sprintf("now/%d", n))
		busy = min(busy, took(func() {
			if b.run() != 1 {
				b.t.Fatal("the job that is due was not run")
			}
		}))
	}
	return idle / 50, idleBytes, busy
}

func took(f func()) time.Duration { began := time.Now(); f(); return time.Since(began) }

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// 10,000 jobs that wait for dead hosts cost nothing while they wait: a round
// costs as much as without them, and they take no memory.
func TestDeadHostsCostNothing(t *testing.T) {
	none := func(context.Context, store.Job) error { return nil }
	without, with := newBench(t, none), newBench(t, none)
	with.waiting(10_000)
	idle0, bytes0, busy0 := without.cost()
	idle1, bytes1, busy1 := with.cost()
	t.Logf("nothing due: %s, %d B without, %s, %d B with 10,000; one due: %s without, %s with", idle0, bytes0, idle1, bytes1, busy0, busy1)
	// A walk over 10,000 would cost thousands of times as much.
	if idle1 > 20*idle0+time.Millisecond {
		t.Errorf("an idle round takes %s, without those who wait %s", idle1, idle0)
	}
	if bytes1 > 2*bytes0+8<<10 {
		t.Errorf("an idle round allocates %d bytes, without those who wait %d", bytes1, bytes0)
	}
	if busy1 > 10*busy0+20*time.Millisecond {
		t.Errorf("a round with one job takes %s, without those who wait %s", busy1, busy0)
	}
}

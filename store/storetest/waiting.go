package storetest

import (
	"fmt"
	"testing"
	"time"

	"earshot/store"
)

// How many hosts' jobs wait, and how many of the others are claimed at once.
const (
	deadHosts = 10_000
	claimed   = 10
)

// Waiting tests that jobs which wait for dead hosts do not slow down the due
// ones: a claim reads only the jobs that it claims. visited returns a count
// that grows by every row or key that a transaction reads. The first claims
// may read more, and clear away the earlier versions of rows that a database
// still has.
func Waiting(t *testing.T, open func(testing.TB) store.Store, visited func(testing.TB, store.Tx) int) {
	s := opened(t, open)
	failed := waitingHosts(t, s)
	now := failed.Add(time.Minute)
	for n := range 10 {
		looked := claim(t, s, n, now, visited)
		t.Logf("%d looked at to claim %d", looked, claimed)
		if looked < claimed {
			t.Fatal("visited does not count")
		}
		if looked <= deadHosts/10 {
			return
		}
	}
	t.Errorf("every claim of %d looked at more than %d, while %d wait", claimed, deadHosts/10, deadHosts)
}

// claim adds jobs of hosts that answer, leases them, and returns how much that
// looked at.
func claim(t *testing.T, s store.Store, n int, now time.Time, visited func(testing.TB, store.Tx) int) (looked int) {
	t.Helper()
	update(t, s, func(tx store.Tx) error {
		for i := range claimed {
			live := fmt.Sprintf("live %d %d", n, i)
			if _, err := tx.Jobs().Add(store.Job{ID: live, Queue: store.QueueDeliver, Lane: live, Due: now}); err != nil {
				return err
			}
		}
		return nil
	})
	update(t, s, func(tx store.Tx) error {
		before := visited(t, tx)
		js, err := tx.Jobs().Lease(store.QueueDeliver, now, now.Add(time.Minute), store.MaxLimit)
		if err == nil && len(js) != claimed {
			err = fmt.Errorf("claimed %d jobs of %d", len(js), claimed)
		}
		looked = visited(t, tx) - before
		return err
	})
	return looked
}

// waitingHosts has a delivery for each of many hosts fail, so that it waits, and
// returns when. Behind every tenth another one waits.
func waitingHosts(t *testing.T, s store.Store) (failed time.Time) {
	t.Helper()
	for n := 0; n < deadHosts; n += store.MaxLimit {
		update(t, s, func(tx store.Tx) error {
			for i := range store.MaxLimit {
				lane := fmt.Sprintf("dead%d.example", n+i)
				for n := range 1 + i%10/9 {
					if _, err := tx.Jobs().Add(store.Job{ID: fmt.Sprint(lane, n), Queue: store.QueueDeliver, Lane: lane, Due: t0}); err != nil {
						return err
					}
				}
			}
			return nil
		})
		update(t, s, func(tx store.Tx) error {
			js, err := tx.Jobs().Lease(store.QueueDeliver, t0, at(1), store.MaxLimit)
			for _, j := range js {
				if _, err := tx.Jobs().Retry(j.ID, j.Lease, at(60), "no answer", true); err != nil {
					return err
				}
			}
			return err
		})
	}
	return at(1)
}

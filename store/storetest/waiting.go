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
// that grows by every row or key that a transaction reads.
func Waiting(t *testing.T, open func(testing.TB) store.Store, visited func(testing.TB, store.Tx) int) {
	s := opened(t, open)
	failed := waitingHosts(t, s)
	now := failed.Add(time.Minute)
	for n := range 3 {
		update(t, s, func(tx store.Tx) error {
			for i := range claimed {
				live := fmt.Sprintf("live %d %d", n, i)
				if _, err := tx.Jobs().Add(store.Job{ID: live, Queue: store.QueueDeliver, Lane: live, Due: now}); err != nil {
					return err
				}
			}
			return nil
		})
		looked := 0
		update(t, s, func(tx store.Tx) error {
			before := visited(t, tx)
			js, err := tx.Jobs().Lease(store.QueueDeliver, now, now.Add(time.Minute), store.MaxLimit)
			if err == nil && len(js) != claimed {
				err = fmt.Errorf("claimed %d jobs of %d", len(js), claimed)
			}
			looked = visited(t, tx) - before
			return err
		})
		t.Logf("%d looked at to claim %d", looked, claimed)
		// The first claim clears away earlier versions of rows that the database
		// still has.
		if n > 0 && (looked < claimed || looked > deadHosts/10) {
			t.Errorf("%d were looked at to claim %d, while %d wait", looked, claimed, deadHosts)
		}
	}
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

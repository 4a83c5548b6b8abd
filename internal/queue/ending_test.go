package queue_test

import (
	"context"
	"errors"
	"testing"

	"earshot/internal/queue"
	"earshot/store"
)

// A handler's last use case ends its job: in its own transaction, or not at all.
func TestEnd(t *testing.T) {
	failed := errors.New("not now")
	for name, c := range map[string]struct {
		last  func(context.Context) context.Context
		fails error // of the use case
		after error // of the handler, afterwards
		steal bool  // another worker has the job by then
		told  queue.Outcome
		stays bool
	}{
		"the last":              {last: queue.Last, told: queue.Done},
		"not the last":          {last: func(ctx context.Context) context.Context { return ctx }, told: queue.Done},
		"of no job":             {last: func(context.Context) context.Context { return queue.Last(context.Background()) }, told: queue.Done},
		"fails":                 {last: queue.Last, fails: failed, told: queue.Retried, stays: true},
		"the handler fails":     {last: queue.Last, after: failed, told: queue.Lost},
		"the lease was lost":    {last: queue.Last, steal: true, told: queue.Lost, stays: true},
		"fails, and was stolen": {last: queue.Last, steal: true, fails: failed, told: queue.Lost, stays: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			var told queue.Outcome
			b.worker.Observe = func(e queue.Ended) { told = e.Outcome }
			there := false // after the use case
			b.worker.Handle = func(ctx context.Context, j store.Job) error {
				if c.steal {
					now := b.clock.Now().Add(b.worker.Lease)
					b.update(func(tx store.Tx) error {
						got, err := tx.Jobs().Lease(store.QueueTimer, now, now.Add(b.worker.Lease), 1)
						if len(got) != 1 {
							t.Error("nothing was stolen")
						}
						return err
					})
				}
				err := b.store.Update(ctx, "", func(tx store.Tx) error {
					if err := queue.End(c.last(ctx), tx); err != nil {
						return err
					}
					return c.fails
				})
				if _, there = b.job(j.ID); err != nil {
					return err
				}
				return c.after
			}
			b.add("a/1")
			b.run()
			_, stays := b.job("a/1")
			if told != c.told || stays != c.stays {
				t.Errorf("%s, it stays: %v", told, stays)
			}
			if want := name != "the last" && name != "the handler fails"; there != want {
				t.Errorf("after the use case it is there: %v", there)
			}
		})
	}
}

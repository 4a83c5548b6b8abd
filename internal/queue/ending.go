package queue

import (
	"context"

	"earshot/store"
)

// running is a job under way.
type running struct {
	job   store.Job
	ended bool // in a transaction of its handler
}

type runningKey struct{}

type lastKey struct{}

// Last marks the context of a handler's last use case: one that calls End ends the job in
// its own transaction, which saves the commit for that. The handler must succeed when
// this use case does.
func Last(ctx context.Context) context.Context {
	return context.WithValue(ctx, lastKey{}, ctx.Value(runningKey{}))
}

// End ends the job whose last use case ctx belongs to; without one it does nothing. Where
// the lease was lost, another worker ends the job.
func End(ctx context.Context, tx store.Tx) (err error) {
	r, _ := ctx.Value(lastKey{}).(*running)
	if r == nil {
		return nil
	}
	r.ended, err = tx.Jobs().Done(r.job.ID, r.job.Lease)
	return err
}

package app

import (
	"context"
	"encoding/json"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// Jobs lists jobs: dead letters, or those waiting.
func (a *App) Jobs(ctx context.Context, f store.JobFilter, p store.Page) (out []store.Job, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error { out, next, err = tx.Jobs().List(f, p); return err })
	return out, next, err
}

// JobCounts counts the jobs of every queue.
func (a *App) JobCounts(ctx context.Context) (out map[store.Queue]store.QueueCount, err error) {
	err = a.View(ctx, func(tx *Tx) error { out, err = tx.Jobs().Counts(); return err })
	return out, err
}

// RetryJob gives a dead letter another life.
func (a *App) RetryJob(ctx context.Context, by By, id string) error {
	_, err := once(ctx, a, by, audit[Ack]{"job.retry", auditOn("queue/" + id)}, func(tx *Tx) (Ack, error) {
		ok, err := tx.Jobs().Revive(id, tx.Now)
		if err != nil {
			return Ack{}, err
		}
		if !ok {
			return Ack{}, desk.NotFound("dead_letter_not_found", "there is no dead letter %q", id)
		}
		j, _, err := tx.Jobs().Get(id)
		if err != nil || j.Queue != store.QueueDeliver {
			return Ack{}, err
		}
		return Ack{}, tx.setDelivery(j, store.DeliveryQueued, "")
	})
	return err
}

// DropJob removes a job for good. A dropped delivery counts as failed; a reply
// that was dropped before it went out is withheld.
func (a *App) DropJob(ctx context.Context, by By, id string) error {
	_, err := once(ctx, a, by, audit[Ack]{"job.drop", auditOn("queue/" + id)}, func(tx *Tx) (Ack, error) {
		j, found, err := tx.Jobs().Get(id)
		if err != nil {
			return Ack{}, err
		}
		if !found {
			return Ack{}, desk.NotFound("job_not_found", "there is no job %q", id)
		}
		dropped, err := tx.Jobs().Drop(id, tx.Now)
		if err != nil {
			return Ack{}, err
		}
		if !dropped {
			return Ack{}, desk.Conflict("job_running", "the job is being done right now; try again in a minute")
		}
		switch j.Queue {
		case store.QueueDeliver:
			return Ack{}, tx.setDelivery(j, store.DeliveryFailed, "dropped by an admin")
		case store.QueuePublish:
			return Ack{}, tx.publishDropped(j)
		}
		return Ack{}, nil
	})
	return err
}

var whyDropped = desk.Recorded("dropped_by_admin")

// publishDropped withholds the post whose publishing was dropped, so that it
// does not stay pending for ever.
func (t *Tx) publishDropped(j store.Job) error {
	var p Publish
	if err := json.Unmarshal(j.Payload, &p); err != nil {
		return err
	}
	post, ok, err := t.Posts().Get(p.Post)
	if err != nil || !ok || p.Verb != VerbCreate || post.State != desk.PostPending {
		return err
	}
	if post.Issue == "" {
		post.State, post.Withheld = desk.PostWithheld, whyDropped
		if err := t.Posts().Put(post); err != nil {
			return err
		}
		return t.incidentPostEnded(post)
	}
	i, err := t.issue(post.Issue)
	if err != nil {
		return err
	}
	return t.withholdSeen(i, post, whyDropped)
}

func (t *Tx) setDelivery(j store.Job, state store.DeliveryState, why string) error {
	var d Deliver
	if err := json.Unmarshal(j.Payload, &d); err != nil {
		return err
	}
	del, ok, err := t.Deliveries().Get(d.Activity, d.Inbox)
	if err != nil || !ok || del.State == store.DeliveryDelivered {
		return err
	}
	del.State, del.Error, del.At = state, why, t.Now
	return t.deliveryChanged(del)
}

// Forget removes temporary records that have expired.
func (a *App) Forget(ctx context.Context) error {
	for _, expire := range []func(*Tx) (int, error){
		func(tx *Tx) (int, error) { return tx.Once().Expire(tx.Now, forgetAtOnce) },
		func(tx *Tx) (int, error) { return tx.Standings().Expire(tx.Now, forgetAtOnce) },
		func(tx *Tx) (int, error) { return tx.Withdrawals().Expire(tx.Now, forgetAtOnce) },
		func(tx *Tx) (int, error) { return tx.Grants().Expire(tx.Now, forgetAtOnce) },
		func(tx *Tx) (int, error) { return tx.AuditLog().Expire(tx.Now.Add(-auditExpire), forgetAtOnce) },
		func(tx *Tx) (int, error) { return tx.Changes().Expire(tx.Now.Add(-changesExpire), forgetAtOnce) },
	} {
		for n := forgetAtOnce; n == forgetAtOnce; {
			err := a.Update(ctx, func(tx *Tx) (err error) { n, err = expire(tx); return err })
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetAtOnce is how much is removed in one transaction.
const forgetAtOnce = 500

// forgetEvery is how often expired keys are removed.
const forgetEvery = time.Hour

// ArmForget makes sure that the next clean-up will happen.
func (a *App) ArmForget(ctx context.Context) error {
	return a.Update(ctx, func(tx *Tx) error {
		at := tx.Now.Truncate(forgetEvery).Add(forgetEvery)
		return tx.addJob(store.QueueTimer, "forget:"+at.Format(time.RFC3339), "", at, Timer{Kind: TimerForget})
	})
}

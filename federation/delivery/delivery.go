// Package delivery brings activities to inboxes: it signs each attempt again,
// POSTs, and decides by the answer whether that was it, whether to try again,
// or whether to give up.
package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"earshot/federation/as"
	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/failpoint"
	"earshot/internal/keyring"
	"earshot/internal/queue"
	"earshot/internal/safehttp"
	"earshot/store"
)

const (
	// perDomain: one slow server must not take all the workers, also not under
	// many names of one domain. The breaker, which is about a server that answers
	// or not, is of each host.
	perDomain = 2
	// refusedPause is how long we wait after both kinds of signature were refused.
	refusedPause = 24 * time.Hour
	maxPause     = app.MaxHostPause
)

// Actors fetches the profile of an actor again.
type Actors interface {
	RefreshActor(ctx context.Context, id desk.ActorID) (*as.Actor, error)
}

// Deliverer runs the deliver jobs.
type Deliverer struct {
	App    *app.App
	Keys   *keyring.Keyring
	Client *safehttp.Client
	Actors Actors
	Log    *slog.Logger
	// Observe hears how every attempt ended; nil: nobody. It must not block.
	Observe func(Outcome)

	mu   sync.Mutex
	busy map[desk.Domain]int // at most as many as there are workers
}

// Handle makes one attempt.
func (d *Deliverer) Handle(ctx context.Context, job store.Job) error {
	var p app.Deliver
	if err := json.Unmarshal(job.Payload, &p); err != nil {
		return &queue.Dead{Err: fmt.Errorf("reading a deliver job: %w", err)}
	}
	t, err := d.App.Delivery(ctx, p, job.Host)
	switch {
	case err != nil:
		return err
	case t.Done:
		return nil
	case t.Gone: // retracted before it arrived; the Delete follows in this lane
		return d.App.DeliveryFailed(ctx, p, 0, "retracted before it arrived")
	case t.Body == nil:
		return d.fail(ctx, p, 0, errors.New("the activity is gone"))
	case t.Blocked:
		return d.fail(ctx, p, 0, errors.New("the receiver is blocked here"))
	}
	now := d.App.Now()
	if t.Host.DownUntil.After(now) {
		d.observe(HostDown)
		return &queue.Later{At: t.Host.DownUntil.Add(jitter(time.Minute)), Err: errors.New("the server does not answer; it is tried again later")}
	}
	if !d.acquire(job.Host.Domain()) {
		d.observe(HostBusy)
		return &queue.Later{At: now.Add(time.Second), Err: errors.New("other deliveries to this server are under way")}
	}
	defer d.release(job.Host.Domain())
	failpoint.Hit("delivery.post")
	res, worked, err := d.post(ctx, p, t)
	failpoint.Hit("delivery.posted")
	if ctx.Err() != nil {
		return ctx.Err() // we are stopping; that says nothing about the server
	}
	if err != nil && safehttp.Permanent(err) {
		return d.fail(ctx, p, 0, err)
	}
	if err == nil && classify(res.Status) == delivered {
		d.observe(Delivered)
		if t.OldKey != "" && !worked.old {
			if err := d.App.KeyTaken(ctx, p.Signer, job.Host); err != nil {
				return err
			}
		}
		return d.App.Delivered(ctx, p, t.Host, worked.next, res.Status)
	}
	return d.conclude(ctx, job, p, t, res, err)
}

// conclude decides what follows from an answer that is no success, or from none.
func (d *Deliverer) conclude(ctx context.Context, job store.Job, p app.Deliver, t app.Delivery, res *safehttp.Response, err error) error {
	status, why := 0, err
	if res != nil {
		status = res.Status
		why = fmt.Errorf("the server answered %d", status)
	}
	switch classify(status) {
	case refused:
		return d.retryLater(ctx, job, p, status, why, refusedFor(t, d.App.Now()))
	case moved:
		return d.moved(ctx, job, p, status, why)
	case final:
		if status == http.StatusGone {
			return d.inboxGone(ctx, p, status, why)
		}
		return d.fail(ctx, p, status, why)
	}
	var asked time.Duration
	if res != nil {
		asked = safehttp.RetryAfter(res.Header, d.App.Now())
	}
	return d.retryLater(ctx, job, p, status, why, asked)
}

// fail gives a delivery up: it becomes a dead letter that people see and may retry.
func (d *Deliverer) fail(ctx context.Context, p app.Deliver, status int, why error) error {
	d.observe(Failed)
	if err := d.App.DeliveryFailed(ctx, p, status, queue.Clean(why.Error())); err != nil {
		return err
	}
	return &queue.Dead{Err: why}
}

// retryLater tries later, unless a week has passed. A server that fails several
// times in a row is left in peace for a while, for all deliveries.
func (d *Deliverer) retryLater(ctx context.Context, job store.Job, p app.Deliver, status int, why error, asked time.Duration) error {
	now := d.App.Now()
	if job.Attempts > 0 && now.Sub(job.Added) > app.GiveUpAfter {
		return d.fail(ctx, p, status, why)
	}
	d.observe(Retried)
	pause := max(backoff.Next(job.Attempts+1), asked)
	if err := d.App.DeliveryRetried(ctx, p, job.Host, status, queue.Clean(why.Error()), pause); err != nil {
		return err
	}
	return &queue.Later{At: now.Add(pause), Counted: true, Err: why}
}

// moved handles a shared inbox that is not there any more: its reader is
// looked up, and the activity goes to where they are reached now.
func (d *Deliverer) moved(ctx context.Context, job store.Job, p app.Deliver, status int, why error) error {
	if p.Recipient == "" || p.Moved {
		return d.fail(ctx, p, status, why)
	}
	a, err := d.Actors.RefreshActor(ctx, p.Recipient)
	switch resolve.KindOf(err) {
	case resolve.Gone:
		return d.recipientGone(ctx, p, status, why)
	case resolve.Temporary, resolve.Unauthorized: // which says nothing about them
		return d.retryLater(ctx, job, p, status, why, 0)
	}
	if err != nil || a.Inbox == p.Inbox {
		return d.fail(ctx, p, status, why)
	}
	d.observe(Moved)
	// The personal inbox: a server that lost its shared one still names it for a while.
	next := p
	next.Inbox, next.Moved = a.Inbox, true
	if _, err := desk.HostOf(next.Inbox); err != nil {
		return d.fail(ctx, p, status, why)
	}
	return d.App.DeliveryMoved(ctx, p, next, thread(job), status)
}

// inboxGone handles an inbox that is gone for good: its reader is looked up.
func (d *Deliverer) inboxGone(ctx context.Context, p app.Deliver, status int, why error) error {
	if p.Recipient != "" {
		if _, err := d.Actors.RefreshActor(ctx, p.Recipient); resolve.KindOf(err) == resolve.Gone {
			return d.recipientGone(ctx, p, status, why)
		}
	}
	return d.fail(ctx, p, status, why)
}

// recipientGone handles that a receiver's own server says that they are no more. Their
// Delete may never have reached us: a server that was shut down sends none.
func (d *Deliverer) recipientGone(ctx context.Context, p app.Deliver, status int, why error) error {
	for more := true; more; {
		var err error
		if more, err = d.App.RemoveActor(ctx, p.Recipient); err != nil {
			return err
		}
	}
	return d.fail(ctx, p, status, fmt.Errorf("the receiver is no more: %w", why))
}

func (d *Deliverer) acquire(to desk.Domain) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy == nil {
		d.busy = map[desk.Domain]int{}
	}
	if d.busy[to] >= perDomain {
		return false
	}
	d.busy[to]++
	return true
}

func (d *Deliverer) release(to desk.Domain) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy[to]--; d.busy[to] == 0 {
		delete(d.busy, to)
	}
}

func jitter(most time.Duration) time.Duration { return time.Duration(rand.Int64N(int64(most))) }

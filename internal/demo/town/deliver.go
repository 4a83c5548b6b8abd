package town

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"earshot/federation/httpsig"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

const maxQueue = 5000

// backoff is how long to wait after each failed attempt; then it is given up.
var backoff = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}

// errGiveUp is wrapped by errors of jobs that would only fail again.
var errGiveUp = errors.New("given up")

// job is something to do with another server. Jobs for one host are done in
// their order: a later one waits for an earlier one that is retried.
type job struct {
	what     string // for the log
	host     desk.Host
	run      func(context.Context) error
	attempts int
	due      time.Time
	running  bool
}

// parcel is one activity for people on one server.
type parcel struct {
	from *actor
	body []byte
	to   []desk.ActorID
	done map[string]bool // inboxes that took it or never will
}

// send queues an activity of one of ours for others; those of the town itself
// need no delivery. The caller holds the lock.
func (t *Town) send(from *actor, d doc, to []desk.ActorID) {
	var parcels []*parcel // by host, in the order of recipients
	hosts := map[desk.Host]*parcel{}
	for _, id := range to {
		host := id.Host()
		if host == t.host || host == "" {
			continue
		}
		if hosts[host] == nil {
			hosts[host] = &parcel{from: from, done: map[string]bool{}}
			parcels = append(parcels, hosts[host])
		}
		hosts[host].to = append(hosts[host].to, id)
	}
	if len(parcels) == 0 {
		return
	}
	body := d.bytes()
	for _, p := range parcels {
		p.body = body
		t.enqueue(&job{
			what: fmt.Sprintf("deliver %v %v", d["type"], d["id"]), host: p.to[0].Host(),
			run: func(ctx context.Context) error { return t.deliver(ctx, p) },
		})
	}
}

func (t *Town) enqueue(j *job) {
	if len(t.queue) >= maxQueue {
		t.log.Error("the queue is full: dropped", "job", j.what)
		return
	}
	j.due = t.clock.Now()
	t.queue = append(t.queue, j)
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// RunOnce does one thing that is due: delivers an activity to one server or
// fetches something. It reports whether there was one. Failures are retried or
// logged and given up; err is only that ctx has ended.
func (t *Town) RunOnce(ctx context.Context) (worked bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	j := t.lease()
	if j == nil {
		return false, nil
	}
	err = j.run(ctx)
	t.finish(j, err, ctx.Err() != nil)
	return true, ctx.Err()
}

func (t *Town) lease() *job {
	t.mu.Lock()
	defer t.mu.Unlock()
	busy := map[desk.Host]bool{}
	for _, j := range t.queue {
		if !busy[j.host] && !j.running && !j.due.After(t.clock.Now()) {
			j.running = true
			return j
		}
		busy[j.host] = true
	}
	return nil
}

// finish removes a job or makes it due again. An attempt that was interrupted
// does not count.
func (t *Town) finish(j *job, err error, interrupted bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j.running = false
	if interrupted {
		return
	}
	if err != nil && !errors.Is(err, errGiveUp) && j.attempts < len(backoff) {
		j.due = t.clock.Now().Add(backoff[j.attempts])
		j.attempts++
		t.log.Info("try again later", "job", j.what, "host", j.host, "due", j.due, "error", err)
		return
	}
	if err != nil {
		t.log.Warn("given up", "job", j.what, "host", j.host, "error", err)
	}
	for i, other := range t.queue {
		if other == j {
			t.queue = append(t.queue[:i:i], t.queue[i+1:]...)
			return
		}
	}
}

// Pending returns how many deliveries and fetches are left, and when the next
// is due (zero if there are none).
func (t *Town) Pending() (n int, next time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, j := range t.queue {
		if next.IsZero() || j.due.Before(next) {
			next = j.due
		}
	}
	return len(t.queue), next
}

// deliver sends a parcel to every inbox of its host once; recipients that share
// an inbox get one copy.
func (t *Town) deliver(ctx context.Context, p *parcel) error {
	var again error
	for _, id := range p.to {
		r, err := t.remote(ctx, id)
		if err != nil {
			if !errors.Is(err, errGiveUp) {
				again = err
			}
			continue
		}
		inbox := r.inbox()
		if inbox == "" || p.done[inbox] {
			continue
		}
		err = t.post(ctx, p.from, inbox, p.body)
		if err == nil || errors.Is(err, errGiveUp) {
			p.done[inbox] = true
		}
		if err != nil {
			again = err
		}
	}
	return again
}

// post delivers to one inbox, signed now.
func (t *Town) post(ctx context.Context, from *actor, inbox string, body []byte) error {
	answer, err := t.client.Post(ctx, inbox, body, func(r *http.Request) error {
		r.Header.Set("Content-Type", contentType)
		return httpsig.SignCavage(r, body, from.keyID(), from.key(), t.clock.Now())
	})
	if err != nil {
		if safehttp.Permanent(err) {
			return fmt.Errorf("%w: %w", errGiveUp, err)
		}
		return err
	}
	return classify(answer, "POST "+inbox)
}

// classify says whether a status allows another attempt, as Mastodon does: the
// sender's mistakes are final, except signatures (401), too many requests and
// timeouts.
func classify(answer *safehttp.Response, what string) error {
	if answer.Status/100 == 2 {
		return nil
	}
	err := fmt.Errorf("%s: status %d: %.200s", what, answer.Status, answer.Body)
	switch answer.Status {
	case http.StatusUnauthorized, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return err
	}
	if answer.Status/100 == 5 {
		return err
	}
	return fmt.Errorf("%w: %w", errGiveUp, err)
}

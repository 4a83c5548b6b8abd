package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/internal/admission"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/queue"
	"earshot/store"
)

// Some servers do not send again what got 5xx, so an activity whose key cannot be
// fetched now is written down as it came, and verified later.

// The bounds of unverified activities: docs/operations/limits.md. Nothing in it is
// proven, so the domain that it claims and the address that sent it are rationed.
const (
	// UnverifiedFor is less than a withdrawal is remembered: a deletion that comes
	// meanwhile holds.
	UnverifiedFor   = 12 * time.Hour
	maxUnverified   = 1_000    // of all; half of them of unknown servers and of deletions
	unverifiedBytes = 64 << 10 // of each
)

// unverified is a request as its job keeps it: what its signature is about.
type unverified struct {
	Target string      `json:"target"` // path and query
	Host   string      `json:"host"`
	Header http.Header `json:"header"`
	Body   []byte      `json:"body"` // byte for byte: it has a digest
	Inbox  desk.Handle `json:"inbox,omitempty"`
	// Received is when it came. Its dates are compared with that.
	Received time.Time `json:"received"`
}

// request is the request as it came.
func (u unverified) request(ctx context.Context) (*http.Request, error) {
	at, err := url.ParseRequestURI(u.Target)
	if err != nil {
		return nil, err
	}
	r := &http.Request{Method: http.MethodPost, RequestURI: u.Target, Host: u.Host, Header: u.Header, URL: at}
	return r.WithContext(InInbox(ctx, u.Inbox)), nil
}

// id is the same for the same request, and for no other: who makes one up in the name
// of a host keeps nothing out.
func (u unverified) id() string {
	return hash(fmt.Appendf(nil, "%s\n%q\n%q\n%s", u.Target, u.Header["Signature"], u.Header["Signature-Input"], u.Body))
}

func (u unverified) bytes() int {
	n := len(u.Target) + len(u.Body)
	for name, values := range u.Header {
		for _, v := range values {
			n += len(name) + len(v)
		}
	}
	return n
}

// Now implements clock.Clock: time stands where the request came.
func (u unverified) Now() time.Time { return u.Received }

// putOff stores an activity whose signature cannot be verified yet, because of why.
// The rations are paid before the store is asked: the answer tells a stranger nothing
// about what we have.
func (in *Inbox) putOff(r *http.Request, body []byte, a *as.Activity, why error) (drop.Reason, error) {
	keyID, _ := httpsig.KeyIDOf(r)
	host, err := desk.HostOf(keyID)
	if err != nil || host != a.Actor.Host() { // what others pass on can be fetched
		return "", why
	}
	u := unverified{r.RequestURI, r.Host, httpsig.Needed(r), body, inboxOf(r.Context()), in.App.Now()}
	takesBack := a.Type == as.Delete || a.Type == as.Undo // sent to everybody, and often
	if u.bytes() > unverifiedBytes || !in.Budget.putOff(admission.Of(r.Context()).Address(), host.Domain(), takesBack, u.Received) {
		return "", why
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(r.Context()), putOffWithin) // the request may be over
	defer done()
	if room, err := in.unverified.room(ctx, in.App, host, takesBack); err != nil || !room {
		return "", errors.Join(why, err)
	}
	d, err := in.mayBeForUs(ctx, a)
	if err != nil || !d.ForUs {
		return d.Reason, err
	}
	payload, err := json.Marshal(u)
	if err != nil {
		return "", err
	}
	return in.App.QueueUnverified(ctx, u.id(), host, payload)
}

// putOffWithin is how long writing it down may take.
const putOffWithin = 10 * time.Second

// verifyWithin is how long one attempt waits for a key: hosts that never answer have
// others' jobs behind them.
const verifyWithin = 10 * time.Second

// mayBeForUs is triage on an activity's own word. Of its author the id is enough: the
// rest of a profile only speaks against a post.
func (in *Inbox) mayBeForUs(ctx context.Context, a *as.Activity) (app.Decision, error) {
	p, err := in.plan(ctx, arrival{a, &as.Actor{ID: a.Actor}})
	if err != nil {
		return app.Decision{}, err
	}
	if p.ignored != "" {
		return app.Decision{Reason: p.ignored}, nil
	}
	d, err := in.App.Triage(ctx, a.Actor, p.about)
	switch {
	case err == nil && d.Blocked:
		err = blocked(a.Actor)
	case err == nil && p.check != nil:
		err = p.check(d)
	}
	return d, err
}

// unverifiedRoom counts what waits to be verified. The zero value has not counted.
type unverifiedRoom struct {
	mu      sync.Mutex
	counted time.Time
	waiting int
}

// room takes room for one more of a host, if there is any. Unknown servers and
// deletions leave half of it to the reports of known ones.
func (u *unverifiedRoom) room(ctx context.Context, a *app.App, h desk.Host, takesBack bool) (bool, error) {
	most := maxUnverified / 2
	if known, err := a.KnowsHost(ctx, h); err != nil {
		return false, err
	} else if known && !takesBack {
		most = maxUnverified
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if now := a.Now(); now.Sub(u.counted) >= countEvery {
		counts, err := a.JobCounts(ctx)
		if err != nil {
			return false, err
		}
		u.waiting, u.counted = counts[store.QueueVerify].Waiting, now
	}
	if u.waiting >= most {
		return false, nil
	}
	u.waiting++
	return true, nil
}

// Verify does the job of an activity that was stored unverified: it is treated as if
// it came now, but for its dates. What cannot be verified in time is dropped.
func (in *Inbox) Verify(ctx context.Context, job store.Job) error {
	var u unverified
	if err := json.Unmarshal(job.Payload, &u); err != nil {
		return &queue.Dead{Err: fmt.Errorf("reading an unverified activity: %w", err)}
	}
	r, err := u.request(ctx)
	if err != nil {
		return &queue.Dead{Err: fmt.Errorf("reading an unverified activity: %w", err)}
	}
	a, err := in.read(ctx, u.Body)
	if err != nil {
		return err
	}
	got := &received{request: r, activity: a}
	verifier := *in.Verifier
	verifier.Clock = u
	ctx, done := context.WithTimeout(r.Context(), verifyWithin)
	defer done()
	r = r.WithContext(ctx)
	why, err := in.take(r, &verifier, u.Body, got)
	if answer, refused := errors.AsType[*refusal](err); refused {
		if answer.later && in.App.Now().Sub(u.Received) < UnverifiedFor {
			return err
		}
		why, err = answer.why(), nil
	}
	if err == nil && why != drop.Kept {
		in.drop(in.event(got, why), a)
	}
	return err
}

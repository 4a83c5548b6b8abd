package town

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/internal/desk"
)

const (
	maxBody    = 1 << 20
	maxLogBody = 64 << 10
)

// Arrival is one request to an inbox, taken or refused.
type Arrival struct {
	At       time.Time
	Inbox    string // path
	Status   int    // that it was answered with
	Reason   string // of a refusal, or why it changed nothing
	KeyID    string // as claimed, if nothing was verified
	Actor    desk.ActorID
	Scheme   httpsig.Scheme // "" if the signature did not verify
	Type     as.Type
	Activity desk.ActivityID
	Object   desk.ObjectID
	Body     []byte // its first 64 KiB
}

// Arrivals returns the arrived activities, oldest first: at most the last 500.
func (t *Town) Arrivals() []Arrival {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.arrivals)
}

func (t *Town) record(a Arrival) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.arrivals) >= maxArrivals {
		t.arrivals = slices.Delete(t.arrivals, 0, 1)
	}
	t.arrivals = append(t.arrivals, a)
}

// refused is an answer that is not 202.
type refused struct {
	status int
	reason string
}

func (r *refused) Error() string { return r.reason }

func refuse(status int, format string, args ...any) error {
	return &refused{status, fmt.Sprintf(format, args...)}
}

// serveInbox accepts activities of other servers, to one person or to the
// shared inbox.
func (t *Town) serveInbox(w http.ResponseWriter, r *http.Request) {
	a := Arrival{At: t.clock.Now(), Inbox: r.URL.Path, Status: http.StatusAccepted}
	err := t.take(w, r, &a)
	if err != nil {
		no, ok := errors.AsType[*refused](err)
		switch {
		case ok:
		case errors.Is(err, errGiveUp): // its object cannot be had
			no = &refused{http.StatusBadRequest, err.Error()}
		default:
			no = &refused{http.StatusServiceUnavailable, err.Error()}
			w.Header().Set("Retry-After", "30")
		}
		a.Status, a.Reason = no.status, no.reason
	}
	t.record(a)
	t.log.Debug("inbox", "status", a.Status, "reason", a.Reason, "type", a.Type, "actor", a.Actor, "object", a.Object)
	if a.Status != http.StatusAccepted {
		http.Error(w, a.Reason, a.Status)
		return
	}
	w.WriteHeader(a.Status)
}

func (t *Town) take(w http.ResponseWriter, r *http.Request, a *Arrival) error {
	if r.PathValue("name") != "" {
		t.mu.Lock()
		owner := t.named(r)
		gone := owner != nil && owner.gone
		t.mu.Unlock()
		switch {
		case gone:
			return refuse(http.StatusGone, "this account is gone")
		case owner == nil:
			return refuse(http.StatusNotFound, "nobody of that name lives here")
		}
	}
	if !as.IsActivityPub(r.Header.Get("Content-Type")) {
		return refuse(http.StatusUnsupportedMediaType, "media type %q", r.Header.Get("Content-Type"))
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return refuse(http.StatusRequestEntityTooLarge, "more than %d bytes", maxBody)
		}
		return refuse(http.StatusBadRequest, "the body broke off")
	}
	a.Body = body[:min(len(body), maxLogBody)]
	a.KeyID, _ = httpsig.KeyIDOf(r)
	signer, err := t.verifier.Verify(r.Context(), r, body)
	if err != nil {
		if _, noKey := errors.AsType[*httpsig.KeyError](err); noKey && !errors.Is(err, errGiveUp) {
			return err
		}
		return refuse(http.StatusUnauthorized, "%v", err)
	}
	a.Actor, a.Scheme = signer.Actor, signer.Scheme
	activity, err := as.ParseActivity(body)
	if err != nil {
		return refuse(http.StatusBadRequest, "%v", err)
	}
	a.Type, a.Activity, a.Object = activity.Type, activity.ID, activity.Object.ID
	if activity.Actor != signer.Actor {
		return refuse(http.StatusUnauthorized, "signed by %s for %s", signer.Actor, activity.Actor)
	}
	if activity.ID != "" {
		if host, err := desk.HostOf(string(activity.ID)); err != nil || host != signer.Actor.Host() {
			return refuse(http.StatusUnauthorized, "activity %s is not on the signer's host", activity.ID)
		}
		if t.seen.Contains(activity.ID) {
			a.Reason = "known already"
			return nil
		}
	}
	if a.Reason, err = t.process(r.Context(), activity); err != nil {
		return err
	}
	if activity.ID != "" {
		t.seen.Add(activity.ID, true)
	}
	return nil
}

package inbox

import (
	"net/http"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/federation/resolve"
	"earshot/internal/desk"
	"earshot/internal/drop"
)

// Outcome tells of one answered POST.
type Outcome struct {
	Status int // HTTP
	Reason drop.Reason
}

var reasons = map[int]drop.Reason{
	http.StatusBadRequest:            drop.Malformed,
	http.StatusUnauthorized:          drop.Signature,
	http.StatusForbidden:             drop.Blocked,
	http.StatusGone:                  drop.KeyGone,
	http.StatusRequestEntityTooLarge: drop.TooLarge,
	http.StatusUnsupportedMediaType:  drop.MediaType,
	http.StatusTooManyRequests:       drop.Limited,
}

func (r *refusal) why() drop.Reason {
	if r.class != "" {
		return r.class
	}
	return reasons[r.status]
}

// received is what became known of a request, in this order.
type received struct {
	request  *http.Request
	activity *as.Activity  // nil: it could not be read
	signer   desk.ActorID  // "": nothing is proven
	named    []desk.Handle // by its tags
}

// answered counts a request, and why nothing of it was kept.
func (in *Inbox) answered(got *received, status int, why drop.Reason) {
	if in.Observe != nil {
		in.Observe(Outcome{status, why.Named()})
	}
	if why != drop.Kept {
		in.drop(in.event(got, why), got.activity)
	}
}

// event is how a request that was not kept is counted.
func (in *Inbox) event(got *received, why drop.Reason) drop.Event {
	e := drop.Event{Reason: why, Host: got.signer.Host()}
	if got.signer == "" {
		e.Host, e.Claimed, e.Sender = claimedHost(got), true, in.sender(got.request)
	}
	e.Desks = got.named
	if h := inboxOf(got.request.Context()); h != "" {
		e.Desks = append(e.Desks, h)
	}
	e.Ours = len(e.Desks) > 0 || got.activity == nil // what cannot be read may be for us
	return e
}

// NoDesk counts a request to the inbox of a desk that does not exist.
func (in *Inbox) NoDesk(r *http.Request) {
	in.answered(&received{request: r}, http.StatusNotFound, drop.UnknownDesk)
}

// drop counts something that was not kept. a, if it is at hand, says what it was about.
func (in *Inbox) drop(e drop.Event, a *as.Activity) {
	if a != nil {
		desks, ours := concerned(a, in.App.Site())
		e.Desks, e.Ours = append(e.Desks, desks...), e.Ours || ours
		if as.IsActivity(a.Type) {
			e.Type = string(a.Type)
		}
	}
	e.Ours = e.Ours && e.Reason != drop.Duplicate // which was kept when it came first
	if in.Drops != nil {
		in.Drops.Add(e, in.App.Now())
	}
}

// claimedHost is the host that a request without a good signature says it is from.
func claimedHost(got *received) desk.Host {
	if keyID, err := httpsig.KeyIDOf(got.request); err == nil {
		if h, err := desk.HostOf(keyID); err == nil {
			return h
		}
	}
	if got.activity != nil {
		return got.activity.Actor.Host()
	}
	return ""
}

func (in *Inbox) sender(r *http.Request) string {
	if in.Sender == nil {
		return ""
	}
	return in.Sender(r)
}

// concerned lists the desks that an activity names, and says whether it is about
// anything of ours. That the instance's own actor is among its recipients says
// nothing: relays name it in all that they pass on.
func concerned(a *as.Activity, site desk.Site) (desks []desk.Handle, ours bool) {
	named := []string{string(a.Object.ID), string(a.Target), string(a.Instrument)}
	for _, o := range a.Objects {
		named = append(named, string(o))
	}
	recipients := append([]string{}, a.To...)
	recipients = append(recipients, a.Cc...)
	if o := a.Object.Object; o != nil {
		named = append(named, string(o.InReplyTo), string(o.Quote))
		recipients = append(append(recipients, o.To...), o.Cc...)
		for _, m := range o.Mentions {
			recipients = append(recipients, string(m.Href))
		}
	}
	if a.Inner != nil {
		named = append(named, string(a.Inner.Object.ID))
	}
	for n, id := range append(named, recipients...) {
		h, isActor := site.HandleOf(desk.ActorID(id))
		switch {
		case isActor && h != desk.RelayHandle:
			desks, ours = append(desks, h), true
		case n < len(named) && site.Owns(id):
			ours = true
		}
	}
	return desks, ours
}

// fetchFailed is why something could not be fetched.
func fetchFailed(err error) drop.Reason {
	switch resolve.KindOf(err) {
	case resolve.NotFound:
		return drop.NotFound
	case resolve.Gone:
		return drop.Gone
	case resolve.Refused:
		return drop.Refused
	case resolve.Temporary, resolve.Unauthorized: // tried again, until it is a dead letter
		return drop.KeyUnreachable
	}
	return drop.Malformed
}

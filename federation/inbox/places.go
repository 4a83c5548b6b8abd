package inbox

import (
	"errors"
	"net/http"

	"earshot/federation/resolve"
	"earshot/internal/admission"
	"earshot/internal/desk"
	"earshot/internal/drop"
)

// Places gives requests places, so that one address does not have them all.
type Places interface {
	// Enter returns a place, or an *admission.Refusal.
	Enter(r *http.Request) (*admission.Place, error)
}

// enter takes a place, which a request has until it is answered. It carries it.
func (in *Inbox) enter(r *http.Request) (_ *http.Request, release func(), err error) {
	if in.Places == nil {
		return r, func() {}, nil
	}
	place, err := in.Places.Enter(r)
	if err != nil {
		return nil, nil, crowded(err)
	}
	return r.WithContext(admission.With(r.Context(), place)), place.Release, nil
}

// crowded is the answer to a request for which there was no place, or whose
// body found no room or came too slowly. Other errors stay as they are.
func crowded(err error) error {
	why, ok := errors.AsType[*admission.Refusal](err)
	switch {
	case !ok:
		return err
	case why.Reason == admission.Slow:
		return &refusal{http.StatusRequestTimeout, why.Error(), true, drop.SlowBody}
	}
	return &refusal{http.StatusServiceUnavailable, why.Error(), true, drop.Crowded}
}

// verified notes a good signature: the address has earned one more place, and
// the host is known.
func (in *Inbox) verified(r *http.Request, who desk.ActorID) {
	admission.Of(r.Context()).Verified()
	in.Resolver.Heard(who.Host())
}

// KeyFailed holds it against an address that the key which it named does not
// come; but not where that is our own doing.
func KeyFailed(r *http.Request, err error) {
	if _, ours := errors.AsType[*admission.Refusal](err); !ours && !resolve.Own(err) {
		admission.Of(r.Context()).KeyFailed()
	}
}

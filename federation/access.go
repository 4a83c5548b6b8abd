package federation

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/federation/inbox"
	"earshot/federation/resolve"
	"earshot/internal/admission"
	"earshot/internal/desk"
)

// denied is an answer to a client that may not read.
type denied struct {
	status int
	reason string
}

func (d *denied) Error() string { return d.reason }

// Caches follow the rights of readers: an answer for everyone may be shared, an
// answer for one signer must not reach another (CVE-2026-25540).
const (
	forAll = "public, max-age=60"
	forOne = "private, no-store"
)

// admit decides whether a client may read public documents, and how caches may
// store the answer. A request that claims to be from a blocked actor gets
// nothing; the claim is not verified, because nobody gains by a false one.
// Secure mode requires a signature of an actor who is not blocked.
//
// Actors, keys, WebFinger, host-meta and NodeInfo do not come here: everyone
// may read them. A peer in secure mode must read our actor before it can show
// us its own.
func (f *Federation) admit(w http.ResponseWriter, r *http.Request) (cache string, err error) {
	if claimed := claimedBy(r); claimed != "" {
		if err := f.heedBlock(r.Context(), claimed); err != nil {
			return "", err
		}
	}
	if !f.d.SecureMode {
		return forAll, nil
	}
	varies(w)
	if _, err := f.reader(r); err != nil {
		return "", err
	}
	return forOne, nil
}

// varies says that the answer depends on who signed.
func varies(w http.ResponseWriter) { w.Header().Add("Vary", "Signature, Signature-Input") }

// claimedBy returns whose key a request says to be signed with, "" if it is not
// signed.
func claimedBy(r *http.Request) desk.ActorID {
	keyID, err := httpsig.KeyIDOf(r)
	if err != nil {
		return ""
	}
	actor, _, _ := strings.Cut(keyID, "#")
	return desk.ActorID(actor)
}

func (f *Federation) heedBlock(ctx context.Context, who desk.ActorID) error {
	blocked, err := f.d.App.Blocked(ctx, who)
	if err == nil && blocked {
		err = &denied{http.StatusForbidden, string(who) + " is blocked here"}
	}
	return err
}

// reader returns who signed a GET. Wrong signatures are held against the
// address they come from, as at the inbox: each may make us fetch a key. None at
// all is not: some servers ask without one first.
func (f *Federation) reader(r *http.Request) (desk.ActorID, error) {
	if f.d.Failed != nil && !f.d.Failed.Allowed(r) {
		return "", &denied{http.StatusTooManyRequests, "too many requests with wrong signatures came from this address"}
	}
	claimed := claimedBy(r)
	if claimed != "" {
		if err := f.heedBlock(r.Context(), claimed); err != nil {
			return "", err
		}
	}
	s, err := f.verifier.Verify(r.Context(), r, nil)
	if err != nil {
		if ke, ok := errors.AsType[*httpsig.KeyError](err); ok && resolve.KindOf(ke) == resolve.Temporary {
			inbox.KeyFailed(r, ke)
			return "", &denied{http.StatusServiceUnavailable, "the key cannot be fetched right now"}
		}
		if f.d.Failed != nil && claimed != "" {
			f.d.Failed.Count(r)
			admission.Of(r.Context()).Failed()
		}
		return "", &denied{http.StatusUnauthorized, err.Error()}
	}
	admission.Of(r.Context()).Verified()
	return s.Actor, f.heedBlock(r.Context(), s.Actor)
}

// mayRead says whether the signer of a GET may read a document that is not
// public: an addressee, or the instance actor of an addressee's server, which
// fetches on its people's behalf. That is an Application; a Service is a bot of
// some person there.
func (f *Federation) mayRead(r *http.Request, addressed []desk.ActorID) bool {
	who, err := f.reader(r)
	if err != nil {
		return false
	}
	if slices.Contains(addressed, who) {
		return true
	}
	if !slices.ContainsFunc(addressed, func(a desk.ActorID) bool { return a.Host() == who.Host() }) {
		return false
	}
	actor, err := f.d.Network.Resolver.Actor(r.Context(), who)
	return err == nil && actor.Type == as.Application
}

// Package inbox takes in what other servers send: accept verifies, looks
// whether it is for us, and writes it down before it says 202; process turns
// what was written down into use cases.
package inbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/federation/resolve"
	"earshot/internal/admission"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/failpoint"
	"earshot/internal/problem"
	"earshot/store"
)

// Resolver is what is needed of federation/resolve.
type Resolver interface {
	Actor(ctx context.Context, id desk.ActorID) (*as.Actor, error)
	RefreshActor(ctx context.Context, id desk.ActorID) (*as.Actor, error)
	CachedActor(id desk.ActorID) (*as.Actor, bool)
	Object(ctx context.Context, id desk.ObjectID) (*as.Object, error)
	Forget(id desk.ActorID)
	Heard(h desk.Host)
}

// Naming finds the user@host of an actor.
type Naming interface {
	Acct(ctx context.Context, a *as.Actor) string
}

// Servers says how long a post of a server's people may be, 0 where it is not said.
type Servers interface {
	MaxCharacters(ctx context.Context, h desk.Host) (int, error)
}

// Inbox is the inboxes of the instance, personal and shared.
type Inbox struct {
	App      *app.App
	Verifier *httpsig.Verifier
	Resolver Resolver
	Naming   Naming
	Servers  Servers
	Log      *slog.Logger
	// Failed is asked before a signature is verified and told when one was
	// wrong; it may refuse an address that sent many. nil refuses nobody.
	Failed FailureLimit
	// Places bounds how many requests are verified at once; nil: any number.
	Places Places
	// Gate turns senders away while too much waits; nil: nobody.
	Gate *Gate
	// Budget rations what a signer can cause; nil: without end.
	Budget *Budget
	// Observe hears how every POST was answered; nil: nobody. It must not block.
	Observe func(Outcome)

	refusals refusals
}

// FailureLimit limits failed verifications by address. Successful ones are
// never limited: one big server is thousands of reporters.
type FailureLimit interface {
	Allowed(r *http.Request) bool
	Count(r *http.Request)
}

// RetryLater is what we ask a sender to wait when it is to try again.
const RetryLater = 60 * time.Second

// remembered is how long a deduplication key is kept: longer than anybody
// goes on delivering.
const remembered = 60 * 24 * time.Hour

// delivery is one accepted activity, as the inbound job keeps it.
type delivery struct {
	Raw json.RawMessage `json:"raw"`
}

// encode leaves the raw bytes as they are: escaped for HTML, what was accepted
// could be too long to be read again.
func (d delivery) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(d)
	return b.Bytes(), err
}

// refusal is an answer other than 202.
type refusal struct {
	status int
	reason string
	later  bool   // the sender should try again
	class  Reason // "" where the status says it
}

func (r *refusal) Error() string { return r.reason }

func refuse(status int, format string, args ...any) error {
	return &refusal{status: status, reason: fmt.Sprintf(format, args...)}
}

func tryLater(format string, args ...any) error {
	return &refusal{status: http.StatusServiceUnavailable, reason: fmt.Sprintf(format, args...), later: true, class: KeyUnreachable}
}

// ServeHTTP answers a POST to any of our inboxes. 202 means: it is on disk, or
// not for us.
func (in *Inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	written, err := in.accept(r)
	if err == nil {
		failpoint.Hit("inbox.accepted")
		in.observe(http.StatusAccepted, written.reason())
		w.WriteHeader(http.StatusAccepted)
		return
	}
	answer, ok := errors.AsType[*refusal](err)
	switch {
	case ok:
	case store.Passing(err), errors.Is(err, context.DeadlineExceeded):
		in.Log.Error("an activity could not be written down", "err", err)
		answer = &refusal{http.StatusServiceUnavailable, "it could not be stored right now", true, NotStored}
	case errors.Is(err, context.Canceled):
		answer = &refusal{http.StatusServiceUnavailable, "the request was given up", true, GivenUp}
	default:
		in.Log.Error("accepting an activity failed", "err", err)
		answer = &refusal{http.StatusInternalServerError, "something went wrong here", true, Failure}
	}
	in.observe(answer.status, answer.reasonClass())
	if answer.later {
		w.Header().Set("Retry-After", strconv.Itoa(int(RetryLater.Seconds())))
	}
	problem.Write(w, answer.status, problem.Problem{Detail: answer.reason}, nil)
}

// stored says whether anything of an accepted activity was written down.
type stored bool

func (in *Inbox) accept(r *http.Request) (stored, error) {
	if !as.MayBeActivity(r.Header.Get("Content-Type")) {
		return false, refuse(http.StatusUnsupportedMediaType, "send application/activity+json")
	}
	if in.Gate.shut(r.Context()) { // before anything costs
		return false, &refusal{http.StatusServiceUnavailable, "too much waits to be processed here", true, Overloaded}
	}
	if in.Failed != nil && !in.Failed.Allowed(r) {
		return false, &refusal{http.StatusTooManyRequests, "too many requests with wrong signatures came from this address", true, Limited}
	}
	body, err := readBody(r)
	if err != nil {
		return false, err
	}
	r, release, err := in.enter(r)
	if err != nil {
		return false, err
	}
	defer release()
	a, err := as.ParseActivity(body)
	if err != nil {
		return false, refuse(http.StatusBadRequest, "%v", err)
	}
	signer, err := in.verify(r, body, a)
	if err != nil {
		return false, err
	}
	if signer == "" { // somebody we never heard of deleted their account
		return false, nil
	}
	if err := in.checkBlock(r.Context(), signer); err != nil {
		return false, err
	}
	if err := in.heardFrom(r.Context(), signer.Host()); err != nil {
		return false, err
	}
	if signer != a.Actor {
		return in.forwarded(r.Context(), a, signer)
	}
	return in.direct(r.Context(), a, signer)
}

func readBody(r *http.Request) ([]byte, error) {
	if r.ContentLength > as.MaxBytes {
		return nil, refuse(http.StatusRequestEntityTooLarge, "an activity has at most %d bytes", as.MaxBytes)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, as.MaxBytes+1))
	if _, refused := errors.AsType[*admission.Refusal](err); refused {
		return nil, crowded(err)
	}
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "the body could not be read")
	}
	if len(body) > as.MaxBytes {
		return nil, refuse(http.StatusRequestEntityTooLarge, "an activity has at most %d bytes", as.MaxBytes)
	}
	return body, nil
}

// verify returns who signed. An account's own deletion, whose key is usually
// gone with it, is the account's if its own server says that it is gone too; ""
// where nothing needs to be done.
func (in *Inbox) verify(r *http.Request, body []byte, a *as.Activity) (desk.ActorID, error) {
	keyID, err := httpsig.KeyIDOf(r)
	if err != nil {
		return "", in.failed(r, err)
	}
	// Before its key is asked for: nobody who is blocked makes us ask.
	claimed, _, _ := strings.Cut(keyID, "#")
	if err := in.checkBlock(r.Context(), desk.ActorID(claimed)); err != nil {
		return "", err
	}
	leaving := a.Type == as.Delete && string(a.Object.ID) == string(a.Actor)
	if leaving {
		known, err := in.App.Knows(r.Context(), a.Actor)
		if err != nil || !known {
			return "", err
		}
	}
	s, err := in.Verifier.Verify(r.Context(), r, body)
	if err == nil {
		in.verified(r, s.Actor)
		return s.Actor, nil
	}
	ke, isKey := errors.AsType[*httpsig.KeyError](err)
	if !isKey {
		return "", in.failed(r, err)
	}
	switch resolve.KindOf(ke) {
	case resolve.Temporary, resolve.Unauthorized: // a 401 may be our own fault
		KeyFailed(r, ke)
		return "", tryLater("the key %s cannot be fetched right now", ke.KeyID)
	case resolve.Gone:
		if leaving && desk.ActorID(claimed).Host() == a.Actor.Host() {
			if in.isGone(r.Context(), a.Actor) {
				return a.Actor, nil
			}
			in.count(r) // or a stranger could make us ask for ever
		}
		return "", refuse(http.StatusGone, "the key %s is gone", ke.KeyID)
	}
	return "", in.failed(r, ke)
}

// checkBlock refuses the requests of blocked actors and servers.
func (in *Inbox) checkBlock(ctx context.Context, who desk.ActorID) error {
	blocked, err := in.App.Blocked(ctx, who)
	if err == nil && blocked {
		err = refuse(http.StatusForbidden, "%s is blocked here", who)
	}
	return err
}

// count holds a wrong signature against the address that sent it.
func (in *Inbox) count(r *http.Request) {
	admission.Of(r.Context()).Failed()
	if in.Failed != nil {
		in.Failed.Count(r)
	}
}

// failed is the answer to a wrong signature.
func (in *Inbox) failed(r *http.Request, err error) error {
	in.count(r)
	return refuse(http.StatusUnauthorized, "%v", err)
}

// isGone asks an actor's own server whether the actor is no more.
func (in *Inbox) isGone(ctx context.Context, id desk.ActorID) bool {
	_, err := in.Resolver.RefreshActor(ctx, id)
	return resolve.KindOf(err) == resolve.Gone
}

// heardFrom closes a host's breaker: who speaks, lives.
func (in *Inbox) heardFrom(ctx context.Context, h desk.Host) error {
	down := false
	err := in.App.View(ctx, func(tx *app.Tx) error {
		s, ok, err := tx.Hosts().Get(h)
		down = ok && s.Failures > 0
		return err
	})
	if err != nil || !down {
		return err
	}
	return in.App.HostLives(ctx, h)
}

// direct handles an activity that is its own actor's word. by is who sent it,
// and has to pay: otherwise whoever holds a word of somebody could use up their
// share by saying it again and again.
func (in *Inbox) direct(ctx context.Context, a *as.Activity, by desk.ActorID) (stored, error) {
	want, err := in.triage(ctx, a)
	if err != nil || !want.accept {
		return false, err
	}
	if err := in.afford(a, want, by); err != nil {
		return false, err
	}
	switch {
	case want.announced:
		return true, in.App.Announced(ctx, a.Actor, want.fetch)
	case want.named:
		return true, in.App.QueueNamed(ctx, want.fetch, a.Actor)
	case want.fetch != "":
		return true, in.App.QueueFetch(ctx, want.fetch, app.Inbox)
	}
	payload, err := delivery{a.Raw}.encode()
	if err != nil {
		return false, err
	}
	failpoint.Hit("inbox.verified")
	forget := remembered
	if a.Type == as.Follow || a.Type == as.Delete {
		forget = 0 // a Follow is repeated where our Accept was lost; a Delete does no harm twice
	}
	return true, in.App.QueueInbound(ctx, dedupeKey(a), lane(a), payload, forget)
}

// afford takes what an activity costs from the budget of who sent it. What sources
// tell us of is what we asked them for, and a deletion is never too much.
func (in *Inbox) afford(a *as.Activity, w decision, by desk.ActorID) error {
	switch {
	case w.source || a.Type == as.Delete:
		return nil
	case w.fetch != "" || w.elsewhere:
		return in.Budget.fetch(by, in.App.Now())
	}
	return in.Budget.write(by, in.App.Now())
}

// lane orders work on one object; what concerns no object is ordered by actor.
func lane(a *as.Activity) string {
	if a.Object.ID != "" {
		return string(a.Object.ID)
	}
	return string(a.Actor)
}

// dedupeKey names what must happen once. A Create or Delete happens once to an
// object. Edits are told apart by what they say: GoToSocial gives every edit
// the same activity id. Everything else goes by actor and activity id.
func dedupeKey(a *as.Activity) string {
	switch a.Type {
	case as.Create, as.Delete:
		return fmt.Sprintf("%s %s %s", a.Type, a.Actor, a.Object.ID)
	case as.Update:
		object, updated := a.Raw, ""
		if a.Object.Object != nil {
			object, updated = a.Object.Object.Raw, a.Object.Object.Updated.Format(time.RFC3339Nano)
		}
		return fmt.Sprintf("Update %s %s %s %s", a.Actor, a.Object.ID, updated, hash(object))
	}
	if a.ID == "" {
		return fmt.Sprintf("%s %s %s", a.Type, a.Actor, hash(a.Raw))
	}
	return fmt.Sprintf("%s %s %s", a.Type, a.Actor, a.ID)
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// forwarded handles an activity that somebody else signed: a relay, or a
// server passing on an answer. Only the ids are worth anything, unless it is
// proven. Where the body claims to be for us, the object is fetched from its own
// server, if it is public as far as anybody says: of what is not, a stranger's
// word causes no fetch.
func (in *Inbox) forwarded(ctx context.Context, a *as.Activity, signer desk.ActorID) (stored, error) {
	for _, who := range []desk.ActorID{a.Actor, desk.ActorID(a.Object.ID)} { // of an object its host counts
		if blocked, err := in.App.Blocked(ctx, who); err != nil || blocked {
			return false, err
		}
	}
	claimed := desk.VisibilityPublic
	switch a.Type {
	case as.Create, as.Update:
		if a.Object.Object == nil {
			return false, nil
		}
		author := desk.Actor{ID: a.Object.Object.AttributedTo}
		h := heard(in.App.Site(), a.Object.Object, author, "", app.Inbox)
		claimed = h.Post.Visibility
		forUs, _, err := in.App.Triage(ctx, h)
		if err != nil || !forUs {
			return false, err
		}
	case as.Delete, as.Announce:
		_, known, err := in.App.Post(ctx, a.Object.ID)
		if err != nil || !known {
			return false, err
		}
	default:
		return false, nil
	}
	if in.App.Site().Owns(string(a.Object.ID)) {
		return false, refuse(http.StatusBadRequest, "an object of this instance cannot come from outside")
	}
	if proven, err := in.proven(ctx, a, signer); err != nil {
		return false, err
	} else if proven {
		return in.direct(ctx, a, signer)
	}
	if may, err := in.App.MayFetch(ctx, a.Object.ID, signer); err != nil || !may || !claimed.IsPublic() {
		return false, err
	}
	if err := in.Budget.fetch(signer, in.App.Now()); err != nil {
		return false, err
	}
	return true, in.App.QueueFetch(ctx, a.Object.ID, app.Inbox)
}

// Package inbox takes in the activities of other servers: accept verifies one,
// asks whether it is for us, and stores it before the 202; process turns stored
// activities into use cases.
package inbox

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/federation/resolve"
	"earshot/internal/admission"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/failpoint"
	"earshot/internal/problem"
	"earshot/store"
)

// Resolver is the part of federation/resolve that the inbox needs.
type Resolver interface {
	Actor(ctx context.Context, id desk.ActorID) (*as.Actor, error)
	RefreshActor(ctx context.Context, id desk.ActorID) (*as.Actor, error)
	CachedActor(id desk.ActorID) (*as.Actor, bool)
	Object(ctx context.Context, id desk.ObjectID) (*as.Object, error)
	ObjectIf(ctx context.Context, id desk.ObjectID, tag string) (o *as.Object, now string, err error)
	Outbox(ctx context.Context, who desk.ActorID, outbox string) ([]as.Ref, error)
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
	// Software returns the name of a server's software, "" if it does not say.
	Software(ctx context.Context, h desk.Host) (string, error)
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
	// Drops counts what was not kept; nil: nothing is counted. Sender tells apart who
	// sends requests without a good signature, by address; nil: they are all one.
	Drops  *drop.Log
	Sender func(*http.Request) string

	// Stopping ends when the program is asked to stop: then nobody waits for a
	// key any longer. nil: never.
	Stopping context.Context

	refusals   refusals
	late       lateHosts
	unverified unverifiedRoom
	accepted   accepted
	arriving   atomic.Int32 // being stored now
}

// FailureLimit limits failed verifications by address. Successful ones are
// never limited: one big server is thousands of reporters.
type FailureLimit interface {
	Allowed(r *http.Request) bool
	Count(r *http.Request)
}

// RetryLater is what we ask a sender to wait when it is to try again.
const RetryLater = 60 * time.Second

// remembered is how long a deduplication key is stored: longer than any server
// goes on delivering.
const remembered = 60 * 24 * time.Hour

// delivery is one accepted activity, as the inbound job keeps it.
type delivery struct {
	Raw json.RawMessage `json:"raw"`
	// Actor is the signer's own id, which the activity may spell in another way.
	Actor desk.ActorID `json:"actor,omitempty"`
	// Inbox is the desk whose inbox it came to, by its actor's own hand.
	Inbox desk.Handle `json:"inbox,omitempty"`
	// Relay: it came to the relay that we are.
	Relay bool `json:"relay,omitempty"`
}

// encode leaves the raw bytes as they are, which were valid when they were parsed:
// escaped for HTML, what was accepted could be too long to be read again.
func (d delivery) encode() ([]byte, error) {
	const before, null = `{"raw":`, "null"
	raw := d.Raw
	d.Raw = nil
	b, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	return slices.Insert(slices.Delete(b, len(before), len(before)+len(null)), len(before), raw...), nil
}

// refusal is an answer other than 202.
type refusal struct {
	status int
	reason string
	later  bool        // the sender should try again
	class  drop.Reason // "" where the status says it
}

func (r *refusal) Error() string { return r.reason }

func refuse(status int, format string, args ...any) error {
	return &refusal{status: status, reason: fmt.Sprintf(format, args...)}
}

func tryLater(format string, args ...any) error {
	return &refusal{status: http.StatusServiceUnavailable, reason: fmt.Sprintf(format, args...), later: true, class: drop.KeyUnreachable}
}

// ServeHTTP answers a POST to any of our inboxes. 202 means: it is on disk, or
// not for us.
func (in *Inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	got := &received{request: r}
	why, err := in.accept(r, got)
	if err == nil {
		failpoint.Hit("inbox.accepted")
		in.answered(got, http.StatusAccepted, why)
		w.WriteHeader(http.StatusAccepted)
		return
	}
	answer, ok := errors.AsType[*refusal](err)
	switch {
	case ok:
	case store.Passing(err), errors.Is(err, context.DeadlineExceeded):
		in.Log.Error("an activity could not be stored", "err", err)
		answer = &refusal{http.StatusServiceUnavailable, "it could not be stored right now", true, drop.NotStored}
	case errors.Is(err, context.Canceled):
		answer = &refusal{http.StatusServiceUnavailable, "the request was given up", true, drop.GivenUp}
	default:
		in.Log.Error("accepting an activity failed", "err", err)
		answer = &refusal{http.StatusInternalServerError, "something went wrong here", true, drop.Failure}
	}
	in.answered(got, answer.status, answer.why())
	if answer.later {
		w.Header().Set("Retry-After", strconv.Itoa(int(RetryLater.Seconds())))
	}
	problem.Write(w, answer.status, problem.Problem{Detail: answer.reason}, nil)
}

// accept returns drop.Kept if anything of an activity was stored, or why not. got
// learns what there is to know about the request.
func (in *Inbox) accept(r *http.Request, got *received) (drop.Reason, error) {
	if !as.MayBeActivity(r.Header.Get("Content-Type")) {
		return "", refuse(http.StatusUnsupportedMediaType, "send application/activity+json")
	}
	if in.Gate.shut(r.Context()) { // before anything costs
		return "", &refusal{http.StatusServiceUnavailable, "too much waits to be processed here", true, drop.Overloaded}
	}
	if in.Failed != nil && !in.Failed.Allowed(r) {
		return "", &refusal{http.StatusTooManyRequests, "too many requests with wrong signatures came from this address", true, drop.Limited}
	}
	body, err := readBody(r)
	if err != nil {
		return "", err
	}
	r, release, err := in.enter(r)
	if err != nil {
		return "", err
	}
	defer release()
	a, err := in.read(r.Context(), body)
	if err != nil {
		return "", err
	}
	got.activity = a
	why, err := in.take(r, in.Verifier, body, got)
	if answer, refused := errors.AsType[*refusal](err); refused && answer.class == drop.KeyUnreachable {
		return in.putOff(r, body, a, err)
	}
	return why, err
}

// take verifies an activity, and stores it with its job if it is for us.
func (in *Inbox) take(r *http.Request, verifier *httpsig.Verifier, body []byte, got *received) (drop.Reason, error) {
	a := got.activity
	s, err := in.verify(r, verifier, body, a)
	if err != nil {
		return "", err
	}
	if s.Actor == "" { // an account that we never heard of was deleted
		return drop.UnknownActor, nil
	}
	got.signer = s.Actor
	why, err := in.takeFrom(r.Context(), a, got)
	if err == nil && why == drop.Kept {
		in.learnKeys(r.Context(), s)
	}
	return why, err
}

func (in *Inbox) takeFrom(ctx context.Context, a *as.Activity, got *received) (drop.Reason, error) {
	if !desk.SameID(string(got.signer), string(a.Actor)) {
		return in.forwarded(ctx, a, got)
	}
	a.SpokenBy(got.signer)
	return in.direct(ctx, a, got)
}

// learnKeys remembers a server that takes signatures by Ed25519 keys: it has sent one, or
// says so in its actors.
func (in *Inbox) learnKeys(ctx context.Context, s httpsig.Signer) {
	who, cached := in.Resolver.CachedActor(s.Actor)
	if !s.Ed25519 && (!cached || !who.TakesEd25519()) {
		return
	}
	host := s.Actor.Host()
	if cached { // which may differ from that of the inbox
		if h, err := desk.HostOf(cmp.Or(who.SharedInbox, who.Inbox)); err == nil {
			host = h
		}
	}
	if err := in.App.HostTakesEd25519(ctx, host, s.Ed25519); err != nil && ctx.Err() == nil {
		in.Log.Warn("remembering which signatures a server takes", "host", host, "error", err)
	}
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
		return nil, &refusal{http.StatusBadRequest, "the body could not be read", false, drop.NoBody}
	}
	if len(body) == 0 { // GoToSocial repeats a delivery that was answered 5xx so, over HTTP/2
		return nil, &refusal{http.StatusBadRequest, "the body is missing: send the activity again, with its body", false, drop.NoBody}
	}
	if len(body) > as.MaxBytes {
		return nil, refuse(http.StatusRequestEntityTooLarge, "an activity has at most %d bytes", as.MaxBytes)
	}
	return body, nil
}

// verify returns who signed. An account's own deletion, whose key is usually
// gone with it, is the account's if its own server says that it is gone too; no actor
// where nothing needs to be done.
func (in *Inbox) verify(r *http.Request, verifier *httpsig.Verifier, body []byte, a *as.Activity) (httpsig.Signer, error) {
	keyID, err := httpsig.KeyIDOf(r)
	if err != nil {
		return httpsig.Signer{}, in.failed(r, err)
	}
	claimed, _, _ := strings.Cut(keyID, "#")
	leaving := a.Type == as.Delete && string(a.Object.ID) == string(a.Actor)
	if known, err := in.mayAskKey(r.Context(), desk.ActorID(claimed), a.Actor, leaving); err != nil || !known {
		return httpsig.Signer{}, err
	}
	ctx, done := in.whileServing(r.Context())
	defer done()
	s, err := verifier.Verify(ctx, r, body)
	if err == nil {
		in.verified(r, s.Actor)
		return s, nil
	}
	ke, isKey := errors.AsType[*httpsig.KeyError](err)
	if !isKey {
		return httpsig.Signer{}, in.failed(r, err)
	}
	switch resolve.KindOf(ke) {
	case resolve.Temporary, resolve.Unauthorized: // a 401 may be our own fault
		KeyFailed(r, ke)
		return httpsig.Signer{}, tryLater("the key %s cannot be fetched right now", ke.KeyID)
	case resolve.Gone:
		if leaving && desk.ActorID(claimed).Host() == a.Actor.Host() {
			if in.isGone(r.Context(), a.Actor) {
				return httpsig.Signer{Actor: a.Actor}, nil
			}
			in.count(r) // or a stranger could make us ask for ever
		}
		return httpsig.Signer{}, refuse(http.StatusGone, "the key %s is gone", ke.KeyID)
	}
	return httpsig.Signer{}, in.failed(r, ke)
}

// whileServing is a context that ends with another, or when the program is to stop.
func (in *Inbox) whileServing(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	if in.Stopping == nil {
		return ctx, cancel
	}
	stop := context.AfterFunc(in.Stopping, cancel)
	return ctx, func() { stop(); cancel() }
}

// mayAskKey says whether a key is fetched: not for a blocked actor, and not for
// the deletion of an account that we have nothing to do with.
func (in *Inbox) mayAskKey(ctx context.Context, claimed, actor desk.ActorID, leaving bool) (bool, error) {
	if !leaving {
		actor = ""
	}
	isBlocked, known, err := in.App.TriageSender(ctx, claimed, actor)
	if err == nil && isBlocked {
		err = blocked(claimed)
	}
	return known || !leaving, err
}

// blocked is the answer to a blocked actor or server.
func blocked(who desk.ActorID) error { return refuse(http.StatusForbidden, "%s is blocked here", who) }

// count holds a wrong signature against the address that sent it.
func (in *Inbox) count(r *http.Request) {
	admission.Of(r.Context()).Failed()
	if in.Failed != nil && r.RemoteAddr != "" { // a job has no address
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

// direct handles an activity that is its own actor's word. by is its sender, who
// pays: otherwise an attacker with an old activity of a person could use up that
// person's share by sending it again and again.
func (in *Inbox) direct(ctx context.Context, a *as.Activity, got *received) (drop.Reason, error) {
	by := got.signer
	if by != a.Actor {
		ctx = InInbox(ctx, "") // another chose the inbox
	}
	d, err := in.triage(ctx, a, by)
	if err == nil && !d.ForUs && toRelay(ctx) && (a.Type == as.Create || a.Type == as.Update) {
		_, err = in.App.ToldRelay(ctx, a.Actor, d.Reason)
	}
	if err != nil || !d.ForUs {
		got.named = d.Named
		return d.Reason, err
	}
	if d.Withdraws {
		return in.withdraw(ctx, a, by)
	}
	if err := in.afford(a, d, by); err != nil {
		return "", err
	}
	if err := in.affordBytes(ctx, a, d, by); err != nil {
		return "", err
	}
	if d.announced {
		if gone, err := in.withdrawn(ctx, string(a.ID), a); err != nil || gone {
			return drop.Withdrawn, err
		}
	}
	return in.store(ctx, a, d)
}

// store stores an activity for us: the id of an object to be fetched, or
// all of it, with the job that processes it.
func (in *Inbox) store(ctx context.Context, a *as.Activity, d decision) (drop.Reason, error) {
	switch {
	case d.announced:
		return in.App.Announced(ctx, a.Actor, d.fetch)
	case d.named:
		return drop.Kept, in.App.QueueNamed(ctx, d.fetch, a.Actor, d.desks)
	case d.fetch != "":
		return drop.Kept, in.App.QueueFetch(ctx, d.fetch, app.Inbox)
	}
	sent := delivery{Raw: a.Raw, Actor: a.Actor, Inbox: inboxOf(ctx), Relay: toRelay(ctx)}
	payload, err := sent.encode()
	if err != nil {
		return "", err
	}
	in.accepted.put(payload, sent, a)
	failpoint.Hit("inbox.verified")
	forget := remembered
	switch a.Type {
	case as.Follow, as.Delete, as.Undo:
		// A Follow is repeated where our Accept was lost; the others do no harm twice.
		// Some servers give the Follows and Undos of two people the same id each time.
		forget = 0
	case as.Like, as.EmojiReact, as.Announce, as.Block, as.Accept, as.Reject:
		if a.ID == "" { // the same again, after an Undo, may be another will
			forget = 0
		}
	}
	defer in.arrive()()
	return in.App.QueueInbound(ctx, app.Intake{From: a.Actor.Host(), Key: dedupeKey(a), Says: news(a), Lane: lane(a), Payload: payload, Remember: forget, Undoes: undoneKeys(a)})
}

// afford takes what an activity costs from the budget of who sent it. What sources
// tell us of is what we asked them for, and a deletion is never too much.
func (in *Inbox) afford(a *as.Activity, d decision, by desk.ActorID) error {
	switch {
	case d.source || a.Type == as.Delete:
		return nil
	case d.fetch != "" || d.elsewhere:
		return in.Budget.fetch(by, in.App.Now())
	case a.Type == as.Flag:
		return in.Budget.flag(by, in.App.Now())
	}
	return in.Budget.write(by, in.App.Now())
}

// lane orders the activities about one post, and all other activities of one
// actor, so that an Undo is never processed before the activity that it undoes.
func lane(a *as.Activity) string {
	switch a.Type {
	case as.Create, as.Update, as.Delete:
		if a.Object.ID != "" {
			return string(a.Object.ID)
		}
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

// news is a digest of a created post: some servers send an edit as one more
// Create of the same post.
func news(a *as.Activity) string {
	if a.Type != as.Create || a.Object.Object == nil {
		return ""
	}
	return hash(a.Object.Object.Raw)
}

// undoneKeys are the keys of what an Undo takes back. It may not say of which
// type that is. NodeBB gives each like of a person to a post the same id.
func undoneKeys(a *as.Activity) (keys []string) {
	id := undone(a)
	if a.Type != as.Undo || id == "" {
		return nil
	}
	for _, t := range []as.Type{as.Follow, as.Block, as.Like, as.EmojiReact, as.Announce} {
		keys = append(keys, dedupeKey(&as.Activity{ID: id, Type: t, Actor: a.Actor}))
	}
	return keys
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// forwarded handles an activity that another actor signed: a relay, or a server
// that passes on an answer. Only its ids are believed, unless it carries a proof.
// Where the body claims to be for us, the object is fetched from its own server
// if it claims to be public, and we know of nothing else: of other objects a
// stranger's word causes no fetch.
func (in *Inbox) forwarded(ctx context.Context, a *as.Activity, got *received) (drop.Reason, error) {
	signer := got.signer
	about, claimed := in.aboutForwarded(a)
	if about == nil {
		about = app.Ignored(drop.Forwarded)
	}
	about = app.AboutForwarded(a.Actor, a.Object.ID, signer, about)
	d, err := in.ask(ctx, signer, about)
	if err == nil && d.Source != "" {
		got.named = d.Named
		return in.passedOn(ctx, a, d, claimed)
	}
	if err != nil || !d.ForUs {
		got.named = d.Named
		return d.Reason, err
	}
	// Hubzilla passes on what it got from us: there is nothing wrong with that.
	if in.App.Site().Owns(string(a.Object.ID)) {
		return drop.OwnPost, nil
	}
	if d.Invited {
		if proven, err := in.proven(ctx, a, signer); err != nil {
			return "", err
		} else if proven {
			return in.direct(ctx, a, got)
		}
	}
	if !d.MayFetch || !claimed.IsPublic() {
		return drop.Forwarded, nil
	}
	if err := in.Budget.fetch(signer, in.App.Now()); err != nil {
		return "", err
	}
	return drop.Kept, in.App.QueueFetch(ctx, a.Object.ID, app.Inbox)
}

// aboutForwarded is the question of a forwarded activity, nil if its type is
// ignored, and how public its object claims to be.
func (in *Inbox) aboutForwarded(a *as.Activity) (app.Question, desk.Visibility) {
	switch a.Type {
	case as.Create, as.Update:
		if a.Object.Object == nil {
			break
		}
		h := outline(a.Object.Object, desk.Actor{ID: a.Object.Object.AttributedTo}, "", app.Inbox)
		return app.AboutHeard(h), h.Post.Visibility
	case as.Delete, as.Announce:
		return app.AboutPassedOn(a.Object.ID, a.Type == as.Announce), desk.VisibilityPublic
	}
	return nil, ""
}

// passedOn handles an activity that a source signed, and another actor is said to have
// made: of it only the object's id is believed. What it shows may spare us a fetch.
func (in *Inbox) passedOn(ctx context.Context, a *as.Activity, d app.Decision, claimed desk.Visibility) (drop.Reason, error) {
	why := d.Reason
	switch {
	case !d.ForUs:
	case in.App.Site().Owns(string(a.Object.ID)):
		why = drop.OwnPost
	case !d.MayFetch || !claimed.IsPublic():
		why = drop.Forwarded
	default:
		b := app.Brought{Object: a.Object.ID, Changed: a.Type != as.Create}
		if o := a.Object.Object; o != nil && !d.Stored {
			b.Published = o.Published
		}
		each, err := in.App.Bring(ctx, d.Source, b)
		if err != nil {
			return "", err
		}
		return each[0], nil
	}
	in.App.SourceSkipped(d.Source, why)
	return why, nil
}

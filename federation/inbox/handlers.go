package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"earshot/federation/as"
	"earshot/federation/origin"
	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/failpoint"
	"earshot/internal/markup"
	"earshot/internal/queue"
	"earshot/store"
)

// Process does one inbound job: an activity that was accepted becomes a use
// case. It may run more than once.
func (in *Inbox) Process(ctx context.Context, job store.Job) error {
	var d delivery
	if err := json.Unmarshal(job.Payload, &d); err != nil {
		return &queue.Dead{Err: fmt.Errorf("reading an inbound job: %w", err)}
	}
	a, err := in.read(ctx, d.Raw)
	if _, bad := errors.AsType[*refusal](err); bad {
		return &queue.Dead{Err: fmt.Errorf("reading an accepted activity: %w", err)}
	}
	if err != nil {
		return err
	}
	a.SpokenBy(d.Actor)
	e, ok := handlers[a.Type]
	if !ok {
		return nil // stored by another version
	}
	if gone, err := in.withdrawn(ctx, fmt.Sprint(job.ID, " ", job.Added.UnixMicro()), a); err != nil || gone {
		return err
	}
	return e.do(in, InInbox(ctx, d.Inbox), a)
}

// flag shows to the desk that one of its replies was reported.
func (in *Inbox) flag(ctx context.Context, a *as.Activity) error {
	return in.App.Flagged(ctx, flagged(a, in.App.Site()), a.Actor.Host(), markup.Excerpt(markup.Text(a.Content), 500))
}

// post hears a new post, or a new version of one.
func (in *Inbox) post(ctx context.Context, a *as.Activity) error {
	if desk.ActorID(a.Object.ID) == a.Actor {
		return in.profile(ctx, a.Actor)
	}
	if a.Object.Object == nil {
		return nil
	}
	failpoint.Hit("inbox.hear")
	r, err := in.hear(ctx, a.Object.Object, a, app.Inbox)
	failpoint.Hit("inbox.heard")
	if err == nil {
		in.Log.Info("heard", "object", a.Object.ID, "outcome", r.Outcome, "issue", r.Issue, "why", r.Why)
	}
	return err
}

// hear gives a post to the use case, with its author's profile. around is the
// activity that it came in, nil for one that was fetched. One 404 for the
// profile says nothing: a post that was accepted is not dropped for it.
func (in *Inbox) hear(ctx context.Context, o *as.Object, around *as.Activity, source string) (app.Result, error) {
	actor, err := in.actor(ctx, o.AttributedTo)
	switch resolve.KindOf(err) {
	case 0:
	case resolve.Temporary, resolve.Unauthorized, resolve.NotFound:
		return app.Result{}, fmt.Errorf("fetching the author: %w", err)
	default:
		return app.Result{Outcome: app.Dropped, Why: "the author's profile cannot be fetched: " + resolve.KindOf(err).String()}, nil
	}
	o.AttributedToAs(actor.ID)
	author := ActorOf(actor, in.Naming.Acct(ctx, actor), in.App.Now())
	h := heard(o, author, actor.Followers, source)
	if around != nil {
		h = addressed(ctx, h, around, actor)
	}
	h, err = in.surround(ctx, o, h)
	if err != nil {
		return app.Result{}, err
	}
	return in.App.Hear(ctx, h)
}

// surround adds the community that a post is in and the posts above it, if the
// post is for us: as far as no other server has to be waited for. Hear decides
// once more where it belongs, in the transaction that stores it: meanwhile more
// may have come in.
func (in *Inbox) surround(ctx context.Context, o *as.Object, h app.Heard) (app.Heard, error) {
	may := communities(o)
	if len(may) == 0 && h.Post.InReplyTo == "" {
		return h, nil
	}
	d, err := in.App.Triage(ctx, "", app.AboutHeard(h))
	if err != nil || !d.ForUs {
		return h, err
	}
	h.Post.Group, h.Communities = in.knownGroup(may)
	if d.MissesParent {
		h.Ancestors, h.Above = in.ancestors(ctx, h)
	}
	return h, nil
}

// actor returns the profile of an actor under this very id, in any spelling. An id that leads to
// another, by a redirect or an alias, is nobody's: it would let a server put
// words into the mouth of people elsewhere.
func (in *Inbox) actor(ctx context.Context, id desk.ActorID) (*as.Actor, error) {
	a, err := in.Resolver.Actor(ctx, id)
	if err == nil && !desk.SameID(string(a.ID), string(id)) {
		return nil, &resolve.Error{Kind: resolve.Invalid, URL: string(id), Err: fmt.Errorf("it calls itself %s", a.ID)}
	}
	return a, err
}

// maxCommunities bounds how many actors of one post's audience are looked at.
const maxCommunities = 3

// communities are the actors in a post's audience, of which one may be a Group
// (FEP-1b12). The audience is a set: Public and the author's collections may be
// in it too.
func communities(o *as.Object) (may []desk.ActorID) {
	for _, who := range o.Audience {
		apart := as.IsPublic(who) || as.CheckID(who) == "" || strings.HasPrefix(who, string(o.AttributedTo)+"/")
		if !apart && len(may) < maxCommunities {
			may = append(may, desk.ActorID(who))
		}
	}
	return may
}

// knownGroup returns the first of some actors whose profile is at hand and says
// that it is a Group, or else those whose profiles are fetched when the post was
// heard.
func (in *Inbox) knownGroup(may []desk.ActorID) (group desk.ActorID, later []desk.ActorID) {
	for _, id := range may {
		actor, known := in.Resolver.CachedActor(id)
		switch {
		case !known:
			later = append(later, id)
		case actor.ID == id && actor.Type == as.Group:
			return id, nil
		}
	}
	return "", later
}

// group returns a community if it is a Group, and "" if it is none or cannot be
// fetched. author pays for the lookup.
func (in *Inbox) group(ctx context.Context, id, author desk.ActorID) desk.ActorID {
	if _, known := in.Resolver.CachedActor(id); !known && in.Budget.lookup(author, in.App.Now()) != nil {
		return ""
	}
	if actor, err := in.actor(ctx, id); err == nil && actor.Type == as.Group {
		return id
	}
	return ""
}

// profile fetches a profile that was changed.
func (in *Inbox) profile(ctx context.Context, who desk.ActorID) error {
	actor, err := in.Resolver.RefreshActor(ctx, who)
	if passing(err) {
		return err
	}
	if err != nil {
		return nil // the profile we know stays
	}
	return in.App.UpdateActor(ctx, ActorOf(actor, in.Naming.Acct(ctx, actor), in.App.Now()))
}

func (in *Inbox) delete(ctx context.Context, a *as.Activity) error {
	if desk.ActorID(a.Object.ID) != a.Actor {
		o, authorizes, err := in.App.AuthorizedReply(ctx, a.Object.ID)
		if err != nil {
			return err
		}
		if authorizes { // the reply is not approved any more
			return in.App.Declined(ctx, o, a.Actor)
		}
		return in.App.Remove(ctx, a.Object.ID, a.Actor)
	}
	in.Resolver.Forget(a.Actor)
	for {
		more, err := in.App.RemoveActor(ctx, a.Actor)
		if err != nil || !more {
			return err
		}
	}
}

// effect is what an activity did, for an Undo that names only its id.
type effect struct {
	Type   as.Type       `json:"type"`
	Object desk.ObjectID `json:"object"`
	Emoji  string        `json:"emoji,omitempty"`
}

// react handles a Follow, a Block or a reaction to one of our actors or posts.
func (in *Inbox) react(ctx context.Context, a *as.Activity) error {
	object := a.Object.ID
	if a.Type == as.Announce {
		object = announced(a)
	}
	done, err := in.apply(ctx, a, object)
	if err != nil || !done || a.ID == "" {
		return err
	}
	what, err := json.Marshal(effect{a.Type, object, emoji(a)})
	if err != nil {
		return err
	}
	return in.App.RememberEffect(ctx, a.Actor, a.ID, what)
}

// apply says whether anything was done that can be undone: of a stranger's like
// nothing is stored.
func (in *Inbox) apply(ctx context.Context, a *as.Activity, object desk.ObjectID) (done bool, err error) {
	switch a.Type {
	case as.Follow:
		return true, in.follow(ctx, a)
	case as.Block:
		h, ok := in.App.Site().HandleOf(desk.ActorID(object))
		if !ok {
			return false, nil
		}
		return true, in.App.BlockedUs(ctx, a.Actor, h)
	}
	return in.App.React(ctx, reaction(effect{a.Type, object, emoji(a)}, a.Actor))
}

func reaction(e effect, who desk.ActorID) app.Reaction {
	kind := "like"
	if e.Type == as.Announce {
		kind = "boost"
	}
	return app.Reaction{Kind: kind, Actor: who, Object: e.Object, Emoji: e.Emoji}
}

// emoji returns the emoji of a like: Misskey and Pleroma send one.
func emoji(a *as.Activity) string {
	if a.Type == as.Announce {
		return ""
	}
	return desk.ReactionOf(markup.Text(a.Content))
}

func (in *Inbox) follow(ctx context.Context, a *as.Activity) error {
	h, ok := in.App.Site().HandleOf(desk.ActorID(a.Object.ID))
	if !ok {
		return nil
	}
	actor, err := in.actor(ctx, a.Actor)
	if passing(err) {
		return fmt.Errorf("fetching a follower: %w", err)
	}
	if err != nil {
		return &queue.Dead{Err: fmt.Errorf("fetching a follower: %w", err)}
	}
	if _, err := desk.HostOf(actor.Inbox); err != nil {
		return nil // it had one when this was accepted
	}
	return in.App.Follow(ctx, h, ActorOf(actor, "", in.App.Now()), a.ID)
}

// quote takes in a request to quote a post of ours.
func (in *Inbox) quote(ctx context.Context, a *as.Activity) error {
	actor, err := in.actor(ctx, a.Actor)
	if err != nil {
		if passing(err) {
			return fmt.Errorf("fetching an actor that quotes us: %w", err)
		}
		return nil
	}
	if _, err := desk.HostOf(actor.Inbox); err != nil {
		return nil // it had one when this was accepted
	}
	return in.App.QuoteRequested(ctx, a.Object.ID, app.Publish{Actor: a.Actor, Activity: a.ID, Quote: a.Instrument, Inbox: actor.Inbox})
}

func (in *Inbox) undo(ctx context.Context, a *as.Activity) error {
	// What was done says more than an Undo, which may lack the emoji.
	id := undone(a)
	what, did, err := in.effect(ctx, a.Actor, id)
	switch {
	case err != nil:
		return err
	case did:
	case byID(a):
		return in.App.Withdraw(ctx, app.WithdrawnActivity(id, a.Actor))
	default:
		what = effect{a.Inner.Type, announced(a.Inner), emoji(a.Inner)}
	}
	switch what.Type {
	case as.Follow:
		if h, ok := in.App.Site().HandleOf(desk.ActorID(what.Object)); ok {
			return in.App.Unfollow(ctx, h, a.Actor, id)
		}
	case as.Block:
		return in.App.UnblockedUs(ctx, a.Actor, id)
	case as.Like, as.EmojiReact, as.Announce:
		return in.App.Unreact(ctx, reaction(what, a.Actor), id)
	}
	return nil
}

// effect reads what an activity did.
func (in *Inbox) effect(ctx context.Context, who desk.ActorID, id desk.ActivityID) (what effect, did bool, err error) {
	if id == "" {
		return what, false, nil
	}
	b, did, err := in.App.Effect(ctx, who, id)
	if err != nil || !did {
		return what, false, err
	}
	if err := json.Unmarshal(b, &what); err != nil {
		return what, false, &queue.Dead{Err: fmt.Errorf("reading a remembered effect: %w", err)}
	}
	return what, true, nil
}

// followAnswer takes in the answer to one of our Follows or replies. It counts if it
// comes from the actor we asked.
func (in *Inbox) followAnswer(ctx context.Context, a *as.Activity) error {
	if o := approvedReply(a, in.App.Site()); o != "" {
		return in.replyApproval(ctx, a, o)
	}
	follow, ok := answersFollow(a, in.App.Site())
	if !ok {
		return nil
	}
	return in.App.SourceAnswered(ctx, a.Actor, follow, a.Type == as.Accept)
}

// move follows an actor to its new account, if both accounts say so.
func (in *Inbox) move(ctx context.Context, a *as.Activity) error {
	target, err := in.Resolver.RefreshActor(ctx, desk.ActorID(a.Target))
	if passing(err) {
		return fmt.Errorf("fetching the new account: %w", err)
	}
	if err != nil {
		return nil
	}
	// Its own id counts: the one that was named may be an alias, of the old account too.
	if err := origin.Move(a.Actor, a.Actor, a.Object.ID, desk.ObjectID(target.ID), target.AlsoKnownAs, in.App.Site()); err != nil {
		in.Log.Info("a move was not followed", "actor", a.Actor, "target", a.Target, "err", err)
		return nil
	}
	return in.App.Move(ctx, a.Actor, ActorOf(target, in.Naming.Acct(ctx, target), in.App.Now()))
}

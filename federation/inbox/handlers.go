package inbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"earshot/federation/as"
	"earshot/federation/origin"
	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/failpoint"
	"earshot/internal/markup"
	"earshot/internal/queue"
	"earshot/store"
)

// Process does one inbound job: an activity that was accepted becomes a use
// case. It may run more than once.
func (in *Inbox) Process(ctx context.Context, job store.Job) error {
	d, a, err := in.acceptedBy(ctx, job.Payload)
	if err != nil {
		return err
	}
	a.SpokenBy(d.Actor)
	if d.Relay {
		ctx = ToRelay(ctx)
	}
	why, err := in.process(InInbox(ctx, d.Inbox), job, a)
	if err == nil && why != drop.Kept { // it concerned us, or it had not been accepted
		e := drop.Event{Reason: why, Host: a.Actor.Host(), Ours: true}
		if d.Inbox != "" {
			e.Desks = []desk.Handle{d.Inbox}
		}
		in.drop(e, a)
	}
	return err
}

func (in *Inbox) process(ctx context.Context, job store.Job, a *as.Activity) (drop.Reason, error) {
	e, ok := handlers[a.Type]
	if !ok {
		return drop.UnknownType, nil // stored by another version
	}
	if gone, err := in.withdrawn(ctx, fmt.Sprint(job.ID, " ", job.Added.UnixMicro()), a); err != nil || gone {
		return drop.Withdrawn, err
	}
	return e.do(in, ctx, a)
}

// flag shows a complaint to the admins, and one about a reply to its desk.
func (in *Inbox) flag(ctx context.Context, a *as.Activity) (drop.Reason, error) {
	about, err := in.flagged(ctx, a)
	if err != nil {
		return "", err
	}
	return in.App.Flagged(ctx, app.HeardFlag{Key: dedupeKey(a), Sender: a.Actor, About: about, Words: markup.Text(a.Content)})
}

// post hears a new post, or a new version of one.
func (in *Inbox) post(ctx context.Context, a *as.Activity) (drop.Reason, error) {
	if desk.ActorID(a.Object.ID) == a.Actor {
		return in.profile(ctx, a.Actor)
	}
	if a.Object.Object == nil {
		return drop.UnknownObject, nil
	}
	failpoint.Hit("inbox.hear")
	source := app.Inbox
	if toRelay(ctx) {
		var err error
		if source, err = in.App.ToldRelay(ctx, a.Actor, drop.Kept); err != nil {
			return "", err
		}
	}
	r, err := in.hear(queue.Last(ctx), a.Object.Object, a, source, reason{})
	failpoint.Hit("inbox.heard")
	if err == nil {
		in.Log.Info("heard", "object", a.Object.ID, "outcome", r.Outcome, "issue", r.Issue, "why", cmp.Or(r.Why, string(r.Reason)))
	}
	return r.Reason, err
}

// hear gives a post to the use case, with its author's profile. around is the
// activity that it came in, nil for one that was fetched, because of why. One 404 for the
// profile says nothing: a post that was accepted is not dropped for it.
func (in *Inbox) hear(ctx context.Context, o *as.Object, around *as.Activity, source string, why reason) (app.Result, error) {
	actor, err := in.writer(ctx, o, around)
	switch resolve.KindOf(err) {
	case 0:
	case resolve.Temporary, resolve.Unauthorized, resolve.NotFound:
		return app.Result{}, fmt.Errorf("fetching the author: %w", err)
	default:
		return app.Result{Outcome: app.Dropped, Reason: drop.NoAuthor}, nil
	}
	o.AttributedToAs(actor.ID)
	if around == nil && source != "" && in.spend(ctx, actor.ID, len(o.Raw)+entryBytes) != nil { // its sender has not paid
		return app.Result{Outcome: app.Dropped, Reason: drop.Limited}, nil
	}
	if err := in.sameAs(ctx, actor); err != nil {
		return app.Result{}, err
	}
	author := ActorOf(actor, in.Naming.Acct(ctx, actor), in.App.Now())
	h := heard(o, author, actor.Followers, source)
	h.FirstSeen = why.since
	if around != nil {
		h = addressed(ctx, h, around, actor)
	}
	if why.by == author.ID {
		h.Addressed = append(h.Addressed, in.actorsOf(why.desks)...)
	}
	h, err = in.surround(ctx, o, h)
	if err != nil {
		return app.Result{}, err
	}
	r, err := in.App.Hear(ctx, h)
	if err == nil {
		for _, host := range r.PushedOut {
			in.drop(drop.Event{Reason: drop.PushedOut, Host: host, Ours: true}, nil)
		}
	}
	return r, err
}

// actorsOf returns the actors of desks.
func (in *Inbox) actorsOf(desks []desk.Handle) (out []desk.ActorID) {
	for _, h := range desks {
		out = append(out, in.App.Site().Desk(h))
	}
	return out
}

// maxWriters bounds how many of the actors that a fetched post is attributed to are
// looked at.
const maxWriters = 3

// writer returns the profile of a post's author: of its sender or, if it was fetched, of
// the first that its own server shows under that very id and that is no group. All of
// them are on the post's server.
func (in *Inbox) writer(ctx context.Context, o *as.Object, around *as.Activity) (*as.Actor, error) {
	all := o.AllAttributedTo
	if around != nil || len(all) < 2 {
		return in.actor(ctx, o.AttributedTo)
	}
	var group *as.Actor
	var why error
	for _, id := range slices.Clone(all[:min(len(all), maxWriters)]) {
		a, err := in.actor(ctx, id)
		switch {
		case passing(err):
			return nil, err
		case err != nil:
			why = cmp.Or(why, err)
		case a.Type != as.Group:
			o.WrittenBy(id)
			return a, nil
		case group == nil:
			group = a
			o.WrittenBy(id)
		}
	}
	if group != nil {
		return group, nil
	}
	return nil, why
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
func (in *Inbox) profile(ctx context.Context, who desk.ActorID) (drop.Reason, error) {
	actor, err := in.Resolver.RefreshActor(ctx, who)
	if passing(err) {
		return "", err
	}
	if err != nil {
		return fetchFailed(err), nil // the profile we know stays
	}
	why, err := in.App.UpdateActor(ctx, ActorOf(actor, in.Naming.Acct(ctx, actor), in.App.Now()))
	if err != nil || why != drop.Kept {
		return why, err
	}
	return drop.Kept, in.sameAs(ctx, actor)
}

func (in *Inbox) delete(ctx context.Context, a *as.Activity) (drop.Reason, error) {
	if desk.ActorID(a.Object.ID) != a.Actor {
		o, authorizes, err := in.App.AuthorizedReply(ctx, a.Object.ID)
		if err != nil {
			return "", err
		}
		if authorizes { // the reply is not approved any more
			return drop.Kept, in.App.Declined(ctx, o, a.Actor)
		}
		return drop.Kept, in.App.Remove(ctx, a.Object.ID, a.Actor)
	}
	in.Resolver.Forget(a.Actor)
	for {
		more, err := in.App.RemoveActor(ctx, a.Actor)
		if err != nil || !more {
			return drop.Kept, err
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
func (in *Inbox) react(ctx context.Context, a *as.Activity) (drop.Reason, error) {
	actor, known := in.Resolver.CachedActor(a.Actor)
	if known { // its key was just needed
		if err := in.sameAs(ctx, actor); err != nil {
			return "", err
		}
	}
	object := a.Object.ID
	if a.Type == as.Announce {
		object = announced(a)
	}
	why, err := in.apply(ctx, a, object, known && actor.Bot)
	if err != nil || why != drop.Kept || a.ID == "" {
		return why, err
	}
	what, err := json.Marshal(effect{a.Type, object, emoji(a)})
	if err != nil {
		return "", err
	}
	return drop.Kept, in.App.RememberEffect(ctx, a.Actor, a.ID, object, what)
}

// apply does what can be undone; bot: by a program.
func (in *Inbox) apply(ctx context.Context, a *as.Activity, object desk.ObjectID, bot bool) (drop.Reason, error) {
	switch a.Type {
	case as.Follow:
		return in.follow(ctx, a)
	case as.Block:
		h, ok := in.App.Site().HandleOf(desk.ActorID(object))
		if !ok {
			return drop.UnknownDesk, nil
		}
		return drop.Kept, in.App.BlockedUs(ctx, a.Actor, h)
	}
	r := reaction(effect{a.Type, object, emoji(a)}, a.Actor)
	r.Bot = bot
	return in.App.React(ctx, r)
}

func reaction(e effect, who desk.ActorID) app.Reaction {
	kind := "like"
	if e.Type == as.Announce {
		kind = "boost"
	}
	return app.Reaction{Kind: kind, Actor: who, Object: e.Object, Emoji: e.Emoji}
}

// emoji returns the emoji of a like: Misskey and Pleroma send one. An EmojiReact
// without any is no plain like.
func emoji(a *as.Activity) string {
	if a.Type == as.Announce {
		return ""
	}
	read := desk.ReactionOf(markup.Text(a.Content))
	if read == "" && (a.Type == as.EmojiReact || a.Content != "") {
		return desk.ReactionUnread
	}
	return read
}

func (in *Inbox) follow(ctx context.Context, a *as.Activity) (drop.Reason, error) {
	h, ok := in.App.Site().HandleOf(desk.ActorID(a.Object.ID))
	if !ok && !in.ofRelay(a.Object.ID) {
		return drop.UnknownDesk, nil
	}
	actor, err := in.actor(ctx, a.Actor)
	if passing(err) {
		return "", fmt.Errorf("fetching a follower: %w", err)
	}
	if err != nil {
		return "", &queue.Dead{Err: fmt.Errorf("fetching a follower: %w", err)}
	}
	if _, err := desk.HostOf(actor.Inbox); err != nil {
		return drop.NoInbox, nil // it had one when this was accepted
	}
	if in.ofRelay(a.Object.ID) {
		return in.App.Subscribed(ctx, ActorOf(actor, "", in.App.Now()), string(a.Object.ID), a.ID)
	}
	return in.App.Follow(ctx, h, ActorOf(actor, "", in.App.Now()), a.ID)
}

// quote takes in a request to quote a post of ours.
func (in *Inbox) quote(ctx context.Context, a *as.Activity) (drop.Reason, error) {
	actor, err := in.actor(ctx, a.Actor)
	if err != nil {
		if passing(err) {
			return "", fmt.Errorf("fetching an actor that quotes us: %w", err)
		}
		return drop.NoAuthor, nil
	}
	if _, err := desk.HostOf(actor.Inbox); err != nil {
		return drop.NoInbox, nil // it had one when this was accepted
	}
	return in.App.QuoteRequested(ctx, a.Object.ID, app.Publish{Actor: a.Actor, Activity: a.ID, Quote: a.Instrument, Inbox: actor.Inbox})
}

func (in *Inbox) undo(ctx context.Context, a *as.Activity) (drop.Reason, error) {
	// What was done says more than an Undo, which may lack the emoji.
	id := undone(a)
	what, did, err := in.effect(ctx, a.Actor, id)
	switch {
	case err != nil:
		return "", err
	case did:
	case byID(a):
		return drop.Kept, in.App.Withdraw(ctx, app.WithdrawnActivity(id, a.Actor))
	default:
		what = effect{a.Inner.Type, announced(a.Inner), emoji(a.Inner)}
	}
	switch what.Type {
	case as.Follow:
		if h, ok := in.App.Site().HandleOf(desk.ActorID(what.Object)); ok {
			return in.App.Unfollow(ctx, h, a.Actor, id)
		}
		return drop.UnknownDesk, nil
	case as.Block:
		return drop.Kept, in.App.UnblockedUs(ctx, a.Actor, id)
	case as.Like, as.EmojiReact, as.Announce:
		return drop.Kept, in.App.Unreact(ctx, reaction(what, a.Actor), id)
	}
	return drop.UnknownType, nil
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
func (in *Inbox) followAnswer(ctx context.Context, a *as.Activity) (drop.Reason, error) {
	if o := approvedReply(a, in.App.Site()); o != "" {
		return in.replyApproval(ctx, a, o)
	}
	if of := approvedOn(a, in.App.Site()); of != "" {
		o, ok, err := in.App.ReplyAwaitingOn(ctx, of, a.Actor)
		if err != nil || !ok {
			return drop.UnknownObject, err
		}
		return in.replyApproval(ctx, a, o)
	}
	follow, ok := answersFollow(a, in.App.Site())
	if !ok {
		return drop.UnknownObject, nil
	}
	answer := app.FollowAnswer{From: a.Actor, Follow: follow, Accepted: a.Type == as.Accept}
	switch actor, err := in.actor(ctx, a.Actor); {
	case err == nil:
		answer.Inbox = actor.Inbox
	case passing(err):
		return "", fmt.Errorf("fetching an actor that answers us: %w", err)
	}
	return in.App.SourceAnswered(ctx, answer)
}

// move follows an actor to its new account, if both accounts say so.
func (in *Inbox) move(ctx context.Context, a *as.Activity) (drop.Reason, error) {
	target, err := in.Resolver.RefreshActor(ctx, desk.ActorID(a.Target))
	if passing(err) {
		return "", fmt.Errorf("fetching the new account: %w", err)
	}
	if err != nil {
		return fetchFailed(err), nil
	}
	// Its own id counts: the one that was named may be an alias, of the old account too.
	if err := origin.Move(a.Actor, a.Actor, a.Object.ID, desk.ObjectID(target.ID), target.AlsoKnownAs, in.App.Site()); err != nil {
		in.Log.Info("a move was not followed", "actor", a.Actor, "target", a.Target, "err", err)
		return drop.Unapproved, nil
	}
	return in.App.Move(ctx, a.Actor, ActorOf(target, in.Naming.Acct(ctx, target), in.App.Now()))
}

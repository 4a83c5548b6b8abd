package inbox

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"earshot/federation/as"
	"earshot/federation/origin"
	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
)

// arrival is an activity whose signature holds.
type arrival struct {
	*as.Activity
	// author is the profile of a post's author, nil while it is not at hand.
	author *as.Actor
}

// plan is made of an activity alone, before the store is asked: what triage asks
// it, and what follows if the activity is for us.
type plan struct {
	about   app.Question
	ignored drop.Reason // if set, whatever the answer: about is asked for the sake of check
	// check says whether the actor may do that, by the stored post; nil: every actor may.
	check func(app.Decision) error
	// fetch, if set, is all that is stored: the id of an object to be fetched.
	fetch     desk.ObjectID
	named     bool          // fetch was named by the actor, for themselves
	desks     []desk.Handle // that it was sent to, if it was named
	announced bool          // fetch was named by one of our sources
	source    bool          // one of our sources says so
	answered  bool          // we answer its actor, who needs an inbox
}

// decision is what triage found out, carried on until the activity is stored.
type decision struct {
	plan
	app.Decision
	elsewhere bool // it makes us write to another host than its actor's
}

// triage decides about an activity before anything of it is stored. Only posts
// that are addressed to us, are in a thread we know, or carry both keys are stored. by
// is the signer. As a rule the store is asked once: only a profile that is not at hand
// has to be fetched first.
func (in *Inbox) triage(ctx context.Context, a *as.Activity, by desk.ActorID) (decision, error) {
	d, err := in.decide(ctx, arrival{a, in.atHand(a)}, by)
	if err != nil || !d.NeedsProfile {
		return d, err
	}
	author, err := in.author(ctx, a.Object.Object.AttributedTo)
	if err != nil {
		return decision{}, err
	}
	return in.decide(ctx, arrival{a, author}, by)
}

// decide answers in the order in which the costs grow: a blocked signer, a malformed
// activity, one that its actor may not do, one that is not for us, a flood.
func (in *Inbox) decide(ctx context.Context, a arrival, by desk.ActorID) (decision, error) {
	p, malformed := in.plan(ctx, a)
	d, err := in.ask(ctx, by, p.about)
	if err == nil {
		err = malformed
	}
	if err == nil && p.check != nil {
		err = p.check(d)
	}
	switch {
	case err != nil:
		return decision{}, err
	case p.ignored != "":
		return decision{Decision: app.Decision{Reason: p.ignored}}, nil
	case d.Rationed:
		return decision{}, &refusal{http.StatusTooManyRequests, "more is added to this thread than can be read; try again later", true, drop.Limited}
	case d.Overflows:
		return decision{}, &refusal{http.StatusTooManyRequests, "more reports come from your server than can be looked at; try again later", true, drop.Flooded}
	case d.ForUs && p.answered:
		elsewhere, err := in.hasInbox(ctx, a.Actor)
		return decision{p, d, elsewhere}, err
	}
	return decision{p, d, false}, nil
}

// ask asks the store: whether the signer is blocked, and the question of an
// activity. A signer's host lives, for it spoke.
func (in *Inbox) ask(ctx context.Context, signer desk.ActorID, about app.Question) (app.Decision, error) {
	d, err := in.App.Triage(ctx, signer, about)
	switch {
	case err != nil:
		return d, err
	case d.Blocked:
		return d, blocked(signer)
	case d.HostDown:
		return d, in.App.HostLives(ctx, signer.Host())
	}
	return d, nil
}

// plan reads an activity without asking the store. An error says how it
// is malformed.
func (in *Inbox) plan(ctx context.Context, a arrival) (plan, error) {
	if err := malformed(origin.Speaks(a.Actor, a.Actor, in.App.Site())); err != nil {
		return plan{}, err
	}
	if h, err := desk.HostOf(string(a.ID)); err == nil && h != a.Actor.Host() {
		return plan{}, refuse(http.StatusBadRequest, "the activity %s is not on the host of its actor", a.ID)
	}
	e, ok := handlers[a.Type]
	if !ok {
		return ignore(drop.UnknownType), nil
	}
	return e.plan(in, ctx, a)
}

// ignore is the plan of an activity that is dropped, whatever is stored.
func ignore(why drop.Reason) plan { return plan{about: app.Ignored(why)} }

// malformed is the refusal for an error of origin, nil for none.
func malformed(err error) error {
	if err == nil {
		return nil
	}
	return refuse(http.StatusBadRequest, "%v", err)
}

func (in *Inbox) planUpdate(ctx context.Context, a arrival) (plan, error) {
	if desk.ActorID(a.Object.ID) == a.Actor {
		return plan{about: app.AboutActor(a.Actor)}, nil
	}
	return in.planPost(ctx, a)
}

// planBlock reads a Block, also of the instance's own actor: it is the one that
// listens.
func (in *Inbox) planBlock(_ context.Context, a arrival) (plan, error) {
	if desk.ActorID(a.Object.ID) == in.App.Site().Relay() {
		return plan{about: app.AboutInstance()}, nil
	}
	return plan{about: in.aboutDesk(a.Object.ID)}, nil
}

func (in *Inbox) planFollow(_ context.Context, a arrival) (plan, error) {
	if in.ofRelay(a.Object.ID) {
		return plan{about: app.AboutListening(a.Actor), answered: true}, nil
	}
	return plan{about: in.aboutDesk(a.Object.ID), answered: true}, nil
}

// ofRelay says whether a Follow names us as a relay: Mastodon's kind follows Public.
func (in *Inbox) ofRelay(followed desk.ObjectID) bool {
	return as.IsPublic(string(followed)) || desk.ActorID(followed) == in.App.Site().Relay()
}

// aboutDesk asks about one of our desks.
func (in *Inbox) aboutDesk(id desk.ObjectID) app.Question {
	if h, ok := in.App.Site().HandleOf(desk.ActorID(id)); ok {
		return app.AboutDesk(h)
	}
	return app.Ignored(drop.UnknownDesk)
}

// planLike reads a reaction. Of other people's nothing is stored.
func (in *Inbox) planLike(_ context.Context, a arrival) (plan, error) {
	return planReaction(a.Activity, a.Object.ID), nil
}

func planReaction(a *as.Activity, o desk.ObjectID) plan {
	return plan{about: app.AboutReaction(reaction(effect{a.Type, o, emoji(a)}, a.Actor))}
}

func (in *Inbox) planQuote(_ context.Context, a arrival) (plan, error) {
	if a.Instrument.Host() != a.Actor.Host() {
		return plan{}, refuse(http.StatusBadRequest, "a %s needs an instrument of its actor's server", a.Type)
	}
	return plan{about: app.AboutOwnPost(a.Object.ID), answered: true}, nil
}

// planFlag looks for what of ours is complained of.
func (in *Inbox) planFlag(ctx context.Context, a arrival) (plan, error) {
	about, err := in.flagged(ctx, a.Activity)
	return plan{about: app.AboutFlag(about)}, err
}

func (in *Inbox) planMove(_ context.Context, a arrival) (plan, error) {
	if desk.ActorID(a.Object.ID) != a.Actor {
		return plan{}, refuse(http.StatusBadRequest, "an actor moves itself only")
	}
	return plan{about: app.AboutActor(a.Actor)}, nil
}

// planPost reads a Create or Update of a post.
func (in *Inbox) planPost(ctx context.Context, a arrival) (plan, error) {
	site, o := in.App.Site(), a.Object.Object
	if o == nil {
		return in.planNamed(a)
	}
	p := plan{about: app.AboutStored(o.ID), check: func(d app.Decision) error {
		if d.Stored && a.Type == as.Update {
			return malformed(origin.Update(a.Actor, a.Actor, o.ID, d.Post.Author, o.AllAttributedTo, site))
		}
		// An Update of a post that we do not have may add the keys.
		return malformed(origin.Create(a.Actor, a.Actor, o.ID, o.AllAttributedTo, a.ID, site))
	}}
	if !slices.Contains(postTypes, o.Type) {
		p.ignored = drop.UnknownType
		return p, nil
	}
	if a.author == nil {
		p.about = app.AboutPost(app.Heard{Post: desk.Post{Object: o.ID}}, false)
		return p, nil
	}
	p.about = app.AboutPost(addressed(ctx, outline(o, ActorOf(a.author, "", in.App.Now()), a.author.Followers, app.Inbox), a.Activity, a.author), true)
	return p, nil
}

// planNamed reads a Create or Update that names its object only. It may be a
// neighbour's word about another author's post.
func (in *Inbox) planNamed(a arrival) (plan, error) {
	if a.Object.ID.Host() != a.Actor.Host() || in.App.Site().Owns(string(a.Object.ID)) {
		return plan{}, refuse(http.StatusBadRequest, "a %s needs an object of its author's server", a.Type)
	}
	var desks []desk.Handle
	for _, r := range append(slices.Clone(a.To), a.Cc...) {
		if h, ok := in.App.Site().HandleOf(desk.ActorID(r)); ok && !slices.Contains(desks, h) {
			desks = append(desks, h)
		}
	}
	return plan{about: app.AboutNamed(a.Object.ID, a.Actor, desks), fetch: a.Object.ID, named: true, desks: desks}, nil
}

// planDelete reads a Delete: of a post we have, of one that waits to be processed,
// or of the actor itself (which is known, or verify had ended this).
func (in *Inbox) planDelete(_ context.Context, a arrival) (plan, error) {
	if desk.ActorID(a.Object.ID) == a.Actor {
		return plan{about: app.AboutInstance()}, nil
	}
	site := in.App.Site()
	return plan{about: app.AboutDeletion(a.Object.ID, a.Actor), check: func(d app.Decision) error {
		switch {
		case d.Stored:
			return malformed(origin.Delete(a.Actor, a.Actor, a.Object.ID, d.Post.Author, site))
		case site.Owns(string(a.Object.ID)):
			return refuse(http.StatusBadRequest, "an object of this instance cannot be deleted from outside")
		}
		return nil
	}}, nil
}

// planAnnounce reads a boost of a post of ours, or of a post that a source tells
// us of. An embedded post is not believed: it is fetched.
func (in *Inbox) planAnnounce(_ context.Context, a arrival) (plan, error) {
	id := announced(a.Activity)
	if in.App.Site().Owns(string(id)) {
		return planReaction(a.Activity, id), nil
	}
	if _, err := desk.HostOf(string(id)); err != nil {
		return plan{}, refuse(http.StatusBadRequest, "an Announce needs the id of an object")
	}
	return plan{about: app.AboutSource(a.Actor), fetch: id, announced: true, source: true}, nil
}

// announced returns the post an Announce is about: its object, or the object
// of the activity it wraps (FEP-1b12).
func announced(a *as.Activity) desk.ObjectID {
	if a.Inner != nil && a.Inner.Object.ID != "" {
		return a.Inner.Object.ID
	}
	return a.Object.ID
}

// byID says whether an Undo tells of what it undoes no more than the id.
func byID(a *as.Activity) bool {
	return a.Inner == nil || a.Inner.Object.ID == "" && a.Inner.ID != ""
}

// planUndo reads an Undo of something that was done to us. A source takes an
// Announce back when the post was deleted or lost the tag: the post is fetched
// again.
func (in *Inbox) planUndo(ctx context.Context, a arrival) (plan, error) {
	if byID(a.Activity) {
		if a.Object.ID.Host() != a.Actor.Host() {
			return ignore(drop.UnknownObject), nil
		}
		return plan{about: app.AboutUndone(a.Actor, undone(a.Activity), lane(a.Activity))}, nil
	}
	if err := malformed(origin.Undo(a.Actor, a.Actor, a.Inner.Actor, in.App.Site())); err != nil {
		return plan{}, err
	}
	id := announced(a.Inner)
	if in.App.Site().Owns(string(id)) {
		switch a.Inner.Type {
		case as.Follow, as.Block:
			return in.planBlock(ctx, arrival{Activity: a.Inner})
		case as.Like, as.EmojiReact, as.Announce:
			return planReaction(a.Inner, id), nil
		}
		return ignore(drop.UnknownType), nil
	}
	if a.Inner.Type != as.Announce {
		return ignore(drop.UnknownObject), nil
	}
	return plan{about: app.AboutTakenBack(id, a.Actor, a.Inner.ID), fetch: id, source: true}, nil
}

// atHand returns the profile of a post's author if it is cached, as it is as a
// rule: it came with the key.
func (in *Inbox) atHand(a *as.Activity) *as.Actor {
	if a.Object.Object == nil {
		return nil
	}
	id := a.Object.Object.AttributedTo
	if author, ok := in.Resolver.CachedActor(id); ok && author.ID == id {
		return author
	}
	return nil
}

// author fetches the profile of a post's author, or of an actor that is answered.
func (in *Inbox) author(ctx context.Context, id desk.ActorID) (*as.Actor, error) {
	a, err := in.actor(ctx, id)
	if err == nil {
		return a, nil
	}
	if k := resolve.KindOf(err); k == resolve.Temporary || k == resolve.Unauthorized {
		return nil, tryLater("the author's profile cannot be fetched right now")
	}
	return nil, &refusal{status: http.StatusUnauthorized, reason: fmt.Sprintf("the author's profile cannot be fetched: %v", err), class: drop.NoAuthor}
}

// hasInbox looks for the inbox of an actor that is to be answered. An inbox may be
// on another host than its owner: a sender who names many of those makes us learn
// of as many hosts (CVE-2026-69132).
func (in *Inbox) hasInbox(ctx context.Context, who desk.ActorID) (elsewhere bool, err error) {
	actor, err := in.author(ctx, who)
	if err != nil {
		return false, err
	}
	h, err := desk.HostOf(actor.Inbox)
	if err != nil {
		return false, &refusal{status: http.StatusBadRequest, reason: fmt.Sprintf("%s has no inbox in which it could be answered", who), class: drop.NoInbox}
	}
	return h != who.Host(), nil
}

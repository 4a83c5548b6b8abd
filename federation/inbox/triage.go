package inbox

import (
	"context"
	"net/http"
	"slices"

	"earshot/federation/as"
	"earshot/federation/origin"
	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/desk"
)

// decision says what is done with an accepted activity. The zero want: nothing.
type decision struct {
	accept bool
	// fetch, if set, is all that is kept: the id of an object to be fetched.
	fetch     desk.ObjectID
	named     bool // fetch was named by the actor, for themselves
	announced bool // fetch was named by one of our sources
	source    bool // one of our sources says so
	elsewhere bool // it makes us write to another host than its actor's
}

var accepted = decision{accept: true}

// triage is the cheap look before anything is written down. Kept is only what
// is addressed to us, in a thread we know, or carries both keys.
func (in *Inbox) triage(ctx context.Context, a *as.Activity) (decision, error) {
	if err := origin.Speaks(a.Actor, a.Actor, in.App.Site()); err != nil {
		return decision{}, malformed(err)
	}
	if h, err := desk.HostOf(string(a.ID)); err == nil && h != a.Actor.Host() {
		return decision{}, refuse(http.StatusBadRequest, "the activity %s is not on the host of its actor", a.ID)
	}
	e, ok := handlers[a.Type]
	if !ok {
		return decision{}, nil
	}
	return e.triage(in, ctx, a)
}

func (in *Inbox) triageUpdate(ctx context.Context, a *as.Activity) (decision, error) {
	if desk.ActorID(a.Object.ID) == a.Actor {
		return in.known(ctx, a.Actor)
	}
	return in.triagePost(ctx, a)
}

// triageBlock looks at a Block, also of the instance's own actor: it is the one
// that listens.
func (in *Inbox) triageBlock(ctx context.Context, a *as.Activity) (decision, error) {
	if desk.ActorID(a.Object.ID) == in.App.Site().Relay() {
		return accepted, nil
	}
	return in.ourDesk(ctx, desk.ActorID(a.Object.ID))
}

// triageLike looks at a reaction: other people's are not counted, and nobody
// needs to know who they are.
func (in *Inbox) triageLike(ctx context.Context, a *as.Activity) (decision, error) {
	return in.triageReaction(ctx, a, a.Object.ID)
}

func (in *Inbox) triageReaction(ctx context.Context, a *as.Activity, o desk.ObjectID) (decision, error) {
	ok, err := in.App.Reacts(ctx, reaction(a.Type, a.Actor, o))
	return decision{accept: ok}, err
}

func (in *Inbox) triageQuote(ctx context.Context, a *as.Activity) (decision, error) {
	if a.Instrument.Host() != a.Actor.Host() {
		return decision{}, refuse(http.StatusBadRequest, "a %s needs an instrument of its actor's server", a.Type)
	}
	p, ok, err := in.App.Post(ctx, a.Object.ID)
	if err != nil || !ok || !p.Ours() {
		return decision{}, err
	}
	return in.hasInbox(ctx, a.Actor)
}

// triageFlag looks for a reply of ours among what is reported.
func (in *Inbox) triageFlag(ctx context.Context, a *as.Activity) (decision, error) {
	for _, o := range a.Objects {
		if !in.App.Site().Owns(string(o)) {
			continue
		}
		if p, ok, err := in.App.Post(ctx, o); err != nil || ok && p.Role == desk.RoleReply {
			return decision{accept: ok}, err
		}
	}
	return decision{}, nil
}

func (in *Inbox) triageMove(ctx context.Context, a *as.Activity) (decision, error) {
	if desk.ActorID(a.Object.ID) != a.Actor {
		return decision{}, refuse(http.StatusBadRequest, "an actor moves itself only")
	}
	return in.known(ctx, a.Actor)
}

func malformed(err error) error { return refuse(http.StatusBadRequest, "%v", err) }

func (in *Inbox) known(ctx context.Context, who desk.ActorID) (decision, error) {
	ok, err := in.App.Knows(ctx, who)
	return decision{accept: ok}, err
}

func (in *Inbox) ourDesk(ctx context.Context, id desk.ActorID) (decision, error) {
	h, ok := in.App.Site().HandleOf(id)
	if !ok {
		return decision{}, nil
	}
	_, ok, err := in.App.Desk(ctx, h)
	return decision{accept: ok}, err
}

func (in *Inbox) triageFollow(ctx context.Context, a *as.Activity) (decision, error) {
	if w, err := in.ourDesk(ctx, desk.ActorID(a.Object.ID)); err != nil || !w.accept {
		return w, err
	}
	return in.hasInbox(ctx, a.Actor)
}

// hasInbox looks for the inbox of an actor that is to be answered. An inbox may be
// on another host than its owner: a sender who names many of those makes us learn
// of as many hosts (CVE-2026-69132).
func (in *Inbox) hasInbox(ctx context.Context, who desk.ActorID) (decision, error) {
	actor, err := in.author(ctx, who)
	if err != nil {
		return decision{}, err
	}
	h, err := desk.HostOf(actor.Inbox)
	if err != nil {
		return decision{}, refuse(http.StatusBadRequest, "%s has no inbox in which it could be answered", who)
	}
	return decision{accept: true, elsewhere: h != who.Host()}, nil
}

// triagePost looks at a Create or Update of a post.
func (in *Inbox) triagePost(ctx context.Context, a *as.Activity) (decision, error) {
	site, o := in.App.Site(), a.Object.Object
	if o == nil {
		return in.triageID(ctx, a)
	}
	old, stored, err := in.App.Post(ctx, o.ID)
	if err != nil {
		return decision{}, err
	}
	if stored && a.Type == as.Update {
		err = origin.Update(a.Actor, a.Actor, o.ID, old.Author, o.AllAttributedTo, site)
	} else { // an Update of a post we do not have may add the keys
		err = origin.Create(a.Actor, a.Actor, o.ID, o.AllAttributedTo, a.ID, site)
	}
	if err != nil {
		return decision{}, malformed(err)
	}
	if !slices.Contains(postTypes, o.Type) {
		return decision{}, nil
	}
	if stored {
		return decision{accept: !old.Deleted}, nil
	}
	author, err := in.author(ctx, o.AttributedTo)
	if err != nil {
		return decision{}, err
	}
	h := heard(site, o, ActorOf(author, "", in.App.Now()), author.Followers, app.Inbox)
	forUs, _, err := in.App.Triage(ctx, h)
	if err != nil || !forUs {
		return decision{}, err
	}
	if over, err := in.App.Overflows(ctx, h); err != nil {
		return decision{}, err
	} else if over {
		return decision{}, &refusal{http.StatusTooManyRequests, "more reports come from your server than can be looked at; try again later", true, Flooded}
	}
	return accepted, nil
}

// triageID looks at a Create or Update that names its object only. It may be a
// neighbour's word about somebody else's post.
func (in *Inbox) triageID(ctx context.Context, a *as.Activity) (decision, error) {
	if a.Object.ID.Host() != a.Actor.Host() || in.App.Site().Owns(string(a.Object.ID)) {
		return decision{}, refuse(http.StatusBadRequest, "a %s needs an object of its author's server", a.Type)
	}
	if may, err := in.App.MayFetch(ctx, a.Object.ID, a.Actor); err != nil || !may {
		return decision{}, err
	}
	for _, r := range append(slices.Clone(a.To), a.Cc...) {
		if w, err := in.ourDesk(ctx, desk.ActorID(r)); err != nil || w.accept {
			return decision{accept: w.accept, fetch: a.Object.ID, named: true}, err
		}
	}
	return decision{}, nil
}

// author returns the profile of who wrote a post. It was fetched with the key,
// so it is at hand as a rule.
func (in *Inbox) author(ctx context.Context, id desk.ActorID) (*as.Actor, error) {
	a, err := in.actor(ctx, id)
	if err == nil {
		return a, nil
	}
	if k := resolve.KindOf(err); k == resolve.Temporary || k == resolve.Unauthorized {
		return nil, tryLater("the author's profile cannot be fetched right now")
	}
	return nil, refuse(http.StatusUnauthorized, "the author's profile cannot be fetched: %v", err)
}

// triageDelete looks at a Delete: of a post we have, of one that waits to be
// processed, or of the actor itself (who is known, or we were not here).
func (in *Inbox) triageDelete(ctx context.Context, a *as.Activity) (decision, error) {
	if desk.ActorID(a.Object.ID) == a.Actor {
		return accepted, nil
	}
	old, stored, err := in.App.Post(ctx, a.Object.ID)
	if err != nil {
		return decision{}, err
	}
	if stored {
		if err := origin.Delete(a.Actor, a.Actor, a.Object.ID, old.Author, in.App.Site()); err != nil {
			return decision{}, malformed(err)
		}
		return decision{accept: !old.Deleted}, nil
	}
	if in.App.Site().Owns(string(a.Object.ID)) {
		return decision{}, refuse(http.StatusBadRequest, "an object of this instance cannot be deleted from outside")
	}
	if o, stamp, err := in.App.AuthorizedReply(ctx, a.Object.ID); err != nil {
		return decision{}, err
	} else if stamp {
		_, theirs, err := in.App.ReplyAwaiting(ctx, o, a.Actor)
		return decision{accept: theirs}, err
	}
	busy, err := in.App.Awaits(ctx, a.Object.ID, a.Actor)
	return decision{accept: busy}, err
}

// triageAnnounce looks at a boost of a post of ours, or of a post that a
// source tells us of. Whatever is embedded is not believed: it is fetched.
func (in *Inbox) triageAnnounce(ctx context.Context, a *as.Activity) (decision, error) {
	id := announced(a)
	if in.App.Site().Owns(string(id)) {
		return in.triageReaction(ctx, a, id)
	}
	if _, err := desk.HostOf(string(id)); err != nil {
		return decision{}, refuse(http.StatusBadRequest, "an Announce needs the id of an object")
	}
	ok, err := in.App.IsSource(ctx, a.Actor)
	return decision{accept: ok, fetch: id, announced: true, source: true}, err
}

// announced returns the post an Announce is about: its object, or the object
// of the activity it wraps (FEP-1b12).
func announced(a *as.Activity) desk.ObjectID {
	if a.Inner != nil && a.Inner.Object.ID != "" {
		return a.Inner.Object.ID
	}
	return a.Object.ID
}

// triageUndo looks at an Undo of something that was done to us. A source takes
// an Announce back when the post was deleted or lost the tag: the post is
// looked at again.
func (in *Inbox) triageUndo(ctx context.Context, a *as.Activity) (decision, error) {
	if a.Inner == nil {
		_, ok, err := in.App.Effect(ctx, effectKey(a.Actor, desk.ActivityID(a.Object.ID)))
		return decision{accept: ok}, err
	}
	if err := origin.Undo(a.Actor, a.Actor, a.Inner.Actor, in.App.Site()); err != nil {
		return decision{}, malformed(err)
	}
	id := announced(a.Inner)
	if in.App.Site().Owns(string(id)) {
		switch a.Inner.Type {
		case as.Follow, as.Block:
			return in.triageBlock(ctx, a.Inner)
		case as.Like, as.EmojiReact, as.Announce:
			return in.triageReaction(ctx, a.Inner, id)
		}
		return decision{}, nil
	}
	if a.Inner.Type != as.Announce {
		return decision{}, nil
	}
	if ok, err := in.App.IsSource(ctx, a.Actor); err != nil || !ok {
		return decision{}, err
	}
	if _, stored, err := in.App.Post(ctx, id); err != nil || !stored {
		return decision{}, err
	}
	may, err := in.App.MayFetch(ctx, id, a.Actor)
	return decision{accept: may, fetch: id, source: true}, err
}

func effectKey(who desk.ActorID, id desk.ActivityID) string { return string(who) + " " + string(id) }

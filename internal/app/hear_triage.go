package app

import (
	"context"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

// Question is what triage asks the store about an activity: one of the About
// functions. It reads only, and may run more than once. It returns drop.Kept for an
// activity that is for us, and for others why they are dropped.
type Question func(*Tx, *Decision) (drop.Reason, error)

// Decision is the answer of triage. The caller carries it on and asks nothing twice.
type Decision struct {
	ForUs    bool          // the activity, or the post that it names, is stored
	Reason   drop.Reason   // why it is not
	Named    []desk.Handle // the desks that a dropped post addressed or has both keys of
	Blocked  bool          // its signer is blocked; nothing else was asked
	HostDown bool          // the breaker of the signer's host is open, although it speaks

	Post   desk.Post // what it is about, as far as we have it
	Stored bool      // we have it

	// Of a post that we do not have:
	NeedsProfile bool // ask again with the profile of its author
	Overflows    bool // it would open an issue, and its server has no room for more
	Rationed     bool // a third person would add too much to an issue by it
	MissesParent bool // the post above it is to be fetched

	held bool // a version of it is held back

	// Withdraws: it takes back what we do not have, and which may still come.
	Withdraws bool

	// Of a forwarded activity that is for us:
	Invited  bool // its actor has invited a desk
	MayFetch bool // the signer's word may make us fetch its object
	// Source is the source that its signer is, for us or not; "": none that we hear.
	Source desk.SourceID
}

// TriageSender is asked before the key of a signature is fetched: is the actor
// that claims it blocked? If leaving is an actor that deletes itself, known says
// whether we have to do with it.
func (a *App) TriageSender(ctx context.Context, claimed, leaving desk.ActorID) (blocked, known bool, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		if blocked, err = tx.blocked(claimed); err != nil || blocked || leaving == "" {
			return err
		}
		known, err = tx.knows(leaving)
		return err
	})
	return blocked, known, err
}

// Triage is asked once the signature holds, before anything is stored: one View
// for the signer, "" if that was asked before, and for the question of the
// activity's type, nil if there is nothing to ask. A post that is not for us
// must not reach the disk.
func (a *App) Triage(ctx context.Context, signer desk.ActorID, about Question) (d Decision, err error) {
	err = a.View(ctx, func(tx *Tx) (err error) {
		d = Decision{}
		if signer != "" {
			if err := tx.triageSigner(signer, &d); err != nil || d.Blocked {
				return err
			}
		}
		if about == nil {
			return nil
		}
		d.Reason, err = about(tx, &d)
		d.ForUs = d.Reason == drop.Kept
		return err
	})
	return d, err
}

// keptIf returns drop.Kept if an activity is for us, and else why it is dropped.
func keptIf(forUs bool, otherwise drop.Reason) drop.Reason {
	if forUs {
		return drop.Kept
	}
	return otherwise
}

// ofStored is the reason about a post that we have.
func (d *Decision) ofStored() drop.Reason { return keptIf(!d.Post.Deleted, drop.Deleted) }

func (t *Tx) triageSigner(signer desk.ActorID, d *Decision) (err error) {
	if d.Blocked, err = t.blocked(signer); err != nil || d.Blocked {
		return err
	}
	s, ok, err := t.Hosts().Get(signer.Host())
	d.HostDown = ok && s.Failures > 0
	return err
}

// AboutPost asks about a Create or Update of a post. profile says whether
// h.Author is complete: without it nothing is decided about a new post.
func AboutPost(h Heard, profile bool) Question {
	return func(t *Tx, d *Decision) (drop.Reason, error) {
		if err := t.stored(h.Post.Object, d); err != nil || d.Stored {
			return d.ofStored(), err
		}
		if d.NeedsProfile = !profile; d.NeedsProfile {
			return drop.NoAuthor, nil
		}
		p, why, err := t.triageNew(h, d)
		if err != nil || why != drop.Kept {
			return why, err
		}
		if d.Rationed, err = t.addsTooMuch(p, h.Author.ID); err != nil || p.issue != "" || d.held {
			return why, err
		}
		d.Overflows, err = t.overflows(p, h)
		return why, err
	}
}

// AboutHeard asks about a post that is heard in any case, where it belongs: to
// know what else is fetched for it.
func AboutHeard(h Heard) Question {
	return func(t *Tx, d *Decision) (drop.Reason, error) {
		if err := t.stored(h.Post.Object, d); err != nil || d.Stored {
			return drop.Kept, err
		}
		_, why, err := t.triageNew(h, d)
		return why, err
	}
}

// triageNew decides about a post that we do not have, and where it belongs.
func (t *Tx) triageNew(h Heard, d *Decision) (p placement, why drop.Reason, err error) {
	q, held, err := t.Quarantine().Get(h.Post.Object)
	if err != nil {
		return p, "", err
	}
	if h, err = t.addressedByInbox(h); err != nil {
		return p, "", err
	}
	if p, err = t.place(h); err != nil {
		return p, "", err
	}
	d.held = held
	// A post that is held back may be changed by its author, whatever it says by now.
	forUs := p.forUs() || held && q.Author.ID == h.Author.ID
	d.MissesParent, d.Named = t.missesParent(p, h), p.decision.Named
	return p, keptIf(forUs, p.decision.Dropped), nil
}

// missesParent says whether the post above is to be fetched: we do not have it,
// and the post addresses us or is in a thread that we know. A post that is for us
// by its tags alone brings in no other person.
func (t *Tx) missesParent(p placement, h Heard) bool {
	above := h.Post.InReplyTo
	return above != "" && !t.site.Owns(string(above)) && p.parent.Object == "" && (p.addressed || p.issue != "")
}

// AboutNamed asks about a post that its sender named by its id only, to some of
// our desks.
func AboutNamed(o desk.ObjectID, sender desk.ActorID, desks []desk.Handle) Question {
	return func(t *Tx, d *Decision) (drop.Reason, error) {
		if may, err := t.mayFetch(o, sender); err != nil || !may {
			return drop.Forwarded, err
		}
		for _, h := range desks {
			if _, ok, err := t.Desks().Get(h); err != nil || ok {
				return drop.Kept, err
			}
		}
		return drop.NotAddressed, nil
	}
}

// AboutDeletion asks about a Delete of a post: we have it, it waits to be
// processed, or it may still come. What authorizes a reply of ours can be deleted
// too.
func AboutDeletion(o desk.ObjectID, sender desk.ActorID) Question {
	return func(t *Tx, d *Decision) (drop.Reason, error) {
		if err := t.stored(o, d); err != nil || d.Stored {
			return d.ofStored(), err
		}
		reply, authorizes, err := t.authorizedReply(o)
		if err != nil {
			return "", err
		}
		if authorizes {
			_, theirs, err := t.replyTo(reply, sender)
			return keptIf(theirs, drop.NotAuthor), err
		}
		waits, err := t.awaits(o, sender)
		d.Withdraws = !waits
		return keptIf(waits || o.Host() == sender.Host(), drop.UnknownObject), err // posts are on their author's host
	}
}

// AboutForwarded asks the question of an activity that its actor did not sign.
// Of its object the host counts: a block holds for that too.
func AboutForwarded(actor desk.ActorID, o desk.ObjectID, signer desk.ActorID, about Question) Question {
	return func(t *Tx, d *Decision) (drop.Reason, error) {
		if s, is, err := t.Sources().ByActor(signer); err != nil {
			return "", err
		} else if is && s.State.Hears() {
			d.Source = s.ID
		}
		for _, who := range []desk.ActorID{actor, desk.ActorID(o)} {
			if blocked, err := t.blocked(who); err != nil || blocked {
				return drop.Blocked, err
			}
		}
		why, err := about(t, d)
		if err != nil || why != drop.Kept {
			return why, err
		}
		if d.Invited, err = t.invited(actor); err != nil {
			return why, err
		}
		d.MayFetch, err = t.mayFetch(o, signer)
		return why, err
	}
}

// AboutPassedOn asks about a post of which a forwarded Announce or Delete tells: a
// source may tell us of one that we do not have.
func AboutPassedOn(o desk.ObjectID, news bool) Question {
	return func(t *Tx, d *Decision) (drop.Reason, error) {
		err := t.stored(o, d)
		return keptIf(d.Stored || news && d.Source != "", drop.UnknownObject), err
	}
}

// AboutStored asks whether we have a post.
func AboutStored(o desk.ObjectID) Question {
	return func(t *Tx, d *Decision) (drop.Reason, error) {
		err := t.stored(o, d)
		return keptIf(d.Stored, drop.UnknownObject), err
	}
}

// AboutOwnPost asks whether a post is ours.
func AboutOwnPost(o desk.ObjectID) Question {
	return func(t *Tx, d *Decision) (drop.Reason, error) {
		err := t.stored(o, d)
		return keptIf(d.Stored && d.Post.Ours(), drop.UnknownObject), err
	}
}

// AboutApproval asks whether a reply of ours is the actor's to approve or decline.
func AboutApproval(reply desk.ObjectID, who desk.ActorID) Question {
	return func(t *Tx, d *Decision) (_ drop.Reason, err error) {
		post, theirs, err := t.replyTo(reply, who)
		d.Post = post
		return keptIf(theirs, drop.NotAuthor), err
	}
}

// AboutApprovalOn asks whether a reply of ours on a post awaits the actor's approval.
func AboutApprovalOn(of desk.ObjectID, who desk.ActorID) Question {
	return func(t *Tx, d *Decision) (drop.Reason, error) {
		post, awaits, err := t.awaitingOn(of, who)
		d.Post = post
		return keptIf(awaits, drop.UnknownObject), err
	}
}

// AboutReaction asks whether a reaction counts. Other people's do not.
func AboutReaction(r Reaction) Question {
	return func(t *Tx, d *Decision) (drop.Reason, error) {
		if _, about, err := t.feltIncident(r); err != nil {
			return drop.UnknownObject, err
		} else if about {
			return t.mayFeel(r)
		}
		post, _, why, err := t.reactedTo(r)
		d.Post = post
		return why, err
	}
}

// AboutActor asks whether we have to do with an actor.
func AboutActor(who desk.ActorID) Question {
	return func(t *Tx, _ *Decision) (drop.Reason, error) {
		known, err := t.knows(who)
		return keptIf(known, drop.UnknownActor), err
	}
}

// AboutDesk asks whether there is a desk.
func AboutDesk(h desk.Handle) Question {
	return func(t *Tx, _ *Decision) (drop.Reason, error) {
		_, there, err := t.Desks().Get(h)
		return keptIf(there, drop.UnknownDesk), err
	}
}

// AboutInstance is for what the instance itself always takes.
func AboutInstance() Question {
	return func(*Tx, *Decision) (drop.Reason, error) { return drop.Kept, nil }
}

// Ignored is the question of an activity that is ignored, whatever is stored. It
// asks nothing.
func Ignored(why drop.Reason) Question {
	return func(*Tx, *Decision) (drop.Reason, error) { return why, nil }
}

// AboutFollowAnswer asks whether an actor answers a Follow of ours.
func AboutFollowAnswer(from desk.ActorID, follow desk.ActivityID) Question {
	return func(t *Tx, _ *Decision) (drop.Reason, error) {
		_, is, err := t.asked(from, follow)
		return keptIf(is, drop.NotSource), err
	}
}

// AboutSource asks whether an actor is one of our sources.
func AboutSource(who desk.ActorID) Question {
	return func(t *Tx, _ *Decision) (drop.Reason, error) {
		_, is, err := t.Sources().ByActor(who)
		return keptIf(is, drop.NotSource), err
	}
}

// AboutTakenBack asks about a post that a source no longer passes on, by the
// Undo of an Announce: if we have it and may fetch it, it is read again.
func AboutTakenBack(o desk.ObjectID, source desk.ActorID, announce desk.ActivityID) Question {
	return func(t *Tx, d *Decision) (drop.Reason, error) {
		if _, is, err := t.Sources().ByActor(source); err != nil || !is {
			return drop.NotSource, err
		}
		if err := t.stored(o, d); err != nil {
			return "", err
		}
		if !d.Stored {
			d.Withdraws = true
			return keptIf(announce != "", drop.UnknownObject), nil
		}
		may, err := t.mayFetch(o, source)
		return keptIf(may, drop.Forwarded), err
	}
}

// AboutUndone asks about an Undo that names an activity by its id only: we
// remember its effect, it waits to be processed in its actor's lane, or it may
// still come.
func AboutUndone(by desk.ActorID, id desk.ActivityID, lane string) Question {
	return func(t *Tx, d *Decision) (drop.Reason, error) {
		_, known, err := t.effect(by, id)
		if err == nil && !known {
			known, err = t.Jobs().Busy(store.QueueInbound, lane)
		}
		d.Withdraws = !known
		return drop.Kept, err
	}
}

// stored looks up the post that an activity is about.
func (t *Tx) stored(o desk.ObjectID, d *Decision) (err error) {
	d.Post, d.Stored, err = t.Posts().ByObject(o)
	return err
}

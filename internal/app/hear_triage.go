package app

import (
	"context"

	"earshot/internal/desk"
	"earshot/store"
)

// Question is what triage asks the store about an activity: one of the About
// functions. It reads only, and may run more than once.
type Question func(*Tx, *Decision) error

// Decision is the answer of triage. The caller carries it on and asks nothing twice.
type Decision struct {
	ForUs    bool // the activity, or the post that it names, is stored
	Blocked  bool // its signer is blocked; nothing else was asked
	HostDown bool // the breaker of the signer's host is open, although it speaks

	Post   desk.Post // what it is about, as far as we have it
	Stored bool      // we have it

	// Of a post that we do not have:
	NeedsProfile bool // ask again with the profile of its author
	Overflows    bool // it belongs to a flood, and no more can be held back
	MissesParent bool // the post above it is to be fetched

	// Withdraws: it takes back what we do not have, and which may still come.
	Withdraws bool

	// Of a forwarded activity that is for us:
	Invited  bool // its actor has invited a desk
	MayFetch bool // the signer's word may make us fetch its object
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
	err = a.View(ctx, func(tx *Tx) error {
		d = Decision{}
		if signer != "" {
			if err := tx.triageSigner(signer, &d); err != nil || d.Blocked {
				return err
			}
		}
		if about == nil {
			return nil
		}
		return about(tx, &d)
	})
	return d, err
}

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
	return func(t *Tx, d *Decision) error {
		if err := t.stored(h.Post.Object, d); err != nil || d.Stored {
			d.ForUs = d.Stored && !d.Post.Deleted
			return err
		}
		if d.NeedsProfile = !profile; d.NeedsProfile {
			return nil
		}
		opens, err := t.triageNew(h, d)
		if err != nil || !opens {
			return err
		}
		d.Overflows, err = t.overflows(h.Author.ID)
		return err
	}
}

// AboutHeard asks about a post that is heard in any case, where it belongs: to
// know what else is fetched for it.
func AboutHeard(h Heard) Question {
	return func(t *Tx, d *Decision) error {
		if err := t.stored(h.Post.Object, d); err != nil || d.Stored {
			d.ForUs = d.Stored
			return err
		}
		_, err := t.triageNew(h, d)
		return err
	}
}

// triageNew decides about a post that we do not have. opens says whether it
// would open an issue.
func (t *Tx) triageNew(h Heard, d *Decision) (opens bool, err error) {
	q, held, err := t.Quarantine().Get(h.Post.Object)
	if err != nil {
		return false, err
	}
	if h, err = t.addressedByInbox(h); err != nil {
		return false, err
	}
	p, err := t.place(h)
	if err != nil {
		return false, err
	}
	// A post that is held back may be changed by its author, whatever it says by now.
	d.ForUs = p.forUs() || held && q.Author.ID == h.Author.ID
	d.MissesParent = t.missesParent(p, h)
	return d.ForUs && !held && p.issue == "", nil
}

// missesParent says whether the post above is to be fetched: we do not have it,
// and the post addresses us or is in a thread that we know. A post that is for us
// by its tags alone brings in no other person.
func (t *Tx) missesParent(p placement, h Heard) bool {
	above := h.Post.InReplyTo
	return above != "" && !t.site.Owns(string(above)) && p.parent.Object == "" && (p.addressed || p.issue != "")
}

// overflows says whether an author's post would open an issue in a flood, and no
// room is left to hold it back. Then it must not be accepted.
func (t *Tx) overflows(who desk.ActorID) (bool, error) {
	if !t.floodLimits {
		return false, nil
	}
	if full, err := t.quarantineFull(who.Host().Domain()); err != nil || !full {
		return false, err
	}
	o, err := t.mayOpen(who)
	return o.flood != "", err
}

// AboutNamed asks about a post that its sender named by its id only, to some of
// our desks.
func AboutNamed(o desk.ObjectID, sender desk.ActorID, desks []desk.Handle) Question {
	return func(t *Tx, d *Decision) error {
		if may, err := t.mayFetch(o, sender); err != nil || !may {
			return err
		}
		for _, h := range desks {
			if _, ok, err := t.Desks().Get(h); err != nil || ok {
				d.ForUs = ok
				return err
			}
		}
		return nil
	}
}

// AboutDeletion asks about a Delete of a post: we have it, it waits to be
// processed, or it may still come. What authorizes a reply of ours can be deleted
// too.
func AboutDeletion(o desk.ObjectID, sender desk.ActorID) Question {
	return func(t *Tx, d *Decision) error {
		if err := t.stored(o, d); err != nil || d.Stored {
			d.ForUs = d.Stored && !d.Post.Deleted
			return err
		}
		reply, authorizes, err := t.authorizedReply(o)
		switch {
		case err != nil:
			return err
		case authorizes:
			_, d.ForUs, err = t.replyTo(reply, sender)
		default:
			waits, err := t.awaits(o, sender)
			d.ForUs, d.Withdraws = waits || o.Host() == sender.Host(), !waits // posts are on their author's host
			return err
		}
		return err
	}
}

// AboutForwarded asks the question of an activity that its actor did not sign.
// Of its object the host counts: a block holds for that too.
func AboutForwarded(actor desk.ActorID, o desk.ObjectID, signer desk.ActorID, about Question) Question {
	return func(t *Tx, d *Decision) error {
		for _, who := range []desk.ActorID{actor, desk.ActorID(o)} {
			if blocked, err := t.blocked(who); err != nil || blocked {
				return err
			}
		}
		if err := about(t, d); err != nil || !d.ForUs {
			return err
		}
		var err error
		if d.Invited, err = t.invited(actor); err != nil {
			return err
		}
		d.MayFetch, err = t.mayFetch(o, signer)
		return err
	}
}

// AboutStored asks whether we have a post.
func AboutStored(o desk.ObjectID) Question {
	return func(t *Tx, d *Decision) error {
		err := t.stored(o, d)
		d.ForUs = d.Stored
		return err
	}
}

// AboutOwnPost asks whether a post is ours.
func AboutOwnPost(o desk.ObjectID) Question {
	return func(t *Tx, d *Decision) error {
		err := t.stored(o, d)
		d.ForUs = d.Stored && d.Post.Ours()
		return err
	}
}

// AboutReplies asks whether one of these posts is a reply of ours.
func AboutReplies(objects []desk.ObjectID) Question {
	return func(t *Tx, d *Decision) error {
		for _, o := range objects {
			if err := t.stored(o, d); err != nil {
				return err
			}
			if d.ForUs = d.Stored && d.Post.Role == desk.RoleReply; d.ForUs {
				return nil
			}
		}
		return nil
	}
}

// AboutApproval asks whether a reply of ours is the actor's to approve or decline.
func AboutApproval(reply desk.ObjectID, who desk.ActorID) Question {
	return func(t *Tx, d *Decision) (err error) {
		d.Post, d.ForUs, err = t.replyTo(reply, who)
		return err
	}
}

// AboutApprovalOn asks whether a reply of ours on a post awaits the actor's approval.
func AboutApprovalOn(of desk.ObjectID, who desk.ActorID) Question {
	return func(t *Tx, d *Decision) (err error) {
		d.Post, d.ForUs, err = t.awaitingOn(of, who)
		return err
	}
}

// AboutReaction asks whether a reaction counts. Other people's do not.
func AboutReaction(r Reaction) Question {
	return func(t *Tx, d *Decision) (err error) {
		d.Post, _, d.ForUs, err = t.reactedTo(r)
		return err
	}
}

// AboutActor asks whether we have to do with an actor.
func AboutActor(who desk.ActorID) Question {
	return func(t *Tx, d *Decision) (err error) { d.ForUs, err = t.knows(who); return err }
}

// AboutDesk asks whether there is a desk.
func AboutDesk(h desk.Handle) Question {
	return func(t *Tx, d *Decision) (err error) { _, d.ForUs, err = t.Desks().Get(h); return err }
}

// AboutInstance is for what the instance itself always takes.
func AboutInstance() Question {
	return func(_ *Tx, d *Decision) error { d.ForUs = true; return nil }
}

// AboutSource asks whether an actor is one of our sources.
func AboutSource(who desk.ActorID) Question {
	return func(t *Tx, d *Decision) (err error) { _, d.ForUs, err = t.Sources().ByActor(who); return err }
}

// AboutTakenBack asks about a post that a source no longer passes on, by the
// Undo of an Announce: if we have it and may fetch it, it is read again.
func AboutTakenBack(o desk.ObjectID, source desk.ActorID, announce desk.ActivityID) Question {
	return func(t *Tx, d *Decision) error {
		if _, ok, err := t.Sources().ByActor(source); err != nil || !ok {
			return err
		}
		err := t.stored(o, d)
		if err != nil {
			return err
		}
		if !d.Stored {
			d.ForUs, d.Withdraws = announce != "", true
			return nil
		}
		d.ForUs, err = t.mayFetch(o, source)
		return err
	}
}

// AboutUndone asks about an Undo that names an activity by its id only: we
// remember its effect, it waits to be processed in its actor's lane, or it may
// still come.
func AboutUndone(by desk.ActorID, id desk.ActivityID, lane string) Question {
	return func(t *Tx, d *Decision) error {
		_, known, err := t.effect(by, id)
		if err == nil && !known {
			known, err = t.Jobs().Busy(store.QueueInbound, lane)
		}
		d.ForUs, d.Withdraws = true, !known
		return err
	}
}

// stored looks up the post that an activity is about.
func (t *Tx) stored(o desk.ObjectID, d *Decision) (err error) {
	d.Post, d.Stored, err = t.Posts().ByObject(o)
	return err
}

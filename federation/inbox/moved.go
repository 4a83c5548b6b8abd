package inbox

import (
	"context"
	"slices"

	"earshot/federation/as"
	"earshot/federation/origin"
	"earshot/internal/desk"
)

// A Move goes to followers only, and we follow nobody: most people who move
// never tell us. So each profile that is at hand is asked: the old account names
// the new one (movedTo), the new one the old (alsoKnownAs), and only both together
// count.

// maxFormer bounds how many former accounts of one person are looked at.
const maxFormer = 3

// sameAs carries over what a person has with us from their former account: the
// one that this profile names, or the one that is this profile. It is skipped
// where it cannot be proven now: nobody waits for it, and it is tried again with
// the next word.
func (in *Inbox) sameAs(ctx context.Context, a *as.Actor) error {
	if err := in.movesOn(ctx, a, false); err != nil {
		return err
	}
	for _, id := range a.AlsoKnownAs[:min(len(a.AlsoKnownAs), maxFormer)] {
		if id == a.ID {
			continue
		}
		carries, err := in.App.MovesAlong(ctx, id)
		if err != nil {
			return err
		}
		if !carries {
			continue
		}
		if old := in.saying(ctx, id, a.ID, func(old *as.Actor) bool { return old.MovedTo == a.ID }); old != nil {
			if err := in.carry(ctx, old, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// movesOn follows a profile's movedTo. asked: the caller knows already that
// something would move along.
func (in *Inbox) movesOn(ctx context.Context, a *as.Actor, asked bool) error {
	if a.MovedTo == "" || a.MovedTo == a.ID {
		return nil
	}
	if !asked {
		if carries, err := in.App.MovesAlong(ctx, a.ID); err != nil || !carries {
			return err
		}
	}
	target := in.saying(ctx, a.MovedTo, a.ID, func(target *as.Actor) bool { return slices.Contains(target.AlsoKnownAs, a.ID) })
	if target == nil {
		return nil
	}
	return in.carry(ctx, a, target)
}

// saying returns the profile of an account if it says something: the cached one,
// or else a fresh one, for which by pays. nil: it does not, or cannot be read now.
func (in *Inbox) saying(ctx context.Context, id, by desk.ActorID, says func(*as.Actor) bool) *as.Actor {
	if a, known := in.Resolver.CachedActor(id); known && says(a) {
		return a
	}
	if in.Budget.lookup(by, in.App.Now()) != nil {
		return nil
	}
	if a, err := in.Resolver.RefreshActor(ctx, id); err == nil && says(a) {
		return a
	}
	return nil
}

func (in *Inbox) carry(ctx context.Context, old, target *as.Actor) error {
	if err := origin.Move(old.ID, old.ID, desk.ObjectID(old.ID), desk.ObjectID(target.ID), target.AlsoKnownAs, in.App.Site()); err != nil {
		in.Log.Info("a move was not followed", "actor", old.ID, "target", target.ID, "err", err)
		return nil
	}
	why, err := in.App.Move(ctx, old.ID, ActorOf(target, in.Naming.Acct(ctx, target), in.App.Now()))
	if err == nil {
		in.Log.Info("a person has a new account", "actor", old.ID, "target", target.ID, "why", why)
	}
	return err
}

// WhereNow looks whether a person who is about to be answered has another account
// by now. What cannot be found out changes nothing: they are answered where they
// spoke.
func (in *Inbox) WhereNow(ctx context.Context, who desk.ActorID) error {
	a, err := in.Resolver.RefreshActor(ctx, who)
	if err != nil {
		in.Log.Info("whether the reporter has moved is not known", "actor", who, "err", err)
		return nil
	}
	return in.movesOn(ctx, a, true)
}

package app

import (
	"context"
	"fmt"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

// Follow records a follower of one of our actors and answers with an Accept. A
// repeated Follow is accepted again: the first Accept may have been lost.
func (a *App) Follow(ctx context.Context, local desk.Handle, who desk.Actor, activity desk.ActivityID) (drop.Reason, error) {
	return a.takeIn(ctx, func(tx *Tx) (drop.Reason, error) {
		if blocked, err := tx.blocked(who.ID); err != nil || blocked {
			return drop.Blocked, err
		}
		f := store.Follow{Local: local, Actor: who.ID, Activity: activity, Inbox: who.Inbox, Shared: who.Shared, Since: tx.Now}
		if err := tx.Follows().Put(f); err != nil {
			return "", err
		}
		return drop.Kept, tx.publish(fmt.Sprintf("accept:%s:%s:%s", local, who.ID, activity), "follow:"+string(who.ID), tx.Now,
			Publish{Verb: VerbAccept, Local: local, Actor: who.ID, Activity: activity, Inbox: who.Inbox})
	})
}

// Unfollow takes back a Follow, named by its id ("" where the Undo does not say
// it). Some servers invent an id for the Undo, so that an unknown one means the
// Follow that is there; an older Follow's id does not.
func (a *App) Unfollow(ctx context.Context, local desk.Handle, who desk.ActorID, undone desk.ActivityID) (drop.Reason, error) {
	return a.takeIn(ctx, func(tx *Tx) (drop.Reason, error) {
		f, there, err := tx.Follows().Get(local, who)
		if err != nil {
			return "", err
		}
		if !there {
			return drop.Kept, tx.nothingToUndo(undone, who)
		}
		if undone != "" && undone != f.Activity {
			if _, older, err := tx.effect(who, undone); err != nil || older {
				return drop.Duplicate, err
			}
		}
		_, err = tx.Follows().Delete(local, who)
		return drop.Kept, err
	})
}

// Move records that a person has a new account, as both accounts say (the
// caller has checked it). Their unfinished issues go with them.
func (a *App) Move(ctx context.Context, from desk.ActorID, to desk.Actor) (drop.Reason, error) {
	return a.takeIn(ctx, func(tx *Tx) (drop.Reason, error) {
		old, known, err := tx.Actors().Get(from)
		if err != nil {
			return "", err
		}
		if !known { // but may have asked to be left alone
			if _, ok, err := tx.OptOuts().Get(from); err != nil || !ok {
				return drop.UnknownActor, err
			}
			old.ID = from
		}
		if blocked, err := tx.blocked(to.ID); err != nil || blocked {
			return drop.Blocked, err
		}
		return drop.Kept, tx.move(old, to)
	})
}

// MovesAlong says whether a person has something that goes with them to a new
// account: an unfinished issue, or the wish to be left alone.
func (a *App) MovesAlong(ctx context.Context, who desk.ActorID) (has bool, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		out, ok, err := tx.OptOuts().Get(who)
		if err != nil {
			return err
		}
		if has = ok && out.Active(tx.Now); has {
			return nil
		}
		return tx.eachIssueOf(who, func(i *desk.Issue) (bool, error) {
			has = has || i.Status.Category() != desk.CategoryDone
			return false, nil
		})
	})
	return has, err
}

func (t *Tx) move(old, to desk.Actor) error {
	from := old.ID
	old.MovedTo = to.ID
	if err := t.Actors().Put(old); err != nil {
		return err
	}
	if err := t.moveRemarks(from, to.ID); err != nil {
		return err
	}
	if out, ok, err := t.OptOuts().Get(from); err != nil {
		return err
	} else if ok && out.Active(t.Now) {
		out.Actor = to.ID // who may have said more than that themselves
		if err := t.optOut(out); err != nil {
			return err
		}
	}
	if err := t.moveStanding(from, to.ID); err != nil {
		return err
	}
	return t.eachIssueOf(from, func(i *desk.Issue) (bool, error) {
		if i.Status.Category() == desk.CategoryDone {
			return false, nil
		}
		i.Reporter = to.ID
		if err := t.Actors().Put(to); err != nil {
			return false, err
		}
		return true, t.event(desk.Event{Issue: i.ID, Kind: desk.KindNotice, Actor: to.ID}.Says(desk.NoteMoved, to.Acct))
	})
}

// maxIssuesOf bounds how many of a person's issues one act touches.
const maxIssuesOf = 1000

// eachIssueOf runs f on a person's issues and stores those it changed.
func (t *Tx) eachIssueOf(who desk.ActorID, f func(*desk.Issue) (changed bool, err error)) error {
	var all []desk.Issue
	for after := ""; len(all) < maxIssuesOf; {
		issues, next, err := t.Issues().ByReporter(who, store.Page{After: after, Limit: 100})
		if err != nil {
			return err
		}
		all = append(all, issues...)
		if next == "" {
			break
		}
		after = next
	}
	for _, i := range all {
		changed, err := f(&i)
		if err != nil {
			return err
		}
		if changed {
			i.UpdatedAt = t.Now
			if err := t.Issues().Put(i); err != nil {
				return err
			}
		}
	}
	return nil
}

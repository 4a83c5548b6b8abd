package app

import (
	"context"
	"fmt"

	"earshot/internal/desk"
	"earshot/store"
)

// Follow records a follower of one of our actors and answers with an Accept. A
// repeated Follow is accepted again: the first Accept may have been lost.
func (a *App) Follow(ctx context.Context, local desk.Handle, who desk.Actor, activity desk.ActivityID) error {
	return a.Update(ctx, func(tx *Tx) error {
		if blocked, err := tx.blocked(who.ID); err != nil || blocked {
			return err
		}
		f := store.Follow{Local: local, Actor: who.ID, Activity: activity, Inbox: who.Inbox, Shared: who.Shared, Since: tx.Now}
		if err := tx.Follows().Put(f); err != nil {
			return err
		}
		return tx.publish(fmt.Sprintf("accept:%s:%s:%s", local, who.ID, activity), "follow:"+string(who.ID), tx.Now,
			Publish{Verb: VerbAccept, Local: local, Actor: who.ID, Activity: activity, Inbox: who.Inbox})
	})
}

// Unfollow takes back a Follow, named by its id ("" where the Undo does not say
// it). Some servers invent an id for the Undo, so that an unknown one means the
// Follow that is there; an older Follow's id does not.
func (a *App) Unfollow(ctx context.Context, local desk.Handle, who desk.ActorID, undone desk.ActivityID) error {
	return a.Update(ctx, func(tx *Tx) error {
		f, there, err := tx.Follows().Get(local, who)
		if err != nil {
			return err
		}
		if !there {
			return tx.nothingToUndo(undone, who)
		}
		if undone != "" && undone != f.Activity {
			if _, older, err := tx.effect(who, undone); err != nil || older {
				return err
			}
		}
		_, err = tx.Follows().Delete(local, who)
		return err
	})
}

// Move records that a person has a new account, as both accounts say (the
// caller has checked it). Their unfinished issues go with them.
func (a *App) Move(ctx context.Context, from desk.ActorID, to desk.Actor) error {
	return a.Update(ctx, func(tx *Tx) error {
		old, known, err := tx.Actors().Get(from)
		if err != nil || !known {
			return err
		}
		if blocked, err := tx.blocked(to.ID); err != nil || blocked {
			return err
		}
		old.MovedTo = to.ID
		if err := tx.Actors().Put(old); err != nil {
			return err
		}
		if out, ok, err := tx.OptOuts().Get(from); err != nil {
			return err
		} else if ok && out.Active(tx.Now) {
			out.Actor = to.ID // who may have said more than that themselves
			if err := tx.optOut(out); err != nil {
				return err
			}
		}
		if err := tx.moveStanding(from, to.ID); err != nil {
			return err
		}
		return tx.eachIssueOf(from, func(i *desk.Issue) (bool, error) {
			if i.Status.Category() == desk.CategoryDone {
				return false, nil
			}
			i.Reporter = to.ID
			if err := tx.Actors().Put(to); err != nil {
				return false, err
			}
			return true, tx.event(desk.Event{Issue: i.ID, Kind: desk.KindNotice, Actor: to.ID}.Says(desk.NoteMoved, to.Acct))
		})
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

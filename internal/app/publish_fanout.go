package app

import (
	"context"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// Shipment is an activity on its way to inboxes.
type Shipment struct {
	Activity desk.ActivityID
	Post     desk.PostID
	Signer   desk.Handle
	Thread   string // activities to one host about one thread stay in order
	Key      string // see Deliver
}

// Target is an inbox, and an actor that reads in it.
type Target struct {
	Inbox string
	Actor desk.ActorID
}

// FanOut stores the deliveries of one portion of inboxes. An inbox that has one for
// this activity already gets no second: a rerun sends no duplicate.
func (a *App) FanOut(ctx context.Context, s Shipment, targets []Target) error {
	return a.Update(ctx, func(tx *Tx) error {
		for _, to := range targets {
			if _, err := desk.HostOf(to.Inbox); err != nil {
				continue // one follower's nonsense must not cost the others
			}
			if _, there, err := tx.Deliveries().Get(s.Activity, to.Inbox); err != nil {
				return err
			} else if there {
				continue
			}
			d := Deliver{Activity: s.Activity, Inbox: to.Inbox, Signer: s.Signer, Recipient: to.Actor, Key: s.Key}
			if err := tx.Deliver(d, s.Post, s.Thread); err != nil {
				return err
			}
		}
		return nil
	})
}

// FollowerInboxes lists the followers of one of our actors by shared inbox, without
// the blocked ones and those whose servers have been silent for a week.
func (a *App) FollowerInboxes(ctx context.Context, local desk.Handle, p store.Page) (out []Target, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		var follows []store.Follow
		out = nil
		if follows, next, err = tx.Follows().List(local, p); err != nil {
			return err
		}
		for _, f := range follows {
			may, err := tx.mayReach(f.Actor)
			if err != nil {
				return err
			}
			if may {
				out = append(out, Target{desk.Actor{Inbox: f.Inbox, Shared: f.Shared}.DeliverTo(desk.VisibilityPublic), f.Actor})
			}
		}
		return nil
	})
	return out, next, err
}

// mayReach says whether a follower is sent anything. A blocked one must not stand
// for the others of a shared inbox.
func (t *Tx) mayReach(who desk.ActorID) (bool, error) {
	blocked, err := t.blocked(who)
	if err != nil || blocked {
		return false, err
	}
	silent, err := t.givenUp(who.Host())
	return !silent, err
}

// RecipientInboxes lists the inboxes that an activity was recorded for, reached or
// not.
func (a *App) RecipientInboxes(ctx context.Context, activity desk.ActivityID, p store.Page) (out []Target, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		var sent []store.Delivery
		out = nil
		sent, next, err = tx.Deliveries().ByActivity(activity, p)
		for _, d := range sent {
			out = append(out, Target{Inbox: d.Inbox})
		}
		return err
	})
	return out, next, err
}

// ReporterInboxes lists the reporters of a desk whose issues changed since then.
// Reporters who do not want to hear from us are left out.
func (a *App) ReporterInboxes(ctx context.Context, local desk.Handle, since time.Time, p store.Page) (out []Target, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		var issues []desk.Issue
		out = nil
		issues, next, err = tx.Issues().List(store.IssueFilter{Desk: local}, p)
		if issues, err = tx.withParts(issues, err); err != nil {
			return err
		}
		for _, i := range issues {
			if i.Silenced != "" || i.UpdatedAt.Before(since) {
				continue
			}
			who, _, err := tx.Actors().Get(i.Reporter)
			if err != nil {
				return err
			}
			if who.Inbox != "" {
				out = append(out, Target{who.DeliverTo(desk.VisibilityPublic), who.ID})
			}
		}
		return nil
	})
	return out, next, err
}

// SourceInboxes lists the sources that the instance's own actor follows.
func (a *App) SourceInboxes(ctx context.Context, p store.Page) (out []Target, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		var sources []store.Source
		out = nil
		sources, next, err = tx.Sources().List(p)
		for _, s := range sources {
			out = append(out, Target{s.Inbox, s.Actor})
		}
		return err
	})
	return out, next, err
}

// Profile returns what we have of an actor.
func (a *App) Profile(ctx context.Context, who desk.ActorID) (p desk.Actor, ok bool, err error) {
	err = a.View(ctx, func(tx *Tx) error { p, ok, err = tx.Actors().Get(who); return err })
	return p, ok, err
}

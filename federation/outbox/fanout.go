package outbox

import (
	"context"
	"fmt"
	"slices"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/failpoint"
	"earshot/store"
)

// batch is how many inboxes one transaction takes.
const batch = 500

// shipment is an activity on its way to inboxes.
type shipment struct {
	activity desk.ActivityID
	post     desk.PostID
	signer   desk.Handle
	thread   string // what is said to a host about one thread stays in order
	key      string // see app.Deliver
}

// target is an inbox, and somebody who reads there.
type target struct {
	inbox string
	actor desk.ActorID
}

// toAudience sends a Create to everybody it is addressed to.
func (o *Outbox) toAudience(ctx context.Context, p desk.Post, id desk.ActivityID) error {
	pc := shipmentOf(p, id)
	var direct []target
	for _, m := range p.Mentions {
		t, err := o.inboxOf(ctx, m, p.Visibility)
		if err != nil {
			return err
		}
		direct = append(direct, t)
	}
	if err := o.send(ctx, pc, direct); err != nil {
		return err
	}
	if err := o.toGroup(ctx, pc, p); err != nil {
		return err
	}
	if !slices.Contains(append(p.To, p.Cc...), string(p.Author)+"/followers") {
		return nil
	}
	return o.toFollowers(ctx, pc, p.Desk)
}

// toGroup sends a reply to the community that it is said in as well, which
// passes it on. One that cannot be had costs nobody else the reply.
func (o *Outbox) toGroup(ctx context.Context, pc shipment, p desk.Post) error {
	if p.Group == "" {
		return nil
	}
	a, err := o.Actors.Actor(ctx, p.Group)
	if err != nil {
		o.Log.Info("a community was not reached", "group", p.Group, "err", err)
		return nil
	}
	inbox := desk.Actor{Inbox: a.Inbox, Shared: a.SharedInbox}.DeliverTo(p.Visibility)
	return o.send(ctx, pc, []target{{inbox, p.Group}})
}

func shipmentOf(p desk.Post, id desk.ActivityID) shipment {
	pc := shipment{activity: id, post: p.ID, signer: p.Desk, thread: string(p.Issue)}
	if pc.thread == "" {
		pc.thread = string(p.ID)
	}
	return pc
}

// toFollowers sends to the followers of one of our actors, collapsed by shared inbox.
func (o *Outbox) toFollowers(ctx context.Context, pc shipment, local desk.Handle) error {
	return store.EachPage(func(p store.Page) (next string, err error) {
		p.Limit = batch
		var targets []target
		err = o.App.View(ctx, func(tx *app.Tx) error {
			follows, n, err := tx.Follows().List(local, p)
			next, targets = n, nil
			for _, f := range follows {
				// One who is blocked must not stand for the others of a shared inbox.
				if blocked, err := tx.Blocked(f.Actor, f.Actor.Host()); err != nil {
					return err
				} else if blocked {
					continue
				}
				if silent, err := tx.GivenUp(f.Actor.Host()); err != nil {
					return err
				} else if silent {
					continue
				}
				inbox := f.Inbox
				if f.Shared != "" {
					inbox = f.Shared
				}
				targets = append(targets, target{inbox, f.Actor})
			}
			return err
		})
		if err != nil {
			return "", err
		}
		return next, o.send(ctx, pc, targets)
	})
}

// toAuthor sends the question whether we may answer to whom it concerns: not
// through the inbox that a whole server shares.
func (o *Outbox) toAuthor(ctx context.Context, p desk.Post, id desk.ActivityID) error {
	t, err := o.inboxOf(ctx, p.Approval.By, desk.VisibilityDirect)
	if err != nil {
		return err
	}
	return o.send(ctx, shipmentOf(p, id), []target{t})
}

// toCreateRecipients sends what follows a Create to every inbox that one was
// recorded for, reached or not. Whoever was asked for leave has seen it too,
// and so has whoever quotes it.
func (o *Outbox) toCreateRecipients(ctx context.Context, p desk.Post, id desk.ActivityID) error {
	site := o.App.Site()
	for _, earlier := range []desk.ActivityID{app.CreateID(site, p.ID), app.ReplyRequestID(site, p.ID), app.QuotesID(site, p.ID)} {
		if err := o.toRecipientsOf(ctx, p, earlier, id); err != nil {
			return err
		}
	}
	return nil
}

// toRecipientsOf sends an activity wherever an earlier one was sent.
func (o *Outbox) toRecipientsOf(ctx context.Context, p desk.Post, earlier, id desk.ActivityID) error {
	return store.EachPage(func(page store.Page) (next string, err error) {
		page.Limit = batch
		var targets []target
		err = o.App.View(ctx, func(tx *app.Tx) error {
			dels, n, err := tx.Deliveries().ByActivity(earlier, page)
			next, targets = n, nil
			for _, d := range dels {
				targets = append(targets, target{inbox: d.Inbox})
			}
			return err
		})
		if err != nil {
			return "", err
		}
		return next, o.send(ctx, shipmentOf(p, id), targets)
	})
}

// send writes the deliveries of one portion. An inbox that has one for this
// activity already gets no second: a rerun says nothing twice.
func (o *Outbox) send(ctx context.Context, pc shipment, targets []target) error {
	if len(targets) == 0 {
		return nil
	}
	failpoint.Hit("outbox.portion")
	defer failpoint.Hit("outbox.portion.written")
	return o.App.Update(ctx, func(tx *app.Tx) error {
		for _, t := range targets {
			if _, err := desk.HostOf(t.inbox); err != nil {
				continue // one follower's nonsense must not cost the others
			}
			if _, there, err := tx.Deliveries().Get(pc.activity, t.inbox); err != nil {
				return err
			} else if there {
				continue
			}
			if err := tx.Deliver(app.Deliver{Activity: pc.activity, Inbox: t.inbox, Signer: pc.signer, Recipient: t.actor, Key: pc.key}, pc.post, pc.thread); err != nil {
				return err
			}
		}
		return nil
	})
}

// inboxOf finds where somebody is reached: as we know them, else as their
// server says.
func (o *Outbox) inboxOf(ctx context.Context, id desk.ActorID, v desk.Visibility) (target, error) {
	var known desk.Actor
	err := o.App.View(ctx, func(tx *app.Tx) (err error) {
		known, _, err = tx.Actors().Get(id)
		return err
	})
	if err != nil {
		return target{}, err
	}
	if known.Inbox == "" {
		a, err := o.Actors.Actor(ctx, id)
		if err != nil {
			return target{}, fmt.Errorf("finding the inbox of %s: %w", id, err)
		}
		known.Inbox, known.Shared = a.Inbox, a.SharedInbox
	}
	return target{known.DeliverTo(v), id}, nil
}

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

// inboxes is a list of inboxes, page by page.
type inboxes func(store.Page) (targets []app.Target, next string, err error)

func shipmentOf(p desk.Post, id desk.ActivityID) app.Shipment {
	s := app.Shipment{Activity: id, Post: p.ID, Signer: p.Desk, Thread: string(p.Issue)}
	if p.Incident != "" { // an update does not come before what it answers
		s.Thread = "incident:" + string(p.Incident)
	}
	if s.Thread == "" {
		s.Thread = string(p.ID)
	}
	return s
}

// toAudience sends a Create to all that it is addressed to.
func (o *Outbox) toAudience(ctx context.Context, p desk.Post, id desk.ActivityID) error {
	s := shipmentOf(p, id)
	var direct []app.Target
	for _, m := range p.Mentions {
		t, err := o.inboxOf(ctx, m, p.Visibility)
		if err != nil {
			return err
		}
		direct = append(direct, t)
	}
	if err := o.send(ctx, s, direct); err != nil {
		return err
	}
	if err := o.toGroup(ctx, s, p); err != nil {
		return err
	}
	if !slices.Contains(append(p.To, p.Cc...), string(p.Author)+"/followers") {
		return nil
	}
	return o.toFollowers(ctx, s, p.Desk)
}

// toGroup sends a reply to the community that it is said in as well, which
// passes it on. One that cannot be reached costs nobody else the reply.
func (o *Outbox) toGroup(ctx context.Context, s app.Shipment, p desk.Post) error {
	if p.Group == "" {
		return nil
	}
	a, err := o.Actors.Actor(ctx, p.Group)
	if err != nil {
		o.Log.Info("a community was not reached", "group", p.Group, "err", err)
		return nil
	}
	inbox := desk.Actor{Inbox: a.Inbox, Shared: a.SharedInbox}.DeliverTo(p.Visibility)
	return o.send(ctx, s, []app.Target{{Inbox: inbox, Actor: p.Group}})
}

// toFollowers sends to the followers of one of our actors, collapsed by shared inbox.
func (o *Outbox) toFollowers(ctx context.Context, s app.Shipment, local desk.Handle) error {
	return o.toAll(ctx, s, func(p store.Page) ([]app.Target, string, error) { return o.App.FollowerInboxes(ctx, local, p) })
}

// toAuthor sends the request to approve a reply to the author who is asked: not
// through the inbox that a whole server shares.
func (o *Outbox) toAuthor(ctx context.Context, p desk.Post, id desk.ActivityID) error {
	t, err := o.inboxOf(ctx, p.Approval.By, desk.VisibilityDirect)
	if err != nil {
		return err
	}
	return o.send(ctx, shipmentOf(p, id), []app.Target{t})
}

// toCreateRecipients sends what follows a Create to every inbox that one was
// recorded for, reached or not. An author who was asked for approval has seen it
// too, and so has everyone who quotes it.
func (o *Outbox) toCreateRecipients(ctx context.Context, p desk.Post, id desk.ActivityID) error {
	site := o.App.Site()
	for _, earlier := range []desk.ActivityID{app.CreateID(site, p.ID), app.ReplyRequestID(site, p.ID), app.QuotesID(site, p.ID)} {
		err := o.toAll(ctx, shipmentOf(p, id), func(page store.Page) ([]app.Target, string, error) {
			return o.App.RecipientInboxes(ctx, earlier, page)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// toAll sends to all inboxes of a list, portion by portion.
func (o *Outbox) toAll(ctx context.Context, s app.Shipment, list inboxes) error {
	return store.EachPage(func(p store.Page) (string, error) {
		p.Limit = batch
		targets, next, err := list(p)
		if err != nil {
			return "", err
		}
		return next, o.send(ctx, s, targets)
	})
}

// toFirst is toAll for so many pages of a list at most.
func (o *Outbox) toFirst(ctx context.Context, s app.Shipment, pages int, list inboxes) error {
	return o.toAll(ctx, s, func(p store.Page) ([]app.Target, string, error) {
		targets, next, err := list(p)
		if pages--; pages == 0 {
			next = ""
		}
		return targets, next, err
	})
}

// send stores the deliveries of one portion.
func (o *Outbox) send(ctx context.Context, s app.Shipment, targets []app.Target) error {
	if len(targets) == 0 {
		return nil
	}
	failpoint.Hit("outbox.portion")
	defer failpoint.Hit("outbox.portion.written")
	return o.App.FanOut(ctx, s, targets)
}

// inboxOf finds the inbox of an actor: as we know the actor, else as its server
// says.
func (o *Outbox) inboxOf(ctx context.Context, id desk.ActorID, v desk.Visibility) (app.Target, error) {
	known, _, err := o.App.Profile(ctx, id)
	if err != nil {
		return app.Target{}, err
	}
	if known.Inbox == "" {
		a, err := o.Actors.Actor(ctx, id)
		if err != nil {
			return app.Target{}, fmt.Errorf("finding the inbox of %s: %w", id, err)
		}
		known.Inbox, known.Shared = a.Inbox, a.SharedInbox
	}
	return app.Target{Inbox: known.DeliverTo(v), Actor: id}, nil
}

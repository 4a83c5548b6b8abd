package outbox

import (
	"context"
	"fmt"
	"time"

	"earshot/federation/as"
	"earshot/federation/as/build"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

const (
	// lately is how long ago we had to do with somebody whom a new key is told
	// of; others find it when they need it.
	lately = 90 * 24 * time.Hour
	// maxIssues bounds how many issues are looked through for such people.
	maxIssues = 20_000
)

// newKey tells others that one of our actors has new keys: the servers of its
// followers, of those it talked to lately, and of the sources it follows.
func (o *Outbox) newKey(ctx context.Context, job app.Publish) error {
	doc, err := o.docOf(ctx, job.Local)
	if err != nil {
		return err
	}
	id := o.App.Site().Activity("desk-"+string(job.Local), fmt.Sprintf("key/%d", job.N))
	err = o.App.Update(ctx, func(tx *app.Tx) error {
		body, err := build.UpdateActor(id, doc, []string{as.Public}, []string{doc.Followers}, tx.Now)
		if err != nil {
			return err
		}
		return o.storeDocument(tx, job.Local, store.Document{ID: string(id), JSON: body, Public: true})
	})
	if err != nil {
		return err
	}
	pc := shipment{activity: id, signer: job.Local, thread: "profile:" + string(job.Local), key: job.Key}
	if err := o.toFollowers(ctx, pc, job.Local); err != nil {
		return err
	}
	if job.Local == desk.RelayHandle {
		return o.toSources(ctx, pc)
	}
	return o.toReporters(ctx, pc, job.Local)
}

func (o *Outbox) docOf(ctx context.Context, h desk.Handle) (build.ActorDoc, error) {
	if h == desk.RelayHandle {
		return o.RelayDoc(ctx)
	}
	doc, ok, err := o.DeskDoc(ctx, h)
	if err == nil && !ok {
		err = fmt.Errorf("there is no desk %s", h)
	}
	return doc, err
}

// toReporters sends to the servers of those who reported something to a desk
// that was touched lately. Whoever does not want to hear from us is left alone.
func (o *Outbox) toReporters(ctx context.Context, pc shipment, local desk.Handle) error {
	since := o.App.Now().Add(-lately)
	return o.pages(ctx, pc, maxIssues/batch, func(tx *app.Tx, p store.Page) (targets []target, next string, err error) {
		issues, next, err := tx.Issues().List(store.IssueFilter{Desk: local}, p)
		for _, i := range issues {
			if err != nil || i.Silenced != "" || i.UpdatedAt.Before(since) {
				continue
			}
			var a desk.Actor
			if a, _, err = tx.Actors().Get(i.Reporter); err == nil && a.Inbox != "" {
				targets = append(targets, target{a.DeliverTo(desk.VisibilityPublic), a.ID})
			}
		}
		return targets, next, err
	})
}

// toSources sends to the hashtag actors that the instance's own actor follows.
func (o *Outbox) toSources(ctx context.Context, pc shipment) error {
	return o.pages(ctx, pc, maxIssues/batch, func(tx *app.Tx, p store.Page) (targets []target, next string, err error) {
		sources, next, err := tx.Sources().List(p)
		for _, s := range sources {
			targets = append(targets, target{s.Inbox, s.Actor})
		}
		return targets, next, err
	})
}

// pages sends to what list finds, portion by portion, at most so many times.
func (o *Outbox) pages(ctx context.Context, pc shipment, most int, list func(*app.Tx, store.Page) ([]target, string, error)) error {
	after := ""
	for range most {
		var targets []target
		var next string
		err := o.App.View(ctx, func(tx *app.Tx) (err error) {
			targets, next, err = list(tx, store.Page{After: after, Limit: batch})
			return err
		})
		if err != nil {
			return err
		}
		if err := o.send(ctx, pc, targets); err != nil || next == "" {
			return err
		}
		after = next
	}
	return nil
}

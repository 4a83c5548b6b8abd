package outbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"earshot/federation/as/build"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// quote answers somebody who wants to quote a post of ours (FEP-044f).
func (o *Outbox) quote(ctx context.Context, job app.Publish) error {
	site := o.App.Site()
	// The same request is always answered with the same activity.
	sum := sha256.Sum256([]byte(string(job.Actor) + "\n" + string(job.Activity)))
	id := site.Activity("quote-"+hex.EncodeToString(sum[:16]), "answer")
	us := site.Desk(job.Local)
	q := build.QuoteRequestDoc{ID: job.Activity, Actor: job.Actor, Object: site.Post(job.Post), Instrument: job.Quote}
	stamp := app.QuoteAuthorizationID(site, job.Post, job.Quote)
	var doc []byte
	err := o.App.Update(ctx, func(tx *app.Tx) error {
		p, ok, err := tx.PublicPost(job.Post)
		if err != nil {
			return err
		}
		if ok {
			ok, err = tx.Quoted(p, stamp, job.Inbox)
		}
		if err != nil {
			return err
		}
		if !ok {
			doc, err = build.RejectQuote(id, us, q)
			return err
		}
		if doc, err = build.AcceptQuote(id, us, q, stamp); err != nil {
			return err
		}
		authorization, err := build.QuoteAuthorization(stamp, us, q.Instrument, q.Object)
		if err != nil {
			return err
		}
		return tx.Documents().Put(store.Document{ID: stamp, Post: p.ID, JSON: authorization, Public: true, Addressed: []desk.ActorID{job.Actor}, At: tx.Now})
	})
	if err != nil {
		return err
	}
	return o.sendOne(ctx, id, doc, job, "quote:"+string(job.Post))
}

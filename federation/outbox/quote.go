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

// quote answers an actor that wants to quote a post of ours (FEP-044f).
func (o *Outbox) quote(ctx context.Context, job app.Publish) error {
	_, err := o.App.Publish(ctx, job, o.writeQuoteAnswer)
	return err
}

// writeQuoteAnswer writes the authorization and the Accept around it, or, without
// a post that may be quoted, a Reject.
func (o *Outbox) writeQuoteAnswer(tx *app.Tx, job app.Publish, p desk.Post) (app.Written, error) {
	site := o.App.Site()
	// The same request is always answered with the same activity.
	sum := sha256.Sum256([]byte(string(job.Actor) + "\n" + string(job.Activity)))
	id := site.Activity("quote-"+hex.EncodeToString(sum[:16]), "answer")
	us := site.Desk(job.Local)
	q := build.QuoteRequestDoc{ID: job.Activity, Actor: job.Actor, Object: site.Post(job.Post), Instrument: job.Quote}
	if p.ID == "" {
		doc, err := build.RejectQuote(id, us, q)
		return forOne(id, job.Actor, doc), err
	}
	authorizes := app.QuoteAuthorizationID(site, job.Post, job.Quote)
	doc, err := build.AcceptQuote(id, us, q, authorizes)
	if err != nil {
		return app.Written{}, err
	}
	authorization, err := build.QuoteAuthorization(authorizes, us, q.Instrument, q.Object)
	if err != nil {
		return app.Written{}, err
	}
	w := forOne(id, job.Actor, doc)
	w.Documents = append(w.Documents, store.Document{ID: authorizes, Post: p.ID, JSON: authorization, Public: true, Addressed: []desk.ActorID{job.Actor}})
	return w, nil
}

package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

// MaxQuotes is how many quotes of one post are authorized.
const MaxQuotes = 1000

// QuoteRequested records a person's wish to quote a post of ours. The answer is a
// publish job, which decides when it runs.
func (a *App) QuoteRequested(ctx context.Context, quoted desk.ObjectID, q Publish) (drop.Reason, error) {
	return a.takeIn(ctx, func(tx *Tx) (drop.Reason, error) {
		p, ok, err := tx.Posts().ByObject(quoted)
		if err != nil || !ok || !p.Ours() {
			return drop.UnknownObject, err
		}
		if blocked, err := tx.blocked(q.Actor); err != nil || blocked {
			return drop.Blocked, err
		}
		q.Verb, q.Post, q.Local = VerbQuote, p.ID, p.Desk
		return drop.Kept, tx.publish("quote:"+string(p.ID)+":"+string(q.Activity), "quote:"+string(p.ID), tx.Now, q)
	})
}

// PublicPost returns a post of ours if it is public now: everyone who may read
// a post may quote it.
func (t *Tx) PublicPost(id desk.PostID) (p desk.Post, ok bool, err error) {
	p, ok, err = t.Posts().Get(id)
	ok = ok && p.Ours() && p.State == desk.PostPublished && !p.Deleted && p.Visibility.IsPublic()
	return p, ok, err
}

// quoted records that a quote was authorized: its author hears of edits and of
// the end of the quoted post. ok is false if there are too many quotes.
func (t *Tx) quoted(p desk.Post, stamp, inbox string) (ok bool, err error) {
	if _, known, err := t.Documents().Get(stamp); err != nil || known {
		return known, err
	}
	if p.Quotes >= MaxQuotes {
		return false, nil
	}
	p.Quotes++
	if err := t.Posts().Put(p); err != nil {
		return false, err
	}
	d := store.Delivery{Activity: QuotesID(t.site, p.ID), Inbox: inbox, Post: p.ID, State: store.DeliveryDelivered, At: t.Now}
	return true, t.Deliveries().Put(d)
}

// QuotesID names the list of the inboxes of those who quote a post. It is no
// activity and is sent to nobody.
func QuotesID(s desk.Site, p desk.PostID) desk.ActivityID { return s.Activity(string(p), "quotes") }

// QuoteAuthorizationID is the id of the authorization of a quote.
func QuoteAuthorizationID(s desk.Site, p desk.PostID, quote desk.ObjectID) string {
	sum := sha256.Sum256([]byte(quote))
	return string(s.Post(p)) + "/quotes/" + hex.EncodeToString(sum[:16])
}

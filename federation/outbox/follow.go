package outbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"earshot/federation/as/build"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// accept tells somebody that they follow one of our actors now.
func (o *Outbox) accept(ctx context.Context, job app.Publish) error {
	site := o.App.Site()
	// The same Follow is always answered with the same Accept.
	sum := sha256.Sum256([]byte(string(job.Actor) + "\n" + string(job.Activity)))
	id := site.Activity(string(job.Local)+"-"+hex.EncodeToString(sum[:16]), "accept")
	us := site.Desk(job.Local)
	doc, err := build.Accept(id, us, build.FollowDoc{ID: job.Activity, Actor: job.Actor, Object: string(us)})
	if err != nil {
		return err
	}
	return o.sendOne(ctx, id, doc, job, "follow:"+string(job.Actor))
}

// follow asks a source's actor to tell us.
func (o *Outbox) follow(ctx context.Context, job app.Publish) error {
	doc, err := build.Follow(job.Activity, o.App.Site().Relay(), string(job.Actor), []string{string(job.Actor)})
	if err != nil {
		return err
	}
	return o.sendOne(ctx, job.Activity, doc, job, "source:"+string(job.Source))
}

// unfollow asks it to tell us no more.
func (o *Outbox) unfollow(ctx context.Context, job app.Publish) error {
	us := o.App.Site().Relay()
	id := o.App.Site().Activity(string(job.Source), fmt.Sprintf("unfollow/%d", job.N))
	doc, err := build.Undo(id, us, build.FollowDoc{ID: job.Activity, Actor: us, Object: string(job.Actor)}, []string{string(job.Actor)})
	if err != nil {
		return err
	}
	return o.sendOne(ctx, id, doc, job, "source:"+string(job.Source))
}

// sendOne sends one activity to one inbox. It is for whom it is sent to: who
// follows us is theirs to tell.
func (o *Outbox) sendOne(ctx context.Context, id desk.ActivityID, doc []byte, job app.Publish, thread string) error {
	return o.App.Update(ctx, func(tx *app.Tx) error {
		if err := o.storeDocument(tx, job.Local, store.Document{ID: string(id), JSON: doc, Addressed: []desk.ActorID{job.Actor}}); err != nil {
			return err
		}
		d := app.Deliver{Activity: id, Inbox: job.Inbox, Signer: job.Local, Recipient: job.Actor}
		return tx.Deliver(d, "", thread)
	})
}

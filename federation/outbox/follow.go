package outbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"earshot/federation/as/build"
	"earshot/internal/app"
	"earshot/internal/desk"
)

// accept tells an actor that it follows one of ours now.
func (o *Outbox) accept(ctx context.Context, job app.Publish) error {
	_, err := o.App.Publish(ctx, job, o.writeAccept)
	return err
}

func (o *Outbox) writeAccept(_ *app.Tx, job app.Publish, _ desk.Post) (app.Written, error) {
	site := o.App.Site()
	// The same Follow is always answered with the same Accept.
	sum := sha256.Sum256([]byte(string(job.Actor) + "\n" + string(job.Activity)))
	id := site.Activity(string(job.Local)+"-"+hex.EncodeToString(sum[:16]), "accept")
	us := site.Desk(job.Local)
	doc, err := build.Accept(id, us, build.FollowDoc{ID: job.Activity, Actor: job.Actor, Object: string(us)})
	return forOne(id, job.Actor, doc), err
}

// follow asks a source's actor to tell us of posts.
func (o *Outbox) follow(ctx context.Context, job app.Publish) error {
	_, err := o.App.Publish(ctx, job, o.writeFollow)
	return err
}

func (o *Outbox) writeFollow(_ *app.Tx, job app.Publish, _ desk.Post) (app.Written, error) {
	doc, err := build.Follow(job.Activity, o.App.Site().Relay(), string(job.Actor), []string{string(job.Actor)})
	return forOne(job.Activity, job.Actor, doc), err
}

// unfollow asks it to tell us no more.
func (o *Outbox) unfollow(ctx context.Context, job app.Publish) error {
	_, err := o.App.Publish(ctx, job, o.writeUnfollow)
	return err
}

func (o *Outbox) writeUnfollow(_ *app.Tx, job app.Publish, _ desk.Post) (app.Written, error) {
	us := o.App.Site().Relay()
	id := o.App.Site().Activity(string(job.Source), fmt.Sprintf("unfollow/%d", job.N))
	doc, err := build.Undo(id, us, build.FollowDoc{ID: job.Activity, Actor: us, Object: string(job.Actor)}, []string{string(job.Actor)})
	return forOne(id, job.Actor, doc), err
}

package outbox

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"

	"earshot/federation/as/build"
	"earshot/internal/app"
	"earshot/internal/desk"
)

// accept tells an actor that it follows one of ours now.
func (o *Outbox) accept(ctx context.Context, job app.Publish) error {
	_, err := o.App.Publish(ctx, job, o.writeAccept)
	return err
}

// reject tells an actor that it does not.
func (o *Outbox) reject(ctx context.Context, job app.Publish) error {
	_, err := o.App.Publish(ctx, job, o.writeReject)
	return err
}

func (o *Outbox) writeAccept(_ *app.Tx, job app.Publish, _ desk.Post) (app.Written, error) {
	return o.answer(job, build.Accept)
}

func (o *Outbox) writeReject(_ *app.Tx, job app.Publish, _ desk.Post) (app.Written, error) {
	return o.answer(job, build.Reject)
}

func (o *Outbox) answer(job app.Publish, write func(desk.ActivityID, desk.ActorID, build.FollowDoc) ([]byte, error)) (app.Written, error) {
	site := o.App.Site()
	// The same Follow is always answered with the same activity.
	sum := sha256.Sum256([]byte(string(job.Actor) + "\n" + string(job.Activity)))
	id := site.Activity(string(job.Local)+"-"+hex.EncodeToString(sum[:16]), string(job.Verb))
	us := site.Desk(job.Local)
	doc, err := write(id, us, build.FollowDoc{ID: job.Activity, Actor: job.Actor, Object: cmp.Or(job.Object, string(us))})
	return forOne(id, job.Actor, doc), err
}

// follow asks a source's actor to tell us of posts.
func (o *Outbox) follow(ctx context.Context, job app.Publish) error {
	_, err := o.App.Publish(ctx, job, o.writeFollow)
	return err
}

func (o *Outbox) writeFollow(_ *app.Tx, job app.Publish, _ desk.Post) (app.Written, error) {
	doc, err := build.Follow(job.Activity, o.App.Site().Desk(job.Local), followed(job), addressee(job))
	return forOne(job.Activity, job.Actor, doc), err
}

// followed is what a Follow names: the actor, or Public at a relay.
func followed(job app.Publish) string { return cmp.Or(job.Object, string(job.Actor)) }

// addressee is who a Follow is addressed to: never Public, which some relays pass on
// to others instead of reading it. Whose inbox it is may not be known yet.
func addressee(job app.Publish) []string {
	if job.Actor == "" {
		return nil
	}
	return []string{string(job.Actor)}
}

// unfollow asks it to tell us no more.
func (o *Outbox) unfollow(ctx context.Context, job app.Publish) error {
	_, err := o.App.Publish(ctx, job, o.writeUnfollow)
	return err
}

func (o *Outbox) writeUnfollow(_ *app.Tx, job app.Publish, _ desk.Post) (app.Written, error) {
	us := o.App.Site().Desk(job.Local)
	id := app.UnfollowID(o.App.Site(), job.Source, job.N)
	doc, err := build.Undo(id, us, build.FollowDoc{ID: job.Activity, Actor: us, Object: followed(job)}, addressee(job))
	return forOne(id, job.Actor, doc), err
}

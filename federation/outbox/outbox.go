// Package outbox turns what the desk said into activities: it builds their bytes,
// finds the inboxes that they go to, and collapses them by shared inbox. Which
// documents are stored, and in which transaction, is decided by internal/app. It sends nothing
// itself.
package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"earshot/federation/as"
	"earshot/federation/as/build"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/failpoint"
	"earshot/internal/keyring"
	"earshot/internal/queue"
	"earshot/store"
)

// Revalidate asks a post's own server whether the post is still there and
// still says what we heard, and takes in the answer. seen is false where that
// cannot be found out.
type Revalidate func(ctx context.Context, o desk.ObjectID) (seen bool, err error)

// WhereNow looks whether a person has another account by now, and if both
// accounts say so, has their issues go along.
type WhereNow func(ctx context.Context, who desk.ActorID) error

// Actors finds the inbox of an actor.
type Actors interface {
	Actor(ctx context.Context, id desk.ActorID) (*as.Actor, error)
}

// Outbox runs the publish jobs.
type Outbox struct {
	App        *app.App
	Keys       *keyring.Keyring
	Actors     Actors
	Revalidate Revalidate
	WhereNow   WhereNow
	Log        *slog.Logger
}

// Handle does one publish job.
func (o *Outbox) Handle(ctx context.Context, job store.Job) error {
	var p app.Publish
	if err := json.Unmarshal(job.Payload, &p); err != nil {
		return &queue.Dead{Err: fmt.Errorf("reading a publish job: %w", err)}
	}
	d, ok := handlers[p.Verb]
	if !ok {
		return &queue.Dead{Err: fmt.Errorf("a publish job with the unknown verb %q", p.Verb)}
	}
	return d.do(o, ctx, p)
}

// create sends a reply or broadcast for the first time.
func (o *Outbox) create(ctx context.Context, job app.Publish) error {
	if seen, err := o.revalidateReport(ctx, job.Post); err != nil {
		return err
	} else if !seen {
		return o.App.Unseen(ctx, job.Post)
	}
	if err := o.followReporter(ctx, job.Post); err != nil {
		return err
	}
	failpoint.Hit("outbox.create")
	if err := o.waitForEarlier(ctx, job.Post); err != nil {
		return err
	}
	out, err := o.App.Publish(ctx, job, o.writeCreate)
	if err != nil || !out.Send {
		return err
	}
	failpoint.Hit("outbox.created")
	site, p := o.App.Site(), out.Post
	if p.State == desk.PostAwaitingApproval {
		return o.toAuthor(ctx, p, app.ReplyRequestID(site, p.ID))
	}
	return o.toAudience(ctx, p, app.CreateID(site, p.ID))
}

func (o *Outbox) writeCreate(tx *app.Tx, _ app.Publish, p desk.Post) (app.Written, error) {
	site := o.App.Site()
	note := noteOf(site, p)
	if p.State == desk.PostAwaitingApproval {
		return o.freezeReplyRequest(tx, p, note)
	}
	create, err := build.Create(app.CreateID(site, p.ID), p.Author, note)
	if err != nil {
		return app.Written{}, err
	}
	return o.freeze(tx, p, note, app.CreateID(site, p.ID), create)
}

// revalidateReport revalidates a report that was heard by its tags, before we speak
// to a person who has not spoken to us. seen is false where nothing is to be
// sent, for nobody can say whether it is wanted.
func (o *Outbox) revalidateReport(ctx context.Context, id desk.PostID) (seen bool, err error) {
	report, err := o.App.ToRevalidate(ctx, id)
	if err != nil || report == "" {
		return true, err
	}
	return o.Revalidate(ctx, report)
}

// followReporter finds the account at which the reporter is to be answered.
func (o *Outbox) followReporter(ctx context.Context, id desk.PostID) error {
	who, err := o.App.ToAnswer(ctx, id)
	if err != nil || who == "" {
		return err
	}
	return o.WhereNow(ctx, who)
}

// update sends an edit to every inbox that the Create was recorded for.
func (o *Outbox) update(ctx context.Context, job app.Publish) error {
	out, err := o.App.Publish(ctx, job, o.writeUpdate)
	if err != nil || !out.Send {
		return err
	}
	failpoint.Hit("outbox.updated")
	return o.toCreateRecipients(ctx, out.Post, app.UpdateID(o.App.Site(), job.Post, job.N))
}

func (o *Outbox) writeUpdate(tx *app.Tx, job app.Publish, p desk.Post) (app.Written, error) {
	site := o.App.Site()
	id, note := app.UpdateID(site, job.Post, job.N), noteOf(site, p)
	update, err := build.Update(id, p.Author, note)
	if err != nil {
		return app.Written{}, err
	}
	return o.freeze(tx, p, note, id, update)
}

// delete sends a Tombstone after the Create, and takes the words out of every
// document that held them.
func (o *Outbox) delete(ctx context.Context, job app.Publish) error {
	out, err := o.App.Publish(ctx, job, o.writeDelete)
	if err != nil || !out.Send {
		return err
	}
	failpoint.Hit("outbox.deleted")
	return o.toCreateRecipients(ctx, out.Post, app.DeleteID(o.App.Site(), job.Post))
}

// writeDelete writes a Tombstone in the place of each document, and the Delete
// unless the job is quiet.
func (o *Outbox) writeDelete(tx *app.Tx, job app.Publish, p desk.Post) (app.Written, error) {
	site := o.App.Site()
	w := app.Written{Activity: app.DeleteID(site, job.Post)}
	gone, err := build.Tombstone(p.Object, as.Note, p.Updated)
	if err != nil {
		return w, err
	}
	public := p.Visibility.IsPublic() && !p.PublishedAt.IsZero() // what was only asked was never shown
	for _, id := range app.DocumentIDs(site, p) {
		w.Documents = append(w.Documents, store.Document{ID: id, Post: p.ID, JSON: gone, Public: public, Addressed: addressed(p), Gone: true})
	}
	if job.Quiet {
		return w, nil
	}
	del, err := build.Delete(w.Activity, p.Author, p.Object, p.To, p.Cc, p.Updated)
	if err != nil {
		return w, err
	}
	d, err := o.proved(tx, p.Desk, store.Document{ID: string(w.Activity), Post: p.ID, JSON: del, Public: public, Addressed: addressed(p)})
	w.Documents = append(w.Documents, d)
	return w, err
}

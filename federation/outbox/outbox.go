// Package outbox turns what the desk said into activities: it builds and
// freezes their bytes, resolves whom they go to, collapses by shared inbox, and
// writes the deliveries. It sends nothing itself.
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

// Actors finds somebody's inbox.
type Actors interface {
	Actor(ctx context.Context, id desk.ActorID) (*as.Actor, error)
}

// Outbox runs the publish jobs.
type Outbox struct {
	App        *app.App
	Keys       *keyring.Keyring
	Actors     Actors
	Revalidate Revalidate
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
	failpoint.Hit("outbox.create")
	if err := o.waitForEarlier(ctx, job.Post); err != nil {
		return err
	}
	site := o.App.Site()
	var p desk.Post
	var send bool
	err := o.App.Update(ctx, func(tx *app.Tx) (err error) {
		var was desk.Post
		if was, _, err = tx.Posts().Get(job.Post); err != nil {
			return err
		}
		if p, send, err = tx.PublishPost(job.Post); err != nil || !send || was.State == p.State {
			return err
		}
		note := noteOf(site, p)
		if p.State == desk.PostAwaitingApproval {
			return o.freezeReplyRequest(tx, site, p, note)
		}
		create, err := build.Create(app.CreateID(site, p.ID), p.Author, note)
		if err != nil {
			return err
		}
		return o.freeze(tx, p, note, app.CreateID(site, p.ID), create)
	})
	if err != nil || !send {
		return err
	}
	failpoint.Hit("outbox.created")
	if p.State == desk.PostAwaitingApproval {
		return o.toAuthor(ctx, p, app.ReplyRequestID(site, p.ID))
	}
	return o.toAudience(ctx, p, app.CreateID(site, p.ID))
}

// revalidateReport revalidates a report that was heard by its tags, before we speak
// to a person who has not spoken to us. seen is false where nothing is to be
// written, for nobody can say whether it is wanted.
func (o *Outbox) revalidateReport(ctx context.Context, id desk.PostID) (seen bool, err error) {
	var ask desk.ObjectID
	err = o.App.View(ctx, func(tx *app.Tx) error {
		p, ok, err := tx.Posts().Get(id)
		if err != nil || !ok || p.Role != desk.RoleReply || p.State != desk.PostPending {
			return err
		}
		i, ok, err := tx.Issues().Get(p.Issue)
		if err != nil || !ok || i.Heard != desk.HeardTags || i.Invited || i.Silenced != "" {
			return err
		}
		blocked, err := tx.Blocked(i.Reporter, i.Reporter.Host())
		if !blocked { // who is, is not asked: the last look will say so
			ask = i.Report
		}
		return err
	})
	if err != nil || ask == "" {
		return true, err
	}
	return o.Revalidate(ctx, ask)
}

// update sends an edit to everybody the Create was recorded for.
func (o *Outbox) update(ctx context.Context, job app.Publish) error {
	site, send := o.App.Site(), false
	id := app.UpdateID(site, job.Post, job.N)
	var p desk.Post
	err := o.App.Update(ctx, func(tx *app.Tx) (err error) {
		var ok bool
		p, ok, err = tx.Posts().Get(job.Post)
		if send = ok && p.State == desk.PostPublished && !p.Deleted; err != nil || !send {
			return err
		}
		if send, err = tx.MayEdit(p); err != nil || !send {
			return err
		}
		if err := withMention(tx, &p); err != nil {
			return err
		}
		note := noteOf(site, p)
		update, err := build.Update(id, p.Author, note)
		if err != nil {
			return err
		}
		return o.freeze(tx, p, note, id, update)
	})
	if err != nil || !send {
		return err
	}
	failpoint.Hit("outbox.updated")
	return o.toCreateRecipients(ctx, p, id)
}

// delete sends a Tombstone after the Create, and takes the words out of every
// document that held them.
func (o *Outbox) delete(ctx context.Context, job app.Publish) error {
	site, send := o.App.Site(), false
	id := app.DeleteID(site, job.Post)
	var p desk.Post
	err := o.App.Update(ctx, func(tx *app.Tx) (err error) {
		p, send, err = tx.Posts().Get(job.Post)
		if err != nil || !send {
			return err
		}
		gone, err := build.Tombstone(p.Object, as.Note, p.Updated)
		if err != nil {
			return err
		}
		del, err := build.Delete(id, p.Author, p.Object, p.To, p.Cc, p.Updated)
		if err != nil {
			return err
		}
		public := p.Visibility.IsPublic() && !p.PublishedAt.IsZero() // what was only asked was never shown
		for _, h := range app.DocumentIDs(site, p) {
			d := store.Document{ID: h, Post: p.ID, JSON: gone, Public: public, Addressed: addressed(p), Gone: true, At: tx.Now}
			if err := tx.Documents().Put(d); err != nil {
				return err
			}
		}
		if send = !job.Quiet; !send {
			return nil
		}
		return o.storeDocument(tx, p.Desk, store.Document{ID: string(id), Post: p.ID, JSON: del, Public: public, Addressed: addressed(p)})
	})
	if err != nil || !send {
		return err
	}
	failpoint.Hit("outbox.deleted")
	return o.toCreateRecipients(ctx, p, id)
}

// freeze keeps a note and the activity around it byte for byte.
func (o *Outbox) freeze(tx *app.Tx, p desk.Post, note build.NoteDoc, id desk.ActivityID, activity []byte) error {
	object, err := build.Note(note)
	if err != nil {
		return err
	}
	public := p.Visibility.IsPublic() && p.State == desk.PostPublished
	for _, d := range []store.Document{{ID: string(p.Object), JSON: object}, {ID: string(id), JSON: activity}} {
		d.Post, d.Public, d.Addressed = p.ID, public, addressed(p)
		if err := o.storeDocument(tx, p.Desk, d); err != nil {
			return err
		}
	}
	return nil
}

// addressed lists the actors who may read a post that is not public.
func addressed(p desk.Post) []desk.ActorID { return p.Mentions }

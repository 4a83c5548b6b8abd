package app

import (
	"context"

	"earshot/internal/desk"
	"earshot/internal/markup"
	"earshot/store"
)

// Written is what one of our actors says, in the form in which other servers read it.
type Written struct {
	Activity  desk.ActivityID
	Documents []store.Document // the activity and what it is about, without the time
}

// Write writes the documents of a publish job. It reads only, and writes the same
// if it runs again. The post is zero if the job is about none.
type Write func(*Tx, Publish, desk.Post) (Written, error)

// Published is what became of a publish job.
type Published struct {
	Post desk.Post // as it is now, if the job is about one
	Send bool      // there is an activity to be sent
}

// Publish is where everything meets that our actors say. In one transaction it
// decides for the last time whether the job is still to be done, stores the
// documents that write returns, byte for byte, and, if the job names one inbox,
// the delivery to it. More inboxes are for FanOut, once the documents are on disk.
// The documents of a post that went out before stay as they are.
func (a *App) Publish(ctx context.Context, job Publish, write Write) (out Published, err error) {
	err = a.Update(ctx, func(tx *Tx) error {
		d, err := tx.decide(job)
		if out = d.Published; err != nil || !d.write {
			return err
		}
		w, err := write(tx, job, d.Post)
		if err != nil {
			return err
		}
		for _, doc := range w.Documents {
			doc.At = tx.Now
			if err := tx.Documents().Put(doc); err != nil {
				return err
			}
		}
		if job.Inbox == "" || !d.Send {
			return nil
		}
		return tx.Deliver(Deliver{Activity: w.Activity, Inbox: job.Inbox, Signer: job.Local, Recipient: job.Actor}, "", job.thread())
	})
	return out, err
}

// thread orders the activities about one thing to one inbox.
func (p Publish) thread() string {
	switch {
	case p.Source != "":
		return "source:" + p.Inbox
	case p.Post != "":
		return "quote:" + string(p.Post)
	}
	return "follow:" + string(p.Actor)
}

// publication is the decision about a publish job.
type publication struct {
	Published
	write bool // its documents are not there yet, or change
}

// decide decides about a publish job by its verb. Jobs without a post were decided
// when they were added.
func (t *Tx) decide(job Publish) (publication, error) {
	switch job.Verb {
	case VerbCreate:
		return t.decideCreate(job)
	case VerbUpdate:
		return t.decideUpdate(job)
	case VerbDelete:
		return t.decideDelete(job)
	case VerbQuote:
		return t.decideQuote(job)
	}
	return publication{Published{Send: true}, true}, nil
}

func (t *Tx) decideCreate(job Publish) (publication, error) {
	was, _, err := t.Posts().Get(job.Post)
	if err != nil {
		return publication{}, err
	}
	p, send, err := t.PublishPost(job.Post)
	return publication{Published{p, send}, send && was.State != p.State}, err
}

// decideUpdate allows an edit of a post that is out, while the reporter wants to
// hear from us.
func (t *Tx) decideUpdate(job Publish) (publication, error) {
	p, ok, err := t.Posts().Get(job.Post)
	if err != nil || !ok || p.State != desk.PostPublished || p.Deleted {
		return publication{Published{Post: p}, false}, err
	}
	may, err := t.stillMayEdit(p)
	if err == nil && may {
		p, err = t.withMention(p)
	}
	return publication{Published{p, may}, may}, err
}

// withMention renders an edited reply again, with the mention that the first
// version had.
func (t *Tx) withMention(p desk.Post) (desk.Post, error) {
	if p.Role != desk.RoleReply || len(p.Mentions) == 0 {
		return p, nil
	}
	a, ok, err := t.Actors().Get(p.Mentions[0])
	if err != nil || !ok {
		return p, err
	}
	p.HTML = markup.Render(p.Text, mentionOf(a))
	return p, t.Posts().Put(p)
}

// decideDelete allows every deletion; a quiet one is sent to nobody.
func (t *Tx) decideDelete(job Publish) (publication, error) {
	p, ok, err := t.Posts().Get(job.Post)
	return publication{Published{p, ok && !job.Quiet}, ok}, err
}

// decideQuote authorizes a quote if the quoted post is public. Without a post in
// the decision the answer is no.
func (t *Tx) decideQuote(job Publish) (publication, error) {
	yes := publication{Published{Send: true}, true}
	p, ok, err := t.PublicPost(job.Post)
	if err == nil && ok {
		ok, err = t.quoted(p, QuoteAuthorizationID(t.site, job.Post, job.Quote), job.Inbox)
	}
	if ok {
		yes.Post = p
	}
	return yes, err
}

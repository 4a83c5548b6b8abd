package app

import (
	"context"
	"slices"

	"earshot/internal/desk"
)

// Some authors want to approve replies before they are shown (GoToSocial's
// interaction policies). Then the reply is shown to its reporter alone, as a
// question, and goes out when they say yes.

const whyDeclined = "the reporter declined it"

// AskID is the id of the activity that asks for leave to reply.
func AskID(s desk.Site, p desk.PostID) desk.ActivityID { return s.Activity(string(p), "ask") }

// leave says whether a desk may answer a post.
func (t *Tx) leave(local desk.Handle, target desk.Post) (desk.Leave, error) {
	if target.CanReply == nil {
		return desk.LeaveGiven, nil
	}
	_, followsUs, err := t.Follows().Get(local, target.Author)
	return target.LeaveFor(t.site.Desk(local), t.site.Owns(string(target.InReplyTo)), followsUs), err
}

// mayAnswer refuses a reply that the policy of what it answers forbids.
func (t *Tx) mayAnswer(local desk.Handle, target desk.Post) (desk.Leave, error) {
	leave, err := t.leave(local, target)
	if err == nil && leave == desk.LeaveRefused {
		err = desk.Forbidden("the post may only be answered by those whom its author chose, and this desk is not among them: a reply would be dropped. If they write to the desk themselves, it may answer")
	}
	return leave, err
}

// target finds what a reply answers just before it goes out. What was approved
// is approved for one post.
func (t *Tx) target(i desk.Issue, p desk.Post) (desk.Post, error) {
	if p.Approved() {
		if of, ok, err := t.Posts().ByObject(p.Approval.Of); err != nil || (ok && !of.Deleted) {
			return of, err
		}
	}
	return t.answerable(i)
}

// settleLeave notes on a reply whether it needs leave.
func (t *Tx) settleLeave(p *desk.Post, target desk.Post) error {
	if p.Approved() && p.Approval.Of == target.Object {
		return nil
	}
	leave, err := t.mayAnswer(p.Desk, target)
	if err != nil {
		return err
	}
	p.Approval = nil
	if leave == desk.LeaveAsk {
		p.Approval = &desk.Approval{Of: target.Object, By: target.Author, Implicit: target.CanReply.Older}
	}
	return nil
}

// askLeave sets a reply down until its leave is given. Nothing else of it takes
// effect: neither its status nor that the reporter has been answered.
func (t *Tx) askLeave(p desk.Post) (desk.Post, error) {
	p.State, p.Published = desk.PostAsked, t.Now
	if err := t.Posts().Put(p); err != nil {
		return p, err
	}
	return p, t.event(desk.Event{Issue: p.Issue, Kind: desk.KindNotice, Post: p.ID}.Says(desk.NoteAsked))
}

// AnsweredBy returns a reply of ours that somebody may approve or decline: who
// wrote what it answers. ok is false where there is none.
func (a *App) AnsweredBy(ctx context.Context, o desk.ObjectID, who desk.ActorID) (p desk.Post, ok bool, err error) {
	err = a.View(ctx, func(tx *Tx) error { p, ok, err = tx.answeredBy(o, who); return err })
	return p, ok, err
}

func (t *Tx) answeredBy(o desk.ObjectID, who desk.ActorID) (desk.Post, bool, error) {
	p, ok, err := t.Posts().ByObject(o)
	if err != nil || !ok || p.Role != desk.RoleReply || p.Deleted {
		return p, false, err
	}
	if p.Approval != nil { // once approved it waits for its turn, and can be declined still
		waits := p.State == desk.PostAsked || p.State == desk.PostPending && p.Approved()
		return p, p.Approval.By == who && (waits || p.State == desk.PostPublished), nil
	}
	return p, p.State == desk.PostPublished && slices.Contains(p.Mentions, who), nil
}

// Approved takes in that a reply has leave: it goes out, after a last look as
// for every reply. stamp has been verified by the caller.
func (a *App) Approved(ctx context.Context, o desk.ObjectID, by desk.ActorID, stamp desk.ObjectID) error {
	return a.Update(ctx, func(tx *Tx) error {
		p, ok, err := tx.answeredBy(o, by)
		if err != nil || !ok || p.State != desk.PostAsked {
			return err
		}
		given := *p.Approval
		given.Stamp = stamp
		p.Approval, p.State, p.DueAt = &given, desk.PostPending, tx.Now
		if _, _, err := tx.Once().Put(stampKey(stamp), []byte(p.Object), tx.Now.AddDate(10, 0, 0)); err != nil {
			return err
		}
		if err := tx.Posts().Put(p); err != nil {
			return err
		}
		if err := tx.event(desk.Event{Issue: p.Issue, Kind: desk.KindNotice, Post: p.ID, Actor: by}.Says(desk.NoteApproved)); err != nil {
			return err
		}
		return tx.publish("create:"+string(p.ID), string(p.ID), p.DueAt, Publish{Verb: VerbCreate, Post: p.ID})
	})
}

func stampKey(stamp desk.ObjectID) string { return "stamp:" + string(stamp) }

// Stamped returns the reply of ours that an authorization is for.
func (a *App) Stamped(ctx context.Context, stamp desk.ObjectID) (o desk.ObjectID, ok bool, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		b, found, err := tx.Once().Get(stampKey(stamp))
		o, ok = desk.ObjectID(b), found
		return err
	})
	return o, ok, err
}

// Declined takes in that whoever was answered does not want the reply: it is
// withdrawn, and no further word is sent unless they write to us. One that was
// shown before is deleted wherever it went.
func (a *App) Declined(ctx context.Context, o desk.ObjectID, by desk.ActorID) error {
	err := a.Update(ctx, func(tx *Tx) error {
		p, ok, err := tx.answeredBy(o, by)
		if err != nil || !ok {
			return err
		}
		i, err := tx.issue(p.Issue)
		if err != nil {
			return err
		}
		i.Silence(desk.SilenceDeclined)
		shown := p.State == desk.PostPublished
		p.Updated = tx.Now
		if shown {
			err = tx.takeDown(i, p)
		} else {
			err = tx.withhold(i, p, whyDeclined)
		}
		if err != nil {
			return err
		}
		return tx.publish("delete:"+string(p.ID), string(p.ID), tx.Now, Publish{Verb: VerbDelete, Post: p.ID, Quiet: !shown})
	})
	if err == nil {
		a.deleted(ctx)
	}
	return err
}

// takeDown erases a reply that had gone out.
func (t *Tx) takeDown(i desk.Issue, p desk.Post) error {
	p.Erase()
	if err := t.rememberDeletion(objectRef(p.Object)); err != nil {
		return err
	}
	i.UpdatedAt = t.Now
	if err := t.Issues().Put(i); err != nil {
		return err
	}
	return t.keepOwn(p, desk.Event{Kind: desk.KindNotice}.Says(desk.NoteDeclined))
}

package app

import (
	"context"
	"slices"

	"earshot/internal/desk"
	"earshot/store"
)

// Some authors want to approve replies before they are shown (GoToSocial's
// interaction policies). Then the reply is shown to its reporter alone, as a
// question, and goes out when they say yes.

var whyDeclined = desk.Recorded("reply_declined")

// ReplyRequestID is the id of the activity that asks for leave to reply.
func ReplyRequestID(s desk.Site, p desk.PostID) desk.ActivityID { return s.Activity(string(p), "ask") }

// replyPermission says whether a desk may answer a post.
func (t *Tx) replyPermission(local desk.Handle, target desk.Post) (desk.ReplyPermission, error) {
	if target.CanReply == nil {
		return desk.ReplyAllowed, nil
	}
	_, followsUs, err := t.Follows().Get(local, target.Author)
	return target.ReplyPermissionFor(t.site.Desk(local), t.site.Owns(string(target.InReplyTo)), followsUs), err
}

// checkReplyPermission refuses a reply that the answered post's policy forbids.
func (t *Tx) checkReplyPermission(local desk.Handle, target desk.Post) (desk.ReplyPermission, error) {
	leave, err := t.replyPermission(local, target)
	if err == nil && leave == desk.ReplyForbidden {
		err = desk.NotSent("reply_not_permitted")
	}
	return leave, err
}

// target finds what a reply answers just before it goes out. An approval is for
// one post only.
func (t *Tx) target(i desk.Issue, p desk.Post) (desk.Post, error) {
	if p.Approved() {
		if of, ok, err := t.Posts().ByObject(p.Approval.Of); err != nil || (ok && !of.Deleted) {
			return of, err
		}
	}
	return t.replyTarget(i)
}

// settleReplyPermission notes on a reply whether it needs leave.
func (t *Tx) settleReplyPermission(p *desk.Post, target desk.Post) error {
	if p.Approved() && p.Approval.Of == target.Object {
		return nil
	}
	leave, err := t.checkReplyPermission(p.Desk, target)
	if err != nil {
		return err
	}
	p.Approval = nil
	if leave == desk.ReplyNeedsApproval {
		p.Approval = &desk.Approval{Of: target.Object, By: target.Author, Implicit: target.CanReply.Older}
	}
	return nil
}

// awaitApproval sets a reply down until its leave is given. Nothing else of it takes
// effect: neither its status nor that the reporter has been answered.
func (t *Tx) awaitApproval(p desk.Post) (desk.Post, error) {
	p.State, p.Published = desk.PostAwaitingApproval, t.Now
	if err := t.Posts().Put(p); err != nil {
		return p, err
	}
	return p, t.event(desk.Event{Issue: p.Issue, Kind: desk.KindNotice, Post: p.ID}.Says(desk.NoteAwaitingApproval))
}

// ReplyAwaiting returns a reply of ours that who may approve or decline, because
// they wrote the answered post. ok is false without such a reply.
func (a *App) ReplyAwaiting(ctx context.Context, o desk.ObjectID, who desk.ActorID) (p desk.Post, ok bool, err error) {
	err = a.View(ctx, func(tx *Tx) error { p, ok, err = tx.replyTo(o, who); return err })
	return p, ok, err
}

func (t *Tx) replyTo(o desk.ObjectID, who desk.ActorID) (desk.Post, bool, error) {
	p, ok, err := t.Posts().ByObject(o)
	if err != nil || !ok || p.Role != desk.RoleReply || p.Deleted {
		return p, false, err
	}
	if p.Approval != nil { // once approved it waits for its turn, and can be declined still
		waits := p.State == desk.PostAwaitingApproval || p.State == desk.PostPending && p.Approved()
		return p, p.Approval.By == who && (waits || p.State == desk.PostPublished), nil
	}
	return p, p.State == desk.PostPublished && slices.Contains(p.Mentions, who), nil
}

// ReplyAwaitingOn returns the reply of ours on a post that awaits the approval of who.
func (a *App) ReplyAwaitingOn(ctx context.Context, of desk.ObjectID, who desk.ActorID) (o desk.ObjectID, ok bool, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		p, found, err := tx.awaitingOn(of, who)
		o, ok = p.Object, found
		return err
	})
	return o, ok, err
}

// awaitingOn finds the first reply of ours on a post that awaits the approval of who.
func (t *Tx) awaitingOn(of desk.ObjectID, who desk.ActorID) (found desk.Post, ok bool, err error) {
	looked := 0
	for p, err := range store.EachOf(t.Posts().Replies, of) {
		if looked++; err != nil || looked > maxSplit {
			return desk.Post{}, false, err
		}
		if p.Ours() && p.State == desk.PostAwaitingApproval && p.Approval != nil && p.Approval.Of == of && p.Approval.By == who {
			return p, true, nil
		}
	}
	return desk.Post{}, false, nil
}

// Approved takes in that a reply has leave: it goes out, after a last look as
// for every reply. stamp has been verified by the caller.
func (a *App) Approved(ctx context.Context, o desk.ObjectID, by desk.ActorID, stamp desk.ObjectID) error {
	return a.Update(ctx, func(tx *Tx) error {
		p, ok, err := tx.replyTo(o, by)
		if err != nil || !ok || p.State != desk.PostAwaitingApproval {
			return err
		}
		given := *p.Approval
		given.Authorization = stamp
		p.Approval, p.State, p.DueAt = &given, desk.PostPending, tx.Now
		if _, _, err := tx.Once().Put(authorizationKey(stamp), []byte(p.Object), tx.Now.AddDate(10, 0, 0)); err != nil {
			return err
		}
		if err := tx.Posts().Put(p); err != nil {
			return err
		}
		if err := tx.event(desk.Event{Issue: p.Issue, Kind: desk.KindNotice, Post: p.ID, Actor: by}.Says(desk.NoteApproved)); err != nil {
			return err
		}
		i, _, err := tx.Issues().Get(p.Issue)
		if err != nil {
			return err
		}
		return tx.publishReply(i, p)
	})
}

func authorizationKey(stamp desk.ObjectID) string { return "stamp:" + string(stamp) }

// AuthorizedReply returns the reply of ours that an authorization is for.
func (a *App) AuthorizedReply(ctx context.Context, stamp desk.ObjectID) (o desk.ObjectID, ok bool, err error) {
	err = a.View(ctx, func(tx *Tx) error { o, ok, err = tx.authorizedReply(stamp); return err })
	return o, ok, err
}

func (t *Tx) authorizedReply(authorization desk.ObjectID) (desk.ObjectID, bool, error) {
	b, ok, err := t.Once().Get(authorizationKey(authorization))
	return desk.ObjectID(b), ok, err
}

// Declined records that the answered person does not want the reply. It is
// withdrawn, and nothing more is sent unless they write to us. If it was
// visible before, its servers are asked to delete it.
func (a *App) Declined(ctx context.Context, o desk.ObjectID, by desk.ActorID) error {
	err := a.Update(ctx, func(tx *Tx) error {
		p, ok, err := tx.replyTo(o, by)
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
	if err := t.eraseOwn(&p); err != nil {
		return err
	}
	if err := t.rememberDeletion(objectRef(p.Object)); err != nil {
		return err
	}
	i.UpdatedAt = t.Now
	if err := t.Issues().Put(i); err != nil {
		return err
	}
	return t.storeOwn(p, desk.Event{Kind: desk.KindNotice}.Says(desk.NoteDeclined))
}

package app

import (
	"context"

	"earshot/internal/desk"
	"earshot/store"
)

// Undo takes back a reply or broadcast that has not gone out yet, or a reply
// that waits for approval: the server that was asked gets a Delete. Undo and
// publishing are one compare-and-set on the post: exactly one wins.
func (a *App) Undo(ctx context.Context, by By, id string) (desk.Post, error) {
	p, err := a.oncePost(ctx, by, "post.undo", func(tx *Tx) (desk.Post, error) {
		return tx.undoPost(by, id)
	})
	if err == nil {
		a.deleted(ctx)
	}
	return p, err
}

func (t *Tx) undoPost(by By, id string) (desk.Post, error) {
	p, err := t.undoable(id)
	if err == nil {
		err = by.mayChange(p)
	}
	if err != nil {
		return p, err
	}
	same, err := t.undoneTogether(p)
	if err != nil {
		return p, err
	}
	if err := t.checkPosts(by, same...); err != nil {
		return p, err
	}
	if err := t.takenBack(by, p, same); err != nil {
		return p, err
	}
	for _, c := range same[1:] {
		if _, err := t.takeBack(by, c); err != nil {
			return p, err
		}
	}
	return t.takeBack(by, p)
}

// undoneTogether lists the replies that are taken back together. Its copies go out together,
// so all of them are taken back or none. One that waits for approval is alone: its
// own reporter looks at it.
func (t *Tx) undoneTogether(p desk.Post) (out []desk.Post, err error) {
	if p.State == desk.PostAwaitingApproval {
		return []desk.Post{p}, nil
	}
	same, err := t.copies(p)
	if err != nil {
		return nil, err
	}
	for _, c := range same {
		switch {
		case c.Unsent():
			out = append(out, c)
		case c.State == desk.PostPublished:
			return nil, desk.Conflict("reply_sent", "it has gone out already; it can only be deleted where it was delivered")
		}
	}
	return out, nil
}

// takeBack ends a reply or broadcast that nobody has seen, but for the server that
// was asked for approval.
func (t *Tx) takeBack(by By, p desk.Post) (desk.Post, error) {
	if err := t.checkEnded(p); err != nil {
		return p, err
	}
	p.State, p.Updated = desk.PostUndone, t.Now
	if err := t.eraseOwn(&p); err != nil {
		return p, err
	}
	// A backup may have it, and the job that would send it.
	if err := t.rememberDeletion(objectRef(p.Object)); err != nil {
		return p, err
	}
	notice := desk.Event{Kind: desk.KindNotice, Agent: by.Agent}.Says(desk.NoteTakenBack)
	if err := t.storeOwn(p, notice); err != nil {
		return p, err
	}
	if p.Issue == "" {
		return p, t.incidentPostEnded(p)
	}
	if err := t.voiceEnded(p, desk.VoiceLeft, desk.VoiceSkipped, ""); err != nil {
		return p, err
	}
	i, err := t.issue(p.Issue)
	if err != nil {
		return p, err
	}
	i.ReplyUndone(t.Now)
	if err := t.Issues().Put(i); err != nil || p.Approval == nil {
		return p, err
	}
	return p, t.publish("delete:"+string(p.ID), string(p.ID), t.Now, Publish{Verb: VerbDelete, Post: p.ID})
}

// undoable finds the pending post that is meant: by its own id, or the newest
// of an issue.
func (t *Tx) undoable(id string) (desk.Post, error) {
	p, ok, err := t.Posts().Get(desk.PostID(id))
	if err != nil {
		return p, err
	}
	if !ok {
		if p, ok, err = t.newestPending(desk.IssueID(id)); err != nil {
			return p, err
		}
	}
	switch {
	case !ok:
		return p, desk.NotFound("undo_nothing_sent", "%s is neither a reply nor an issue with one that can still be taken back", id)
	case p.State == desk.PostPublished:
		return p, desk.Conflict("reply_sent", "it has gone out already; it can only be deleted where it was delivered")
	case !p.Unsent():
		return p, desk.Conflict("undo_state", "there is nothing to take back: it is %s", p.State)
	}
	return p, nil
}

// newestPending finds the newest reply that can be taken back, or else the newest.
func (t *Tx) newestPending(id desk.IssueID) (found desk.Post, ok bool, err error) {
	home, err := t.home(id)
	if desk.ErrorCode(err) == desk.CodeNotFound {
		return found, false, nil
	}
	if err != nil {
		return found, false, err
	}
	all, err := t.threads(home)
	if err != nil {
		return found, false, err
	}
	for e, err := range t.newestFirst(store.ThreadQuery{Part: store.ThreadReplies}, all...) {
		if err != nil {
			return found, false, err
		}
		if e.Post == nil {
			continue
		}
		if e.Post.Unsent() {
			return *e.Post, true, nil
		}
		if !ok {
			found, ok = *e.Post, true
		}
	}
	return found, ok, nil
}

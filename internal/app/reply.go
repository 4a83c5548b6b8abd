package app

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"earshot/internal/desk"
	"earshot/internal/markup"
	"earshot/store"
)

// MaxText is the longest reply, comment or broadcast, in characters.
const MaxText = 10_000

// ReplyInput is what an agent says to a reporter.
type ReplyInput struct {
	Issue      desk.IssueID
	Text       string
	Visibility desk.Visibility // "" for the default
	Language   string          // "" for the reporter's
	Change     desk.StatusChange
	Because    string // id of a timeline entry, with the status resolved
	Now        bool   // skip the take-back time
}

// Reply writes a reply. It goes out after the take-back time, and the status
// it carries takes effect then.
func (a *App) Reply(ctx context.Context, by By, in ReplyInput) (desk.Post, error) {
	text, err := checkText(in.Text)
	if err != nil {
		return desk.Post{}, err
	}
	return once(ctx, a, by.Key, func(tx *Tx) (desk.Post, error) {
		i, err := tx.issue(in.Issue)
		if err != nil {
			return desk.Post{}, err
		}
		if err := i.MayReply(in.Change.To); err != nil {
			return desk.Post{}, err
		}
		if in.Change, err = tx.checkStatus(i, in.Change, in.Because); err != nil {
			return desk.Post{}, err
		}
		target, err := tx.answerable(i)
		if err != nil {
			return desk.Post{}, err
		}
		vis, err := desk.ReplyVisibility(target.Visibility, in.Visibility)
		if err != nil {
			return desk.Post{}, err
		}
		if in.Language == "" {
			in.Language = target.Language
		}
		p := desk.Post{
			ID: desk.PostID(tx.NewID()), Issue: i.ID, Desk: i.Desk, Role: desk.RoleReply,
			Author: tx.site.Desk(i.Desk), Agent: by.Agent, Text: text, HTML: markup.Render(text, nil),
			Language: in.Language, Visibility: vis, Asked: in.Visibility, InReplyTo: target.Object,
			Received: tx.Now, Published: tx.Now, State: desk.PostPending, DueAt: tx.Now,
			Status: in.Change.To, Reason: in.Change.Reason, Next: in.Change.Next,
		}
		p.Object = tx.site.Post(p.ID)
		if !in.Now {
			p.DueAt = tx.Now.Add(a.takeBack)
		}
		i.ReplyWritten(tx.Now)
		if err := tx.Issues().Put(i); err != nil {
			return desk.Post{}, err
		}
		if err := tx.Posts().Put(p); err != nil {
			return desk.Post{}, err
		}
		if err := tx.index(p); err != nil {
			return desk.Post{}, err
		}
		if err := tx.event(desk.Event{Issue: i.ID, Kind: desk.KindReply, Post: p.ID, Agent: by.Agent}); err != nil {
			return desk.Post{}, err
		}
		return p, tx.publish("create:"+string(p.ID), string(p.ID), p.DueAt, Publish{Verb: VerbCreate, Post: p.ID})
	})
}

func checkText(s string) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if s == "" {
		return "", desk.Invalid("there is no text to send")
	}
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", desk.Invalid("the text is not valid UTF-8")
	}
	if n := utf8.RuneCountInString(s); n > MaxText {
		return "", desk.Invalid("the text has %d characters; %d are allowed", n, MaxText)
	}
	return s, nil
}

// answerable finds what a reply answers: the reporter's newest word that is
// still there.
func (t *Tx) answerable(i desk.Issue) (desk.Post, error) {
	var found desk.Post
	for after := ""; ; {
		posts, next, err := t.Posts().ByIssue(i.ID, store.Page{After: after})
		if err != nil {
			return desk.Post{}, err
		}
		for _, p := range posts {
			// A moved reporter's words are under the old account.
			mine := p.Author == i.Reporter || p.Role == desk.RoleReport
			if !p.Ours() && mine && !p.Deleted {
				found = p
			}
		}
		if next == "" {
			break
		}
		after = next
	}
	if found.ID == "" {
		return found, desk.Forbidden("the reporter has deleted everything they said here: there is nothing left to answer")
	}
	return found, nil
}

// Undo takes back a reply or broadcast that has not gone out yet. Undo and
// publishing are one compare-and-set on the post: exactly one wins.
func (a *App) Undo(ctx context.Context, by By, id string) (desk.Post, error) {
	return once(ctx, a, by.Key, func(tx *Tx) (desk.Post, error) {
		p, err := tx.undoable(id)
		if err != nil {
			return p, err
		}
		p.State = desk.PostUndone
		p.Erase()
		if err := tx.Posts().Put(p); err != nil {
			return p, err
		}
		if err := tx.index(p); err != nil {
			return p, err
		}
		if p.Issue == "" {
			return p, nil
		}
		i, err := tx.issue(p.Issue)
		if err != nil {
			return p, err
		}
		i.ReplyUndone(tx.Now)
		if err := tx.Issues().Put(i); err != nil {
			return p, err
		}
		return p, tx.event(desk.Event{Issue: i.ID, Kind: desk.KindNotice, Post: p.ID, Agent: by.Agent, Text: "the reply was taken back before it went out"})
	})
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
		return p, desk.NotFound("%s is neither a reply nor an issue with one that can still be taken back", id)
	case p.State == desk.PostPublished:
		return p, desk.Conflict("it has gone out already; `post retract %s` deletes it where it was delivered", p.ID)
	case p.State != desk.PostPending:
		return p, desk.Conflict("there is nothing to take back: it is %s", p.State)
	}
	return p, nil
}

func (t *Tx) newestPending(id desk.IssueID) (found desk.Post, ok bool, err error) {
	for after := ""; ; {
		posts, next, err := t.Posts().ByIssue(id, store.Page{After: after})
		if err != nil {
			return found, false, err
		}
		for _, p := range posts {
			if p.State == desk.PostPending || (p.Role == desk.RoleReply && found.State != desk.PostPending) {
				found, ok = p, true
			}
		}
		if next == "" {
			return found, ok, nil
		}
		after = next
	}
}

// EditPost changes the words of one of our posts; what has gone out is
// followed by an Update to wherever it was sent.
func (a *App) EditPost(ctx context.Context, by By, id desk.PostID, text string) (desk.Post, error) {
	text, err := checkText(text)
	if err != nil {
		return desk.Post{}, err
	}
	return once(ctx, a, by.Key, func(tx *Tx) (desk.Post, error) {
		p, err := tx.ownPost(id)
		if err != nil || p.Text == text {
			return p, err
		}
		p.Text, p.HTML = text, markup.Render(text, nil)
		if p.State != desk.PostPending {
			p.Edits++
			p.Updated = tx.Now
		}
		if err := tx.Posts().Put(p); err != nil {
			return p, err
		}
		if err := tx.index(p); err != nil {
			return p, err
		}
		if p.Issue != "" {
			if err := tx.event(desk.Event{Issue: p.Issue, Kind: desk.KindEdit, Post: p.ID, Agent: by.Agent}); err != nil {
				return p, err
			}
		}
		if p.State != desk.PostPublished {
			return p, nil
		}
		return p, tx.publish(fmt.Sprintf("update:%s:%d", p.ID, p.Edits), string(p.ID), tx.Now, Publish{Verb: VerbUpdate, Post: p.ID, N: p.Edits})
	})
}

// RetractPost deletes one of our posts, here and wherever it was sent.
func (a *App) RetractPost(ctx context.Context, by By, id desk.PostID) (desk.Post, error) {
	return once(ctx, a, by.Key, func(tx *Tx) (desk.Post, error) {
		p, err := tx.ownPost(id)
		if err != nil {
			return p, err
		}
		if p.State == desk.PostPending {
			return p, desk.Conflict("it has not gone out yet; `issue undo %s` takes it back", p.ID)
		}
		p.Erase()
		p.Updated = tx.Now
		if err := tx.Posts().Put(p); err != nil {
			return p, err
		}
		if err := tx.index(p); err != nil {
			return p, err
		}
		if p.Issue != "" {
			if err := tx.event(desk.Event{Issue: p.Issue, Kind: desk.KindDelete, Post: p.ID, Agent: by.Agent}); err != nil {
				return p, err
			}
		}
		if p.State != desk.PostPublished {
			return p, nil
		}
		return p, tx.publish("delete:"+string(p.ID), string(p.ID), tx.Now, Publish{Verb: VerbDelete, Post: p.ID})
	})
}

func (t *Tx) ownPost(id desk.PostID) (desk.Post, error) {
	p, ok, err := t.Posts().Get(id)
	switch {
	case err != nil:
		return p, err
	case !ok:
		return p, desk.NotFound("there is no post %s", id)
	case !p.Ours():
		return p, desk.Forbidden("%s was written by somebody else", id)
	case p.Deleted || p.State == desk.PostUndone || p.State == desk.PostWithheld:
		return p, desk.Conflict("%s is not there any more", id)
	}
	return p, nil
}

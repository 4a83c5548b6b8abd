package app

import (
	"context"

	"earshot/internal/desk"
	"earshot/internal/markup"
	"earshot/internal/match"
	"earshot/store"
)

// maxSplit bounds how much moves with a post, and maxMoved among how many entries
// of the timeline those about it are looked for.
const (
	maxSplit = 200
	maxMoved = 5000
)

// Split turns a later post in a thread into an issue of its own, with the
// answers of others to it. Our own replies stay where they were said, so a post
// that we have answered cannot be split off.
func (a *App) Split(ctx context.Context, by By, id desk.IssueID, post desk.PostID) (desk.Issue, error) {
	return a.onceIssue(ctx, by, "issue.split", func(tx *Tx) (desk.Issue, error) {
		home, err := tx.home(id)
		if err != nil {
			return home, err
		}
		p, ok, err := tx.Posts().Get(post)
		if err != nil {
			return home, err
		}
		_, here, err := tx.saidIn(home, p.Issue, "")
		if err != nil {
			return home, err
		}
		old := home // or its part in which the post is
		if ok && here {
			if old, err = tx.issue(p.Issue); err != nil {
				return old, err
			}
		}
		switch {
		case !ok || !here || p.Ours() || p.Deleted:
			return old, desk.NotFound("split_post_unknown", "%q is no post of another author in this issue", post)
		case p.Role == desk.RoleReport:
			return old, desk.Conflict("split_report", "this is the report itself: the issue is about it")
		}
		if err := tx.checkSeen(by, home); err != nil {
			return old, err
		}
		if err := tx.maySplit(old, p); err != nil {
			return old, err
		}
		moved, err := tx.below(p)
		if err != nil {
			return old, err
		}
		return tx.split(by, old, moved)
	})
}

// maySplit says whether a post may be a report of its own. The reporter's may.
// A third person's may if it would have been one had it stood alone: they
// addressed us, or it carries the desk's two keys.
func (t *Tx) maySplit(old desk.Issue, p desk.Post) error {
	if p.Author == old.Reporter || p.Invited {
		return nil
	}
	who, err := t.authorOf(p)
	if err != nil {
		return err
	}
	d, err := t.anyDesk(old.Desk)
	if err != nil {
		return err
	}
	leave := who.Local || who.Blocked || who.OptedOut || who.NoBot || who.Bot || who.Earshot
	if !leave && p.Visibility == desk.VisibilityPublic && match.TwoKeys(p.Tags, d) {
		return nil
	}
	return desk.Forbidden("split_not_to_desk", "this was said to the reporter and not to the desk, so its author has reported nothing and may not be written to. It becomes an issue of its own when they mention the desk, or answer it; until then, comment on it here")
}

// authorOf is the author of a post that we keep, as far as they are known.
func (t *Tx) authorOf(p desk.Post) (match.Author, error) {
	a, ok, err := t.Actors().Get(p.Author)
	if err != nil {
		return match.Author{}, err
	}
	if !ok {
		a.ID = p.Author
	}
	return t.author(a)
}

// below lists a post and all in its issue that answers it, directly or not.
func (t *Tx) below(p desk.Post) ([]desk.Post, error) {
	out := []desk.Post{p}
	for n := 0; n < len(out); n++ {
		for a, err := range store.EachOf(t.Posts().Replies, out[n].Object) {
			if err != nil {
				return nil, err
			}
			if a.Ours() && !a.Deleted {
				return nil, desk.Conflict("split_answered", "the desk has answered this here, and what was said stays in the thread in which it was said: go on here, or split off a later post that has no answer")
			}
			if a.Issue == p.Issue && !a.Ours() {
				out = append(out, a)
			}
			if len(out) > maxSplit {
				return nil, desk.Conflict("split_too_many", "more than %d posts answer this, too many to move: split off a later one", maxSplit)
			}
		}
	}
	return out, nil
}

// split moves posts, the first of which becomes a report, into a new issue.
func (t *Tx) split(by By, old desk.Issue, moved []desk.Post) (desk.Issue, error) {
	report, heard, silenced := moved[0], old.Heard, old.Silenced
	if report.Author != old.Reporter { // the reporter's opt-out is not theirs
		out, ok, err := t.OptOuts().Get(report.Author)
		if err != nil {
			return old, err
		}
		heard, silenced = desk.HeardTags, ""
		if ok && out.Active(t.Now) {
			silenced = out.Silence()
		}
	}
	if report.Invited {
		heard = desk.HeardAnswer
	}
	i := desk.OpenIssue(desk.IssueID(t.NewID()), report, report.Author, heard, desk.WhySplit, t.Now)
	i.Desk, i.Also, i.Silenced, i.Excerpt = old.Desk, old.Also, silenced, markup.Excerpt(report.Line(), excerptLength)
	i.Invited = report.Invited || (report.Author == old.Reporter && old.Invited)
	if added, err := t.Issues().Add(i); err != nil {
		return i, err
	} else if !added {
		return i, desk.Conflict("split_already", "this post has an issue of its own already")
	}
	for n, p := range moved {
		p.Issue, p.Role = i.ID, desk.RolePost
		if n == 0 {
			p.Role = desk.RoleReport
		}
		if err := t.Posts().Put(p); err != nil {
			return i, err
		}
		if err := t.index(p); err != nil {
			return i, err
		}
	}
	if err := t.moveEvents(old.ID, i, moved); err != nil {
		return i, err
	}
	for _, e := range []desk.Event{
		{Issue: i.ID, Kind: desk.KindReport, Post: report.ID, Actor: report.Author},
		{Issue: old.ID, Kind: desk.KindLink, Text: string(i.ID)}, {Issue: i.ID, Kind: desk.KindLink, Text: string(old.ID)},
	} {
		e.Agent = by.Agent
		if err := t.event(e); err != nil {
			return i, err
		}
	}
	old.UpdatedAt = t.Now
	return i, t.Issues().Put(old)
}

// moveEvents moves the timeline's entries about the moved posts. The arrival of
// the first one is recorded again, as the report.
func (t *Tx) moveEvents(from desk.IssueID, to desk.Issue, posts []desk.Post) error {
	return t.moveEntries(from, posts, func(e desk.Event) desk.Event {
		if e.Kind == desk.KindPost && e.Post == posts[0].ID {
			e.Kind, e.Post, e.Text = desk.KindNotice, "", "this came as an answer in another thread"
		}
		return placed(e, to)
	})
}

// moveEntries moves the timeline's entries about posts, each changed.
func (t *Tx) moveEntries(from desk.IssueID, posts []desk.Post, changed func(desk.Event) desk.Event) error {
	which := map[desk.PostID]bool{}
	for _, p := range posts {
		which[p.ID] = true
	}
	var found []desk.Event
	for after, looked := "", 0; looked < maxMoved; {
		events, next, err := t.Events().ByIssue(from, store.Page{After: after})
		if err != nil {
			return err
		}
		looked += len(events)
		for _, e := range events {
			if which[e.Post] {
				found = append(found, e)
			}
		}
		if next == "" {
			break
		}
		after = next
	}
	for _, e := range found {
		if err := t.Events().Add(changed(e)); err != nil {
			return err
		}
	}
	return nil
}

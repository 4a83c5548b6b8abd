package app

import (
	"context"

	"earshot/internal/desk"
	"earshot/internal/markup"
	"earshot/store"
)

// maxSplit bounds how much moves with a post.
const maxSplit = 200

// Split makes an issue of its own of a later post in a thread, with what
// others have answered to it. What we have answered stays where it was said,
// so such a post cannot be split off.
func (a *App) Split(ctx context.Context, by By, id desk.IssueID, post desk.PostID) (desk.Issue, error) {
	return a.onceIssue(ctx, by, "issue.split", func(tx *Tx) (desk.Issue, error) {
		old, err := tx.issue(id)
		if err != nil {
			return old, err
		}
		p, ok, err := tx.Posts().Get(post)
		switch {
		case err != nil:
			return old, err
		case !ok || p.Issue != id || p.Ours() || p.Deleted:
			return old, desk.NotFound("%q is no post of somebody else's in this issue; `issue show %s` lists them with their ids", post, id)
		case p.Role == desk.RoleReport:
			return old, desk.Conflict("this is the report itself: the issue is about it")
		case p.Author != old.Reporter && !p.Invited:
			return old, desk.Forbidden("they have not addressed us, so they may not be written to")
		}
		moved, err := tx.below(p)
		if err != nil {
			return old, err
		}
		return tx.split(by, old, moved)
	})
}

// below lists a post and all in its issue that answers it, directly or not.
func (t *Tx) below(p desk.Post) ([]desk.Post, error) {
	out := []desk.Post{p}
	for n := 0; n < len(out); n++ {
		for after := ""; ; {
			answers, next, err := t.Posts().Answers(out[n].Object, store.Page{After: after})
			if err != nil {
				return nil, err
			}
			for _, a := range answers {
				if a.Ours() && !a.Deleted {
					return nil, desk.Conflict("this was answered here already: link the issues instead")
				}
				if a.Issue == p.Issue && !a.Ours() {
					out = append(out, a)
				}
			}
			if len(out) > maxSplit {
				return nil, desk.Conflict("more than %d posts answer this: link the issues instead", maxSplit)
			}
			if next == "" {
				break
			}
			after = next
		}
	}
	return out, nil
}

// split moves posts, the first of which becomes a report, into a new issue.
func (t *Tx) split(by By, old desk.Issue, moved []desk.Post) (desk.Issue, error) {
	report, heard := moved[0], old.Heard
	if report.Invited {
		heard = desk.HeardAnswer
	}
	i := desk.OpenIssue(desk.IssueID(t.NewID()), report, report.Author, heard, "split from another issue by an agent", t.Now)
	i.Desk, i.Also, i.Silenced, i.Excerpt = old.Desk, old.Also, old.Silenced, markup.Excerpt(report.Text, excerptLength)
	i.Invited = report.Invited || (report.Author == old.Reporter && old.Invited)
	if added, err := t.Issues().Add(i); err != nil {
		return i, err
	} else if !added {
		return i, desk.Conflict("this post has an issue of its own already")
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
	if err := t.moveEvents(old.ID, i.ID, moved); err != nil {
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

// moveEvents moves what a timeline says of posts. That the first of them came
// is said anew, as the report.
func (t *Tx) moveEvents(from, to desk.IssueID, posts []desk.Post) error {
	which := map[desk.PostID]bool{}
	for _, p := range posts {
		which[p.ID] = true
	}
	var found []desk.Event
	for after, looked := "", 0; looked < maxTimeline; {
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
		e.Issue = to
		if e.Kind == desk.KindPost && e.Post == posts[0].ID {
			e.Kind, e.Post, e.Text = desk.KindNotice, "", "this came as an answer in another thread"
		}
		if err := t.Events().Add(e); err != nil {
			return err
		}
	}
	return nil
}

package app

import (
	"context"
	"fmt"
	"slices"

	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/store"
)

// MaxAncestors is how far up a thread is followed (CVE-2025-32947 is what comes
// of no limit).
const MaxAncestors = 20

// completeLater has fetched what belongs to a post that was just stored: it is
// heard without waiting for other servers.
func (t *Tx) completeLater(p desk.Post, h Heard) error {
	if h.Above != "" {
		if err := t.lookAbove(p.Object, h.Above, len(h.Ancestors)+1); err != nil {
			return err
		}
	}
	for _, c := range h.Communities {
		f := Fetch{Object: p.Object, Community: c}
		if err := t.addJobOf(c.Host(), store.QueueFetch, "community "+string(p.Object)+" "+string(c), "", t.Now, f); err != nil {
			return err
		}
	}
	return nil
}

// lookAbove has the nth post above one fetched. Each is a job of its own, for
// each may be on another host.
func (t *Tx) lookAbove(of, above desk.ObjectID, n int) error {
	return t.addJobOf(above.Host(), store.QueueFetch, fmt.Sprint("above ", n, " ", of), "", t.Now, Fetch{Object: of, Above: above, N: n})
}

// MayLookAbove says whether a post above another is fetched, and on whose word.
// If it is here by now, the thread is completed with it.
func (a *App) MayLookAbove(ctx context.Context, of, above desk.ObjectID) (word desk.ActorID, may bool, err error) {
	err = a.Update(ctx, func(tx *Tx) error {
		p, ok, err := tx.kept(of)
		if word, may = p.Author, false; err != nil || !ok {
			return err
		}
		known, err := tx.joinAbove(p, above)
		if err != nil || known || tx.site.Owns(string(above)) {
			return err
		}
		may, err = tx.mayFetch(above, word)
		return err
	})
	return word, may, err
}

// kept returns a post that is in an issue and not deleted.
func (t *Tx) kept(o desk.ObjectID) (p desk.Post, ok bool, err error) {
	p, ok, err = t.Posts().ByObject(o)
	return p, ok && !p.Deleted && p.Issue != "", err
}

// HeardAbove takes in the nth post above one that was heard, and looks for the
// next. It may be called again for the same post.
func (a *App) HeardAbove(ctx context.Context, of desk.ObjectID, n int, h Heard) error {
	return a.Update(ctx, func(tx *Tx) error {
		p, ok, err := tx.kept(of)
		if err != nil || !ok {
			return err
		}
		if may, err := tx.mayStore(h); err != nil {
			return err
		} else if may {
			if err := tx.storeAbove(p, n, h); err != nil {
				return err
			}
		}
		next := h.Post.InReplyTo
		if next == "" {
			return nil
		}
		known, err := tx.joinAbove(p, next)
		if err != nil || known || n >= MaxAncestors || tx.site.Owns(string(next)) {
			return err
		}
		return tx.lookAbove(of, next, n+1)
	})
}

// storeAbove puts a post into the thread of one below it, before that one: its
// ids are earlier, and it counts as received at the same time.
func (t *Tx) storeAbove(below desk.Post, n int, h Heard) error {
	i, err := t.issue(below.Issue)
	if err != nil {
		return err
	}
	p := h.Post
	if third(i, below.Author) && below.Role != desk.RoleReport {
		if left, err := t.payToAdd(i, h); err != nil || left != nil {
			return err
		}
	}
	p.ID = desk.PostID(id.Before(string(below.ID), n, "post "+string(p.Object)))
	p.Issue, p.Desk, p.Role, p.Received = i.ID, i.Desk, desk.RolePost, below.Received
	if err := t.store(p, h); err != nil {
		return err
	}
	entry := desk.EventID(id.Before(string(below.ID), n, "entry "+string(p.Object)))
	e := added(i, desk.KindPost, p)
	e.ID, e.At, e.Third = entry, below.Received, e.Third && third(i, below.Author) && below.Role != desk.RoleReport
	if err := t.event(e); err != nil {
		return err
	}
	if below.Role == desk.RoleReport || h.Author.ID != i.Reporter {
		return nil
	}
	if err := t.reporterSpoke(&i, false); err != nil {
		return err
	}
	return t.Issues().Put(i)
}

// joinAbove says whether the post above is here. If it is in another thread, the
// report below belongs there.
func (t *Tx) joinAbove(p desk.Post, above desk.ObjectID) (known bool, err error) {
	top, known, err := t.Posts().ByObject(above)
	if err != nil || !known || p.Role != desk.RoleReport || top.Role == desk.RoleComment || top.Issue == "" || top.Issue == p.Issue {
		return known, err
	}
	return true, t.adopt(p.Issue, top.Issue)
}

// adopt moves what was said in a new issue into the thread that it proved to
// belong to, and closes it. If agents have worked on it, what was said stays: the
// two are only linked.
func (t *Tx) adopt(from, to desk.IssueID) error {
	i, err := t.issue(from)
	if err != nil {
		return err
	}
	said, may, err := t.movable(i)
	if err != nil {
		return err
	}
	if may {
		if err := t.moveInto(&i, to, said); err != nil {
			return err
		}
	}
	if err := t.event(desk.Event{Issue: from, Kind: desk.KindLink, Text: string(to)}); err != nil {
		return err
	}
	return t.event(desk.Event{Issue: to, Kind: desk.KindLink, Text: string(from)})
}

// movable lists what was said in an issue, with the agents' comments, and says
// whether it may be moved: it is as it was opened, and not too much.
func (t *Tx) movable(i desk.Issue) (said []desk.Post, may bool, err error) {
	for p, err := range store.EachOf(t.Posts().ByIssue, i.ID) {
		if err != nil {
			return nil, false, err
		}
		if p.Ours() && p.Role != desk.RoleComment || len(said) >= maxSplit {
			return nil, false, nil
		}
		said = append(said, p)
	}
	isNew := i.MergedInto == "" && len(i.Merged) == 0 && i.Status == desk.StatusNew && i.Assignee == "" && i.Replies == 0 && i.Pending == 0
	return said, isNew && len(said) > 0, nil
}

// moveInto moves posts of an issue into another one, and closes it.
func (t *Tx) moveInto(from *desk.Issue, to desk.IssueID, said []desk.Post) error {
	into, err := t.issue(to)
	if err != nil {
		return err
	}
	spoke, invited := false, false
	for _, p := range said {
		if p.Author == into.Reporter {
			spoke, invited = true, invited || p.Invited
		}
		p.Issue, p.Desk = into.ID, into.Desk
		if p.Role != desk.RoleComment {
			p.Role = desk.RolePost
		}
		if err := t.Posts().Put(p); err != nil {
			return err
		}
		if err := t.index(p); err != nil {
			return err
		}
	}
	if err := t.moveEntries(from.ID, said, func(e desk.Event) desk.Event {
		if e.Kind == desk.KindReport {
			e.Kind = desk.KindPost
		}
		return placed(e, into)
	}); err != nil {
		return err
	}
	if err := t.closeAdopted(from); err != nil {
		return err
	}
	into.Also = withDesks(into, from.Desk, from.Also)
	into.UpdatedAt = t.Now
	if spoke {
		if err := t.reporterSpoke(&into, invited); err != nil {
			return err
		}
	}
	return t.Issues().Put(into)
}

// closeAdopted closes an issue whose posts are in another one. Its excerpt goes
// with them: they may be deleted there.
func (t *Tx) closeAdopted(i *desk.Issue) error {
	i.ApplyStatus(desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonDuplicate}, t.Now)
	i.Excerpt = ""
	if err := t.Issues().Put(*i); err != nil {
		return err
	}
	return t.event(desk.Event{Issue: i.ID, Kind: desk.KindStatus, Status: i.Status, Reason: i.Reason})
}

// HomeOf returns the issue in which an issue's report is now: another one, if the
// issue was closed because it belongs there.
func (t *Tx) HomeOf(i desk.Issue) (desk.IssueID, error) {
	report, ok, err := t.Posts().Get(i.Post)
	if err != nil || !ok || report.Issue == "" {
		return i.ID, err
	}
	return report.Issue, nil
}

// withDesks returns the further desks of an issue, with those of another.
func withDesks(i desk.Issue, one desk.Handle, more []desk.Handle) []desk.Handle {
	also := i.Also
	for _, d := range append([]desk.Handle{one}, more...) {
		if d != "" && d != i.Desk && !slices.Contains(also, d) {
			also = append(also, d)
		}
	}
	return also
}

// InCommunity notes the community that a post is in: the first that is known to
// be a Group.
func (a *App) InCommunity(ctx context.Context, o desk.ObjectID, group desk.ActorID) error {
	return a.Update(ctx, func(tx *Tx) error {
		p, ok, err := tx.kept(o)
		if err != nil || !ok || p.Group != "" {
			return err
		}
		p.Group = group
		return tx.Posts().Put(p)
	})
}

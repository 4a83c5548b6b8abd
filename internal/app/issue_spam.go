package app

import (
	"context"

	"earshot/internal/alike"
	"earshot/internal/desk"
	"earshot/store"
)

// SpamInput names reports that are spam: one, and others like it that no agent has
// acted on.
type SpamInput struct {
	Issue  desk.IssueID
	Server bool // with it all reports from its server's registrable domain
	Alike  bool // with it all reports that say the same; further ones are held back for a day
}

// Spammed is what became of them.
type Spammed struct {
	Closed []desk.IssueID
	More   bool // there are more
}

const (
	spamBatch = 50  // reports that one transaction closes
	spamPages = 200 // pages of new issues that are looked at
)

// Spam closes reports silently that are spam. They count against their server: see
// desk.Standing.Spams.
func (a *App) Spam(ctx context.Context, by By, in SpamInput) (Spammed, error) {
	others, err := a.likeSpam(ctx, in)
	if err != nil {
		return Spammed{}, err
	}
	return once(ctx, a, by, audit[Spammed]{"issue.spam", func(Spammed) (string, string) { return "issues/" + string(in.Issue), "" }}, func(tx *Tx) (done Spammed, err error) {
		done = Spammed{Closed: []desk.IssueID{}, More: len(others) > spamBatch}
		first, err := tx.home(in.Issue)
		if err != nil {
			return done, err
		}
		if err := tx.checkSeen(by, first); err != nil {
			return done, err
		}
		if first.Status.Category() != desk.CategoryDone || !in.Server && !in.Alike { // a further portion finds it closed
			if err := tx.closeAsSpam(by, first); err != nil {
				return done, err
			}
			done.Closed = append(done.Closed, first.ID)
		}
		if in.Alike {
			if err := tx.knowAsSpam(first); err != nil {
				return done, err
			}
		}
		for _, id := range others[:min(len(others), spamBatch)] {
			i, ok, err := tx.Issues().Get(id)
			if err != nil {
				return done, err
			}
			if !ok || !untouched(i) {
				continue
			}
			if err := tx.closeAsSpam(by, i); err != nil {
				return done, err
			}
			done.Closed = append(done.Closed, id)
		}
		return done, nil
	})
}

// untouched says whether no agent has acted on an issue.
func untouched(i desk.Issue) bool {
	return i.Status == desk.StatusNew && i.Incident == "" && i.Assignee == "" && i.MergedInto == "" && len(i.Merged) == 0
}

// likeSpam are the new issues that an input means beside its own: up to one more than
// one transaction closes. It reads page by page, so that nobody waits for it.
func (a *App) likeSpam(ctx context.Context, in SpamInput) (others []desk.IssueID, err error) {
	if !in.Server && !in.Alike {
		return nil, nil
	}
	var first desk.Issue
	var text string
	if err := a.View(ctx, func(tx *Tx) (err error) {
		if first, err = tx.home(in.Issue); err == nil {
			text, err = tx.said(first)
		}
		return err
	}); err != nil {
		return nil, err
	}
	page := store.Page{}
	for range spamPages {
		if err := a.View(ctx, func(tx *Tx) error {
			issues, next, err := tx.Issues().List(store.IssueFilter{Status: desk.StatusNew}, page)
			page.After = next
			for _, i := range issues {
				if err != nil || len(others) > spamBatch {
					break
				}
				if i.ID == first.ID || !untouched(i) {
					continue
				}
				means := in.Server && i.Reporter.Host().Domain() == first.Reporter.Host().Domain()
				if !means && in.Alike {
					var other string
					other, err = tx.said(i)
					means = text != "" && other == text
				}
				if means {
					others = append(others, i.ID)
				}
			}
			return err
		}); err != nil {
			return nil, err
		}
		if page.After == "" || len(others) > spamBatch {
			break
		}
	}
	return others, nil
}

// said is a report's text as it is compared: its print, or the words of a short one.
func (t *Tx) said(i desk.Issue) (string, error) {
	p, ok, err := t.Posts().Get(i.Post)
	if err != nil || !ok || p.Deleted {
		return "", err
	}
	return saidBy(p), nil
}

// closeAsSpam closes one report, and counts it against its server.
func (t *Tx) closeAsSpam(by By, i desk.Issue) error {
	change := desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonNotACall}
	if err := i.CheckStatus(change); err != nil {
		return err
	}
	before := i.Snapshot()
	i.ApplyStatus(change, t.Now)
	if err := t.Issues().Put(i); err != nil {
		return err
	}
	if err := t.partsReact(i); err != nil {
		return err
	}
	if err := t.statusChanged(i, before.Status, desk.Event{Agent: by.Agent, Was: before}); err != nil {
		return err
	}
	return t.vouch(i.Reporter.Host(), func(s *desk.Standing) { s.Dropped++ })
}

// knowAsSpam has further reports with the text of one held back.
func (t *Tx) knowAsSpam(i desk.Issue) error {
	p, ok, err := t.Posts().Get(i.Post)
	if err != nil || !ok {
		return err
	}
	return t.knowText(p)
}

func (t *Tx) knowText(p desk.Post) error {
	text := textKey(alike.Report{Text: p.Text})
	for n := range copiesMost {
		if err := t.remember(text, desk.ActorID(rune('0'+n))); err != nil {
			return err
		}
	}
	return nil
}

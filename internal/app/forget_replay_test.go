package app_test

import (
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// noted records deletions, as the file of deletions does.
type noted struct{ all []app.Deletion }

func (n *noted) Last() uint64                  { return uint64(len(n.all)) }
func (n *noted) Append(d []app.Deletion) error { n.all = append(n.all, d...); return nil }
func (n *noted) Each(f func(app.Deletion) error) error {
	for _, d := range n.all {
		if err := f(d); err != nil {
			return err
		}
	}
	return nil
}
func (n *noted) Rewrite(func(uint64) ([]app.Deletion, error)) error { return nil }

// A comment that was deleted stays deleted after an older backup was restored:
// it has no address, and yet a name. Other comments stay.
func TestDeletedCommentsStayDeleted(t *testing.T) {
	h := newHouse(t)
	n := &noted{}
	h.App = app.New(app.Deps{Store: h.store, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}, Deletions: n})
	id := h.hear("ana", "1", "down", "").Issue
	gone, err := h.Comment(ctx, app.By{}, id, "her number is 555")
	h.ok(err)
	stays, err := h.Comment(ctx, app.By{}, id, "same street")
	h.ok(err)
	_, err = h.RetractPost(ctx, app.By{}, gone.ID)
	h.ok(err)
	h.ok(h.Update(ctx, func(tx *app.Tx) error { return tx.Posts().Put(gone) })) // as in the backup
	_, err = h.ReplayDeletions(ctx, n.Each)
	h.ok(err)
	h.ok(h.View(ctx, func(tx *app.Tx) error {
		for p, deleted := range map[desk.PostID]bool{gone.ID: true, stays.ID: false} {
			if got, ok, err := tx.Posts().Get(p); err != nil || !ok || got.Deleted != deleted {
				t.Errorf("%+v, %v", got, err)
			}
		}
		return nil
	}))
}

// A complaint of an account that was deleted does not come back with a backup; a
// later one of the same account stays.
func TestComplaintsOfDeletedAccountsStayDeleted(t *testing.T) {
	h := newHouse(t)
	n := &noted{}
	h.App = app.New(app.Deps{Store: h.store, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}, Deletions: n})
	const sender = "https://m.example/users/gone"
	h.complain(sender, "1")
	flags, err := h.Flags(ctx)
	h.ok(err)
	h.clock.Advance(time.Minute)
	_, err = h.RemoveActor(ctx, sender)
	h.ok(err)
	h.ok(h.Update(ctx, func(tx *app.Tx) error { return tx.Flags().Put(flags[0]) })) // as in the backup
	h.clock.Advance(time.Minute)
	h.complain(sender, "2")
	_, err = h.ReplayDeletions(ctx, n.Each)
	h.ok(err)
	if left, err := h.Flags(ctx); err != nil || len(left) != 1 || left[0].Words != "words of 2" {
		t.Errorf("%+v, %v", left, err)
	}
}

// A report in a merged issue that was deleted stays deleted after an older backup was
// restored: no list has it, and it is found all the same. The other report stays.
func TestDeletedReportsOfPartsStayDeleted(t *testing.T) {
	h := newHouse(t)
	n := &noted{}
	h.App = app.New(app.Deps{Store: h.store, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}, Deletions: n})
	a, b := h.hear("ana", "1", "down", "").Issue, h.hear("ben", "2", "my number is 555", "").Issue
	_, err := h.Merge(ctx, app.By{}, app.MergeInput{Into: a, Issue: b})
	h.ok(err)
	var part desk.Issue
	var report desk.Post
	h.ok(h.View(ctx, func(tx *app.Tx) error {
		part, _, err = tx.Issues().Get(b)
		if err == nil {
			report, _, err = tx.Posts().Get(part.Post)
		}
		return err
	}))
	h.ok(h.Remove(ctx, report.Object, report.Author))
	h.ok(h.Update(ctx, func(tx *app.Tx) error { // as in the backup
		if err := tx.Issues().Put(part); err != nil {
			return err
		}
		return tx.Posts().Put(report)
	}))
	_, err = h.ReplayDeletions(ctx, n.Each)
	h.ok(err)
	v, words := h.show(b)
	if v.Issue.ID != a || strings.Contains(words, "555") || !strings.Contains(words, "down") || v.Issue.Status != desk.StatusNew {
		t.Errorf("%s is %s: %s", v.Issue.ID, v.Issue.Status, words)
	}
	h.ok(h.View(ctx, func(tx *app.Tx) error {
		part, _, err = tx.Issues().Get(b)
		if part.Excerpt != "" || part.Silenced != desk.SilenceDeleted {
			t.Errorf("the part: %q, %q", part.Excerpt, part.Silenced)
		}
		return err
	}))
}

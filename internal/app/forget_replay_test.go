package app_test

import (
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

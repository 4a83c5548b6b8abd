package app_test

import (
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// A broadcast may wait for its time, behind a warning. Until then nobody sees it, and it can
// be taken back.
func TestBroadcastAtItsTime(t *testing.T) {
	h := newHouse(t)
	at := h.clock.Now().Add(24 * time.Hour)
	later, err := h.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "No line works.", Warning: " Planned\n work ", At: at})
	h.ok(err)
	h.equal("it goes out", later.DueAt, at)
	h.equal("its warning", later.Warning, "Planned work")
	if !later.Sensitive {
		t.Error("a post with a warning is not marked")
	}
	sooner, err := h.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "All is well.", At: at.Add(-time.Hour)})
	h.ok(err)
	list, _, err := h.Broadcasts(ctx, "help", store.Page{})
	h.ok(err)
	if len(list) != 2 || list[0].Post.ID != later.ID || list[1].Post.ID != sooner.ID {
		t.Errorf("the list is not in the order of going out: %v", list)
	}
	job, waits, err := h.job("publish:create:" + string(later.ID))
	h.ok(err)
	if !waits || !job.Due.Equal(at) {
		t.Errorf("its job waits %v, until %s", waits, job.Due)
	}
	err = h.Update(ctx, func(tx *app.Tx) error {
		_, _, err := tx.PublishPost(sooner.ID)
		return err
	})
	h.ok(err)
	now, err := h.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "Written first, heard last.", Now: true})
	h.ok(err)
	list, _, err = h.Broadcasts(ctx, "help", store.Page{})
	h.ok(err)
	if len(list) != 3 || list[2].Post.ID != now.ID {
		t.Errorf("what went out before the others is not the last: %v", list)
	}
	undone, err := h.Undo(ctx, app.By{}, string(later.ID))
	h.ok(err)
	if undone.State != desk.PostUndone || undone.Text != "" || undone.Warning != "" {
		t.Errorf("taken back, it is %+v", undone)
	}
	err = h.Update(ctx, func(tx *app.Tx) error {
		if _, ok, err := tx.PublishPost(later.ID); ok || err != nil {
			t.Errorf("what was taken back goes out: %v, %v", ok, err)
		}
		return nil
	})
	h.ok(err)
}

func TestBroadcastTimesAndWarningsAreBounded(t *testing.T) {
	h := newHouse(t)
	now := h.clock.Now()
	for what, in := range map[string]struct {
		in   app.BroadcastInput
		want string
	}{
		"a time that has passed": {app.BroadcastInput{At: now}, "broadcast_at_past"},
		"a time in two years":    {app.BroadcastInput{At: now.AddDate(2, 0, 0)}, "broadcast_at_far"},
		"now and at a time":      {app.BroadcastInput{At: now.Add(time.Hour), Now: true}, "broadcast_now_or_at"},
		"a long warning":         {app.BroadcastInput{Warning: strings.Repeat("ä", 201)}, "broadcast_warning_long"},
		"a warning that asks":    {app.BroadcastInput{Warning: "Send us your password"}, "reply_asks_secret"},
	} {
		in.in.Desk, in.in.Text = "help", "Words"
		_, err := h.Broadcast(ctx, app.By{}, in.in)
		h.equal(what, desk.ErrorID(err), in.want)
	}
}

// job looks at a job by its id.
func (h *house) job(id string) (j store.Job, waits bool, err error) {
	err = h.View(ctx, func(tx *app.Tx) error {
		j, waits, err = tx.Jobs().Get(id)
		return err
	})
	return j, waits, err
}

package app_test

import (
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

// A like that was taken back and given again counts again; given twice it
// counts once.
func TestLikeAgain(t *testing.T) {
	h := newHouse(t)
	id := h.hear("ana", "1", "down", "").Issue
	reply, err := h.Reply(ctx, app.By{}, app.ReplyInput{Issue: id, Text: "Works again?", Now: true, Change: desk.StatusChange{To: desk.StatusFixed}})
	h.ok(err)
	h.publish(id)
	like := app.Reaction{Kind: "like", Actor: "https://m.example/ana", Object: reply.Object}
	react := func() {
		t.Helper()
		h.clock.Advance(time.Minute)
		if why, err := h.React(ctx, like); err != nil || why != drop.Kept {
			t.Fatalf("%v, %v", why, err)
		}
	}
	react()
	h.ok(h.Unreact(ctx, like, ""))
	if n := len(h.entries(id, desk.KindReaction)); n != 0 {
		t.Fatalf("%d likes after it was taken back", n)
	}
	react()
	react()
	likes := h.entries(id, desk.KindReaction)
	if len(likes) != 1 || !likes[0].At.Equal(h.Now().Add(-time.Minute)) {
		t.Fatalf("%+v", likes)
	}
	_, err = h.SetStatus(ctx, app.By{}, app.StatusInput{Issue: id, Change: desk.StatusChange{To: desk.StatusResolved}, Because: string(likes[0].ID)})
	h.ok(err)
	acts, _, err := h.AuditEntries(ctx, store.AuditFilter{}, store.Page{Limit: 1})
	h.ok(err)
	if len(acts) != 1 || acts[0].What != "issue.status" || acts[0].Note != "resolved" {
		t.Errorf("%+v", acts)
	}
}

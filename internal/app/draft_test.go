package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// draft is what an agent has typed at an issue, "" for nothing.
func (h *house) draft(agent desk.Email, on string) string {
	h.t.Helper()
	ds, err := h.Drafts(ctx, agent)
	h.ok(err)
	return ds[on].Text
}

// A draft is an agent's own, is replaced by what they type next, and is gone in the
// moment in which it is sent, however often that is asked.
func TestDraft(t *testing.T) {
	h := newHouse(t)
	h.agents()
	id := h.hear("ana", "1", "down", "").Issue
	on := app.DraftOnIssue(id)
	save := func(agent desk.Email, text string) {
		t.Helper()
		h.ok(h.SaveDraft(ctx, app.By{Agent: agent}, store.Draft{On: on, Text: text, To: "quiet"}))
	}
	is := func(agent desk.Email, want string) {
		t.Helper()
		if got := h.draft(agent, on); got != want {
			t.Errorf("the draft of %s is %q, not %q", agent, got, want)
		}
	}
	save(cy, "We loo")
	save(cy, "We look ")
	save(bo, "I too")
	is(cy, "We look ")
	is(bo, "I too")

	by := app.By{Agent: cy, Key: "k", Draft: on}
	_, err := h.Reply(ctx, by, app.ReplyInput{Issue: id, Text: strings.Repeat("x", app.MaxText+1)})
	h.code("a reply that is too long", err, desk.CodeInvalid)
	is(cy, "We look ")
	_, err = h.Comment(ctx, app.By{Agent: cy}, id, "By another way")
	h.ok(err)
	is(cy, "We look ")
	for range 2 {
		_, err := h.Reply(ctx, by, app.ReplyInput{Issue: id, Text: "We look into it"})
		h.ok(err)
		is(cy, "")
	}
	is(bo, "I too")
	save(bo, " \n")
	is(bo, "")
}

// Words that their agent took back are theirs to change; what they typed since stays.
func TestTakenBackBecomesDraft(t *testing.T) {
	h := newHouse(t)
	h.agents()
	id := h.hear("ana", "1", "down", "").Issue
	on := app.DraftOnIssue(id)
	take := func(by desk.Email, text string) {
		t.Helper()
		_, err := h.Reply(ctx, app.By{Agent: cy}, app.ReplyInput{Issue: id, Text: text, Visibility: "quiet"})
		h.ok(err)
		_, err = h.Undo(ctx, app.By{Agent: by}, string(id))
		h.ok(err)
	}
	take(bo, "Taken back by a colleague")
	if got := h.draft(cy, on) + h.draft(bo, on); got != "" {
		t.Errorf("the draft is %q", got)
	}
	take(cy, "We look into it")
	take(cy, "Other words")
	if got := h.draft(cy, on); got != "We look into it ^BE" { // as it would have gone out; letters are not put twice
		t.Errorf("the draft is %q", got)
	}
}

// Drafts are of forms that there are, and as many as one person writes; old ones go.
func TestDraftBounds(t *testing.T) {
	h := newHouse(t)
	h.agents()
	by := app.By{Agent: cy}
	for on, code := range map[string]desk.Code{"issues/none": desk.CodeNotFound, "posts/none": desk.CodeNotFound, "desks/none": desk.CodeNotFound,
		"elsewhere/1": desk.CodeNotFound, "": desk.CodeNotFound, strings.Repeat("x", 3000): desk.CodeInvalid} {
		h.code(fmt.Sprintf("a draft on %.20q", on), h.SaveDraft(ctx, by, store.Draft{On: on, Text: "x"}), code)
	}
	id := h.hear("ana", "1", "down", "").Issue
	on := app.DraftOnIssue(id)
	h.code("of nobody", h.SaveDraft(ctx, app.By{}, store.Draft{On: on, Text: "x"}), desk.CodeInvalid)
	h.code("too long", h.SaveDraft(ctx, by, store.Draft{On: on, Text: strings.Repeat("x", app.MaxText+1)}), desk.CodeInvalid)
	h.code("no text", h.SaveDraft(ctx, by, store.Draft{On: on, Text: "a\xff"}), desk.CodeInvalid)
	h.code("a long choice", h.SaveDraft(ctx, by, store.Draft{On: on, Text: "x", Next: strings.Repeat("x", 3000)}), desk.CodeInvalid)

	h.ok(h.Update(ctx, func(tx *app.Tx) error {
		for n := range 200 {
			if err := tx.Drafts().Put(store.Draft{Agent: cy, On: fmt.Sprint("issues/", n), Text: "x", At: tx.Now}); err != nil {
				return err
			}
		}
		return nil
	}))
	h.code("one more", h.SaveDraft(ctx, by, store.Draft{On: on, Text: "x"}), desk.CodeConflict)
	h.ok(h.SaveDraft(ctx, by, store.Draft{On: "issues/7", Text: "changed"}))
	h.ok(h.SaveDraft(ctx, app.By{Agent: bo}, store.Draft{On: on, Text: "another's"}))

	h.clock.Advance(app.DefaultWordsExpire - time.Hour)
	h.ok(h.SaveDraft(ctx, by, store.Draft{On: "issues/7", Text: "changed again"}))
	h.clock.Advance(2 * time.Hour)
	done, err := h.ExpireWords(ctx)
	if h.ok(err); done.Drafts != 200 || h.draft(cy, "issues/7") != "changed again" {
		t.Errorf("%d drafts expired; the one that was changed is %q", done.Drafts, h.draft(cy, "issues/7"))
	}
}

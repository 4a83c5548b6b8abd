package app_test

import (
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// The reply of an agent who is checked waits for a colleague. It goes out once, after the
// release; its author, and another one who is checked, cannot release it, and nobody can on
// an issue that has changed since. One that is sent back is in its author's form again.
func TestSecondPairOfEyes(t *testing.T) {
	inHouses(t, func(h *house) {
		h.agents()
		const di = "di@acme.example"
		_, err := h.AddAgent(ctx, app.By{}, desk.Agent{Email: di, Name: "Di Fox", Role: desk.RoleAgent, Checked: true})
		h.ok(err)
		a, err := h.EditAgent(ctx, app.By{}, bo, app.AgentEdit{Checked: new(true)})
		h.ok(err)
		h.equal("checked", a.Checked, true)
		id := h.tells("ana", "1", "no light", "help")
		write := func(text string) desk.Post {
			t.Helper()
			h.clock.Advance(time.Minute)
			p, err := h.Reply(ctx, app.By{Agent: bo}, app.ReplyInput{Issue: id, Text: text, Visibility: desk.VisibilityPublic, Now: true})
			h.ok(err)
			return p
		}
		waiting := func() (out []desk.PostID) {
			t.Helper()
			list, err := h.Unchecked(ctx)
			h.ok(err)
			for _, p := range list {
				out = append(out, p.ID)
			}
			return out
		}
		jobs := func(p desk.PostID) bool {
			t.Helper()
			_, waits, err := h.job(string(store.QueuePublish) + ":create:" + string(p))
			h.ok(err)
			return waits
		}
		newest := func() (desk.EventID, app.IssueView) {
			t.Helper()
			v, err := h.ShowIssue(ctx, id)
			h.ok(err)
			return v.Timeline[len(v.Timeline)-1].Event.ID, v
		}
		stale := func(what string, err error) {
			t.Helper()
			if desk.ErrorCode(err) != desk.CodeStale {
				t.Errorf("%s: %v", what, err)
			}
		}
		p := write("Which street?")
		h.equal("it waits", []any{p.State, jobs(p.ID), waiting()}, []any{desk.PostUnchecked, false, []desk.PostID{p.ID}})
		h.ok(h.Update(ctx, func(tx *app.Tx) error {
			_, ok, err := tx.PublishPost(p.ID)
			h.equal("it is sent", ok, false)
			return err
		}))
		_, err = h.ReleaseReply(ctx, app.By{Agent: bo}, p.ID)
		h.refusedAs("its author", err, "check_own")
		_, err = h.ReleaseReply(ctx, app.By{Agent: di}, p.ID)
		h.refusedAs("another who is checked", err, "check_checked")
		_, err = h.ReturnReply(ctx, app.By{Agent: bo}, p.ID, "No.")
		h.refusedAs("its author", err, "check_own")
		_, err = h.ReturnReply(ctx, app.By{Agent: cy}, p.ID, " ")
		h.refusedAs("an empty comment", err, "text_empty")

		seen, _ := newest()
		h.clock.Advance(time.Minute)
		_, err = h.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: "https://m.example/ana", Inbox: "https://m.example/inbox"},
			Post: desk.Post{Object: "https://m.example/notes/1b", Author: "https://m.example/ana", Text: "It works again", HTML: "It works again", InReplyTo: "https://m.example/notes/1", Visibility: desk.VisibilityPublic, Published: h.Now()}})
		h.ok(err)
		_, err = h.ReleaseReply(ctx, app.By{Agent: cy, Seen: seen}, p.ID)
		stale("the reporter spoke since", err)
		seen, _ = newest()
		h.clock.Advance(time.Minute)
		_, err = h.EditPost(ctx, app.By{Agent: bo}, p.ID, "Which street was it?")
		h.ok(err)
		_, err = h.ReleaseReply(ctx, app.By{Agent: cy, Seen: seen}, p.ID)
		stale("its author changed it since", err)
		seen, _ = newest()
		p, err = h.ReleaseReply(ctx, app.By{Agent: cy, Seen: seen}, p.ID)
		h.ok(err)
		h.equal("released", []any{p.State, p.CheckedBy, p.Agent, p.Text[:20], jobs(p.ID), len(waiting()), p.DueAt.After(h.Now())},
			[]any{desk.PostPending, desk.Email(cy), desk.Email(bo), "Which street was it?", true, 0, true})
		_, err = h.ReleaseReply(ctx, app.By{Agent: cy}, p.ID)
		h.refusedAs("once more", err, "check_over")
		_, err = h.EditPost(ctx, app.By{Agent: bo}, p.ID, "Other words.")
		h.refusedAs("other words after the release", err, "edit_unchecked")
		h.goesOut(p.ID)

		back := write("Calm down.")
		_, err = h.ReturnReply(ctx, app.By{Agent: cy}, back.ID, "Please be kind.")
		h.ok(err)
		_, v := newest()
		h.equal("sent back", []any{len(waiting()), v.Timeline[len(v.Timeline)-1].Post.Text, v.Issue.Pending}, []any{0, "Please be kind.", 0})
		h.equal("its author is called", v.Issue.Mentioned, []desk.Email{bo})
		if got := h.draft(bo, app.DraftOnIssue(id)); !strings.HasPrefix(got, "Calm down.") {
			t.Errorf("in the form there is %q", got)
		}
		h.ok(h.DiscardDraft(ctx, app.By{Agent: bo}, app.DraftOnIssue(id)))

		taken := write("Wait.")
		_, err = h.Undo(ctx, app.By{Agent: bo}, string(taken.ID))
		h.ok(err)
		if _, err = h.ReleaseReply(ctx, app.By{Agent: cy}, taken.ID); err == nil {
			t.Error("a reply that was taken back is released")
		}
		h.equal("taken back", len(waiting()), 0)
		write("Wait again.")
		_, err = h.Undo(ctx, app.By{Agent: bo}, string(id))
		h.ok(err)
		h.equal("the newest is taken back", len(waiting()), 0)

		lead := desk.RoleLead
		a, err = h.EditAgent(ctx, app.By{}, bo, app.AgentEdit{Role: &lead})
		h.ok(err)
		h.equal("a lead is checked", a.Checked, false)
		free := write("Thank you.")
		h.equal("their replies go out", []any{free.State, jobs(free.ID)}, []any{desk.PostPending, true})
	})
}

// A reply to a merged issue waits and goes out with all its copies.
func TestCheckedCopies(t *testing.T) {
	inHouses(t, func(h *house) {
		h.agents()
		_, err := h.EditAgent(ctx, app.By{}, bo, app.AgentEdit{Checked: new(true)})
		h.ok(err)
		id, part := h.tells("ana", "1", "no light", "help"), h.tells("ben", "2", "dark", "help")
		_, err = h.Merge(ctx, app.By{Agent: cy}, app.MergeInput{Into: id, Issue: part})
		h.ok(err)
		p, err := h.Reply(ctx, app.By{Agent: bo}, app.ReplyInput{Issue: id, Text: "We look."})
		h.ok(err)
		list, err := h.Unchecked(ctx)
		h.ok(err)
		h.equal("one waits", []int{len(list), len(p.Copies)}, []int{1, 1})
		_, err = h.ReleaseReply(ctx, app.By{Agent: cy}, p.Copies[0])
		h.ok(err)
		for _, id := range append(p.Copies, p.ID) {
			if _, waits, err := h.job(string(store.QueuePublish) + ":create:" + string(id)); err != nil || !waits {
				t.Errorf("%s has no job: %v", id, err)
			}
		}
		list, err = h.Unchecked(ctx)
		h.ok(err)
		h.equal("none waits", len(list), 0)
	})
}

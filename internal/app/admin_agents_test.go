package app_test

import (
	"fmt"
	"slices"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// The issues of an agent who is disabled are nobody's again, however many; those that
// are done stay theirs, and so does everything if they are enabled again at once.
func TestDisabledAgentsIssues(t *testing.T) {
	for again, want := range map[bool]desk.Email{false: "", true: bo} {
		h := newHouse(t)
		h.agents()
		var ids []desk.IssueID
		for n := range 130 {
			id := h.hear(fmt.Sprint("ana", n), fmt.Sprint(n), "down", "").Issue
			_, err := h.Assign(ctx, app.By{Agent: cy}, id, bo)
			h.ok(err)
			ids = append(ids, id)
		}
		h.set(cy, ids[1], desk.StatusWaiting)
		_, err := h.SetStatus(ctx, app.By{Agent: cy}, app.StatusInput{Issue: ids[0], Change: desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonNotACall}})
		h.ok(err)
		for _, disabled := range []bool{true, false}[:map[bool]int{false: 1, true: 2}[again]] {
			_, err := h.EditAgent(ctx, app.By{}, bo, app.AgentEdit{Disabled: &disabled})
			h.ok(err)
		}
		h.night()
		for n, id := range ids {
			v, err := h.ShowIssue(ctx, id)
			h.ok(err)
			is := want
			if n == 0 {
				is = bo
			}
			if v.Issue.Assignee != is {
				t.Fatalf("enabled again %v: issue %d is of %q, not %q", again, n, v.Issue.Assignee, is)
			}
		}
		if es := h.entries(ids[1], desk.KindAssign); !again && (len(es) != 2 || es[1].Assignee != "" || es[1].Agent != "") {
			t.Errorf("the timeline has %v", es)
		}
	}
}

// A colleague that only the changed comment mentions is told, and nobody twice.
func TestMentionedByAnEdit(t *testing.T) {
	h := newHouse(t)
	h.agents()
	id := h.hear("ana", "1", "down", "").Issue
	p, err := h.Comment(ctx, app.By{Agent: cy}, id, "Who was there?")
	h.ok(err)
	edit := func(text string, want ...desk.Email) {
		t.Helper()
		_, err := h.EditPost(ctx, app.By{Agent: cy}, p.ID, text)
		h.ok(err)
		if got := h.view(id).Issue.Mentioned; !slices.Equal(got, want) {
			t.Errorf("after %q, mentioned are %q, not %q", text, got, want)
		}
	}
	edit("@bo was there, says @cy", bo)
	h.ok(h.MarkSeen(ctx, app.By{Agent: bo}, id))
	edit("@bo was there on Friday")
}

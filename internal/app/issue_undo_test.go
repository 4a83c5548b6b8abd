package app_test

import (
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

const (
	bo = "bo@acme.example"
	cy = "cy@acme.example"
)

// agents takes two in.
func (h *house) agents() {
	h.t.Helper()
	for _, e := range []desk.Email{bo, cy} {
		_, err := h.AddAgent(ctx, app.By{}, desk.Agent{Email: e, Name: "Bo Ek", Role: desk.RoleAgent})
		h.ok(err)
	}
}

func (h *house) set(by desk.Email, id desk.IssueID, to desk.Status) {
	h.t.Helper()
	h.clock.Advance(time.Minute)
	_, err := h.SetStatus(ctx, app.By{Agent: by}, app.StatusInput{Issue: id, Change: desk.StatusChange{To: to}})
	h.ok(err)
}

func (h *house) assign(by desk.Email, id desk.IssueID, to desk.Email) {
	h.t.Helper()
	h.clock.Advance(time.Minute)
	_, err := h.Assign(ctx, app.By{Agent: by}, id, to)
	h.ok(err)
}

// entries are those of a kind in an issue's timeline.
func (h *house) entries(id desk.IssueID, kind desk.Kind) (out []desk.Event) {
	h.t.Helper()
	v, err := h.ShowIssue(ctx, id)
	h.ok(err)
	for _, e := range v.Timeline {
		if e.Event.Kind == kind {
			out = append(out, e.Event)
		}
	}
	return out
}

func TestUndoStatusChange(t *testing.T) {
	h := newHouse(t)
	h.agents()
	id := h.hear("ana", "1", "down", "").Issue
	h.set(bo, id, desk.StatusInProgress)
	change := h.entries(id, desk.KindStatus)[0]
	in := app.UndoInput{Issue: id, Kind: desk.KindStatus, Entry: change.ID}
	for range 2 { // the second changes nothing
		h.clock.Advance(time.Minute)
		i, err := h.UndoChange(ctx, app.By{Agent: cy}, in)
		h.ok(err)
		if i.Status != desk.StatusNew || i.WaitingSince.IsZero() {
			t.Errorf("%+v", i)
		}
	}
	all := h.entries(id, desk.KindStatus)
	if len(all) != 2 || all[1].Undoes != change.ID || all[1].Agent != cy || all[1].Status != desk.StatusNew || all[1].Text != "undone: in_progress → new" {
		t.Errorf("%+v", all)
	}
	acts, _, err := h.AuditEntries(ctx, store.AuditFilter{Agent: cy}, store.Page{})
	h.ok(err)
	if len(acts) == 0 || acts[0].What != "issue.status.undo" || acts[0].On != "issues/"+string(id) {
		t.Errorf("%+v", acts)
	}
}

func TestUndoAssignment(t *testing.T) {
	h := newHouse(t)
	h.agents()
	id := h.hear("ana", "1", "down", "").Issue
	h.assign(bo, id, bo)
	h.assign(bo, id, cy)
	h.set(cy, id, desk.StatusInProgress) // of another kind: it is not in the way
	i, err := h.UndoChange(ctx, app.By{Agent: bo}, app.UndoInput{Issue: id, Kind: desk.KindAssign})
	h.ok(err)
	if i.Assignee != bo || i.Status != desk.StatusInProgress {
		t.Errorf("%+v", i)
	}
	// A reply assigns the issue to its agent; that can be undone too.
	id = h.hear("ben", "2", "down", "").Issue
	_, err = h.Reply(ctx, app.By{Agent: bo}, app.ReplyInput{Issue: id, Text: "Which street?"})
	h.ok(err)
	i, err = h.UndoChange(ctx, app.By{Agent: bo}, app.UndoInput{Issue: id, Kind: desk.KindAssign})
	h.ok(err)
	if i.Assignee != "" {
		t.Errorf("%+v", i)
	}
}

// An undo that is refused names the reason, and changes nothing.
func TestUndoRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		prior func(*house, desk.IssueID)
		undo  app.UndoInput // of the first entry of the kind where Entry is "first"
		says  string
	}{
		{"nothing was changed", func(*house, desk.IssueID) {}, app.UndoInput{Kind: desk.KindStatus}, "nothing to take back"},
		{"another changed it since", func(h *house, id desk.IssueID) {
			h.set(bo, id, desk.StatusInProgress)
			h.set(cy, id, desk.StatusFixed)
		}, app.UndoInput{Kind: desk.KindStatus, Entry: "first"}, cy + " has changed this since"},
		{"another changed it since, and no entry is named", func(h *house, id desk.IssueID) {
			h.set(bo, id, desk.StatusInProgress)
			h.set(cy, id, desk.StatusFixed)
		}, app.UndoInput{Kind: desk.KindStatus}, "the last to change this was " + cy},
		{"the reporter spoke and it is acknowledged", func(h *house, id desk.IssueID) {
			h.set(bo, id, desk.StatusWaiting)
			h.clock.Advance(time.Minute)
			h.hear("ana", "1a", "still down", "https://m.example/notes/1")
		}, app.UndoInput{Kind: desk.KindStatus, Entry: "first"}, "another person or a timer has changed this since"},
		{"the reporter was told", func(h *house, id desk.IssueID) {
			_, err := h.Reply(ctx, app.By{Agent: bo}, app.ReplyInput{Issue: id, Text: "Works again?", Now: true, Change: desk.StatusChange{To: desk.StatusFixed}})
			h.ok(err)
			h.publish(id)
		}, app.UndoInput{Kind: desk.KindStatus}, "told to the reporter"},
		{"a reply went out since", func(h *house, id desk.IssueID) {
			h.set(bo, id, desk.StatusInProgress)
			_, err := h.Reply(ctx, app.By{Agent: bo}, app.ReplyInput{Issue: id, Text: "We are on it", Now: true})
			h.ok(err)
			h.publish(id)
		}, app.UndoInput{Kind: desk.KindStatus}, "a reply has gone out since"},
		{"three quiet days resolved it", func(h *house, id desk.IssueID) {
			h.set(bo, id, desk.StatusFixed)
			h.clock.Advance(desk.QuietDays)
			h.ok(h.Quiet(ctx, id))
		}, app.UndoInput{Kind: desk.KindStatus, Entry: "first"}, "another person or a timer has changed this since"},
		{"an entry of another kind", func(h *house, id desk.IssueID) {
			h.set(bo, id, desk.StatusInProgress)
			h.assign(bo, id, bo)
		}, app.UndoInput{Kind: desk.KindAssign, Entry: "status"}, "no such entry"},
		{"a reply", func(*house, desk.IssueID) {}, app.UndoInput{Kind: desk.KindReply}, "not \"reply\""},
		{"an undo", func(h *house, id desk.IssueID) {
			h.assign(bo, id, bo)
			_, err := h.UndoChange(ctx, app.By{Agent: bo}, app.UndoInput{Issue: id, Kind: desk.KindAssign})
			h.ok(err)
		}, app.UndoInput{Kind: desk.KindAssign, Entry: "last"}, "an undo itself"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.agents()
			c.undo.Issue = h.hear("ana", "1", "down", "").Issue
			c.prior(h, c.undo.Issue)
			before := h.view(c.undo.Issue)
			switch all := h.entries(c.undo.Issue, c.undo.Kind); c.undo.Entry {
			case "first":
				c.undo.Entry = all[0].ID
			case "last":
				c.undo.Entry = all[len(all)-1].ID
			case "status":
				c.undo.Entry = h.entries(c.undo.Issue, desk.KindStatus)[0].ID
			}
			_, err := h.UndoChange(ctx, app.By{Agent: bo}, c.undo)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %q", err, c.says)
			}
			if after := h.view(c.undo.Issue); after.Issue.Status != before.Issue.Status || after.Issue.Assignee != before.Issue.Assignee || len(after.Timeline) != len(before.Timeline) {
				t.Errorf("it was changed: %+v", after.Issue)
			}
		})
	}
}

// Where an undo brings `fixed` back, the three quiet days are counted on.
func TestUndoToFixed(t *testing.T) {
	h := newHouse(t)
	h.agents()
	id := h.hear("ana", "1", "down", "").Issue
	h.set(bo, id, desk.StatusFixed)
	h.set(bo, id, desk.StatusInProgress)
	h.clock.Advance(desk.QuietDays)
	h.night()
	if s := h.view(id).Issue.Status; s != desk.StatusInProgress {
		t.Fatalf("it is %s", s)
	}
	_, err := h.UndoChange(ctx, app.By{Agent: bo}, app.UndoInput{Issue: id, Kind: desk.KindStatus})
	h.ok(err)
	h.night()
	if s := h.view(id).Issue.Status; s != desk.StatusResolved {
		t.Errorf("it is %s after three quiet days", s)
	}
}

func (h *house) view(id desk.IssueID) app.IssueView {
	h.t.Helper()
	v, err := h.ShowIssue(ctx, id)
	h.ok(err)
	return v
}

// publish sends the replies of an issue that are due, as the worker does.
func (h *house) publish(id desk.IssueID) {
	h.t.Helper()
	h.ok(h.Update(ctx, func(tx *app.Tx) error {
		posts, _, err := tx.Posts().ByIssue(id, store.Page{})
		for _, p := range posts {
			if err == nil && p.State == desk.PostPending {
				_, _, err = tx.PublishPost(p.ID)
			}
		}
		return err
	}))
}

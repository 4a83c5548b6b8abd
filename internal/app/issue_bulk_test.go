package app_test

import (
	"slices"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// One press takes a whole change of many issues back. An issue that a colleague has changed
// since is left and named, and so is none twice.
func TestUndoBulk(t *testing.T) {
	inHouses(t, func(h *house) {
		h.agents()
		var ids []desk.IssueID
		for _, who := range []string{"ana", "ben", "cem"} {
			ids = append(ids, h.hear(who, who, "No light", "").Issue)
		}
		h.assign(cy, ids[0], cy)
		who, until := desk.Email(bo), time.Time{}
		by := app.By{Agent: bo, Key: "k", Content: "c"}
		in := app.BulkInput{Issues: ids, Change: desk.StatusChange{To: desk.StatusInProgress}, Assignee: &who, Snooze: &until}
		done, err := h.Bulk(ctx, by, in)
		h.ok(err)
		again, err := h.Bulk(ctx, by, in)
		h.ok(err)
		if done.Act == "" || again.Act != done.Act || len(done.Results) != 3 {
			t.Fatalf("%+v, then %+v", done, again)
		}
		h.assign(cy, ids[1], cy) // meanwhile
		for range 2 {
			out, err := h.UndoBulk(ctx, app.By{Agent: bo}, done.Act)
			h.ok(err)
			if len(out) != 3 || out[0].Err != nil || out[2].Err != nil || desk.ErrorCode(out[1].Err) != desk.CodeConflict || out[1].Issue != ids[1] {
				t.Fatalf("%+v", out)
			}
		}
		for n, want := range []struct {
			status  desk.Status
			who     desk.Email
			snoozed bool
		}{{desk.StatusNew, cy, false}, {desk.StatusInProgress, cy, true}, {desk.StatusNew, "", false}} {
			if i := h.view(ids[n]).Issue; i.Status != want.status || i.Assignee != want.who || i.Snooze.On() != want.snoozed {
				t.Errorf("the issue %d: %s of %q, snoozed %v", n, i.Status, i.Assignee, i.Snooze.On())
			}
		}
		if n := len(h.entries(ids[2], desk.KindAssign)); n != 2 {
			t.Errorf("%d entries", n)
		}
		other, err := h.Bulk(ctx, app.By{Agent: bo}, app.BulkInput{Issues: ids[1:], Into: ids[2]})
		h.ok(err)
		_, err = h.UndoBulk(ctx, app.By{Agent: cy}, other.Act)
		h.ok(err)
		if v := h.view(ids[2]); len(v.Parts) > 0 {
			t.Error("they are still one")
		}
		_, err = h.UndoBulk(ctx, app.By{Agent: bo}, "none")
		h.refusedAs("no act", err, "bulk_gone")
	})
}

// While one agent takes a change of many issues back, a colleague changes one of them: the
// issue has the colleague's value, or the undo came first and the colleague's came on top.
func TestUndoBulkAtOnce(t *testing.T) {
	onStores(t, func(r *threads) {
		for _, e := range []desk.Email{bo, cy} {
			_, err := r.app().AddAgent(ctx, app.By{}, desk.Agent{Email: e, Name: "Bo Ek", Role: desk.RoleAgent})
			fine(t, err)
		}
		for round := range 4 {
			var ids []desk.IssueID
			for _, who := range []string{"ana", "ben"} {
				ids = append(ids, r.reports(who+string(rune('a'+round)), "1", "no light", "", "help"))
			}
			who := desk.Email(bo)
			done, err := r.app().Bulk(ctx, app.By{Agent: bo}, app.BulkInput{Issues: ids, Assignee: &who})
			fine(t, err)
			errs := make(chan error, 2)
			go func() {
				_, err := r.nodes[0].UndoBulk(ctx, app.By{Agent: bo}, done.Act)
				errs <- err
			}()
			go func() {
				_, err := r.nodes[len(r.nodes)-1].Assign(ctx, app.By{Agent: cy}, ids[1], cy)
				errs <- err
			}()
			fine(t, <-errs)
			fine(t, <-errs)
			got := []desk.Email{r.show(ids[0]).Issue.Assignee, r.show(ids[1]).Issue.Assignee}
			if !slices.Equal(got, []desk.Email{"", cy}) {
				t.Errorf("round %d: %q", round, got)
			}
		}
	})
}

package app_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// brokenOff is a context that ends after some looks at it.
type brokenOff struct {
	context.Context
	looks int
}

func (b *brokenOff) Err() error {
	if b.looks--; b.looks < 0 {
		return context.Canceled
	}
	return nil
}

// A change of many issues that broke off is taken back whole: by the act of the same
// request, made again.
func TestUndoBulkBrokenOff(t *testing.T) {
	inHouses(t, func(h *house) {
		h.agents()
		broke := 0
		for looks := range 40 {
			var ids []desk.IssueID
			for _, who := range []string{"ana", "ben"} {
				ids = append(ids, h.hear(who, fmt.Sprint(who, looks), "No light", "").Issue)
			}
			by := app.By{Agent: bo, Key: fmt.Sprint("k", looks), Content: "c"}
			in := app.BulkInput{Issues: ids, Change: desk.StatusChange{To: desk.StatusInProgress}}
			_, err := h.Bulk(&brokenOff{ctx, looks}, by, in)
			if err == nil {
				break
			}
			if h.view(ids[0]).Issue.Status == desk.StatusInProgress {
				broke++
			}
			done, err := h.Bulk(ctx, by, in)
			h.ok(err)
			out, err := h.UndoBulk(ctx, app.By{Agent: bo}, done.Act)
			h.ok(err)
			if len(out) != 2 || h.view(ids[0]).Issue.Status != desk.StatusNew || h.view(ids[1]).Issue.Status != desk.StatusNew {
				t.Errorf("broken off after %d looks: %+v, %s and %s", looks, out, h.view(ids[0]).Issue.Status, h.view(ids[1]).Issue.Status)
			}
		}
		if broke == 0 {
			t.Error("it never broke off between two issues")
		}
	})
}

// Issues that were changed and merged in one are again what they were, and are counted as
// they were asked for. To take it back again says nothing in the audit log.
func TestUndoBulkMerged(t *testing.T) {
	inHouses(t, func(h *house) {
		h.agents()
		var ids []desk.IssueID
		for _, who := range []string{"ana", "ben", "cem"} {
			ids = append(ids, h.hear(who, who, "No light", "").Issue)
		}
		h.assign(cy, ids[1], cy)
		audits := func() (n int) {
			all, _, err := h.AuditEntries(ctx, store.AuditFilter{}, store.Page{})
			h.ok(err)
			return len(all)
		}
		who, until, before := desk.Email(cy), time.Time{}, audits()
		done, err := h.Bulk(ctx, app.By{Agent: bo}, app.BulkInput{Issues: ids, Change: desk.StatusChange{To: desk.StatusInProgress}, Assignee: &who, Snooze: &until, Into: ids[0]})
		h.ok(err)
		for _, r := range done.Results {
			h.ok(r.Err)
		}
		// Each has a status and a snooze, two an assignee that is another, two are merged.
		if n := audits() - before; n != 3+3+2+2 || len(h.view(ids[0]).Parts) != 3 {
			t.Fatalf("%d entries of the audit log, %d parts", n, len(h.view(ids[0]).Parts))
		}
		for n := range 2 {
			before := audits()
			out, err := h.UndoBulk(ctx, app.By{Agent: bo}, done.Act)
			h.ok(err)
			if len(out) != 3 || out[0].Issue != ids[0] || out[2].Issue != ids[2] {
				t.Fatalf("%+v", out)
			}
			for _, r := range out {
				h.ok(r.Err)
			}
			if got, want := audits()-before, []int{3, 0}[n]; got != want {
				t.Errorf("undo %d: %d entries of the audit log", n, got)
			}
		}
		for n, who := range []desk.Email{"", cy, ""} {
			if i := h.view(ids[n]).Issue; i.MergedInto != "" || i.Status != desk.StatusNew || i.Assignee != who || i.Snooze.On() || len(h.view(ids[n]).Parts) > 0 {
				t.Errorf("the issue %d: %s of %q, snoozed %v, in %q", n, i.Status, i.Assignee, i.Snooze.On(), i.MergedInto)
			}
		}
	})
}

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

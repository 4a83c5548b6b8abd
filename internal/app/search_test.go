package app_test

import (
	"fmt"
	"slices"
	"testing"

	"earshot/internal/app"
	"earshot/store"
)

// found are the reporters of the issues that a search finds.
func (h *house) found(asked string) (out []string) {
	h.t.Helper()
	list, _, err := h.ListIssues(ctx, app.ListInput{Search: asked})
	h.ok(err)
	for _, v := range list {
		out = append(out, v.Reporter.Name)
	}
	return out
}

// An issue is found by its words, its people, its id, and each address that leads to it.
func TestSearch(t *testing.T) {
	h := newHouse(t)
	h.agents()
	id := h.hear("ana", "1", "Störung in Köln", "").Issue
	h.hear("eve", "2", "all is well", "")
	said, err := h.Comment(ctx, app.By{Agent: bo}, id, "The cabinet again")
	h.ok(err)
	site := h.Site().URL
	for _, asked := range []string{"koln", "stoerung", "ana", "@ana", "ana@m.example", "cabinet", string(id), " " + string(said.ID) + " ", site + "/issues/" + string(id),
		site + "/console/issues/" + string(id) + "?view=all", site + "/posts/" + string(said.ID), "https://m.example/notes/1"} {
		if got := h.found(asked); !slices.Equal(got, []string{"ana"}) {
			t.Errorf("%q finds %q", asked, got)
		}
	}
	for _, asked := range []string{"kolner", "ana@other.example", "01890000-0000-7000-8000-000000000000", site + "/issues/none", "https://m.example/notes/3"} {
		if got := h.found(asked); len(got) > 0 {
			t.Errorf("%q finds %q", asked, got)
		}
	}
}

// Posts that an earlier version indexed are found after the next start, however many, and
// once: a second start has nothing to do.
func TestReindex(t *testing.T) {
	h := newHouse(t)
	for n := range 250 {
		h.hear("ana", fmt.Sprint(n), fmt.Sprintf("Störung %d", n), "")
	}
	h.ok(h.Update(ctx, func(tx *app.Tx) error { // as an earlier version did
		list, _, err := tx.Issues().List(store.IssueFilter{}, store.Page{})
		if err != nil {
			return err
		}
		for _, i := range list {
			if err := tx.Terms().Set(i.Post, i.ID, []string{"störung"}); err != nil {
				return err
			}
		}
		return nil
	}))
	if got := h.found("storung"); len(got) > 0 {
		t.Fatalf("found before: %d", len(got))
	}
	h.ok(h.ArmReindex(ctx))
	h.night()
	total := 0
	for in, more := (app.ListInput{Search: "storung"}), true; more; {
		list, next, err := h.ListIssues(ctx, in)
		h.ok(err)
		total += len(list)
		in.Page.After, more = next, next != ""
	}
	if total != 250 {
		t.Errorf("found after: %d", total)
	}
	h.ok(h.ArmReindex(ctx))
	if ran := h.night(); len(ran) > 0 {
		t.Errorf("at the second start: %v", ran)
	}
}

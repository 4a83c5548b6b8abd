package app_test

import (
	"fmt"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// Views are of one agent or of a desk, each name once, and bounded; a request that is sent
// again saves none.
func TestSavedViews(t *testing.T) {
	h := newHouse(t)
	own := desk.SavedView{Owner: desk.ViewsOfAgent(cy), Name: "Routers", List: "open", Search: "router"}
	for range 2 {
		_, err := h.AddView(ctx, app.By{Agent: cy, Key: "k"}, own)
		h.ok(err)
	}
	_, err := h.AddView(ctx, app.By{Agent: cy}, own)
	h.code("the same name", err, desk.CodeConflict)
	shared := desk.SavedView{Owner: desk.ViewsOfDesk("help"), Name: "Routers", At: "help", Status: desk.StatusNew}
	v, err := h.AddView(ctx, app.By{}, shared)
	h.ok(err)
	for what, wrong := range map[string]desk.SavedView{
		"nobody's": {Owner: desk.ViewsOfAgent(""), Name: "x"}, "an unknown list": {Owner: own.Owner, Name: "x", List: "mine too"},
		"without a name": {Owner: own.Owner, Name: " "}, "an unknown status": {Owner: own.Owner, Name: "x", Status: "lost"},
	} {
		_, err := h.AddView(ctx, app.By{}, wrong)
		h.code(what, err, desk.CodeInvalid)
	}
	_, err = h.AddView(ctx, app.By{}, desk.SavedView{Owner: desk.ViewsOfDesk("nobody"), Name: "x"})
	h.code("of no desk", err, desk.CodeNotFound)
	v, err = h.RenameView(ctx, app.By{}, v.Owner, v.ID, "New routers")
	h.ok(err)
	if v.Name != "New routers" || v.At != "help" || v.Status != desk.StatusNew || v.List != "all" {
		t.Errorf("renamed to %+v", v)
	}
	_, err = h.RenameView(ctx, app.By{Agent: cy}, own.Owner, v.ID, "Mine now")
	h.code("another owner's", err, desk.CodeNotFound)
	if seen, err := h.ViewsFor(ctx, cy); err != nil || len(seen) != 2 || seen[0].Name != "Routers" || seen[1].Name != "New routers" {
		t.Errorf("an agent sees %v, %v", seen, err)
	}
	if seen, err := h.ViewsFor(ctx, "bo@acme.example"); err != nil || len(seen) != 1 {
		t.Errorf("a colleague sees %v, %v", seen, err)
	}
	for n := 1; n < desk.MaxSavedViews; n++ {
		own.Name = fmt.Sprint("Routers ", n)
		_, err := h.AddView(ctx, app.By{Agent: cy}, own)
		h.ok(err)
	}
	own.Name = "One more"
	_, err = h.AddView(ctx, app.By{Agent: cy}, own)
	h.code("too many", err, desk.CodeConflict)
	h.ok(h.RemoveView(ctx, app.By{}, v.Owner, v.ID))
	h.code("removed twice", h.RemoveView(ctx, app.By{}, v.Owner, v.ID), desk.CodeNotFound)
}

// Views that name a person go when the person wants to be left alone or is deleted; a
// server that refuses us does not take them away.
func TestViewsDoNotKeepTheNameOfAPerson(t *testing.T) {
	for name, leave := range map[string]func(*house, desk.ActorID){
		"deleted":   func(h *house, who desk.ActorID) { h.ok(second(h.RemoveActor(ctx, who))) },
		"blocked":   func(h *house, who desk.ActorID) { h.ok(h.BlockedUs(ctx, who, "help")) },
		"opted out": func(h *house, who desk.ActorID) { h.ok(second(h.AddOptOut(ctx, app.By{}, who, ""))) },
		"refused":   func(h *house, who desk.ActorID) { h.ok(h.Refused(ctx, who)) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			shown, _ := h.show(h.hear("ana", "1", "down", "").Issue)
			who := shown.Issue.Reporter
			for owner, search := range map[desk.ViewOwner]string{desk.ViewsOfAgent(cy): "router from:ana", desk.ViewsOfDesk("help"): "bananas"} {
				h.ok(second(h.AddView(ctx, app.By{}, desk.SavedView{Owner: owner, Name: "Routers", Search: search})))
			}
			leave(h, who)
			left, err := h.ViewsFor(ctx, cy)
			h.ok(err)
			want := 1
			if name == "refused" {
				want = 2
			}
			if len(left) != want || left[len(left)-1].Search != "bananas" {
				t.Errorf("left are %+v, want %d", left, want)
			}
		})
	}
}

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

package app_test

import (
	"fmt"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// A list is blocked once, however often it is given; one with a mistake not at all.
func TestAddBlocks(t *testing.T) {
	h := newHouse(t)
	was, err := h.AddBlock(ctx, app.By{Agent: "ana@acme.example"}, "S0001.example", "of old")
	h.ok(err)
	list := make([]desk.Block, 1100)
	for n := range list {
		list[n] = desk.Block{Target: fmt.Sprintf("s%04d.example", n), Reason: "in  the list"}
	}
	by := app.By{Agent: "bo@acme.example"}
	for _, mistake := range []desk.Block{{Target: "no domain"}, {Target: string(h.Site().Host())}} {
		if added, err := h.AddBlocks(ctx, by, append(list[:len(list):len(list)], mistake)); desk.ErrorCode(err) != desk.CodeInvalid || added != 0 {
			t.Errorf("with %q: %d, %v", mistake.Target, added, err)
		}
	}
	for _, want := range []int{len(list) - 1, 0} {
		if added, err := h.AddBlocks(ctx, by, list); err != nil || added != want {
			t.Errorf("%d, %v, want %d", added, err, want)
		}
	}
	blocks, _, err := h.Blocks(ctx, store.Page{Limit: 3})
	h.ok(err)
	if blocks[1] != was || blocks[2].Agent != by.Agent || blocks[2].Reason != "in the list" || !blocks[2].Since.Equal(h.Now()) {
		t.Errorf("%+v", blocks)
	}
	acts := 0
	for p := (store.Page{}); ; {
		some, next, err := h.AuditEntries(ctx, store.AuditFilter{Agent: "bo@acme.example"}, p)
		h.ok(err)
		acts += len(some)
		if p.After = next; next == "" {
			break
		}
	}
	if acts != len(list)-1 {
		t.Errorf("%d acts for %d blocks", acts, len(list)-1)
	}
}

package app_test

import (
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// A comment is the word of who wrote it: nobody else changes it, and only an
// admin removes it.
func TestCommentsOfOthers(t *testing.T) {
	h := newHouse(t)
	by := func(email string, role desk.AgentRole) app.By {
		_, err := h.AddAgent(ctx, app.By{}, desk.Agent{Email: desk.Email(email), Name: email[:2], Role: role})
		h.ok(err)
		return app.By{Agent: desk.Email(email), Via: store.ViaConsole}
	}
	boss, ana, bo := by("boss@acme.example", desk.RoleAdmin), by("ana@acme.example", desk.RoleAgent), by("bo@acme.example", desk.RoleLead)
	machine := app.By{Via: store.ViaMachine}
	id := h.hear("eve", "1", "down", "").Issue
	comment := func(who app.By) desk.Post {
		p, err := h.Comment(ctx, who, id, "the cable is cut")
		h.ok(err)
		return p
	}
	said := comment(boss)
	for name, who := range map[string]app.By{"an agent": ana, "a lead": bo, "the machine": machine} {
		if _, err := h.EditPost(ctx, who, said.ID, "the customer lies"); desk.ErrorID(err) != "comment_of_another" {
			t.Errorf("%s rewrites an admin's comment: %v", name, err)
		}
	}
	if _, err := h.EditPost(ctx, boss, comment(ana).ID, "I was wrong"); desk.ErrorID(err) != "comment_of_another" {
		t.Errorf("an admin rewrites an agent's comment: %v", err)
	}
	for name, who := range map[string]app.By{"an agent": ana, "a lead": bo} {
		if _, err := h.RetractPost(ctx, who, said.ID); desk.ErrorID(err) != "comment_not_removed" {
			t.Errorf("%s removes an admin's comment: %v", name, err)
		}
	}
	if p, err := h.EditPost(ctx, boss, said.ID, "the cable was cut"); err != nil || p.Text != "the cable was cut" {
		t.Errorf("the author: %+v, %v", p, err)
	}
	for name, c := range map[string][2]app.By{"its author": {ana, ana}, "an admin": {ana, boss}, "the machine": {boss, machine}} {
		if _, err := h.RetractPost(ctx, c[1], comment(c[0]).ID); err != nil {
			t.Errorf("%s removes it: %v", name, err)
		}
	}
}

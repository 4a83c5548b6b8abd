package app_test

import (
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// An issue can be assigned only to an agent who will see it.
func TestAssignOnlyToAgentsWhoWillSeeIt(t *testing.T) {
	h := newHouse(t)
	h.agents()
	id := h.hear("ana", "1", "down", "").Issue
	disabled := true
	_, err := h.EditAgent(ctx, app.By{}, cy, app.AgentEdit{Disabled: &disabled})
	h.ok(err)
	for to, want := range map[desk.Email]desk.Code{bo: "", "": "", cy: desk.CodeConflict, "dee@acme.example": desk.CodeNotFound, "bo": desk.CodeNotFound} {
		i, err := h.Assign(ctx, app.By{}, id, to)
		if desk.ErrorCode(err) != want || err == nil && i.Assignee != to {
			t.Errorf("to %q: %q, %v", to, i.Assignee, err)
		}
	}
}

// Small texts of agents are bounded, and a language must be a language.
func TestSmallTextsAreBounded(t *testing.T) {
	h := newHouse(t)
	id := h.hear("ana", "1", "down", "").Issue
	long := strings.Repeat("x", 501)
	_, err := h.AddBlock(ctx, app.By{}, "spam.example", long)
	h.refused("a reason", err)
	_, err = h.AddOptOut(ctx, app.By{}, "https://m.example/eve", long)
	h.refused("a remark", err)
	for _, l := range []string{"english, please", "de\"", long, "en-x-" + strings.Repeat("abcdefgh-", 9) + "a"} {
		_, err = h.Reply(ctx, app.By{}, app.ReplyInput{Issue: id, Text: "Which street?", Language: l})
		h.refused("a reply's language "+l, err)
		_, err = h.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "Works again", Language: l})
		h.refused("a broadcast's language "+l, err)
	}
	p, err := h.Reply(ctx, app.By{}, app.ReplyInput{Issue: id, Text: "Which street?", Language: "PT-br"})
	h.ok(err)
	if p.Language != "pt-BR" {
		t.Errorf("%q", p.Language)
	}
}

func (h *house) refused(what string, err error) {
	h.t.Helper()
	if desk.ErrorCode(err) != desk.CodeInvalid {
		h.t.Errorf("%s: %v", what, err)
	}
}

// An agent who may not write to followers cannot change a broadcast.
func TestBroadcastsAreForPublishers(t *testing.T) {
	h := newHouse(t)
	h.agents()
	p, err := h.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "Works again"})
	h.ok(err)
	agent := app.By{Agent: bo, Via: store.ViaToken}
	lead := app.By{Agent: cy, Via: store.ViaConsole, MayPublish: true}
	_, editErr := h.EditPost(ctx, agent, p.ID, "Mine now")
	_, retractErr := h.RetractPost(ctx, agent, p.ID)
	_, undoErr := h.Undo(ctx, agent, string(p.ID))
	for what, err := range map[string]error{"edit": editErr, "retract": retractErr, "undo": undoErr} {
		if desk.ErrorCode(err) != desk.CodeForbidden {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err = h.EditPost(ctx, lead, p.ID, "Mail works again")
	h.ok(err)
	_, err = h.Undo(ctx, lead, string(p.ID))
	h.ok(err)
}

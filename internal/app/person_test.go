package app_test

import (
	"fmt"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// Remarks about a person go with the person's words: when the account is deleted, when the words
// expire, and when the person wants to be left alone. Nothing is noted about a stranger.
func TestRemarksGoWithTheWords(t *testing.T) {
	for name, leave := range map[string]func(*house, desk.ActorID){
		"deleted": func(h *house, who desk.ActorID) { h.ok(second(h.RemoveActor(ctx, who))) },
		"blocked": func(h *house, who desk.ActorID) { h.ok(h.BlockedUs(ctx, who, "help")) },
		"opted out": func(h *house, who desk.ActorID) {
			h.ok(second(h.AddOptOut(ctx, app.By{}, who, "")))
		},
		"expired": func(h *house, _ desk.ActorID) {
			h.clock.Advance(2 * app.DefaultWordsExpire)
			h.ok(second(h.ExpireWords(ctx)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			id := h.hear("ana", "1", "down", "").Issue
			shown, _ := h.show(id)
			who := shown.Issue.Reporter
			h.ok(second(h.AddRemark(ctx, app.By{Agent: cy}, desk.Remark{About: who, Text: " Has a shop. "})))
			p, err := h.Person(ctx, who)
			h.ok(err)
			if !p.Since.Equal(shown.Issue.OpenedAt) || len(p.Remarks) != 1 || p.Remarks[0].Text != "Has a shop." || p.Remarks[0].Agent != cy || len(p.Issues) != 1 {
				t.Fatalf("%+v", p)
			}
			leave(h, who)
			p, err = h.Person(ctx, who)
			h.ok(err)
			if len(p.Remarks) != 0 {
				t.Errorf("still noted: %+v", p.Remarks)
			}
			if (name == "blocked" || name == "opted out") != (p.OptOut != nil) {
				t.Errorf("the opt-out is %+v", p.OptOut)
			}
			_, err = h.AddRemark(ctx, app.By{}, desk.Remark{About: who, Text: "again"})
			if code := desk.ErrorCode(err); code != desk.CodeForbidden && code != desk.CodeNotFound {
				t.Errorf("noted again: %v", err)
			}
		})
	}
}

// There is a bounded number of remarks about a person, and a server that refuses us does
// not take them away.
func TestRemarks(t *testing.T) {
	h := newHouse(t)
	shown, _ := h.show(h.hear("ana", "1", "down", "").Issue)
	who := shown.Issue.Reporter
	var first desk.Remark
	for n := range desk.MaxRemarks {
		r, err := h.AddRemark(ctx, app.By{Key: fmt.Sprint(n)}, desk.Remark{About: who, Text: "x"})
		h.ok(err)
		if n == 0 {
			first = r
		}
	}
	_, err := h.AddRemark(ctx, app.By{}, desk.Remark{About: who, Text: "x"})
	h.code("too many", err, desk.CodeConflict)
	h.ok(h.Refused(ctx, who))
	h.clock.Advance(desk.RefusedFor + time.Hour)
	h.ok(h.RemoveRemark(ctx, app.By{Agent: cy}, who, first.ID))
	h.code("removed twice", h.RemoveRemark(ctx, app.By{}, who, first.ID), desk.CodeNotFound)
	h.ok(second(h.AddRemark(ctx, app.By{}, desk.Remark{About: who, Text: "x"})))
	p, err := h.Person(ctx, who)
	h.ok(err)
	if len(p.Remarks) != desk.MaxRemarks {
		t.Errorf("%d remarks", len(p.Remarks))
	}
}

func second[T any](_ T, err error) error { return err }

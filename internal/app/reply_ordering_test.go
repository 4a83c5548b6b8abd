package app_test

import (
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

func (h *house) waits(p desk.Post) bool {
	h.t.Helper()
	waits, err := h.EarlierReplyWaits(ctx, p.ID)
	h.ok(err)
	return waits
}

func (h *house) say(id desk.IssueID, text string) desk.Post {
	h.t.Helper()
	h.clock.Advance(time.Second)
	p, err := h.Reply(ctx, app.By{}, app.ReplyInput{Issue: id, Text: text})
	h.ok(err)
	return p
}

// An earlier reply holds up a later one from the moment at which it is due until
// its job is done or the reply is taken back.
func TestEarlierReplyWaits(t *testing.T) {
	h := newHouse(t)
	id := h.hear("ana", "1", "down", "").Issue
	opening := h.say(id, "Sorry to hear that. Where are you?")
	h.publish(id)
	h.ok(h.DropJob(ctx, app.By{}, app.CreateJob(opening.ID))) // as the worker does when it is done
	h.hear("ana", "2", "In Harbour Street", opening.Object)   // now we may write freely
	first, second := h.say(id, "Which house?"), h.say(id, "And which floor?")
	if h.waits(second) {
		t.Error("a reply that can still be taken back holds up another")
	}
	h.clock.Advance(app.DefaultTakeBack)
	if h.waits(first) {
		t.Error("the first reply waits for a later one")
	}
	if !h.waits(second) {
		t.Error("the second reply does not wait for the first")
	}
	other := h.say(h.hear("ben", "3", "down", "").Issue, "Since when?")
	if h.waits(other) {
		t.Error("a reply waits for one of another issue")
	}
	h.ok(h.DropJob(ctx, app.By{}, app.CreateJob(first.ID)))
	if h.waits(second) {
		t.Error("the second reply waits for one whose job was dropped")
	}
}

package app_test

import (
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// counted counts the issues to work on, and those that are snoozed.
func (h *house) counted() (awake, snoozed int) {
	h.t.Helper()
	n, err := h.CountLists(ctx, []app.CountInput{{Filters: []store.IssueFilter{{Rows: true, Awake: true}}}, {Filters: []store.IssueFilter{{Snoozed: true}}}})
	h.ok(err)
	return n[0], n[1]
}

func (h *house) snooze(id desk.IssueID, until time.Time) {
	h.t.Helper()
	_, err := h.Snooze(ctx, app.By{Agent: bo}, app.SnoozeInput{Issue: id, Until: until})
	h.ok(err)
}

func (h *house) stands(what string, id desk.IssueID, snoozed bool) {
	h.t.Helper()
	awake, dozing := h.counted()
	if i := h.view(id).Issue; i.Snooze.On() != snoozed || (awake == 0) != snoozed || (dozing == 1) != snoozed {
		h.t.Errorf("%s: %+v, %d to work on, %d snoozed", what, i.Snooze, awake, dozing)
	}
}

// A snoozed issue comes back at its time, once, and the timer of an earlier time does
// nothing.
func TestSnoozeUntilATime(t *testing.T) {
	h := newHouse(t)
	h.agents()
	id := h.hear("ana", "1", "down", "").Issue
	start := h.clock.Now()
	h.stands("before", id, false)
	h.snooze(id, start.Add(time.Hour))
	h.stands("snoozed", id, true)
	h.snooze(id, start.Add(3*time.Hour))
	h.clock.Advance(time.Hour)
	h.ok(h.SnoozeOver(ctx, id, start.Add(time.Hour)))
	h.stands("at the earlier time", id, true)
	h.clock.Advance(2 * time.Hour)
	for range 2 {
		h.ok(h.SnoozeOver(ctx, id, start.Add(3*time.Hour)))
	}
	h.stands("at its time", id, false)
	if n := len(h.entries(id, desk.KindSnooze)); n != 3 {
		t.Errorf("%d entries, want two snoozes and one return", n)
	}
}

// The timer is armed by the snooze itself, and runs as the others do.
func TestSnoozeTimer(t *testing.T) {
	h := newHouse(t)
	h.agents()
	id := h.hear("ana", "1", "down", "").Issue
	h.snooze(id, h.clock.Now().Add(time.Hour))
	h.night()
	h.stands("too early", id, true)
	h.clock.Advance(time.Hour)
	h.night()
	h.stands("at its time", id, false)
}

// What the reporter says ends a snooze, whatever it was until.
func TestSnoozeEndsByTheirWord(t *testing.T) {
	for name, until := range map[string]time.Duration{"until they speak": 0, "until a time": time.Hour} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.agents()
			id := h.hear("ana", "1", "down", "").Issue
			var at time.Time
			if until > 0 {
				at = h.clock.Now().Add(until)
			}
			h.snooze(id, at)
			h.hear("ben", "2", "mine too", "https://m.example/notes/1")
			h.stands("a third person spoke", id, true)
			h.hear("ana", "3", "still down", "https://m.example/notes/1")
			h.stands("they spoke", id, false)
			if !h.view(id).Issue.NeedsUs {
				t.Error("and it needs nobody")
			}
		})
	}
}

// A snooze and its end can be taken back, until something else has happened.
func TestSnoozeUndo(t *testing.T) {
	h := newHouse(t)
	h.agents()
	id := h.hear("ana", "1", "down", "").Issue
	undo := func() error {
		_, err := h.UndoChange(ctx, app.By{Agent: bo}, app.UndoInput{Issue: id, Kind: desk.KindSnooze})
		return err
	}
	h.snooze(id, h.clock.Now().Add(time.Hour))
	h.ok(undo())
	h.stands("undone", id, false)
	h.clock.Advance(time.Minute)
	h.snooze(id, h.clock.Now().Add(time.Hour))
	h.clock.Advance(time.Minute)
	_, err := h.Wake(ctx, app.By{Agent: bo}, id)
	h.ok(err)
	h.stands("ended", id, false)
	h.ok(undo())
	h.stands("the end is undone", id, true)
	h.clock.Advance(time.Hour)
	h.night()
	h.stands("and the timer still runs", id, false)

	h.snooze(id, time.Time{})
	h.clock.Advance(time.Minute)
	h.hear("ana", "3", "still down", "https://m.example/notes/1")
	if err := undo(); desk.ErrorCode(err) != desk.CodeConflict {
		t.Errorf("they spoke since: %v", err)
	}
}

func TestSnoozeIsRefused(t *testing.T) {
	h := newHouse(t)
	h.agents()
	id := h.hear("ana", "1", "down", "").Issue
	now := h.clock.Now()
	for says, until := range map[string]time.Time{"is over": now, "at most 90 days": now.Add(desk.MaxSnooze + time.Second)} {
		if _, err := h.Snooze(ctx, app.By{Agent: bo}, app.SnoozeInput{Issue: id, Until: until}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("until %s: %v", until, err)
		}
	}
	if _, err := h.Wake(ctx, app.By{Agent: bo}, id); desk.ErrorCode(err) != desk.CodeConflict {
		t.Errorf("it is not snoozed: %v", err)
	}
	h.snooze(id, now.Add(time.Hour))
	_, err := h.SetStatus(ctx, app.By{Agent: bo}, app.StatusInput{Issue: id, Change: desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonCannot}})
	h.ok(err)
	if h.view(id).Issue.Snooze.On() {
		t.Error("it is done, and snoozed")
	}
	if _, err := h.Snooze(ctx, app.By{Agent: bo}, app.SnoozeInput{Issue: id}); desk.ErrorCode(err) != desk.CodeConflict {
		t.Errorf("it is done: %v", err)
	}
}

// A snooze ends where others come to wait for the issue: by another report, at another
// desk, at a colleague.
func TestSnoozeEndsForOthers(t *testing.T) {
	for what, do := range map[string]func(h *house, id desk.IssueID) error{
		"another report is merged into it": func(h *house, id desk.IssueID) error {
			_, err := h.Merge(ctx, app.By{Agent: bo}, app.MergeInput{Into: id, Issue: h.hear("ben", "2", "no power", "").Issue})
			return err
		},
		"another desk has it": func(h *house, id desk.IssueID) error {
			_, err := h.AddDesk(ctx, app.By{}, desk.Desk{Handle: "trams"})
			h.ok(err)
			_, err = h.MoveIssue(ctx, app.By{Agent: bo}, app.MoveInput{Issue: id, To: "trams"})
			return err
		},
		"a colleague has it": func(h *house, id desk.IssueID) error {
			_, err := h.Assign(ctx, app.By{Agent: bo}, id, cy)
			return err
		},
	} {
		t.Run(what, func(t *testing.T) {
			h := newHouse(t)
			h.agents()
			id := h.hear("ana", "1", "down", "").Issue
			h.snooze(id, time.Time{})
			h.ok(do(h, id))
			h.stands(what, id, false)
		})
	}
	h := newHouse(t)
	h.agents()
	id := h.hear("ana", "1", "down", "").Issue
	h.snooze(id, time.Time{})
	_, err := h.Assign(ctx, app.By{Agent: bo}, id, bo)
	h.ok(err)
	h.stands("it is mine", id, true)
}

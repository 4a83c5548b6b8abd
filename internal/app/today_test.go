package app_test

import (
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// A day is the agent's: it has what was heard, said and changed between their midnights,
// newest first, of one desk or of all, by pages, and names nobody who works here.
func TestToday(t *testing.T) {
	inHouses(t, func(h *house) {
		h.agents()
		_, err := h.AddDesk(ctx, app.By{}, desk.Desk{Handle: "bills", Name: "Bills", Names: []string{"acmebills"}})
		h.ok(err)
		zone := "Pacific/Auckland" // there it is the 2nd of March since 11:00 UTC
		_, err = h.EditAgent(ctx, app.By{}, bo, app.AgentEdit{TimeZone: &zone})
		h.ok(err)
		first := h.hear("ana", "1", "down", "").Issue
		h.clock.Advance(time.Hour)
		second := h.hear("ben", "2", "dark", "").Issue
		_, err = h.MoveIssue(ctx, app.By{Agent: cy}, app.MoveInput{Issue: second, To: "bills"})
		h.ok(err)
		h.clock.Advance(time.Minute)
		_, err = h.SetStatus(ctx, app.By{Agent: cy}, app.StatusInput{Issue: first, Change: desk.StatusChange{To: desk.StatusWaiting}})
		h.ok(err)
		h.clock.Advance(time.Minute)
		_, err = h.Reply(ctx, app.By{Agent: cy}, app.ReplyInput{Issue: first, Text: "Which street?", Visibility: desk.VisibilityPublic})
		h.ok(err)
		day := func(in app.DayInput) app.Day {
			t.Helper()
			if in.Page.Limit == 0 {
				in.Page.Limit = 50
			}
			out, _, err := h.Today(ctx, in)
			h.ok(err)
			return out
		}
		whats := func(d app.Day) string {
			var out []string
			for _, a := range d.Acts {
				out = append(out, a.What)
			}
			return strings.Join(out, " ")
		}
		d := day(app.DayInput{For: bo})
		if got := d.From.Format(time.RFC3339); d.Date != "2026-03-02" || got != "2026-03-02T00:00:00+13:00" {
			t.Errorf("the day begins %s", got)
		}
		if len(d.Heard) != 2 || d.Heard[0].Issue.ID != second || d.Heard[1].Issue.ID != first || d.MoreHeard {
			t.Errorf("heard: %+v", d.Heard)
		}
		if got := whats(d); got != "issue.reply issue.status issue.move" {
			t.Errorf("acts: %s", got)
		}
		if a := d.Acts; !a[0].Said || a[1].Said || a[1].Status != desk.StatusWaiting || a[1].Issue != first || a[1].Words != "down" || a[1].Desk != "help" || a[2].Desk != "bills" {
			t.Errorf("acts: %+v", a)
		}
		if d := day(app.DayInput{Date: "2026-03-01", For: bo}); len(d.Heard) != 0 || len(d.Acts) != 0 {
			t.Errorf("the day before has %+v", d)
		}
		if d := day(app.DayInput{Date: "2026-03-01"}); len(d.Heard) != 2 || len(d.Acts) != 3 {
			t.Errorf("by UTC: %+v", d)
		}
		if d := day(app.DayInput{Desk: "bills"}); len(d.Heard) != 1 || whats(d) != "issue.move" {
			t.Errorf("of one desk: %+v", d)
		}
		// By pages, each act once.
		in, seen := app.DayInput{Page: store.Page{Limit: 2}}, ""
		for pages := 0; ; pages++ {
			d, next, err := h.Today(ctx, in)
			h.ok(err)
			if heard := len(d.Heard); heard != 0 && pages > 0 || len(d.Acts) > 2 || pages > 30 {
				t.Fatalf("page %d has %+v", pages, d)
			}
			if seen += whats(d); next == "" {
				break
			}
			in.Page.After = next
		}
		if seen != "issue.replyissue.statusissue.move" {
			t.Errorf("by pages: %s", seen)
		}
		_, _, err = h.Today(ctx, app.DayInput{Date: "yesterday"})
		h.code("no day", err, desk.CodeInvalid)
	})
}

// Said is what people outside can have read; a comment, and what was taken back, is not. An
// act that sets no status has none.
func TestTodayTellsWhatWasSaid(t *testing.T) {
	inHouses(t, func(h *house) {
		h.agents()
		zone := "Atlantic/Azores" // the 29th of March begins at 01:00
		_, err := h.EditAgent(ctx, app.By{}, bo, app.AgentEdit{TimeZone: &zone})
		h.ok(err)
		i, by := h.hear("ana", "1", "down", "").Issue, app.By{Agent: cy}
		note, err := h.Comment(ctx, by, i, "look at the cabinet")
		h.ok(err)
		_, err = h.EditPost(ctx, by, note.ID, "look at both cabinets")
		h.ok(err)
		taken, err := h.Reply(ctx, by, app.ReplyInput{Issue: i, Text: "Which street?", Visibility: desk.VisibilityPublic})
		h.ok(err)
		_, err = h.Undo(ctx, by, string(taken.ID))
		h.ok(err)
		_, err = h.Assign(ctx, by, i, bo)
		h.ok(err)
		d, _, err := h.Today(ctx, app.DayInput{Page: store.Page{Limit: 50}})
		h.ok(err)
		var lines []string
		for _, a := range d.Acts {
			if a.Said || a.Status != "" {
				t.Errorf("%+v", a)
			}
			lines = append(lines, a.What)
		}
		if got := strings.Join(lines, " "); got != "issue.assign post.undo post.edit issue.comment" {
			t.Errorf("acts: %s", got)
		}
		d, _, err = h.Today(ctx, app.DayInput{For: bo, Date: "2026-03-29", Page: store.Page{Limit: 50}})
		h.ok(err)
		if d.Date != "2026-03-29" || d.From.Format("02 15:04") != "29 01:00" || d.Next.Format("02 15:04") != "30 00:00" {
			t.Errorf("the 29th is %s, from %s to %s", d.Date, d.From, d.Next)
		}
	})
}

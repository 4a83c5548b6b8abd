package app_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/store"
)

// Operators narrow a search by words, and without words the lists.
func TestSearchOperators(t *testing.T) {
	inHouses(t, func(h *house) {
		h.agents()
		zone := "Europe/Berlin"
		_, err := h.EditAgent(ctx, app.By{}, bo, app.AgentEdit{TimeZone: &zone})
		h.ok(err)
		h.clock.Advance(time.Date(2026, 10, 31, 23, 30, 0, 0, time.UTC).Sub(h.Now())) // in Berlin it is November
		ana := h.hear("ana", "1", "No light here", "").Issue
		h.clock.Advance(time.Hour)
		ben := h.hear("ben", "2", "No light, says ana", "").Issue
		h.clock.Advance(24 * time.Hour)
		author := desk.ActorID("https://n.example/cem")
		_, err = h.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: author, Acct: "cem@n.example", Name: "Cem Öz", Inbox: "https://n.example/inbox"},
			Post: desk.Post{Object: "https://n.example/notes/3", Author: author, Text: "Dark", HTML: "<p>Dark</p>", Tags: []string{"acme", "down", "fail"}, Visibility: desk.VisibilityPublic, Published: h.Now(),
				Attachments: []desk.Attachment{{URL: "https://n.example/a.jpg", MediaType: "image/jpeg"}}}})
		h.ok(err)
		h.set(bo, ben, desk.StatusInProgress)
		h.assign(bo, ben, bo)
		_, err = h.Snooze(ctx, app.By{Agent: bo}, app.SnoozeInput{Issue: ana})
		h.ok(err)
		for asked, want := range map[string][]string{
			"from:ana": {"ana"}, "from:@ana": {"ana"}, "from:ana@m.example": {"ana"}, "ana": {"ana", "ben"}, `from:"cem oz"`: {"Cem Öz"}, "from:eve": nil,
			"status:new": {"Cem Öz", "ana"}, "status:in-progress": {"ben"}, "status:in_progress light": {"ben"}, "status:done": nil, "status:open": {"Cem Öz", "ana", "ben"}, "status:new status:in_progress light": {"ana", "ben"},
			"tag:down": {"Cem Öz"}, "tag:#fail host:n.example": {"Cem Öz"}, "host:m.example is:unread": {"ana"}, "is:unread": {"Cem Öz", "ana"},
			"is:mine": {"ben"}, "is:mine light": {"ben"}, "is:mine dark": nil, "is:unassigned": {"Cem Öz", "ana"}, "is:snoozed": {"ana"}, "is:snoozed is:mine": nil,
			"has:picture": {"Cem Öz"}, "has:picture light": nil,
			"before:2026-11": nil, "after:2026-11": {"Cem Öz", "ana", "ben"}, "after:2026-11-02": {"Cem Öz"}, "before:2026-11-02": {"ana", "ben"}, "after:2026 before:2027": {"Cem Öz", "ana", "ben"},
		} {
			list, _, err := h.ListIssues(ctx, app.ListInput{Search: asked, For: bo})
			h.ok(err)
			var got []string
			for _, v := range list {
				got = append(got, v.Reporter.Name)
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%q finds %q, want %q", asked, got, want)
			}
		}
		if got := h.found("before:2026-11"); !slices.Equal(got, []string{"ana"}) {
			t.Errorf("in the days of nobody: %q", got)
		}
		for asked, id := range map[string]string{"form:ana": "search_operator_unknown", "status:lost": "search_status_unknown", "is:red": "search_is_unknown", "has:x": "search_has_unknown", "from:": "search_operator_empty",
			"from: ana": "search_operator_empty", "from:!!": "search_operator_empty", "after:yesterday": "search_day_unknown", "is:mine": "search_mine_whose", "!!": "search_empty"} {
			_, _, err := h.ListIssues(ctx, app.ListInput{Search: asked})
			h.refusedAs(asked, err, id)
		}
		if got := h.found(`"form:ana"`); len(got) > 0 {
			t.Errorf("words in quotation marks find %q", got)
		}
	})
}

// A page is never empty while there is more behind it, and no issue is left out or comes twice.
func TestPagesAreNotEmpty(t *testing.T) {
	inHouses(t, func(h *house) {
		h.agents()
		for n := range 60 {
			id := h.hear(fmt.Sprint("ana", n), fmt.Sprint(n), "No light", "").Issue
			if n%25 == 0 {
				h.assign(bo, id, bo)
			}
			h.clock.Advance(time.Minute)
		}
		end := h.Now()
		h.clock.Advance(24 * time.Hour)
		for n := range 30 {
			h.hear(fmt.Sprint("ben", n), fmt.Sprint("b", n), "No light", "")
		}
		for name, c := range map[string]struct {
			in   app.ListInput
			want int
		}{
			"by words":    {app.ListInput{Search: "light is:mine", For: bo}, 3},
			"by lists":    {app.ListInput{Search: "has:picture"}, 0},
			"of days":     {app.ListInput{Until: end.Add(-55 * time.Minute)}, 7},
			"of new days": {app.ListInput{Since: end.Add(time.Hour)}, 30},
			"all":         {app.ListInput{}, 90},
		} {
			c.in.Page = store.Page{Limit: 4}
			seen := map[desk.IssueID]bool{}
			for more := true; more; {
				list, next, err := h.ListIssues(ctx, c.in)
				h.ok(err)
				if len(list) == 0 && next != "" {
					t.Errorf("%s: an empty page", name)
				}
				for _, v := range list {
					if seen[v.Issue.ID] {
						t.Errorf("%s: %s comes twice", name, v.Issue.ID)
					}
					seen[v.Issue.ID] = true
				}
				c.in.Page.After, more = next, next != ""
			}
			if len(seen) != c.want {
				t.Errorf("%s: %d issues, want %d", name, len(seen), c.want)
			}
		}
	})
}

// A page of a search is filled by a few large reads. It is empty while there are more only
// after many issues were looked at, and the next goes on from there.
func TestSearchReadsOn(t *testing.T) {
	inHouses(t, func(h *house) {
		const all = 10_000
		from := desk.ActorID("https://m.example/u/ana")
		var ids []desk.IssueID
		for n := 0; n < all; {
			h.ok(h.Update(ctx, func(tx *app.Tx) error {
				for range 1000 {
					at := tx.Now.Add(time.Duration(n) * time.Second)
					i := desk.Issue{ID: desk.IssueID(id.At(at, fmt.Sprint(n))), Desk: "help", Status: desk.StatusInProgress, Reporter: from, OpenedAt: at, UpdatedAt: at, WaitingSince: at}
					if n == all-1 {
						i.OpenedAt = at.AddDate(1, 0, 0)
					}
					i.Report = desk.ObjectID(fmt.Sprint("https://m.example/notes/long", n))
					if _, err := tx.Issues().Add(i); err != nil {
						return err
					}
					ids, n = append(ids, i.ID), n+1
				}
				return nil
			}))
		}
		opened := h.Now().AddDate(0, 6, 0).Format(time.DateOnly)
		for asked, want := range map[string][]int{"after:" + opened: {0, 1}, "has:picture": {0, 0}, "before:" + opened: {50, 50}} {
			in := app.ListInput{Search: asked, Page: store.Page{Limit: 50}}
			for n, found := range want {
				began := time.Now()
				list, next, err := h.ListIssues(ctx, in)
				h.ok(err)
				t.Logf("%s, page %d: %d of %d issues after %s", asked, n, len(list), all, time.Since(began))
				if len(list) != found || next == "" && n == 0 {
					t.Errorf("%s, page %d: %d issues, then %q", asked, n, len(list), next)
				}
				if in.Page.After = next; asked[0] == 'b' && list[0].Issue.ID != ids[50*n] {
					t.Errorf("page %d begins with another issue", n)
				}
			}
		}
	})
}

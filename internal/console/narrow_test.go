package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// Filters narrow a list or a search to a status and to days, and stay while an
// agent works in it.
func TestFiltersStay(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	early := r.report("ana", "My line is down") // on March 1
	r.clock.Advance(24 * time.Hour)
	r.report("ben", "My line is dead")
	must(r.app.SetStatus(t.Context(), app.By{Agent: bo}, app.StatusInput{Issue: early, Change: desk.StatusChange{To: desk.StatusInProgress}}))(t)
	b := r.signedIn(bo)
	for query, want := range map[string][2]bool{ // is the early one listed, and the late one
		"view=all":                                   {true, true},
		"view=all&stands=in_progress":                {true, false},
		"view=new&stands=in_progress":                {true, false},
		"view=all&until=2026-03-01":                  {true, false},
		"view=all&since=2026-03-02":                  {false, true},
		"view=all&since=2026-03-01&until=2026-03-02": {true, true},
		"q=line&since=2026-03-02":                    {false, true},
		"q=line&stands=in_progress":                  {true, false},
		"view=all&stands=nonsense&since=yesterday":   {true, true},
		"view=all&since=2026-03-03":                  {false, false},
	} {
		page := b.get("/console/issues?" + query)
		if got := [2]bool{strings.Contains(page.body, "My line is down"), strings.Contains(page.body, "My line is dead")}; page.status != http.StatusOK || got != want {
			t.Errorf("%s: %d, listed %v, want %v", query, page.status, got, want)
		}
	}
	b.get("/console/issues?view=all&since=2026-03-03").wants(t, http.StatusOK, "Nothing was found", `name="since" value="2026-03-03"`)
	done := b.post("/console/issues/"+string(early)+"/assign", url.Values{"assignee": {bo}, "view": {"all"}, "stands": {"in_progress"}, "until": {"2026-03-01"}})
	if !strings.Contains(done.path, "stands=in_progress") || !strings.Contains(done.path, "until=2026-03-01") || strings.Contains(done.body, "My line is dead") {
		t.Errorf("after an act the list is %s", done.path)
	}
}

// A page that later pages fill is filled from them.
func TestPageIsFilledFromLaterOnes(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.report("ana", "The first line")
	r.clock.Advance(24 * time.Hour)
	for range pageSize + 1 {
		r.report("noise", "A later line")
	}
	// A search begins with the newest.
	r.signedIn(bo).get("/console/issues?q=line&until=2026-03-01").wants(t, http.StatusOK, "The first line")
}

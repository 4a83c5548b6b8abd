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

// The page of a day has what was heard, said and changed, with links, and leads to the days
// beside it; it names no colleague. A day that is none
// is the day that it is, and says why.
func TestTodayPage(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent(cy, "Cy Cole", desk.RoleLead)
	issue := r.report("ana", "My line is down")
	must(r.app.SetStatus(t.Context(), app.By{Agent: cy}, app.StatusInput{Issue: issue, Change: desk.StatusChange{To: desk.StatusWaiting}}))(t)
	must(r.app.Reply(t.Context(), app.By{Agent: cy}, app.ReplyInput{Issue: issue, Text: "Which street?", Visibility: desk.VisibilityPublic}))(t)
	b := r.signedIn(bo)
	page := b.get("/console/today")
	page.wants(t, http.StatusOK, "<h1>1 March 2026</h1>", `href="/console/issues/`+string(issue), "Answered: <a", "Now waiting for the reporter: <a", `href="/console/today?date=2026-02-28"`, `href="/console/today" aria-current="page"`)
	page.lacks(t, "Cy Cole")
	page.lacks(t, `rel="next"`)
	if n := strings.Count(page.body, ">My line is down</a>"); n != 3 {
		t.Errorf("it leads to the issue %d times", n)
	}
	r.clock.Advance(24 * time.Hour)
	b = r.signedIn(bo)
	b.get("/console/today?date=2026-03-01&desk=help").wants(t, http.StatusOK, "My line is down", `rel="next"`)
	b.get("/console/today").wants(t, http.StatusOK, "<h1>2 March 2026</h1>", "Nothing.")
	b.get("/console/today?desk=none").wants(t, http.StatusNotFound, "there is no desk")
	b.get("/console/today?date=yesterday").wants(t, http.StatusBadRequest, "rite the day like 2026-03-01", "<h1>2 March 2026</h1>", `name="date"`)
}

// Disabling an agent takes their open issues from them.
func TestDisabledAgentIsReleased(t *testing.T) {
	r := newRoom(t)
	r.agent(ada, "Ada Alt", desk.RoleAdmin)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	b := r.signedIn(ada)
	b.post("/console/issues/"+string(issue)+"/assign", url.Values{"assignee": {bo}}).wants(t, http.StatusOK)
	b.post("/console/people/edit", url.Values{"email": {bo}, "role": {"agent"}, "disabled": {"1"}}).wants(t, http.StatusOK, "disabled")
	r.timers("release:")
	if got := must(r.app.ShowIssue(t.Context(), issue))(t).Issue.Assignee; got != "" {
		t.Errorf("it is still of %s", got)
	}
}

package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
	"earshot/store"
)

// A comment mentions a colleague: the issue is in their view until they open it.
func TestMentioned(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	r.agent("cy@acme.example", "Cy Day", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	bo, cy := r.signedIn("bo@acme.example"), r.signedIn("cy@acme.example")
	form := bo.get("/console/issues/" + string(issue)).form()
	form.Set("text", "@cy, is this your cabinet? @bo wonders")
	form.Set("to", "comment")
	bo.post("/console/issues/"+string(issue)+"/say", form).wants(t, http.StatusOK, "mentions Cy Day, Bo Berg")
	in := func(b *plainBrowser) bool {
		return strings.Contains(b.get("/console/issues?view=mentioned").body, "My line is down")
	}
	if in(bo) || !in(cy) {
		t.Error("the author is mentioned, or the colleague is not")
	}
	page := "/console/issues/" + string(issue)
	cy.get(page).wants(t, http.StatusOK, "is this your cabinet?", `action="`+page+`/seen"`, "<noscript><button>Mark as seen</button></noscript>")
	if !in(cy) {
		t.Error("a GET ended the mention")
	}
	if p := bo.get(page); strings.Contains(p.body, page+"/seen") {
		t.Error("an agent who is not mentioned can mark the issue as seen")
	}
	if p := cy.post(page+"/seen", url.Values{"view": {"mentioned"}}); p.status != http.StatusOK || strings.Contains(p.body, page+"/seen") {
		t.Errorf("marking as seen: %d, or it is offered again", p.status)
	}
	if in(cy) {
		t.Error("a colleague who has seen the issue is still mentioned")
	}
}

// The script marks an issue as seen when its page has loaded, and again when a
// colleague mentions the agent while the page is open.
func TestMentionSeenByTheScript(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	page := "/console/issues/" + string(issue)
	mentioned := func() bool {
		list, _, err := r.app.ListIssues(t.Context(), app.ListInput{IssueFilter: store.IssueFilter{Mentioned: bo}})
		check(t, err)
		return len(list) > 0
	}
	comment := func() {
		r.clock.Advance(time.Second)
		must(r.app.Comment(t.Context(), app.By{}, issue, "@bo, is this your cabinet?"))(t)
	}
	comment()
	s := r.screen(browser.View{})
	s.open("/console/issues")
	signIn(bo)(s.Tab)
	if !mentioned() {
		t.Fatal("the comment mentions nobody")
	}
	s.open(page)
	r.waitFor(1, http.MethodPost, page+"/seen")
	if mentioned() {
		t.Error("the open page did not mark the issue as seen")
	}
	if len(r.desks.assets.Scripts) == 1 {
		return // nothing is live without the library
	}
	s.listening()
	comment()
	r.waitFor(2, http.MethodPost, page+"/seen")
	if mentioned() {
		t.Error("a mention on an open page was not marked as seen")
	}
}

// Addresses with the older names of two views still lead to them.
func TestOlderNamesOfViews(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	bo := r.signedIn("bo@acme.example")
	for older, title := range map[string]string{"called": "Mentioned", "answered": "Needs us"} {
		bo.get("/console/issues?view="+older).wants(t, http.StatusOK, "<title>"+title)
	}
}

package console

import (
	"net/http"
	"strings"
	"testing"

	"earshot/internal/desk"
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
	cy.get("/console/issues/"+string(issue)).wants(t, http.StatusOK, "is this your cabinet?")
	if in(cy) {
		t.Error("a colleague who has looked is still mentioned")
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

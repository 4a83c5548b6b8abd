package console

import (
	"net/http"
	"strings"
	"testing"

	"earshot/internal/desk"
)

// A comment calls a colleague: the issue is in their view until they open it.
func TestCalled(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	r.agent("cy@acme.example", "Cy Day", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	bo, cy := r.signedIn("bo@acme.example"), r.signedIn("cy@acme.example")
	form := bo.get("/console/issues/" + string(issue)).form()
	form.Set("text", "@cy, is this your cabinet? @bo wonders")
	form.Set("to", "comment")
	bo.post("/console/issues/"+string(issue)+"/say", form).wants(t, http.StatusOK, "calls Cy Day, Bo Berg")
	in := func(b *browser) bool {
		return strings.Contains(b.get("/console/issues?view=called").body, "My line is down")
	}
	if in(bo) || !in(cy) {
		t.Error("who writes is called, or who is called is not")
	}
	cy.get("/console/issues/"+string(issue)).wants(t, http.StatusOK, "is this your cabinet?")
	if in(cy) {
		t.Error("who has looked is still called")
	}
}

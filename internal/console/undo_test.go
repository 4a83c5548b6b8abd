package console

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

// stands checks how an issue stands.
func (r *room) stands(issue desk.IssueID, s desk.Status, assignee desk.Email) {
	r.Helper()
	if i := must(r.app.ShowIssue(r.Context(), issue))(r.T).Issue; i.Status != s || i.Assignee != assignee {
		r.Errorf("it is %s and %q's, want %s and %q's", i.Status, i.Assignee, s, assignee)
	}
}

var undoChangeForm = regexp.MustCompile(`/undo-change">.*?name="kind" value="([^"]+)">.*?name="entry" value="([^"]+)"><button( data-key="u")?>`)

// The agent who made a silent change can undo it from the toast; for a while
// every agent can, from the timeline.
func TestUndoChange(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent("cy@acme.example", "Cy Cole", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	path := "/console/issues/" + string(issue)
	b, cy := r.signedIn(bo), r.signedIn("cy@acme.example")
	r.clock.Advance(time.Minute)
	page := b.post(path+"/status", url.Values{"status": {"in_progress"}})
	forms := undoChangeForm.FindAllStringSubmatch(page.body, -1)
	if len(forms) != 2 || forms[0][1] != "status" || forms[0][3] == "" || forms[1][2] != forms[0][2] || forms[1][3] != "" {
		t.Fatalf("offered: %q", forms)
	}
	undo := url.Values{"kind": {forms[0][1]}, "entry": {forms[0][2]}}
	b.post(path+"/undo-change", undo).wants(t, http.StatusOK, "Undone. The earlier value is back.", "undone: ")
	r.stands(issue, desk.StatusNew, "")
	b.post(path+"/undo-change", undo).wants(t, http.StatusOK) // twice is once

	b.post(path+"/assign", url.Values{"assignee": {bo}}).wants(t, http.StatusOK, "Assigned.", `data-key="u"`)
	page = cy.get(path + "?said=assign") // it was not they who did it
	if forms = undoChangeForm.FindAllStringSubmatch(page.body, -1); len(forms) != 1 || forms[0][3] != "" {
		t.Fatalf("offered to a colleague: %q", forms)
	}
	cy.post(path+"/undo-change", url.Values{"kind": {"assign"}, "entry": {forms[0][2]}}).wants(t, http.StatusOK, "Undone. The earlier value is back.")
	r.stands(issue, desk.StatusNew, "")

	b.post(path+"/assign", url.Values{"assignee": {bo}})
	r.clock.Advance(undoOffered)
	if page = b.get(path); strings.Contains(page.body, "undo-change") {
		t.Error("it is offered for ever")
	}
}

// u takes back the last thing that was done, and nothing older.
func TestUndoByKey(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	s := r.screen(browser.View{})
	s.open("/console/issues/" + string(issue))
	signIn(bo)(s.Tab)
	s.open("/console/issues/" + string(issue))
	s.click("#mine")
	s.wants("#toast", "Assigned. Undo")
	s.leaves("u")
	s.wants("#toast", "The earlier value is back")
	r.stands(issue, desk.StatusNew, "")
	s.click("#mine")
	s.open("/console/issues/" + string(issue)) // it is no longer the last change here
	s.press("u")
	r.stands(issue, desk.StatusNew, bo)
	s.wants("#timeline", "assigned to Bo Berg")
	s.calm()
}

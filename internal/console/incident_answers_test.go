package console

import (
	"net/http"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// While an incident is open its page says how many voices answered and how many of them
// ask something, and marks who did; the list of issues does not show them again.
func TestAnswersStandFoldedOnTheIncident(t *testing.T) {
	r := newRoom(t)
	r.agent(cy, "Cy Cole", desk.RoleLead)
	voices := []desk.IssueID{r.report("ana", "My line is down"), r.report("ben", "No light here"), r.report("cem", "Still nothing")}
	i := must(r.app.OpenIncident(t.Context(), app.By{Agent: cy}, app.IncidentInput{Desk: "help", Title: "No internet", Publish: true, Now: true}))(t)
	must(r.app.LinkVoices(t.Context(), app.By{Agent: cy}, i.ID, voices))(t)
	r.publish(r.incidentNow(i.ID).Root, store.Tally{Delivered: 1})
	c := r.signedIn(cy)
	c.get(incidentAddress(i.ID)).lacks(t, "incident-answers", `<span class="badge">answered</span>`)
	says := func(name string, n int, text string) {
		report := must(r.app.ShowIssue(t.Context(), voices[n]))(t).Issue.Report
		r.follows(name, "https://m.example/o/"+name, string(report), text)
	}
	says("ana", 0, "Thank you for telling")
	c.get(incidentAddress(i.ID)).wants(t, http.StatusOK, "<b>1 answer</b>", `<span class="badge">answered</span>`)
	says("ben", 1, "When will it be over?")
	page := c.get(incidentAddress(i.ID))
	page.wants(t, http.StatusOK, "<b>2 answers, 1 asks something</b>")
	page = c.get(incidentAddress(i.ID) + "?voices=answered")
	page.wants(t, http.StatusOK, "My line is down", "No light here", "Show all")
	page.lacks(t, "Still nothing")
}

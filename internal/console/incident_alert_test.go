package console

import (
	"net/http"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// The draft of an alert is counted beside the open incidents, says where it comes from, and
// can be put away and taken out again; an open incident proposes an update when it is over.
func TestIncidentOfAlert(t *testing.T) {
	r := newRoom(t)
	r.agent(cy, "Cy Cole", desk.RoleLead)
	c := r.signedIn(cy)
	a := desk.Alert{Source: desk.AlertGatus, Key: "1", Title: "Webmail down", Text: "timeout of core-1", URL: "https://noc.acme.example/1", Impact: desk.ImpactMajor, Firing: true, Since: r.clock.Now()}
	take := func() desk.IncidentID {
		t.Helper()
		_, id, err := r.app.TakeAlert(t.Context(), app.By{Agent: cy, Token: "pager"}, "", a)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	id := take()
	c.get("/console/issues").wants(t, http.StatusOK, `id="open-incidents">1<`, "An alert made a draft:", "Webmail down")
	c.get("/console/incidents/suggestions").wants(t, http.StatusOK, "An alert made a draft:")
	at := "/console/incidents/" + string(id)
	page := c.get(at)
	page.wants(t, http.StatusOK, "Webmail down", "gatus says since", "timeout of core-1", "Only agents see", `href="https://noc.acme.example/1"`)
	c.post(at+"/discard", page.formOf(t, at+"/discard")).wants(t, http.StatusOK, "Discarded: it stands in no list.")
	c.get("/console/issues").wants(t, http.StatusOK, `id="open-incidents"><`)
	c.get("/console/issues").lacks(t, "An alert made a draft:")
	back := c.get(at).formOf(t, at+"/discard")
	back.Set("restore", "1")
	c.post(at+"/discard", back).wants(t, http.StatusOK, "Draft: nobody outside sees it")

	i, err := r.app.PublishIncident(t.Context(), app.By{}, id, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.app.Update(t.Context(), func(tx *app.Tx) error { _, _, err := tx.PublishPost(i.Root); return err }); err != nil {
		t.Fatal(err)
	}
	a.Firing = false
	take()
	c.get(at).wants(t, http.StatusOK, "gatus says since", "that this is over", at+"?propose=monitoring#composer")
	c.get(at+"?propose=monitoring").wants(t, http.StatusOK, `<option value="monitoring" selected>`)
}

// A lead ticks the services of the desk and prepares what planned work says; both come back
// in the form.
func TestPlannedByForm(t *testing.T) {
	r := newRoom(t)
	r.agent(cy, "Cy Cole", desk.RoleLead)
	if _, err := r.app.EditDesk(t.Context(), app.By{}, "help", app.DeskEdit{Services: []string{"Mail", "Web"}}); err != nil {
		t.Fatal(err)
	}
	c := r.signedIn(cy)
	form := c.get("/console/incidents/new")
	form.wants(t, http.StatusOK, `name="service" value="Mail"`, "Goes out by itself when it begins")
	in := form.formOf(t, "/console/incidents/new")
	from := r.clock.Now().Add(24 * time.Hour)
	for k, v := range map[string]string{"do": "draft", "title": "Mail servers", "impact": "minor", "service": "Mail", "services": "Kiel", "from": from.Format(windowLayout), "until": from.Add(time.Hour).Format(windowLayout), "at_begin": "We have begun.", "at_end": "Done."} {
		in.Set(k, v)
	}
	c.post("/console/incidents/new", in).wants(t, http.StatusOK, "Mail servers", "We have begun.", "Done.", `name="service" value="Mail" checked`, `name="service" value="Web">`, `name="services" maxlength="1300" value="Kiel"`)
	drafts, _, err := r.app.Incidents(t.Context(), store.IncidentFilter{State: desk.IncidentDraft}, store.Page{})
	if err != nil || len(drafts) != 1 || drafts[0].PreparedText(desk.WorkCompleted) != "Done." || len(drafts[0].Services) != 2 {
		t.Fatalf("%v: %+v", err, drafts)
	}
}

package public

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// shape lists the members of a document's objects, by the path to them, in order.
func shape(v any, path string, out map[string][]string) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			if !slices.Contains(out[path], name) {
				out[path] = append(out[path], name)
			}
			shape(value, strings.TrimPrefix(path+"."+name, "."), out)
		}
		slices.Sort(out[path])
	case []any:
		for _, e := range v {
			shape(e, path, out)
		}
	}
}

// The objects have the members that Statuspage's have, no more and no less.
func TestStatuspageShape(t *testing.T) {
	p := newPlace(t)
	i := p.incident(app.IncidentInput{Desk: "help", Title: "No internet", Services: []string{"Internet"}, Impact: desk.ImpactMajor, Publish: true})
	p.saysOf(i.ID, desk.IncidentMonitoring, "Repaired.")
	p.incident(app.IncidentInput{Desk: "help", Title: "New switch", Services: []string{"Mail"}, From: p.clock.Now().Add(time.Hour), Until: p.clock.Now().Add(2 * time.Hour), Publish: true})
	var doc any
	body := p.get("/summary.json").Body.Bytes()
	check(t, json.Unmarshal(body, &doc))
	got := map[string][]string{}
	shape(doc, "", got)
	component := "components created_at description group group_id id name only_show_if_degraded page_id position showcase start_date status updated_at"
	incident := "components created_at id impact incident_updates monitoring_at name page_id resolved_at shortlink started_at status updated_at"
	update := "affected_components body created_at custom_tweet deliver_notifications display_at id incident_id status tweet_id updated_at"
	affected := "code name new_status old_status"
	alone := strings.TrimPrefix(component, "components ")
	for path, want := range map[string]string{
		"": "components incidents page scheduled_maintenances status", "page": "id name time_zone updated_at url", "status": "description indicator", "components": component,
		"incidents": incident, "incidents.components": alone, "incidents.incident_updates": update, "incidents.incident_updates.affected_components": affected,
		"scheduled_maintenances":            strings.Replace(incident, "shortlink", "scheduled_for scheduled_until shortlink", 1),
		"scheduled_maintenances.components": alone, "scheduled_maintenances.incident_updates": update, "scheduled_maintenances.incident_updates.affected_components": affected,
	} {
		if members := strings.Join(got[path], " "); members != want {
			t.Errorf("%q has %s\nwant %s", path, members, want)
		}
		delete(got, path)
	}
	if len(got) > 0 {
		t.Errorf("more: %v", got)
	}
}

// statusDoc is what the tests read of any of the documents.
type statusDoc struct {
	Page       struct{ ID, URL string }
	Status     struct{ Indicator, Description string }
	Components []struct {
		ID, Name, Status string
		Group            bool
		GroupID          *string `json:"group_id"`
		Components       []string
	}
	Incidents []statusIncident
	Work      []statusIncident `json:"scheduled_maintenances"`
}

type statusIncident struct {
	Name, Status, Impact, Shortlink string
	Started                         string                          `json:"started_at"`
	Monitoring                      *string                         `json:"monitoring_at"`
	Resolved                        *string                         `json:"resolved_at"`
	For                             string                          `json:"scheduled_for"`
	Until                           string                          `json:"scheduled_until"`
	Updates                         []struct{ Status, Body string } `json:"incident_updates"`
	Components                      []struct{ Name, Status string }
}

func (p *place) document(path string) (d statusDoc) {
	p.Helper()
	w := p.get(path)
	h := w.Header()
	if w.Code != http.StatusOK || h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Content-Type") != "application/json; charset=utf-8" || h.Get("ETag") == "" {
		p.Fatalf("%s: %d %v", path, w.Code, h)
	}
	if again := p.get(path, "If-None-Match", h.Get("ETag")); again.Code != http.StatusNotModified {
		p.Errorf("%s asked again: %d", path, again.Code)
	}
	check(p.T, json.Unmarshal(w.Body.Bytes(), &d))
	return d
}

func names(all []statusIncident) string {
	var out []string
	for _, i := range all {
		out = append(out, i.Name)
	}
	return strings.Join(out, ", ")
}

// Each document, at both of its addresses, through the life of two incidents and of
// planned work.
func TestStatuspageDocuments(t *testing.T) {
	p := newPlace(t)
	p.addDesk(desk.Desk{Handle: "city", Name: "City", Names: []string{"city"}})
	want := func(step, indicator, components, unresolved, all, upcoming, active string) {
		t.Helper()
		for _, root := range []string{"/", StatusRoot} {
			s := p.document(root + "summary.json")
			if s.Status != p.document(root+"status.json").Status || s.Status.Indicator != indicator || s.Status.Description == "" {
				t.Errorf("%s: the state is %v, want %s", step, s.Status, indicator)
			}
			var got []string
			for _, c := range p.document(root + "components.json").Components {
				got = append(got, c.Name+" "+c.Status)
			}
			if strings.Join(got, ", ") != components {
				t.Errorf("%s: components %v, want %s", step, got, components)
			}
			for path, want := range map[string]string{"incidents/unresolved.json": unresolved, "incidents.json": all, "summary.json": unresolved} {
				if got := names(p.document(root + path).Incidents); got != want {
					t.Errorf("%s: %s lists %s, want %s", step, path, got, want)
				}
			}
			for path, want := range map[string]string{"scheduled-maintenances/upcoming.json": upcoming, "scheduled-maintenances/active.json": active} {
				if got := names(p.document(root + path).Work); got != want {
					t.Errorf("%s: %s lists %s, want %s", step, path, got, want)
				}
			}
		}
	}
	want("nothing", "none", "Acme Help operational, City operational", "", "", "", "")
	work := p.incident(app.IncidentInput{Desk: "city", Title: "New switch", Services: []string{"Lamps"}, From: p.clock.Now().Add(time.Hour), Until: p.clock.Now().Add(2 * time.Hour), Publish: true})
	want("planned", "none", "Acme Help operational, City operational, Lamps operational", "", "", "New switch", "")
	p.saysOf(work.ID, desk.WorkInProgress, "We have begun.")
	want("begun", "maintenance", "Acme Help operational, City under_maintenance, Lamps under_maintenance", "", "", "", "New switch")
	i := p.incident(app.IncidentInput{Desk: "help", Title: "No internet", Services: []string{"Internet", "Mail"}, Impact: desk.ImpactMajor, Publish: true})
	want("an incident", "major", "Acme Help partial_outage, Internet partial_outage, Mail partial_outage, City under_maintenance, Lamps under_maintenance", "No internet", "No internet", "", "New switch")
	p.saysOf(work.ID, desk.WorkCompleted, "Done.")
	p.incident(app.IncidentInput{Desk: "help", Title: "All of it", Impact: desk.ImpactCritical, Publish: true})
	want("of no service", "critical", "Acme Help major_outage, Internet major_outage, Mail major_outage, City operational, Lamps operational", "All of it, No internet", "All of it, No internet", "", "")
	i = p.saysOf(i.ID, desk.IncidentMonitoring, "Repaired.")
	i = p.saysOf(i.ID, desk.IncidentResolved, "Over.")
	want("over", "critical", "Acme Help major_outage, Internet major_outage, Mail major_outage, City operational, Lamps operational", "All of it", "All of it, No internet", "", "")

	got := p.document("/incidents.json").Incidents[1]
	if got.Status != "resolved" || got.Resolved == nil || got.Monitoring == nil || got.Shortlink != "https://social.acme.example"+incidentPath(i) || len(got.Updates) != 3 ||
		got.Updates[0].Body != "Over." || got.Updates[1].Status != "monitoring" || got.Updates[2].Status != "investigating" || len(got.Components) != 2 {
		t.Errorf("%+v", got)
	}
	if w := p.document("/scheduled-maintenances.json").Work[0]; w.For != "2026-03-01T13:00:00.000Z" || w.Until != "2026-03-01T14:00:00.000Z" || w.Started != w.For || w.Status != "completed" {
		t.Errorf("%+v", w)
	}
	components := p.document("/components.json").Components
	if !components[0].Group || len(components[0].Components) != 2 || *components[1].GroupID != components[0].ID || components[0].Components[0] != components[1].ID {
		t.Errorf("%+v", components)
	}
}

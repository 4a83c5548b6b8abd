package public

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// incident opens an incident; published unless it is to stay a draft.
func (p *place) incident(in app.IncidentInput) desk.Incident {
	p.Helper()
	i := must(p.app.OpenIncident(p.Context(), app.By{}, in))(p.T)
	if in.Publish {
		p.publish(desk.Post{ID: i.Root})
	}
	return must(p.app.ShowIncident(p.Context(), i.ID))(p.T).Incident
}

func (p *place) saysOf(i desk.IncidentID, s desk.IncidentStatus, text string) desk.Incident {
	p.Helper()
	got := must(p.app.UpdateIncident(p.Context(), app.By{}, app.UpdateInput{Incident: i, Status: s, Text: text}))(p.T)
	p.publish(desk.Post{ID: got.Updates[len(got.Updates)-1].Post})
	return must(p.app.ShowIncident(p.Context(), i))(p.T).Incident
}

func incidentPath(i desk.Incident) string { return "/incidents/" + string(i.ID) }

// A draft, and an incident whose first post has not gone out, is answered on every
// address like one that does not exist, and stands in no list.
func TestUnpublishedIncidentsAreInvisible(t *testing.T) {
	p := newPlace(t)
	draft := p.incident(app.IncidentInput{Desk: "help", Title: "Secret trouble", Services: []string{"Secret service"}})
	leaving := must(p.app.OpenIncident(t.Context(), app.By{}, app.IncidentInput{Desk: "help", Title: "Secret trouble", Publish: true}))(t)
	withdrawn := p.incident(app.IncidentInput{Desk: "help", Title: "Secret trouble", Publish: true})
	must(p.app.RetractPost(t.Context(), app.By{}, withdrawn.Root))(t)
	unknown := "/incidents/0190c7f0-0000-7000-8000-000000000000"
	for _, end := range []string{"", ".atom"} {
		want := p.get(unknown + end)
		for _, i := range []desk.Incident{draft, leaving, withdrawn} {
			if got := p.get(incidentPath(i) + end); got.Code != http.StatusNotFound || got.Body.Len() != want.Body.Len() {
				t.Errorf("%s%s: %d, %d bytes and not %d", incidentPath(i), end, got.Code, got.Body.Len(), want.Body.Len())
			}
		}
	}
	if got := p.post(incidentPath(draft)+"/too", url.Values{"server": {"m.example"}}); got.Code != http.StatusNotFound || p.peers.asked != 0 {
		t.Errorf("the form of a draft: %d, %d questions", got.Code, p.peers.asked)
	}
	for _, path := range []string{"/", "/incidents", "/summary.json", "/incidents.json", "/components.json", "/scheduled-maintenances.json"} {
		lacks(t, p.get(path).Body.String(), "Secret")
	}
}

func TestIncidentPage(t *testing.T) {
	p := newPlace(t)
	i := p.incident(app.IncidentInput{Desk: "help", Title: "No internet in Ostviertel", Text: "A cable is cut.", Services: []string{"Internet", "Telephone"},
		Impact: desk.ImpactMajor, NextUpdate: p.clock.Now().Add(time.Hour), Publish: true})
	page := p.page(incidentPath(i))
	wants(t, page, "<h1 dir=\"auto\">No internet in Ostviertel</h1>", "The desk is looking for the cause.", "A cable is cut.", "Internet", "Telephone", "Parts do not work",
		`Next word by <time datetime="2026-03-01T13:00:00Z">`, `action="/incidents/`+string(i.ID)+`/too"`, `href="https://social.acme.example/posts/`+string(i.Root)+`"`, ".atom")
	p.clock.Advance(2 * time.Hour)
	wants(t, p.page(incidentPath(i)), "It is late.")
	i = p.saysOf(i.ID, desk.IncidentIdentified, "The digger has gone.")
	i = p.saysOf(i.ID, desk.IncidentResolved, "It works again.")
	page = p.page(incidentPath(i))
	wants(t, page, `class="status done">Over.`, "The cause is known")
	if a, b, c := strings.Index(page, "It works again."), strings.Index(page, "The digger"), strings.LastIndex(page, "A cable is cut."); a > b || b > c || a < 0 {
		t.Errorf("the newest is not first: %d %d %d", a, b, c)
	}
	lacks(t, page, "/too", "Next word")
	must(p.app.RetractPost(t.Context(), app.By{}, i.Updates[0].Post))(t)
	lacks(t, p.page(incidentPath(i)), "The digger")

	list := p.page("/incidents")
	wants(t, list, "No incident is open.", "No internet in Ostviertel", `href="`+incidentPath(i)+`"`)
	for n := range pastOnPage + 1 {
		j := p.incident(app.IncidentInput{Desk: "help", Title: "Trouble " + string(rune('A'+n)), Publish: true})
		p.saysOf(j.ID, desk.IncidentResolved, "Over.")
	}
	list = p.page("/incidents")
	lacks(t, list, "No internet in Ostviertel")
	after := list[strings.Index(list, "/incidents?after="):]
	wants(t, p.page(after[:strings.Index(after, `"`)]), "No internet in Ostviertel", "noindex")
}

// What the page of an incident that says much weighs, in a script of three bytes a
// letter.
func TestIncidentPagesStaySmall(t *testing.T) {
	p := newPlace(t)
	long := strings.Repeat("報", app.MaxText)
	in := app.IncidentInput{Desk: "help", Title: strings.Repeat("題", desk.MaxIncidentTitle), Publish: true}
	for n := range desk.MaxServices {
		in.Services = append(in.Services, strings.Repeat("務", desk.MaxService-1)+string(rune('a'+n)))
	}
	var last desk.Incident
	for n := range 40 {
		if in.From, in.Until = (time.Time{}), (time.Time{}); n%3 == 0 {
			in.From, in.Until = p.clock.Now().Add(time.Hour), p.clock.Now().Add(2*time.Hour)
		}
		last = p.incident(in)
		if n%3 == 1 {
			p.saysOf(last.ID, desk.IncidentResolved, "Over.")
		}
	}
	in.From, in.Until = time.Time{}, time.Time{}
	last = p.incident(in)
	for range updatesOnIncident + 5 {
		last = p.saysOf(last.ID, "", long)
	}
	for _, path := range []string{"/", "/incidents", incidentPath(last)} {
		page := p.page(path)
		t.Logf("%s: %d bytes", path, len(page))
		if len(page) > 50_000 {
			t.Errorf("%s has %d bytes", path, len(page))
		}
	}
	page := p.page(incidentPath(last))
	before := page[strings.Index(page, incidentPath(last)+"?before="):]
	wants(t, p.page(before[:strings.Index(before, `"`)]), "noindex")
	if w := p.get(incidentPath(last) + "?before=nothing"); w.Code != http.StatusNotFound {
		t.Errorf("before an unknown post: %d", w.Code)
	}
}

func TestItAffectsMeToo(t *testing.T) {
	p := newPlace(t)
	i := p.incident(app.IncidentInput{Desk: "help", Title: "No internet", Publish: true})
	w := p.post(incidentPath(i)+"/too", url.Values{"server": {"m.example"}})
	want := "https://m.example/authorize_interaction?uri=" + url.QueryEscape(string(p.app.Site().Post(i.Root)))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %s", w.Code, w.Header().Get("Location"))
	}
	w = p.post(incidentPath(i)+"/too", url.Values{"server": {"nonsense"}})
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="server-problem"`) {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
	if w = p.get(incidentPath(i) + "/too"); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w = p.post(incidentPath(i)+"/too", url.Values{"server": {"m.example"}}, "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
		t.Errorf("from another site: %d", w.Code)
	}
}

func TestIncidentFeed(t *testing.T) {
	p := newPlace(t)
	i := p.incident(app.IncidentInput{Desk: "help", Title: "No internet", Text: "A cable is cut.", Language: "en", Publish: true})
	i = p.saysOf(i.ID, desk.IncidentResolved, "It works again.")
	p.broadcast("help", "Something else")
	w := p.get(incidentPath(i) + ".atom")
	var f atomFeed
	if err := xml.Unmarshal(w.Body.Bytes(), &f); err != nil || w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/atom+xml") {
		t.Fatalf("%d %v %s", w.Code, err, w.Body)
	}
	if len(f.Entries) != 2 || f.Entries[0].Title != "It works again." || f.Entries[1].Title != "A cable is cut." || f.Title != "No internet" {
		t.Errorf("%+v", f)
	}
	if again := p.get(incidentPath(i)+".atom", "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("asked again: %d", again.Code)
	}
}

func TestCrowd(t *testing.T) {
	for voices, want := range map[int]string{0: "", 2: "", 3: "incident.several", 24: "incident.dozens", 199: "incident.dozens", 200: "incident.hundreds", 20_000: "incident.hundreds"} {
		if got := crowd(voices); got != want {
			t.Errorf("%d voices: %q, want %q", voices, got, want)
		}
	}
}

// The front page says the state in one sentence, from open incidents and planned work.
func TestTheStateIsFromTheIncidents(t *testing.T) {
	p := newPlace(t)
	sentence := func(want string) {
		t.Helper()
		page := p.page("/")
		at := strings.Index(page, `<p class="state`)
		if got := page[at : at+strings.Index(page[at:], "</p>")]; !strings.Contains(got, want) {
			t.Errorf("it says %s, want %s", got, want)
		}
	}
	sentence("All quiet")
	work := p.incident(app.IncidentInput{Desk: "help", Title: "New switch", Services: []string{"Mail"}, From: p.clock.Now().Add(time.Hour), Until: p.clock.Now().Add(2 * time.Hour), Publish: true})
	sentence("No incident is open. Planned work: <a href=\"" + incidentPath(work) + "\">New switch</a>, from <time datetime=\"2026-03-01T13:00:00Z\">")
	p.clock.Advance(time.Hour)
	p.saysOf(work.ID, desk.WorkInProgress, "We have begun.")
	sentence("Planned work is under way: ")
	minor := p.incident(app.IncidentInput{Desk: "help", Title: "Slow web", Publish: true})
	sentence("Open now: <a href=\"" + incidentPath(minor) + "\">Slow web</a>.")
	worst := p.incident(app.IncidentInput{Desk: "help", Title: "No internet", Impact: desk.ImpactCritical, Services: []string{"Internet"}, Publish: true})
	p.incident(app.IncidentInput{Desk: "help", Title: "Slow mail", Publish: true})
	sentence("3 incidents are open, the worst of them: <a href=\"" + incidentPath(worst) + "\">No internet</a>.")
	wants(t, p.page("/"), `<span class="is major_outage">down</span>`, `1 March 2026: nothing worked`, `28 February 2026: no incident`, `16 February 2026: no incident`)
	lacks(t, p.page("/"), "15 February 2026:")
}

// Which days an incident counts for, and how.
func TestHistory(t *testing.T) {
	now := time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
	incident := func(impact desk.Impact, from, to time.Time) told {
		status := desk.IncidentResolved
		if to.IsZero() {
			status = desk.IncidentInvestigating
		}
		return told{Incident: desk.Incident{Impact: impact, Status: status, PublishedAt: from, ClosedAt: to}}
	}
	work := func(s desk.IncidentStatus, from, until time.Time) told {
		return told{Incident: desk.Incident{Impact: desk.ImpactNone, Status: s, PublishedAt: at(1, 0), From: from, Until: until}}
	}
	for _, c := range []struct {
		name string
		of   told
		want map[int]string // by day, where it is not operational without a count
	}{
		{"within a day", incident(desk.ImpactMinor, at(10, 9), at(10, 11)), map[int]string{10: "degraded_performance"}},
		{"over midnight", incident(desk.ImpactMajor, at(10, 23), at(11, 1)), map[int]string{10: "partial_outage", 11: "partial_outage"}},
		{"until midnight", incident(desk.ImpactMajor, at(10, 23), at(11, 0)), map[int]string{10: "partial_outage"}},
		{"still open", incident(desk.ImpactCritical, at(19, 23), time.Time{}), map[int]string{19: "major_outage", 20: "major_outage"}},
		{"begun before", incident(desk.ImpactCritical, at(1, 1), at(7, 1)), map[int]string{7: "major_outage"}},
		{"hardly noticed", incident(desk.ImpactNone, at(10, 9), at(10, 11)), map[int]string{10: "operational"}},
		{"planned", work(desk.WorkScheduled, at(20, 9), at(20, 22)), map[int]string{}},
		{"called off", told{Incident: desk.Incident{Status: desk.WorkCompleted, PublishedAt: at(1, 0), From: at(10, 9), Until: at(10, 11), ClosedAt: at(10, 8)}}, map[int]string{}},
		{"work", work(desk.WorkInProgress, at(20, 9), at(20, 22)), map[int]string{20: "under_maintenance"}},
	} {
		days := known{Open: []told{c.of}}.history(now)
		if len(days) != daysOfHistory || days[0].At != at(7, 0) || days[13].At != at(20, 0) {
			t.Fatalf("%d days from %s", len(days), days[0].At)
		}
		for _, d := range days {
			want, felt := c.want[d.At.Day()]
			if (d.Count == 1) != felt || felt && d.Status != want {
				t.Errorf("%s: %s has %d of %s, want %q", c.name, d.At.Format(time.DateOnly), d.Count, d.Status, want)
			}
		}
	}
}

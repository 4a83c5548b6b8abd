package console

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

const cy = "cy@acme.example" // a lead

// formOf reads the hidden fields of the form that is sent to an address.
func (s seen) formOf(t *testing.T, action string) url.Values {
	t.Helper()
	_, form, ok := strings.Cut(s.body, `action="`+action+`"`)
	if !ok {
		t.Fatalf("%s has no form for %s", s.path, action)
	}
	form, _, _ = strings.Cut(form, "</form>")
	out := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(form, -1) {
		out.Add(m[1], m[2])
	}
	return out
}

// sayCrowd makes people say one thing in the words of each, a minute apart.
func (r *room) sayCrowd(from, to int) (out []desk.IssueID) {
	r.Helper()
	for n := from; n < to; n++ {
		r.clock.Advance(time.Minute)
		out = append(out, r.report(fmt.Sprint("p", n), []string{"Hafenstraße dark", "no power, Hafenstrasse", "nothing at hafenstrasse"}[n%3]))
	}
	return out
}

func (r *room) incidentNow(id desk.IncidentID) desk.Incident {
	r.Helper()
	return must(r.app.ShowIncident(r.Context(), id))(r.T).Incident
}

// From marked issues to a look back, with links and forms: an agent makes the draft, a
// lead publishes it, and every text that is refused comes back.
func TestIncidentByForms(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent(cy, "Cy Cole", desk.RoleLead)
	ana, ben, cem := r.report("ana", "My line is down"), r.report("ben", "No light here"), r.report("cem", "Still nothing")
	b := r.signedIn(bo)
	b.get("/console/incidents").wants(t, http.StatusOK, "No incident is going on.", "No drafts.", "New incident")

	form := b.post("/console/several", url.Values{"do": {"incident"}, "issue": {string(ana), string(ben)}})
	form.wants(t, http.StatusOK, "My line is down", "No light here", "2 issues are linked to it", "published and updated by leads")
	form.lacks(t, "Still nothing", `value="publish"`)
	in := form.formOf(t, "/console/incidents/new")
	in["issue"] = []string{string(ana)} // ben is deselected
	in.Set("text", "Send me your password")
	in.Set("impact", "major")
	in.Set("services", "Internet, Ostviertel")
	wrong := b.post("/console/incidents/new", in)
	wrong.wants(t, http.StatusUnprocessableEntity, "Send me your password</textarea>", `value="Internet, Ostviertel"`, "an incident needs a title",
		`value="`+string(ana)+`" checked`, `value="`+string(ben)+`">`)
	in.Set("title", "No internet in Ostviertel")
	b.post("/console/incidents/new", in).wants(t, http.StatusUnprocessableEntity, `name="meant"`)
	b.get("/console/incidents/new").wants(t, http.StatusOK, "Send me your password</textarea>", `name="title" required maxlength="80" value="No internet in Ostviertel"`, "not sent yet")
	in.Set("text", "We see it.")
	b.post("/console/incidents/new", url.Values{"do": {"publish"}, "title": {"x"}}).wants(t, http.StatusForbidden)
	draft := b.post("/console/incidents/new", in)
	draft.wants(t, http.StatusOK, "is a draft", "nobody outside sees it", "No internet in Ostviertel", "1 voice", "[investigating, ", "My line is down", "major")
	draft.lacks(t, "No light here", "/publish")
	at, _, _ := strings.Cut(draft.path, "?")
	id := desk.IncidentID(strings.TrimPrefix(at, "/console/incidents/"))
	b.get("/console/incidents").wants(t, http.StatusOK, "No internet in Ostviertel", "No incident is going on.")
	b.get("/console/incidents/new").lacks(t, "not sent yet", "We see it.")
	b.get("/console/issues/"+string(ana)).wants(t, http.StatusOK, "No internet in Ostviertel", at+"/unlink")
	b.post(at+"/publish", nil).wants(t, http.StatusForbidden)
	b.post(at+"/say", url.Values{"text": {"x"}}).wants(t, http.StatusForbidden)

	c := r.signedIn(cy)
	page := c.get(at)
	publish := page.formOf(t, at+"/publish")
	edit := page.formOf(t, at+"/edit")
	for name, value := range map[string]string{"title": "No internet", "text": "We see it. ", "services": "Internet", "impact": "critical", "promise": "60"} {
		edit.Set(name, value)
	}
	c.post(at+"/edit", edit).wants(t, http.StatusOK, "Saved.", "critical")
	edit.Set("title", "Nothing works")
	edit.Set("key", "another")
	c.post(at+"/edit", edit).wants(t, http.StatusConflict, "has changed since you read it", `value="Nothing works"`)
	c.post(at+"/publish", publish).wants(t, http.StatusConflict, "has changed since you read it")
	out := c.post(at+"/publish", c.get(at).formOf(t, at+"/publish"))
	out.wants(t, http.StatusOK, "goes out in a moment", "first post", at+"/undo")
	c.post(at+"/undo", out.formOf(t, at+"/undo")).wants(t, http.StatusOK, "Undone", at+"/publish")
	c.post(at+"/publish", c.get(at).formOf(t, at+"/publish"))
	r.publish(r.incidentNow(id).Root, store.Tally{Delivered: 3})
	c.get(at).wants(t, http.StatusOK, "Next update due by", "✓ on 3 servers")
	c.get("/console/issues").wants(t, http.StatusOK, `<b id="open-incidents">1</b>`)
	r.clock.Advance(2 * time.Hour)
	c.get(at).wants(t, http.StatusOK, "An update was promised by")

	say := c.get(at).form()
	say.Set("status", "identified")
	say.Set("words_in", "de")
	filled := c.post(at+"/words", say)
	filled.wants(t, http.StatusOK, "Wir haben die Ursache gefunden und arbeiten daran.</textarea>")
	say.Set("text", "A cable in Mill Lane.")
	c.post(at+"/words", say).wants(t, http.StatusOK, "A cable in Mill Lane.</textarea>")
	say.Set("status", "postmortem")
	c.post(at+"/say", say).wants(t, http.StatusUnprocessableEntity, "A cable in Mill Lane.</textarea>")
	c.get(at).wants(t, http.StatusOK, "A cable in Mill Lane.</textarea>", "not sent yet") // kept on the server
	say = c.get(at).form()
	say.Set("text", "A cable in Mill Lane.")
	say.Set("status", "identified")
	c.post(at+"/say", say).wants(t, http.StatusOK, "cause found", "A cable in Mill Lane.</p>")
	taken := c.post(at+"/undo", c.get(at).formOf(t, at+"/undo"))
	taken.wants(t, http.StatusOK, "A cable in Mill Lane.</textarea>")
	say = taken.form()
	say.Set("status", "resolved")
	say.Set("text", "It works again.")
	say.Set("surprised", "One cable for two streets")
	c.post(at+"/say", say).wants(t, http.StatusOK, "What we learned", "One cable for two streets")
	r.publish(r.incidentNow(id).Updates[0].Post, store.Tally{Delivered: 3})
	c.get("/console/incidents").wants(t, http.StatusOK, "No incident is going on.", "No drafts.", "</span> over</span>")
	page = c.get(at)
	page.wants(t, http.StatusOK, `value="postmortem"`, "It works again.")

	// Links: from the incident's side, and from the issue's, by a search and without ids.
	more := c.get(at + "/voices?find=light")
	more.wants(t, http.StatusOK, "No light here")
	more.lacks(t, "Still nothing")
	link := more.formOf(t, at+"/link")
	link.Set("issue", string(ben))
	c.post(at+"/link", link).wants(t, http.StatusOK, "2 voices", "No light here")
	choose := c.get("/console/incidents/choose?issue=" + string(cem))
	choose.wants(t, http.StatusOK, "No incident fits.", "/console/incidents/new?issue="+string(cem))
	choose = c.get("/console/incidents/choose?find=INTERNET&issue=" + string(cem))
	choose.wants(t, http.StatusOK, "No internet", "Still nothing")
	c.post("/console/incidents/choose", url.Values{"issue": {string(cem)}, "incident": {string(id)}}).wants(t, http.StatusOK, "Linked.", at+"/unlink")
	if n := r.incidentNow(id).Voices; n != 3 {
		t.Errorf("%d voices, want 3", n)
	}
	c.post(at+"/unlink", url.Values{"issue": {string(cem)}, "back": {"issue"}}).wants(t, http.StatusOK, "No longer linked.", "/console/issues/"+string(cem)+"/link")
	c.post(at+"/unlink", url.Values{"issue": {string(cem)}}).wants(t, http.StatusUnprocessableEntity, "is not linked to this incident")
	other := must(r.app.OpenIncident(t.Context(), app.By{}, app.IncidentInput{Desk: "help", Title: "No mail"}))(t)
	c.post("/console/incidents/choose", url.Values{"issue": {string(ben)}, "incident": {string(other.ID)}}).wants(t, http.StatusUnprocessableEntity, "linked to another incident")
	several := c.post("/console/several", url.Values{"do": {"link"}, "issue": {string(ben), string(cem)}})
	several.wants(t, http.StatusOK, "No mail", "2 issues")
	c.get("/console/incidents/none").wants(t, http.StatusNotFound)
	c.get("/console/incidents/choose").wants(t, http.StatusNotFound)
}

// Planned work has its own statuses, and begins as planned.
func TestPlannedWorkByForms(t *testing.T) {
	r := newRoom(t)
	r.agent(cy, "Cy Cole", desk.RoleLead)
	c := r.signedIn(cy)
	in := c.get("/console/incidents/new").formOf(t, "/console/incidents/new")
	for name, value := range map[string]string{"title": "New cable", "impact": "minor", "status": "investigating", "from": "2026-03-02T01:00", "until": "2026-03-02T03:00", "do": "publish"} {
		in.Set(name, value)
	}
	page := c.post("/console/incidents/new", in)
	page.wants(t, http.StatusOK, "planned", "goes out in a moment")
	at, _, _ := strings.Cut(page.path, "?")
	r.publish(r.incidentNow(desk.IncidentID(strings.TrimPrefix(at, "/console/incidents/"))).Root, store.Tally{})
	page = c.get(at)
	page.wants(t, http.StatusOK, `value="in_progress"`, `value="2026-03-02T01:00"`)
	page.lacks(t, `value="identified"`)
}

var crowdLink = regexp.MustCompile(`href="(/console/incidents/(?:new|choose)\?crowd=[^"]+)"`)

// The list shows what was found, and never looks itself; a suggestion is accepted with
// some taken out, linked to an incident that is there, or turned down for good.
func TestSuggestions(t *testing.T) {
	r := newRoom(t)
	r.agent(cy, "Cy Cole", desk.RoleLead)
	c := r.signedIn(cy)
	issues := r.sayCrowd(0, 6)
	c.get("/console/issues").lacks(t, "6 people since")
	page := c.get("/console/incidents/suggestions")
	page.wants(t, http.StatusOK, "Maybe one incident?", "6 people since", "hafenstra", "Read three of them")
	c.get("/console/issues").wants(t, http.StatusOK, "Maybe one incident?", "6 people since")
	links := crowdLink.FindAllStringSubmatch(page.body, -1)
	if len(links) != 2 {
		t.Fatalf("the links are %v", links)
	}
	form := c.get(strings.ReplaceAll(links[0][1], "&amp;", "&"))
	form.wants(t, http.StatusOK, "6 issues are linked to it", `value="publish"`)
	in := form.formOf(t, "/console/incidents/new")
	in.Set("title", "Ostviertel is dark")
	in["issue"] = []string{string(issues[0]), string(issues[1])}
	c.post("/console/incidents/new", in).wants(t, http.StatusOK, "2 voices")
	c.get("/console/issues").lacks(t, "6 people since")
	c.get("/console/incidents/suggestions").wants(t, http.StatusOK, "No reports of the last day")

	r.sayCrowd(6, 8)
	page = c.get("/console/incidents/suggestions")
	r.clock.Advance(time.Minute)
	page = c.get("/console/incidents/suggestions")
	page.wants(t, http.StatusOK, "6 people since")
	links = crowdLink.FindAllStringSubmatch(page.body, -1)
	c.get(strings.ReplaceAll(links[1][1], "&amp;", "&")).wants(t, http.StatusOK, "Ostviertel is dark", "6 issues")
	no := page.formOf(t, "/console/incidents/suggestions")
	c.post("/console/incidents/suggestions", no).wants(t, http.StatusOK, "not suggested again")
	c.get("/console/incidents/suggestions").wants(t, http.StatusOK, "No reports of the last day")
	c.post("/console/incidents/suggestions", no).wants(t, http.StatusOK, "not suggested again")
	c.get(strings.ReplaceAll(links[0][1], "&amp;", "&")).wants(t, http.StatusNotFound, "no longer suggested")
}

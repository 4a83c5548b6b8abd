package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
)

// incidentFields are the fields of an incident itself.
type incidentFields struct {
	Desk                            desk.Handle
	Title, Text, Language, Services string
	Impact                          desk.Impact
	Status                          desk.IncidentStatus
	From, Until                     string    // of planned work, as windowLayout and in UTC
	Promise                         string    // see promises; "keep" stays as it is
	Opened                          bool      // the form is shown at once
	AtBegin, AtEnd                  string    // of planned work
	Prepares                        bool      // the form has them: its writer may publish
	Offered                         []offered // the desk's services, which are not in Services then
}

// windowLayout is how browsers write a time.
const windowLayout = "2006-01-02T15:04"

func fieldsOf(v *visit) incidentFields {
	return incidentFields{Desk: desk.Handle(v.PostFormValue("desk")), Title: v.PostFormValue("title"), Text: lines(v.PostFormValue("text")),
		Language: strings.TrimSpace(v.PostFormValue("language")), Services: strings.Join(append(slices.Clone(v.PostForm["service"]), v.PostFormValue("services")), ", "), Impact: desk.Impact(v.PostFormValue("impact")),
		Status: desk.IncidentStatus(v.PostFormValue("status")), From: v.PostFormValue("from"), Until: v.PostFormValue("until"), Promise: v.PostFormValue("promise"),
		AtBegin: lines(v.PostFormValue("at_begin")), AtEnd: lines(v.PostFormValue("at_end")), Prepares: v.PostFormValue("prepares") != ""}
}

// lines are typed lines, as texts have them.
func lines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

func fieldsOfIncident(i desk.Incident) incidentFields {
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(windowLayout)
	}
	return incidentFields{Desk: i.Desk, Title: i.Title, Text: i.Text, Language: i.Language, Services: strings.Join(i.Services, ", "), Impact: i.Impact, Status: i.Status,
		From: at(i.From), Until: at(i.Until), Promise: "keep", AtBegin: i.PreparedText(desk.WorkInProgress), AtEnd: i.PreparedText(desk.WorkCompleted)}
}

// offered is a service that can be ticked.
type offered struct {
	Name   string
	Ticked bool
}

// offer lets the services of a desk be ticked.
func (f *incidentFields) offer(list []string) {
	var rest []string
	for _, s := range f.services() {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(list, s) {
			rest = append(rest, s)
		}
	}
	f.Offered = nil
	for _, s := range list {
		ticked := slices.ContainsFunc(f.services(), func(has string) bool { return strings.TrimSpace(has) == s })
		f.Offered = append(f.Offered, offered{s, ticked})
	}
	f.Services = strings.Join(rest, ", ")
}

// services are the names between the commas.
func (f incidentFields) services() []string { return commas(f.Services) }

// window is the time of planned work. A text that is no time counts as none.
func (f incidentFields) window() (from, until time.Time) {
	from, _ = time.Parse(windowLayout, f.From)
	until, _ = time.Parse(windowLayout, f.Until)
	return from, until
}

func (f incidentFields) input(now time.Time) app.IncidentInput {
	in := app.IncidentInput{Desk: f.Desk, Title: f.Title, Text: f.Text, Language: f.Language, Services: f.services(), Impact: f.Impact, Status: f.Status, NextUpdate: promised(f.Promise, now), AtBegin: f.AtBegin, AtEnd: f.AtEnd}
	if in.From, in.Until = f.window(); !in.From.IsZero() || !in.Until.IsZero() {
		in.Status = "" // planned work begins as planned
	}
	return in
}

// edit leaves out the window where the work is not planned, and the promise unless one was chosen.
func (f incidentFields) edit(now time.Time) app.IncidentEdit {
	services := f.services()
	out := app.IncidentEdit{Title: &f.Title, Text: &f.Text, Services: &services, Impact: &f.Impact}
	if from, until := f.window(); !from.IsZero() || !until.IsZero() {
		out.From, out.Until = &from, &until
	}
	if f.Prepares {
		out.AtBegin, out.AtEnd = &f.AtBegin, &f.AtEnd
	}
	if f.Promise != "keep" {
		next := promised(f.Promise, now)
		out.NextUpdate = &next
	}
	return out
}

// editIncident changes what was said of an incident.
func (c *Console) editIncident(v *visit) error {
	f := fieldsOf(v)
	f.Opened = true
	if _, err := c.app.EditIncident(v.Context(), v.by(), v.incidentID(), f.edit(c.app.Now())); err != nil {
		return c.refused(v, v.incidentID(), err, typedIncident{Edit: &f})
	}
	return v.toIncident(v.incidentID(), "saved")
}

// incidentNew is the form of a new incident.
type incidentNew struct {
	incidentFields
	Desks      []desk.Desk
	Candidates []candidate
	Of         meant // of a pile, which is linked with it; Candidates and Held are a few of it
	Held       []desk.Quarantined
	Left       int // how many more reports of the crowd there are
	May        bool
	Key, Meant string
	Kept       string // as in draft
	Wrong      sentence
	Statuses   []desk.IncidentStatus
}

// InPile is how many stand in the pile.
func (n incidentNew) InPile() int { return len(n.Candidates) + n.Left }

// Pile is the pile, "" for none.
func (n incidentNew) Pile() desk.PileID { return n.Of.Pile }

// candidate is an issue that can be linked.
type candidate struct {
	app.IssueView
	Ago    string
	Ticked bool
}

// newIncident shows the form, with the issues that were marked, or those of a crowd.
func (c *Console) newIncident(v *visit) error {
	q := v.URL.Query()
	n := incidentNew{incidentFields: incidentFields{Desk: desk.Handle(q.Get("desk")), Impact: desk.ImpactMinor, Status: desk.IncidentInvestigating}, Of: meantIn(q, desk.PileID(q.Get("pile")))}
	issues, left, err := c.named(v, q)
	if err != nil {
		return err
	}
	n.Left = left
	drafts, err := c.app.Drafts(v.Context(), v.agent.Email)
	if err != nil {
		return err
	}
	if d := keptOf(v, drafts, app.DraftOnNewIncident, c.app.Now()); d != nil {
		n.Title, n.Text, n.Language, n.Kept = d.Next, d.Text, d.Language, d.Kept
	}
	return c.showNewIncident(v, http.StatusOK, n, issues, issues)
}

// named are the issues that an address names: one by one, or as a crowd of which one
// is named. left is how many more the crowd has.
func (c *Console) named(v *visit, q url.Values) (issues []desk.IssueID, left int, err error) {
	if pile := desk.PileID(q.Get("pile")); pile != "" {
		p, err := c.app.ShowPile(v.Context(), pile)
		for _, i := range p.Read {
			issues = append(issues, i.Issue.ID)
		}
		return issues, p.People - len(issues), err
	}
	first := desk.IssueID(q.Get("crowd"))
	if first == "" {
		return issuesOf(q), 0, nil
	}
	crowd, err := c.crowdWith(v, desk.Handle(q.Get("desk")), first)
	if err != nil {
		return nil, 0, err
	}
	most := min(len(crowd.Issues), app.MaxByID)
	return crowd.Issues[:most], len(crowd.Issues) - most, nil
}

func (c *Console) showNewIncident(v *visit, status int, n incidentNew, shown, ticked []desk.IssueID) (err error) {
	if n.Desks, err = c.app.Desks(v.Context()); err != nil {
		return err
	}
	if len(n.Desks) == 0 {
		return desk.NotFound("desk_needed", "there is no desk yet: make one under Desks")
	}
	if n.Candidates, err = c.candidates(v, shown, ticked); err != nil {
		return err
	}
	if n.Of.Pile != "" && len(shown) == 0 {
		if n.Held, err = c.some(v, n.Of); desk.ErrorCode(err) == desk.CodeNotFound {
			n.Held = nil // it has gone meanwhile; what was typed has not
		} else if err != nil {
			return err
		}
	}
	for _, d := range n.Desks {
		if d.Handle == n.Desk || len(n.Desks) == 1 {
			n.offer(d.Services)
		}
	}
	if n.Desk == "" && len(n.Candidates) > 0 {
		n.Desk = n.Candidates[0].Issue.Desk
	}
	n.May, n.Statuses = v.agent.May(desk.ScopePublish), []desk.IncidentStatus{desk.IncidentInvestigating, desk.IncidentIdentified, desk.IncidentMonitoring}
	if n.Key == "" {
		n.Key = id.New()
	}
	return c.send(v, status, "incident_new", frame{Title: v.speech.T("console_incident.new"), Data: n})
}

func (c *Console) candidates(v *visit, shown, ticked []desk.IssueID) (out []candidate, err error) {
	list, err := c.app.IssuesByID(v.Context(), shown)
	now := c.app.Now()
	for _, i := range list {
		out = append(out, candidate{i, ago(v.speech, now.Sub(i.Issue.OpenedAt)), slices.Contains(ticked, i.Issue.ID)})
	}
	return out, err
}

// openIncident makes a draft, links the issues that are ticked, and publishes it if
// that was pressed. Where the issues cannot be linked the draft stays one, and says why.
func (c *Console) openIncident(v *visit) error {
	f, publish := fieldsOf(v), v.PostFormValue("do") == "publish"
	if publish && !v.agent.May(desk.ScopePublish) {
		return desk.Forbidden("role_too_weak", "your role is %q, and this needs the right %q: ask an admin", v.agent.Role, desk.ScopePublish)
	}
	shown := issuesOf(url.Values{"issue": v.PostForm["shown"]})
	issues := issuesOf(v.PostForm)
	by := v.by()
	by.Draft = app.DraftOnNewIncident
	i, err := c.app.OpenIncident(v.Context(), by, f.input(c.app.Now()))
	if err != nil {
		if err := c.keep(v, by.Draft, draft{Text: f.Text, Next: f.Title, Language: f.Language}); err != nil {
			return err
		}
	}
	switch desk.ErrorCode(err) {
	case "":
	case desk.CodeInvalid, desk.CodeConflict, desk.CodeForbidden, desk.CodeReused:
		d := draft{Text: f.Text}
		d.ask(v, err)
		return c.showNewIncident(v, http.StatusUnprocessableEntity, incidentNew{incidentFields: f, Of: meantIn(v.PostForm, desk.PileID(v.PostFormValue("pile"))), Key: keyAfter(v.PostFormValue("key"), err), Wrong: d.Wrong, Meant: d.Meant}, shown, issues)
	default:
		return err
	}
	if pile := desk.PileID(v.PostFormValue("pile")); pile != "" {
		if _, err := c.app.ActOnPile(v.Context(), v.step("link"), meantIn(v.PostForm, pile).input(app.PileInput{Do: desk.PileLink, Incident: i.ID})); err != nil {
			return c.refused(v, i.ID, err, typedIncident{Key: id.New()})
		}
		c.crowds.forget()
	} else if len(issues) > 0 {
		if _, err := c.app.LinkVoices(v.Context(), v.step("link"), i.ID, issues); err != nil {
			return c.refused(v, i.ID, err, typedIncident{Key: id.New()})
		}
		c.crowds.forget()
	}
	if !publish {
		return v.toIncident(i.ID, "incident_draft")
	}
	if _, err := c.app.PublishIncident(v.Context(), v.step("publish"), i.ID, false); err != nil {
		return c.refused(v, i.ID, err, typedIncident{Key: id.New()})
	}
	return v.toIncident(i.ID, "incident_out")
}

// step is by for one of several acts of a form.
func (v *visit) step(name string) app.By {
	by := v.by()
	if by.Key != "" {
		by.Key += " " + name
	}
	return by
}

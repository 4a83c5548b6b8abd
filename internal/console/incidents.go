package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/locale"
	"earshot/store"
)

// incidentLine is an incident in a list.
type incidentLine struct {
	desk.Incident
	Address string
	Ago     string // since it began, or ended
	Late    bool   // the promised word is overdue
}

// incidentGroup are the incidents of one state.
type incidentGroup struct {
	State desk.IncidentState
	Lines []incidentLine
}

// incidentList is the page of all incidents.
type incidentList struct {
	Desks  []desk.Desk
	Desk   desk.Handle // "" for all
	Groups []incidentGroup
	Older  string // the address of the next page of those that are over
}

// maxCounted is how many incidents the navigation counts.
const maxCounted = 20

func standsOf(l *locale.Language, s desk.IncidentStatus) mark {
	return mark{string(s), incidentShapes[s], l.T("console_stands." + string(s))}
}

var incidentShapes = map[desk.IncidentStatus]string{
	desk.IncidentInvestigating: "●", desk.IncidentIdentified: "◔", desk.IncidentMonitoring: "◕", desk.IncidentResolved: "✓", desk.IncidentPostmortem: "✎",
	desk.WorkScheduled: "○", desk.WorkInProgress: "◑", desk.WorkVerifying: "◕", desk.WorkCompleted: "✓",
}

// incidentAddress is where an incident's page is.
func incidentAddress(id desk.IncidentID) string {
	return Root + "/incidents/" + url.PathEscape(string(id))
}

func (v *visit) incidentID() desk.IncidentID { return desk.IncidentID(v.issueID()) }

// toIncident redirects to the page of an incident.
func (v *visit) toIncident(id desk.IncidentID, said string) error {
	http.Redirect(v.w, v.Request, incidentAddress(id)+"?"+url.Values{"said": {said}}.Encode(), http.StatusSeeOther)
	return nil
}

func incidentLines(l *locale.Language, list []desk.Incident, now time.Time) (out []incidentLine) {
	for _, i := range list {
		out = append(out, incidentLineOf(l, i, now))
	}
	return out
}

func incidentLineOf(l *locale.Language, i desk.Incident, now time.Time) incidentLine {
	since := i.OpenedAt
	if !i.ClosedAt.IsZero() {
		since = i.ClosedAt
	}
	return incidentLine{i, incidentAddress(i.ID), ago(l, now.Sub(since)), i.State() == desk.IncidentOpen && !i.NextUpdate.IsZero() && i.NextUpdate.Before(now)}
}

// incidents lists those that go on, the drafts, and those that are over.
func (c *Console) incidents(v *visit) error {
	of, after := desk.Handle(v.URL.Query().Get("desk")), v.URL.Query().Get("after")
	out := incidentList{Desk: of}
	var err error
	if out.Desks, err = c.app.Desks(v.Context()); err != nil {
		return err
	}
	now := c.app.Now()
	for _, state := range []desk.IncidentState{desk.IncidentOpen, desk.IncidentDraft, desk.IncidentOver} {
		page := store.Page{Limit: pageSize}
		if state == desk.IncidentOver {
			page.After = after
		} else if after != "" {
			continue
		}
		list, next, err := c.app.Incidents(v.Context(), store.IncidentFilter{Desk: of, State: state}, page)
		if err != nil {
			return err
		}
		out.Groups = append(out.Groups, incidentGroup{state, incidentLines(v.speech, list, now)})
		if state == desk.IncidentOver {
			out.Older = sheetOf(v, list, next).Older
		}
	}
	return c.show(v, "incidents", out)
}

// countIncidents is how many incidents are going on, with the drafts of alerts, which wait
// for a person. A page is shown without it rather than not at all.
func (c *Console) countIncidents(v *visit) string {
	list, next, err := c.app.Incidents(v.Context(), store.IncidentFilter{State: desk.IncidentOpen}, store.Page{Limit: maxCounted})
	if err == nil && next == "" {
		var drafts []desk.Incident
		drafts, err = c.alertDrafts(v, "")
		list = append(list, drafts...)
	}
	switch {
	case err != nil:
		c.log.Warn("the open incidents could not be counted", "err", err)
		return ""
	case next != "":
		return strconv.Itoa(len(list)) + "+"
	case len(list) == 0:
		return ""
	}
	return strconv.Itoa(len(list))
}

// alertDrafts are the newest drafts that alerts made, and that wait for a person.
func (c *Console) alertDrafts(v *visit, of desk.Handle) ([]desk.Incident, error) {
	drafts, _, err := c.app.Incidents(v.Context(), store.IncidentFilter{Desk: of, State: desk.IncidentDraft}, store.Page{Limit: maxCounted})
	return slices.DeleteFunc(drafts, func(i desk.Incident) bool { return i.Alert == nil }), err
}

// alerting are the alerts that the list of issues shows.
func (c *Console) alerting(v *visit, of desk.Handle) ([]incidentLine, error) {
	drafts, err := c.alertDrafts(v, of)
	return incidentLines(v.speech, drafts[:min(len(drafts), maxSuggestions)], c.app.Now()), err
}

// undoIncidentPost takes a post about an incident back that has not gone out yet.
func (c *Console) undoIncidentPost(v *visit) error {
	if _, err := c.app.Undo(v.Context(), v.by(), v.PostFormValue("post")); err != nil {
		return err
	}
	return v.toIncident(v.incidentID(), "undo")
}

// publishIncident writes the first post of a draft.
func (c *Console) publishIncident(v *visit) error {
	if _, err := c.app.PublishIncident(v.Context(), v.by(), v.incidentID(), false); err != nil {
		return c.refused(v, v.incidentID(), err, typedIncident{})
	}
	return v.toIncident(v.incidentID(), "incident_out")
}

// discardIncident puts a draft away, or takes it out again.
func (c *Console) discardIncident(v *visit) error {
	if _, err := c.app.DiscardIncident(v.Context(), v.by(), v.incidentID(), v.PostFormValue("restore") != ""); err != nil {
		return c.refused(v, v.incidentID(), err, typedIncident{})
	}
	return v.toIncident(v.incidentID(), "saved")
}

// linkVoices links issues to an incident, and unlinkVoices ends that.
func (c *Console) linkVoices(v *visit) error {
	if _, err := c.app.LinkVoices(v.Context(), v.by(), v.incidentID(), issuesOf(v.PostForm)); err != nil {
		return c.refused(v, v.incidentID(), err, typedIncident{})
	}
	c.crowds.forget()
	return v.toIncident(v.incidentID(), "linked")
}

// unlinkVoices is described with linkVoices.
func (c *Console) unlinkVoices(v *visit) error {
	issues := issuesOf(v.PostForm)
	if _, err := c.app.UnlinkVoices(v.Context(), v.by(), v.incidentID(), issues); err != nil {
		return c.refused(v, v.incidentID(), err, typedIncident{})
	}
	c.crowds.forget()
	if v.PostFormValue("back") != "" && len(issues) == 1 {
		return v.back(issues[0], "unlinked")
	}
	return v.toIncident(v.incidentID(), "unlinked")
}

// issuesOf are the issues that a form or an address names, as many as are read at once.
func issuesOf(form url.Values) (out []desk.IssueID) {
	for _, id := range form["issue"] {
		if len(out) < app.MaxByID {
			out = append(out, desk.IssueID(id))
		}
	}
	return out
}

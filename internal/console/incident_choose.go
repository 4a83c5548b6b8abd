package console

import (
	"net/http"
	"net/url"
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/store"
)

const (
	// chooseFrom is how many incidents a page offers, and chooseAmong among how many
	// of the newest it searches.
	chooseFrom, chooseAmong = 20, 500
)

// choosing is the page on which an incident is chosen for issues.
type choosing struct {
	Find       string
	Lines      []incidentLine
	Candidates []candidate
	Desk       desk.Handle
	Crowd      desk.IssueID // one of the crowd's; "" : the issues were named
	Of         meant        // of a pile, that they stand in; of none: those that are named
	Held       []desk.Quarantined
	Count      int    // how many are linked
	New        string // the address of the form of a new incident
	Key        string
	Wrong      sentence
}

// chooseIncident shows the page.
func (c *Console) chooseIncident(v *visit) error {
	return c.showChoice(v, http.StatusOK, v.URL.Query(), sentence{})
}

func (c *Console) showChoice(v *visit, status int, q url.Values, wrong sentence) error {
	issues, left, err := c.named(v, q)
	if err != nil {
		return err
	}
	p := choosing{Of: meantIn(q, desk.PileID(q.Get("pile"))), Count: len(issues) + left, Find: q.Get("find"), Desk: desk.Handle(q.Get("desk")), Crowd: desk.IssueID(q.Get("crowd")), Key: id.New(), Wrong: wrong}
	if p.Candidates, err = c.candidates(v, issues, issues); err != nil {
		return err
	}
	of := desk.Handle("")
	if p.Of.Pile != "" && len(issues) == 0 {
		p.Held, err = c.some(v, p.Of)
	}
	switch {
	case err != nil:
		return err
	case len(p.Candidates) > 0:
		of = p.Candidates[0].Issue.Desk
	case len(p.Held) == 0 && p.Of.Pile != "":
		return desk.Conflict("pile_empty", "no report stands in this pile any more")
	case len(p.Held) == 0:
		return desk.NotFound("issue_not_found", "there is no issue %s", q.Get("issue"))
	}
	again := url.Values{"issue": q["issue"]}
	if p.Crowd != "" {
		again = url.Values{"crowd": {string(p.Crowd)}, "desk": {string(p.Desk)}}
	}
	if p.Of.Pile != "" {
		again = p.Of.query()
	}
	p.New = Root + "/incidents/new?" + again.Encode()
	if p.Lines, err = c.findIncidents(v, of, p.Find); err != nil {
		return err
	}
	return c.send(v, status, "incident_choose", frame{Title: v.speech.T("console_incident.choose"), Data: p})
}

// findIncidents lists a desk's incidents, or those of all, whose titles or services have
// every word; without words, those that are not over.
func (c *Console) findIncidents(v *visit, of desk.Handle, find string) (out []incidentLine, err error) {
	words, now := strings.Fields(strings.ToLower(find)), c.app.Now()
	states := []desk.IncidentState{desk.IncidentOpen, desk.IncidentDraft}
	if len(words) > 0 {
		states = append(states, desk.IncidentOver)
	}
	for _, state := range states {
		page, looked := store.Page{Limit: pageSize}, 0
		for looked < chooseAmong {
			list, next, err := c.app.Incidents(v.Context(), store.IncidentFilter{Desk: of, State: state}, page)
			if err != nil {
				return nil, err
			}
			for _, i := range list {
				if len(out) < chooseFrom && hasWords(i, words) {
					out = append(out, incidentLineOf(v.speech, i, now))
				}
			}
			looked += len(list)
			if page.After = next; next == "" || len(out) == chooseFrom {
				break
			}
		}
	}
	return out, nil
}

func hasWords(i desk.Incident, words []string) bool {
	text := strings.ToLower(i.Title + " " + strings.Join(i.Services, " "))
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// linkChosen links the issues to the chosen incident.
func (c *Console) linkChosen(v *visit) error {
	issues, which, err := issuesOf(v.PostForm), desk.IncidentID(v.PostFormValue("incident")), error(nil)
	if pile := desk.PileID(v.PostFormValue("pile")); pile != "" {
		issues = nil
		_, err = c.app.ActOnPile(v.Context(), v.by(), meantIn(v.PostForm, pile).input(app.PileInput{Do: desk.PileLink, Incident: which}))
	} else {
		_, err = c.app.LinkVoices(v.Context(), v.by(), which, issues)
	}
	switch desk.ErrorCode(err) {
	case "":
	case desk.CodeInvalid, desk.CodeConflict, desk.CodeForbidden, desk.CodeReused:
		return c.showChoice(v, http.StatusUnprocessableEntity, v.PostForm, mistakeIn(v.speech, err))
	default:
		return err
	}
	c.crowds.forget()
	if len(issues) == 1 {
		return v.back(issues[0], "linked")
	}
	return v.toIncident(which, "linked")
}

// linking is the page on which issues are chosen for an incident.
type linking struct {
	desk.Incident
	Address    string
	Find       string
	Candidates []candidate
	Key        string
}

// chooseVoices shows the open issues of the incident's desk that are linked to none.
func (c *Console) chooseVoices(v *visit) error {
	whole, err := c.app.ShowIncident(v.Context(), v.incidentID())
	if err != nil {
		return err
	}
	p := linking{Incident: whole.Incident, Address: incidentAddress(whole.Incident.ID), Find: v.URL.Query().Get("find"), Key: id.New()}
	in := app.ListInput{IssueFilter: store.IssueFilter{Desk: p.Desk, Category: desk.CategoryOpen}, Search: p.Find, For: v.agent.Email, Page: store.Page{Limit: pageSize}}
	if p.Find != "" {
		in.Category = ""
	}
	list, _, err := c.app.ListIssues(v.Context(), in)
	if err != nil {
		return err
	}
	now := c.app.Now()
	for _, i := range list {
		if i.Issue.Incident == "" {
			p.Candidates = append(p.Candidates, candidate{IssueView: i, Ago: ago(v.speech, now.Sub(i.Issue.OpenedAt))})
		}
	}
	return c.send(v, http.StatusOK, "incident_voices", frame{Title: v.speech.T("console_incident.link_more"), Data: p})
}

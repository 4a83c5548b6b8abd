package console

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/store"
)

// linkLines is how many issues the page offers; a search finds the others.
const linkLines = 20

// joining is the page on which an incident or another issue is chosen for an issue.
type joining struct {
	app.IssueView
	Query     query
	Find      string // the words that were searched
	Incidents []incidentLine
	Lines     []line
	Key       string
	ReadAt    string // when the list was read; a merge is decided on that
	Wrong     sentence
}

// chooseLink shows the page.
func (c *Console) chooseLink(v *visit) error { return c.showLink(v, http.StatusOK, sentence{}) }

func (c *Console) showLink(v *visit, status int, wrong sentence) error {
	form := v.Form()
	p := joining{Query: queryOf(form), Key: id.New(), ReadAt: c.app.Now().Format(timeOfList), Wrong: wrong}
	if find := form["find"]; len(find) > 0 {
		p.Find = find[0]
	}
	var err error
	if p.IssueView, err = c.app.ShowIssue(v.Context(), v.issueID()); err != nil {
		return err
	}
	if p.Issue.Incident == "" {
		if p.Incidents, err = c.findIncidents(v, p.Issue.Desk, p.Find); err != nil {
			return err
		}
	}
	if p.Lines, err = c.otherIssues(v, p.Issue, p); err != nil {
		return err
	}
	return c.send(v, status, "link", frame{Title: v.speech.T("console_link.name"), Data: p})
}

// otherIssues lists issues of the same desk: the open ones, or those that were searched. An id or
// an address finds that of another desk too.
func (c *Console) otherIssues(v *visit, of desk.Issue, p joining) (out []line, err error) {
	in := app.ListInput{IssueFilter: store.IssueFilter{Desk: of.Desk, Category: desk.CategoryOpen}, Search: p.Find, For: v.agent.Email, Page: store.Page{Limit: linkLines + 1}}
	if p.Find != "" {
		in.Category = ""
	}
	list, _, err := c.app.ListIssues(v.Context(), in)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 && namesIssue(p.Find) { // one of another desk can be linked, and not merged
		in.Desk = ""
		if list, _, err = c.app.ListIssues(v.Context(), in); err != nil {
			return nil, err
		}
	}
	now := c.app.Now()
	for _, i := range list {
		if i.Issue.ID != of.ID && len(out) < linkLines {
			out = append(out, line{IssueView: i, Address: p.Query.Issue(i.Issue.ID), Waits: waits(v.speech, i.Issue, now), Updated: ago(v.speech, now.Sub(i.Issue.UpdatedAt))})
		}
	}
	return out, nil
}

// namesIssue says whether a search is the id or the address of an issue or a post.
func namesIssue(find string) bool {
	find, _, _ = strings.Cut(strings.TrimSpace(find), "?")
	return uuid.Validate(find[strings.LastIndex(find, "/")+1:]) == nil
}

// link says on both that another issue has to do with this one.
func (c *Console) link(v *visit) error {
	if _, err := c.app.Link(v.Context(), v.by(), v.issueID(), desk.IssueID(v.PostFormValue("other"))); err != nil {
		switch desk.ErrorCode(err) {
		case desk.CodeStale, desk.CodeConflict:
			return c.showLink(v, http.StatusConflict, mistakeIn(v.speech, err))
		case desk.CodeInvalid, desk.CodeNotFound, desk.CodeReused:
			return c.showLink(v, http.StatusUnprocessableEntity, mistakeIn(v.speech, err))
		}
		return err
	}
	return v.back(v.issueID(), "link")
}

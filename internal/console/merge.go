package console

import (
	"net/http"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/store"
)

// mergeLines is how many issues the page of a merge offers; a search finds the others.
const mergeLines = 20

// merging is the page on which another issue of the same matter is chosen.
type merging struct {
	app.IssueView
	Query  query
	Find   string // the words that were searched
	Lines  []line
	Key    string
	ReadAt string // when the list was read; a merge is decided on that
	Wrong  sentence
}

// chooseMerge shows the page.
func (c *Console) chooseMerge(v *visit) error { return c.showMerge(v, http.StatusOK, sentence{}) }

func (c *Console) showMerge(v *visit, status int, wrong sentence) error {
	form := v.Form()
	m := merging{Query: queryOf(form), Key: id.New(), ReadAt: c.app.Now().Format(time.RFC3339Nano), Wrong: wrong}
	if find := form["find"]; len(find) > 0 {
		m.Find = find[0]
	}
	var err error
	if m.IssueView, err = c.app.ShowIssue(v.Context(), v.issueID()); err != nil {
		return err
	}
	in := app.ListInput{IssueFilter: store.IssueFilter{Desk: m.Issue.Desk, Category: desk.CategoryOpen}, Search: m.Find, Page: store.Page{Limit: mergeLines + 1}}
	if m.Find != "" {
		in.Category = ""
	}
	list, _, err := c.app.ListIssues(v.Context(), in)
	if err != nil {
		return err
	}
	now := c.app.Now()
	for _, i := range list {
		if i.Issue.ID != m.Issue.ID && i.Issue.Desk == m.Issue.Desk && len(m.Lines) < mergeLines {
			m.Lines = append(m.Lines, line{IssueView: i, Address: m.Query.Issue(i.Issue.ID), Waits: waits(v.speech, i.Issue, now), Updated: ago(v.speech, now.Sub(i.Issue.UpdatedAt))})
		}
	}
	return c.send(v, status, "merge", frame{Title: v.speech.T("console_merge.name"), Data: m})
}

// merge makes the chosen issue a part of this one.
func (c *Console) merge(v *visit) error {
	i, err := c.app.Merge(v.Context(), v.by(), app.MergeInput{Into: v.issueID(), Issue: desk.IssueID(v.PostFormValue("other"))})
	if desk.ErrorCode(err) == desk.CodeStale || desk.ErrorCode(err) == desk.CodeConflict { // the page comes back, on what there is now
		return c.showMerge(v, http.StatusConflict, mistakeIn(v.speech, err))
	}
	if err != nil {
		return err
	}
	return v.back(i.ID, "merge")
}

// move gives an issue to another desk.
func (c *Console) move(v *visit) error {
	_, err := c.app.MoveIssue(v.Context(), v.by(), app.MoveInput{Issue: v.issueID(), To: desk.Handle(v.PostFormValue("to_desk"))})
	if desk.ErrorCode(err) == desk.CodeStale {
		return c.again(v, err)
	}
	if err != nil {
		return err
	}
	return v.back(v.issueID(), "move")
}

// again shows an issue after something newer came: the form is on the page, on what
// there is now.
func (c *Console) again(v *visit, stale error) error {
	d := draft{Key: id.New(), Seen: v.seen()}
	if err := c.moved(v, &d, stale); err != nil {
		return err
	}
	return c.showIssue(v, http.StatusConflict, &d)
}

package console

import (
	"net/http"
	"slices"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/internal/locale"
	"earshot/store"
)

// pageSize is how many lines a list shows at once: under 200 kB with the
// longest lines.
const pageSize = 50

// timeOfList is how a form says when its list was read.
const timeOfList = time.RFC3339Nano

// desktop is the whole screen: the views, a list and perhaps a thread.
type desktop struct {
	Query query
	Views []viewLink
	Saved []savedLink
	Bulk  bulkChoices
	// Shares are the desks for whose agents this one may save a view.
	Shares []desk.Desk
	Desks  []desk.Desk
	// Statuses are those that a list can be narrowed to.
	Statuses []desk.Status
	Lines    []line
	Older    string // the address of the next page, "" at the end
	Empty    string // the text if there are no lines
	Chips    []chip
	Wrong    sentence // why it is not searched
	Thread   *thread
	counts   counts
	Key      string // makes sending the form of the list twice one act
	drafts   map[string]store.Draft
	// Piles stand above the lines.
	Piles []pileLine
	// Unchecked are the replies that wait for a colleague.
	Unchecked []uncheckedReply
	// Suggestions are the crowds that were found lately.
	Suggestions []suggestion
	Alerts      []incidentLine // drafts that alerts made, and that nobody has decided about
	ReadAt      string         // when the list was read; a change of many was decided on that
}

type viewLink struct {
	View    view
	Name    string
	Address string
	Current bool
	Count   string // how many lines it has, "" for none
}

// line is an issue in the list.
type line struct {
	app.IssueView
	Address string
	Current bool
	Owner   string // the assignee's name
	Here    []present
	Waits   string // how long the reporter has waited, "" if for nothing
	Updated string
	Snoozed string // until when, "" if it is not
	Draft   bool   // the agent has typed an answer and not sent it
	Checked bool   // a reply waits for a colleague
}

// uncheckedReply is a reply that waits for a colleague of its agent.
type uncheckedReply struct {
	desk.Post
	Address string
	By      string // the agent's name
}

// unchecked lists the replies that wait, at one desk or all.
func (c *Console) unchecked(v *visit, q query, staff staff) (out []uncheckedReply, err error) {
	list, err := c.app.Unchecked(v.Context())
	for _, p := range list {
		if q.Desk == "" || p.Desk == q.Desk {
			out = append(out, uncheckedReply{p, q.Issue(p.Issue), staff.name(p.Agent)})
		}
	}
	return out, err
}

// issues shows a list.
func (c *Console) issues(v *visit) error {
	d, err := c.desktop(v, "")
	if err != nil {
		return err
	}
	status := http.StatusOK
	if d.Wrong.Words != "" {
		status = http.StatusUnprocessableEntity
	}
	said, act := saidOfSeveral(v, d.Query.said)
	return c.send(v, status, "issues", frame{Title: v.speech.T("console_view." + string(d.Query.View)), Said: said, counts: d.counts, Undo: undoable{Act: act, desktop: d}, Data: d})
}

// desktop loads the parts of the page around a thread.
func (c *Console) desktop(v *visit, open desk.IssueID) (*desktop, error) {
	q := queryOf(v.Form())
	d := &desktop{Query: q, Statuses: desk.Statuses(), Empty: v.speech.T("console_empty." + string(q.View)), Key: id.New(),
		ReadAt: c.app.Now().Format(timeOfList)}
	ctx := v.Context()
	var err error
	if d.counts, err = c.count(v, q.Desk); err != nil {
		return nil, err
	}
	for _, name := range viewOrder {
		d.Views = append(d.Views, viewLink{name, v.speech.T("console_view." + string(name)), q.In(name), name == q.View && q.Search == "", d.counts.Views[name]})
	}
	if d.Desks, err = c.app.Desks(ctx); err != nil {
		return nil, err
	}
	d.Saved = saved(v, q, d.counts)
	if v.agent.May(desk.ScopePublish) {
		d.Shares = d.Desks
	}
	if q.Search != "" || q.Narrowed() {
		d.Empty = v.speech.T("console.nothing_found")
	}
	if d.Suggestions, err = c.foundLately(v, d.Desks, q.Desk); err != nil {
		return nil, err
	}
	if d.Alerts, err = c.alerting(v, q.Desk); err != nil {
		return nil, err
	}
	if d.Piles, err = c.pilesOf(v, q); err != nil {
		return nil, err
	}
	d.Chips = chips(v.speech, q)
	list, next, err := c.app.ListIssues(ctx, q.input(v.agent))
	if q.Search != "" && desk.ErrorCode(err) == desk.CodeInvalid {
		d.Wrong, err = mistakeIn(v.speech, err), nil
	}
	if err != nil {
		return nil, err
	}
	if next != "" {
		d.Older = q.Next(next)
		d.Empty = v.speech.T("console.search_goes_on") // said if none of so many is one
	}
	staff, err := c.staff(ctx)
	if err != nil {
		return nil, err
	}
	d.Bulk = c.bulkChoices(v, staff)
	if d.drafts, err = c.app.Drafts(ctx, v.agent.Email); err != nil {
		return nil, err
	}
	if d.Unchecked, err = c.unchecked(v, q, staff); err != nil {
		return nil, err
	}
	now := c.app.Now()
	for _, i := range list {
		checked := slices.ContainsFunc(d.Unchecked, func(p uncheckedReply) bool { return p.Issue == i.Issue.ID })
		_, draft := d.drafts[app.DraftOnIssue(i.Issue.ID)]
		d.Lines = append(d.Lines, line{IssueView: i, Draft: draft, Checked: checked, Address: q.Issue(i.Issue.ID), Current: i.Issue.ID == open, Owner: staff.name(i.Issue.Assignee), Here: c.here(i.Issue.ID, v.agent.Email, staff),
			Snoozed: snoozedIn(v.speech, i.Issue.Snooze, v.agent.Zone()), Waits: waits(v.speech, i.Issue, now), Updated: ago(v.speech, now.Sub(i.Issue.UpdatedAt))})
	}
	return d, nil
}

// Form is the query of a page, or what a form carries of it.
func (v *visit) Form() map[string][]string {
	if v.Method == http.MethodPost {
		return v.PostForm
	}
	return v.URL.Query()
}

func waits(l *locale.Language, i desk.Issue, now time.Time) string {
	if i.WaitingSince.IsZero() {
		return ""
	}
	return ago(l, now.Sub(i.WaitingSince))
}

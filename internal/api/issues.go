package api

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

func (r *request) id() string            { return mux.Vars(r.Request)["id"] }
func (r *request) issue() desk.IssueID   { return desk.IssueID(r.id()) }
func (r *request) desk() desk.Handle     { return desk.Handle(mux.Vars(r.Request)["desk"]) }
func (r *request) query(n string) string { return r.URL.Query().Get(n) }

// listIssues lists those waiting first, the longest on top.
func (h *handler) listIssues(r *request) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	in := app.ListInput{Search: searchOf(r), For: r.by.Agent, Page: page}
	if in.Since, err = r.time("since"); err != nil {
		return response{}, err
	}
	if in.Until, err = r.time("until"); err != nil {
		return response{}, err
	}
	in.IssueFilter = store.IssueFilter{Desk: desk.Handle(r.query("desk")), Status: desk.Status(r.query("status")), Category: desk.Category(r.query("category")),
		Assignee: r.agent("assignee"), Mentioned: cmp.Or(r.agent("mentioned"), r.agent("called")),
		Incident: desk.IncidentID(r.query("incident")), Pile: desk.PileID(r.query("pile"))}
	if in.Incident != "" && (in.Mentioned != "" || in.Assignee != "") {
		return response{}, desk.Invalid("incident_and_agent", "ask for the voices of an incident, or for an agent's issues, not for both")
	}
	if in.Mentioned != "" && in.Assignee != "" {
		return response{}, desk.Invalid("called_or_assignee", "ask for `mentioned` or for `assignee`, not for both")
	}
	if in.Pile != "" && (in.Mentioned != "" || in.Assignee != "" || in.Incident != "") {
		return response{}, desk.Invalid("pile_and_more", "ask for the reports of a pile, or for an agent's or an incident's, not for both: a report that was dealt with stands in no pile")
	}
	if in.Rows, err = r.flag("rows"); err != nil {
		return response{}, err
	}
	if in.NeedsUs, err = r.flag("needs_us", "reporter_spoke", "answered"); err != nil {
		return response{}, err
	}
	if in.Folded, err = r.flag("folded"); err != nil {
		return response{}, err
	}
	if r.query("snoozed") != "" {
		if in.Snoozed, err = r.flag("snoozed"); err != nil {
			return response{}, err
		}
		in.Awake = !in.Snoozed
	}
	if err := h.checkFilter(r, in.IssueFilter); err != nil {
		return response{}, err
	}
	views, next, err := h.app.ListIssues(r.Context(), in)
	return response{body: each(views, func(v app.IssueView) Issue { return issueOf(h.app.Site(), v) }), next: next}, err
}

// agent is an agent that a parameter names, in any spelling, or as "me".
func (r *request) agent(parameter string) desk.Email {
	typed := r.query(parameter)
	if typed == "me" {
		return r.by.Agent
	}
	return desk.EmailOf(typed)
}

// searchOf joins the parts of a search: the words, and the parameters beside
// them.
func searchOf(r *request) string {
	terms := []string{r.query("search")}
	for parameter, mark := range map[string]string{"reporter": "@", "tag": "#", "host": "host:"} {
		if v := strings.Join(strings.Fields(r.query(parameter)), ""); v != "" {
			terms = append(terms, mark+strings.TrimPrefix(v, mark))
		}
	}
	return strings.TrimSpace(strings.Join(terms, " "))
}

// checkFilter refuses values that no issue can have: an empty list would
// mislead.
func (h *handler) checkFilter(r *request, f store.IssueFilter) error {
	if f.Status != "" && f.Status.Category() == "" {
		return desk.Invalid("status_unknown", "there is no status %q; there are %v", f.Status, desk.Statuses())
	}
	categories := []desk.Category{desk.CategoryOpen, desk.CategoryPaused, desk.CategoryDone}
	if f.Category != "" && !slices.Contains(categories, f.Category) {
		return desk.Invalid("category_unknown", "there is no category %q; there are %v", f.Category, categories)
	}
	if f.Desk != "" {
		_, err := h.oneDesk(r, f.Desk)
		return err
	}
	return nil
}

// showIssue shows a page of an issue's timeline.
func (h *handler) showIssue(r *request) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	in := app.ThreadInput{Before: desk.EventID(r.query("before")), Limit: page.Limit}
	if in.Third, err = r.flag("third"); err != nil {
		return response{}, err
	}
	v, err := h.app.ShowThread(r.Context(), r.issue(), in)
	out := fullIssueOf(h.app.Site(), v)
	return response{body: out, next: string(v.Before), by: "before", tag: string(out.Seen)}, err
}

func (h *handler) fetchRest(r *request) (response, error) {
	if err := h.app.FetchRest(r.Context(), r.issue()); err != nil {
		return response{}, err
	}
	return h.showIssue(r)
}

func (h *handler) reply(r *request) (response, error) {
	var in NewReply
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	r.by.Meant = in.Meant
	p, err := h.app.Reply(r.Context(), r.by, app.ReplyInput{Issue: r.issue(), Text: in.Text, Visibility: in.Visibility, Language: in.Language,
		Change: desk.StatusChange{To: in.Status, Reason: in.Reason, Next: in.Next}, Because: in.Because, Unwarned: in.WithoutWarning, Now: in.Now, Only: in.Only, Files: filesOf(in.Files)})
	return response{body: postOf(p)}, err
}

func (h *handler) comment(r *request) (response, error) {
	var in NewText
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	p, err := h.app.Comment(r.Context(), r.by, r.issue(), in.Text)
	return response{body: postOf(p)}, err
}

func (h *handler) setStatus(r *request) (response, error) {
	var in NewStatus
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	i, err := h.app.SetStatus(r.Context(), r.by, app.StatusInput{Issue: r.issue(), Because: in.Because,
		Change: desk.StatusChange{To: in.Status, Reason: in.Reason, Next: in.Next}})
	return h.changed(r, i, err)
}

func (h *handler) assign(r *request) (response, error) {
	var in NewAssignee
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	i, err := h.app.Assign(r.Context(), r.by, r.issue(), desk.EmailOf(string(in.Assignee)))
	return h.changed(r, i, err)
}

func (h *handler) undoStatus(r *request) (response, error) { return h.undoChange(r, desk.KindStatus) }
func (h *handler) undoAssign(r *request) (response, error) { return h.undoChange(r, desk.KindAssign) }

func (h *handler) undoMerge(r *request) (response, error) { return h.undoChange(r, desk.KindMerge) }
func (h *handler) undoMove(r *request) (response, error)  { return h.undoChange(r, desk.KindMove) }

func (h *handler) undoSnooze(r *request) (response, error) { return h.undoChange(r, desk.KindSnooze) }

func (h *handler) snooze(r *request) (response, error) {
	var in NewSnooze
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	i, err := h.app.Snooze(r.Context(), r.by, app.SnoozeInput{Issue: r.issue(), Until: in.Until.Time})
	return h.changed(r, i, err)
}

func (h *handler) wake(r *request) (response, error) {
	i, err := h.app.Wake(r.Context(), r.by, r.issue())
	return h.changed(r, i, err)
}

func (h *handler) merge(r *request) (response, error) {
	var in NewMerge
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	i, err := h.app.Merge(r.Context(), r.by, app.MergeInput{Into: r.issue(), Issue: in.Issue, Seen: in.Seen})
	return h.changed(r, i, err)
}

func (h *handler) move(r *request) (response, error) {
	var in NewMove
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	i, err := h.app.MoveIssue(r.Context(), r.by, app.MoveInput{Issue: r.issue(), To: in.Desk})
	return h.changed(r, i, err)
}

func (h *handler) undoChange(r *request, of desk.Kind) (response, error) {
	var in NewUndo
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	i, err := h.app.UndoChange(r.Context(), r.by, app.UndoInput{Issue: r.issue(), Kind: of, Entry: in.Entry})
	return h.changed(r, i, err)
}

func (h *handler) link(r *request) (response, error) {
	var in NewLink
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	i, err := h.app.Link(r.Context(), r.by, r.issue(), in.Issue)
	return h.changed(r, i, err)
}

// changed answers with the issue as the change left it.
func (h *handler) changed(r *request, i desk.Issue, err error) (response, error) {
	if err != nil {
		return response{}, err
	}
	v, err := h.app.ViewIssue(r.Context(), i)
	return response{body: issueOf(h.app.Site(), v)}, err
}

// undo takes back a reply or broadcast by its own id, or the newest reply of an issue.
func (h *handler) undo(r *request) (response, error) {
	p, err := h.app.Undo(r.Context(), r.by, r.id())
	return response{body: postOf(p)}, err
}

// NewSplit is the body of a split: the post that becomes a report.
type NewSplit struct {
	Post desk.PostID `json:"post"`
}

func (h *handler) split(r *request) (response, error) {
	var in NewSplit
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	i, err := h.app.Split(r.Context(), r.by, r.issue(), in.Post)
	return h.changed(r, i, err)
}

// NewPresence is the body of a presence: looks, writes or left.
type NewPresence struct {
	State app.Presence `json:"state"`
}

func (h *handler) attend(r *request) (response, error) {
	var in NewPresence
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	return response{}, h.app.Attend(r.Context(), r.by, r.issue(), in.State)
}

// Spam is the body of closing a report as spam.
type Spam struct {
	Server bool `json:"server,omitempty"` // with it all of its server's registrable domain
	Alike  bool `json:"alike,omitempty"`  // with it all that say the same
}

// Spammed is what became of a portion of it.
type Spammed struct {
	Closed []desk.IssueID `json:"closed"`
	More   bool           `json:"more"` // there are more: ask again
}

func (h *handler) spam(r *request) (response, error) {
	var in Spam
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	done, err := h.app.Spam(r.Context(), r.by, app.SpamInput{Issue: r.issue(), Server: in.Server, Alike: in.Alike})
	return response{body: Spammed(done)}, err
}

// Bulk is the body of a change of many issues; fields that are left out stay.
type Bulk struct {
	Issues   []desk.IssueID `json:"issues"`
	Status   desk.Status    `json:"status,omitempty"`
	Reason   desk.Reason    `json:"reason,omitempty"`
	Next     string         `json:"next,omitempty"`
	Assignee *desk.Email    `json:"assignee,omitempty"` // "" is nobody
	Into     desk.IssueID   `json:"into,omitempty"`     // the issue into which they are merged
	Snooze   *NewSnooze     `json:"snooze,omitempty"`
	// SeenAt is when the list was read that this was decided on: what moved on since
	// is not changed.
	SeenAt Time `json:"seen_at,omitzero"`
}

// BulkResult is the result for one of many issues.
type BulkResult struct {
	Issue desk.IssueID `json:"issue"`
	Done  bool         `json:"done"`
	Error string       `json:"error"` // why not
	Act   string       `json:"act"`   // POST /issues/bulk/undo takes all of it back, for an hour; "": nothing was changed
}

// BulkAct names a change of many issues.
type BulkAct struct {
	Act string `json:"act"`
	// SeenAt is when the list was read that this was decided on, as in Bulk.
	SeenAt Time `json:"seen_at,omitzero"`
}

func bulkResults(results []app.BulkResult, act string) []BulkResult {
	return each(results, func(b app.BulkResult) BulkResult {
		return BulkResult{Issue: b.Issue, Done: b.Err == nil, Error: desk.ErrorMessage(b.Err), Act: act}
	})
}

// undoBulk takes back all that a change of many issues did.
func (h *handler) undoBulk(r *request) (response, error) {
	var in BulkAct
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	r.by.SeenAt = in.SeenAt.Time
	results, err := h.app.UndoBulk(r.Context(), r.by, in.Act)
	return response{body: bulkResults(results, "")}, err
}

func (h *handler) bulk(r *request) (response, error) {
	var in Bulk
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	if in.Assignee != nil {
		*in.Assignee = desk.EmailOf(string(*in.Assignee))
	}
	r.by.SeenAt = in.SeenAt.Time
	var until *time.Time
	if in.Snooze != nil {
		until = &in.Snooze.Until.Time
	}
	done, err := h.app.Bulk(r.Context(), r.by, app.BulkInput{Issues: in.Issues, Assignee: in.Assignee, Into: in.Into, Snooze: until,
		Change: desk.StatusChange{To: in.Status, Reason: in.Reason, Next: in.Next}})
	return response{body: bulkResults(done.Results, done.Act)}, err
}

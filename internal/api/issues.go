package api

import (
	"slices"

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
func (h *handler) listIssues(r *request) (answer, error) {
	if err := r.known("desk", "status", "category", "answered", "assignee", "search", "limit", "after"); err != nil {
		return answer{}, err
	}
	page, err := r.page()
	if err != nil {
		return answer{}, err
	}
	in := app.ListInput{Search: r.query("search"), Page: page}
	in.IssueFilter = store.IssueFilter{Desk: desk.Handle(r.query("desk")), Status: desk.Status(r.query("status")), Category: desk.Category(r.query("category")), Assignee: r.query("assignee")}
	if in.Answered, err = r.flag("answered"); err != nil {
		return answer{}, err
	}
	if err := h.checkFilter(r, in.IssueFilter); err != nil {
		return answer{}, err
	}
	views, next, err := h.app.ListIssues(r.Context(), in)
	return answer{body: each(views, func(v app.IssueView) Issue { return issueOf(h.app.Site(), v) }), next: next}, err
}

// checkFilter refuses what no issue can have: an empty list would mislead.
func (h *handler) checkFilter(r *request, f store.IssueFilter) error {
	if f.Status != "" && f.Status.Category() == "" {
		return desk.Invalid("there is no status %q; there are %v", f.Status, desk.Statuses())
	}
	categories := []desk.Category{desk.CategoryOpen, desk.CategoryPaused, desk.CategoryDone}
	if f.Category != "" && !slices.Contains(categories, f.Category) {
		return desk.Invalid("there is no category %q; there are %v", f.Category, categories)
	}
	if f.Desk != "" {
		_, err := h.oneDesk(r, f.Desk)
		return err
	}
	return nil
}

func (h *handler) showIssue(r *request) (answer, error) {
	v, err := h.app.ShowIssue(r.Context(), r.issue())
	return answer{body: fullIssueOf(h.app.Site(), v)}, err
}

func (h *handler) reply(r *request) (answer, error) {
	var in NewReply
	if err := r.decode(&in); err != nil {
		return answer{}, err
	}
	p, err := h.app.Reply(r.Context(), r.by, app.ReplyInput{Issue: r.issue(), Text: in.Text, Visibility: in.Visibility, Language: in.Language,
		Change: desk.StatusChange{To: in.Status, Reason: in.Reason, Next: in.Next}, Because: in.Because, Now: in.Now})
	return created(postOf(p)), err
}

func (h *handler) comment(r *request) (answer, error) {
	var in NewText
	if err := r.decode(&in); err != nil {
		return answer{}, err
	}
	p, err := h.app.Comment(r.Context(), r.by, r.issue(), in.Text)
	return created(postOf(p)), err
}

func (h *handler) setStatus(r *request) (answer, error) {
	var in NewStatus
	if err := r.decode(&in); err != nil {
		return answer{}, err
	}
	i, err := h.app.SetStatus(r.Context(), r.by, app.StatusInput{Issue: r.issue(), Because: in.Because,
		Change: desk.StatusChange{To: in.Status, Reason: in.Reason, Next: in.Next}})
	return h.changed(r, i, err)
}

func (h *handler) assign(r *request) (answer, error) {
	var in NewAssignee
	if err := r.decode(&in); err != nil {
		return answer{}, err
	}
	i, err := h.app.Assign(r.Context(), r.by, r.issue(), in.Assignee)
	return h.changed(r, i, err)
}

func (h *handler) link(r *request) (answer, error) {
	var in NewLink
	if err := r.decode(&in); err != nil {
		return answer{}, err
	}
	i, err := h.app.Link(r.Context(), r.by, r.issue(), in.Issue)
	return h.changed(r, i, err)
}

// changed answers with the issue as the change left it.
func (h *handler) changed(r *request, i desk.Issue, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	v, err := h.app.ViewIssue(r.Context(), i)
	return answer{body: issueOf(h.app.Site(), v)}, err
}

// undo takes back a reply or broadcast by its own id, or the newest reply of an issue.
func (h *handler) undo(r *request) (answer, error) {
	p, err := h.app.Undo(r.Context(), r.by, r.id())
	return answer{body: postOf(p)}, err
}

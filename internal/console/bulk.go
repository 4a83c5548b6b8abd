package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// several applies one change to all selected issues. It reports those that
// could not be changed; the others are.
func (c *Console) several(v *visit) error {
	if to, ok := leads[v.PostFormValue("do")]; ok && len(v.PostForm["issue"]) > 0 {
		q := queryOf(v.PostForm).values()
		q["seen_at"] = v.PostForm["seen_at"]
		q["issue"] = v.PostForm["issue"][:min(len(v.PostForm["issue"]), app.MaxBulk)]
		http.Redirect(v.w, v.Request, Root+to+"?"+q.Encode(), http.StatusSeeOther)
		return nil
	}
	in, ok := c.deed(v, v.PostFormValue("do"))
	if !ok {
		return desk.Invalid("bulk_action_missing", "what shall be done to them?")
	}
	for _, id := range v.PostForm["issue"] {
		in.Issues = append(in.Issues, desk.IssueID(id))
	}
	done, err := c.app.Bulk(v.Context(), v.by(), in)
	if err != nil {
		return err
	}
	return c.didSeveral(v, "bulk", done.Act, done.Results)
}

// undoSeveral takes back all that a change of several issues did. An issue that another
// person has changed since stays as it is; the page names it, and offers to try again.
func (c *Console) undoSeveral(v *visit) error {
	act := v.PostFormValue("act")
	results, err := c.app.UndoBulk(v.Context(), v.by(), act)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(results, func(r app.BulkResult) bool { return r.Err != nil }) {
		act = "" // nothing of it is left to take back
	}
	return c.didSeveral(v, "bulk_undone", act, results)
}

// didSeveral leads back to the list, which says for how many it was done and offers to take
// it back; or shows the list with the issues for which it was not.
func (c *Console) didSeveral(v *visit, said, act string, results []app.BulkResult) error {
	var failed []string
	for _, r := range results {
		if r.Err != nil {
			failed = append(failed, fmt.Sprintf("…%s: %s", r.Issue[max(0, len(r.Issue)-6):], mistakeIn(v.speech, r.Err).Words))
		}
	}
	n := len(results) - len(failed)
	if len(failed) == 0 {
		q := queryOf(v.PostForm)
		q.said = said
		http.Redirect(v.w, v.Request, q.List()+"&"+url.Values{"n": {strconv.Itoa(n)}, "act": {act}}.Encode(), http.StatusSeeOther)
		return nil
	}
	d, err := c.desktop(v, "")
	if err != nil {
		return err
	}
	d.Wrong = mistakeIn(v.speech, desk.Conflict("bulk_partly", "done for %d of %d; not for the others: %s", n, len(results), strings.Join(failed, "; ")))
	return c.send(v, http.StatusConflict, "issues", frame{Title: v.speech.T("console_view." + string(d.Query.View)), Said: v.speech.T("console_said."+said, "n", n),
		counts: d.counts, Undo: undoable{Act: act, desktop: d}, Data: d})
}

// saidOfSeveral is what the list says after a change of several issues, and the act by
// which it is taken back; "" for another list.
func saidOfSeveral(v *visit, said string) (words, act string) {
	n, err := strconv.Atoi(v.URL.Query().Get("n"))
	if err != nil || n < 0 || !slices.Contains([]string{"bulk", "bulk_undone", "bulk_reply"}, said) {
		return v.saying(said), ""
	}
	return v.speech.T("console_said."+said, "n", n), v.URL.Query().Get("act")
}

// leads are the pages on which something is decided about several issues at once.
var leads = map[string]string{"incident": "/incidents/new", "link": "/incidents/choose", "reply": "/several/reply"}

// deeds are the changes that can be made to several issues at once. Nothing of
// it says a word to a reporter: each of them is answered by a person.
var deeds = map[string]func(*visit) app.BulkInput{
	"mine":         func(v *visit) app.BulkInput { return giveTo(v.agent.Email) },
	"nobody":       func(*visit) app.BulkInput { return giveTo("") },
	"acknowledged": setTo(desk.StatusChange{To: desk.StatusAcknowledged}),
	"in_progress":  setTo(desk.StatusChange{To: desk.StatusInProgress}),
	"waiting":      setTo(desk.StatusChange{To: desk.StatusWaiting}),
	"fixed":        setTo(desk.StatusChange{To: desk.StatusFixed}),
	"spam":         func(*visit) app.BulkInput { return app.BulkInput{Spam: true} },
	"merge":        func(v *visit) app.BulkInput { return app.BulkInput{Into: desk.IssueID(v.PostFormValue("issue"))} }, // the first
}

// deed is the change that the form names: one of deeds, a reason to close, "to:EMAIL", or
// "snooze:END".
func (c *Console) deed(v *visit, name string) (app.BulkInput, bool) {
	if do, ok := deeds[name]; ok {
		return do(v), true
	}
	if reason := desk.Reason(name); closesAtOnce(reason) {
		return setTo(desk.StatusChange{To: desk.StatusClosed, Reason: reason})(v), true
	}
	switch kind, what, _ := strings.Cut(name, ":"); kind {
	case "to":
		return giveTo(desk.EmailOf(what)), what != ""
	case "snooze":
		until, ok := snoozeOver(what, c.app.Now().In(v.agent.Zone()))
		return app.BulkInput{Snooze: &until}, ok
	}
	return app.BulkInput{}, false
}

// closesAtOnce: not ours needs a place to turn to, of each issue.
func closesAtOnce(r desk.Reason) bool {
	return r != desk.ReasonNotOurs && slices.Contains(desk.Reasons(), r)
}

// bulkChoices are what the list offers for several issues, beside deeds.
type bulkChoices struct {
	Colleagues []desk.Agent
	Reasons    []reason
	Snoozes    []snoozeChoice
}

func (c *Console) bulkChoices(v *visit, s staff) bulkChoices {
	out := bulkChoices{Snoozes: snoozeChoices(v.speech, c.app.Now().In(v.agent.Zone()))}
	for _, a := range s.active() {
		if a.Email != v.agent.Email {
			out.Colleagues = append(out.Colleagues, a)
		}
	}
	for _, r := range reasons(v.speech) {
		if closesAtOnce(r.Key) {
			out.Reasons = append(out.Reasons, r)
		}
	}
	return out
}

func giveTo(who desk.Email) app.BulkInput { return app.BulkInput{Assignee: &who} }

func setTo(c desk.StatusChange) func(*visit) app.BulkInput {
	return func(*visit) app.BulkInput { return app.BulkInput{Change: c} }
}

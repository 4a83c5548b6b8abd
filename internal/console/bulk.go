package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// several applies one change to all selected issues. It reports those that
// could not be changed; the others are.
func (c *Console) several(v *visit) error {
	if to, ok := leads[v.PostFormValue("do")]; ok && len(v.PostForm["issue"]) > 0 {
		http.Redirect(v.w, v.Request, Root+to+"?"+url.Values{"issue": v.PostForm["issue"][:min(len(v.PostForm["issue"]), app.MaxBulk)]}.Encode(), http.StatusSeeOther)
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
	var failed []string
	for _, r := range done {
		if r.Err != nil {
			failed = append(failed, fmt.Sprintf("…%s: %s", r.Issue[max(0, len(r.Issue)-6):], mistakeIn(v.speech, r.Err).Words))
		}
	}
	if len(failed) > 0 {
		return desk.Conflict("bulk_partly", "done for %d of %d; not for the others: %s", len(done)-len(failed), len(done), strings.Join(failed, "; "))
	}
	q := queryOf(v.PostForm)
	q.said = "bulk"
	http.Redirect(v.w, v.Request, q.List(), http.StatusSeeOther)
	return nil
}

// leads are the pages on which something is decided about several issues at once.
var leads = map[string]string{"incident": "/incidents/new", "link": "/incidents/choose"}

// deeds are the changes that can be made to several issues at once. Nothing of
// it says a word to a reporter: each of them is answered by a person.
var deeds = map[string]func(*visit) app.BulkInput{
	"mine":         func(v *visit) app.BulkInput { return giveTo(v.agent.Email) },
	"nobody":       func(*visit) app.BulkInput { return giveTo("") },
	"acknowledged": setTo(desk.StatusChange{To: desk.StatusAcknowledged}),
	"in_progress":  setTo(desk.StatusChange{To: desk.StatusInProgress}),
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

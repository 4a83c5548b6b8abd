package console

import (
	"fmt"
	"net/http"
	"net/url"
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
	do, ok := deeds[v.PostFormValue("do")]
	if !ok {
		return desk.Invalid("bulk_action_missing", "what shall be done to them?")
	}
	in := do(v)
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
	"not_a_call":   setTo(desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonNotACall}),
	"spam":         func(*visit) app.BulkInput { return app.BulkInput{Spam: true} },
	"merge":        func(v *visit) app.BulkInput { return app.BulkInput{Into: desk.IssueID(v.PostFormValue("issue"))} }, // the first
	"duplicate":    setTo(desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonDuplicate}),
}

func giveTo(who desk.Email) app.BulkInput { return app.BulkInput{Assignee: &who} }

func setTo(c desk.StatusChange) func(*visit) app.BulkInput {
	return func(*visit) app.BulkInput { return app.BulkInput{Change: c} }
}

package console

import (
	"net/http"
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
)

// status changes an issue's status silently: the reporter gets no post.
func (c *Console) status(v *visit) error {
	in := app.StatusInput{Issue: v.issueID(), Because: v.PostFormValue("because"), Change: desk.StatusChange{
		To: desk.Status(v.PostFormValue("status")), Reason: desk.Reason(v.PostFormValue("reason")), Next: strings.TrimSpace(v.PostFormValue("next"))}}
	_, err := c.app.SetStatus(v.Context(), v.by(), in)
	if desk.ErrorCode(err) == desk.CodeStale { // the form comes back, on what there is now
		d := draft{Key: id.New(), Seen: desk.EventID(v.PostFormValue("seen"))}
		if err := c.moved(v, &d, err); err != nil {
			return err
		}
		return c.showIssue(v, http.StatusConflict, &d)
	}
	if err != nil {
		return err
	}
	return v.back(in.Issue, "status")
}

package console

import (
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// status changes an issue's status silently: the reporter gets no post.
func (c *Console) status(v *visit) error {
	in := app.StatusInput{Issue: v.issueID(), Because: v.PostFormValue("because"), Change: desk.StatusChange{
		To: desk.Status(v.PostFormValue("status")), Reason: desk.Reason(v.PostFormValue("reason")), Next: strings.TrimSpace(v.PostFormValue("next"))}}
	_, err := c.app.SetStatus(v.Context(), v.by(), in)
	if desk.ErrorCode(err) == desk.CodeStale {
		return c.again(v, err)
	}
	if err != nil {
		return err
	}
	return v.back(in.Issue, "status")
}

package console

import (
	"net/http"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// present is a colleague who is at an issue right now.
type present struct {
	Name   string
	Writes bool // an answer; otherwise they read
}

// here lists who else is at an issue.
func (c *Console) here(issue desk.IssueID, me desk.Email, s staff) (out []present) {
	if c.live == nil {
		return nil
	}
	for _, a := range c.live.Present(issue) {
		if a.Agent != me {
			out = append(out, present{s.name(a.Agent), a.State == app.PresenceWriting})
		}
	}
	return out
}

// attend tells colleagues that an agent reads an issue, writes in it, or has
// left. The page's script reports it; without the script, nobody is told.
func (c *Console) attend(v *visit) error {
	if err := c.app.Attend(v.Context(), v.by(), v.issueID(), app.Presence(v.PostFormValue("state"))); err != nil {
		return err
	}
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}

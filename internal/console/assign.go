package console

import "earshot/internal/desk"

// assign gives an issue to an agent, or to nobody.
func (c *Console) assign(v *visit) error {
	if _, err := c.app.Assign(v.Context(), v.by(), v.issueID(), desk.EmailOf(v.PostFormValue("assignee"))); err != nil {
		return err
	}
	return v.back(v.issueID(), "assign")
}

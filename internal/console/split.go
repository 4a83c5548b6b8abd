package console

import "earshot/internal/desk"

// split makes an issue of its own of a later post, and opens it.
func (c *Console) split(v *visit) error {
	i, err := c.app.Split(v.Context(), v.by(), v.issueID(), desk.PostID(v.PostFormValue("post")))
	if err != nil {
		return c.outdated(v, err)
	}
	return v.back(i.ID, "split")
}

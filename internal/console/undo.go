package console

// undo takes back a reply that has not gone out yet.
func (c *Console) undo(v *visit) error {
	if _, err := c.app.Undo(v.Context(), v.by(), v.PostFormValue("post")); err != nil {
		return err
	}
	return v.back(v.issueID(), "undo")
}

package console

// undo takes back the newest reply that has not gone out yet.
func (c *Console) undo(v *visit) error {
	if _, err := c.app.Undo(v.Context(), v.by(), string(v.issueID())); err != nil {
		return err
	}
	return v.back(v.issueID(), "undo")
}

package console

import "net/http"

// home leads to those who wait; an admin of a new instance to the first steps.
func (c *Console) home(v *visit) error {
	if first, err := c.beginsWithSetup(v); err != nil {
		return err
	} else if first {
		toSetup(v)
		return nil
	}
	http.Redirect(v.w, v.Request, query{View: viewNew}.List(), http.StatusSeeOther)
	return nil
}

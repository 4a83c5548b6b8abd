package console

import "net/http"

// home leads to those who wait.
func (c *Console) home(v *visit) error {
	http.Redirect(v.w, v.Request, query{View: viewNew}.List(), http.StatusSeeOther)
	return nil
}

package console

import (
	"net/url"
	"path"
	"strings"

	"earshot/internal/desk"
)

// link notes that another issue has to do with this one. It is named by its id,
// or by an address of it.
func (c *Console) link(v *visit) error {
	other := strings.TrimSpace(v.PostFormValue("other"))
	if u, err := url.Parse(other); err == nil && u.Path != "" {
		other = path.Base(u.Path)
	}
	if _, err := c.app.Link(v.Context(), v.by(), v.issueID(), desk.IssueID(other)); err != nil {
		return err
	}
	return v.back(v.issueID(), "link")
}

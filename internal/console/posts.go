package console

import (
	"strings"

	"earshot/internal/desk"
)

// edit changes the words of one of our posts, on all servers that got it.
func (c *Console) edit(v *visit) error {
	p, err := c.app.EditPost(v.Context(), v.by(), desk.PostID(v.PostFormValue("post")), strings.ReplaceAll(v.PostFormValue("text"), "\r\n", "\n"))
	if err != nil {
		return err
	}
	return v.toPost(p, "edit")
}

// retract deletes one of our posts on all servers that got it.
func (c *Console) retract(v *visit) error {
	p, err := c.app.RetractPost(v.Context(), v.by(), desk.PostID(v.PostFormValue("post")))
	if err != nil {
		return err
	}
	return v.toPost(p, "retract")
}

// toPost redirects to where one of our posts is shown.
func (v *visit) toPost(p desk.Post, said string) error {
	if p.Issue != "" {
		return v.back(p.Issue, said)
	}
	return v.done("/broadcasts", said)
}

package console

import (
	"context"
	"io"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/style"
)

// picturePath is where pictures of desks are sent: the only large forms.
const picturePath = "/desks/picture"

// colour is the address of the stylesheet with the provider's colour: as on the public
// pages of all desks, that of the first. A page is shown without it rather than not at all.
func (c *Console) colour(ctx context.Context) string {
	desks, err := c.app.Desks(ctx)
	if err != nil || len(desks) == 0 || desks[0].Colour == "" {
		return ""
	}
	return Root + "/static/" + style.ColourName(desks[0].Colour)
}

// editFace changes the colour and the links of a desk.
func (c *Console) editFace(v *visit) error {
	colour, links := desk.Colour(v.PostFormValue("colour")), []desk.Link{}
	for n, to := range v.PostForm["link_url"] {
		l := desk.Link{URL: to}
		if names := v.PostForm["link_name"]; n < len(names) && to != "" {
			l.Name = names[n]
		}
		links = append(links, l)
	}
	if _, err := c.app.EditDesk(v.Context(), v.by(), desk.Handle(v.PostFormValue("handle")), app.DeskEdit{Colour: &colour, Links: links}); err != nil {
		return err
	}
	return v.toDesk("saved")
}

// setPicture gives a desk an icon or a header.
func (c *Console) setPicture(v *visit) error {
	role, err := desk.ParsePictureRole(v.PostFormValue("role"))
	if err != nil {
		return err
	}
	file, _, err := v.FormFile("picture")
	if err != nil {
		return desk.Invalid("picture_missing", "choose the file with the picture")
	}
	defer file.Close()
	raw, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	if _, err := c.app.SetPicture(v.Context(), v.by(), desk.Handle(v.PostFormValue("handle")), role, raw); err != nil {
		return err
	}
	return v.toDesk("saved")
}

func (c *Console) removePicture(v *visit) error {
	role, err := desk.ParsePictureRole(v.PostFormValue("role"))
	if err != nil {
		return err
	}
	if _, err := c.app.RemovePicture(v.Context(), v.by(), desk.Handle(v.PostFormValue("handle")), role); err != nil {
		return err
	}
	return v.toDesk("removed")
}

// proveLinks asks the pages that a desk links to, once its button is pressed.
func (c *Console) proveLinks(v *visit) error {
	if _, err := c.app.ProveLinks(v.Context(), v.by(), desk.Handle(v.PostFormValue("handle"))); err != nil {
		return err
	}
	return v.toDesk("saved")
}

// linkRows are the rows of a form with links: those that are there, and empty ones.
func linkRows(links []desk.Link) []linkRow {
	out := make([]linkRow, desk.MaxLinks)
	for n := range out {
		if out[n].N = n + 1; n < len(links) {
			out[n].Link = links[n]
		}
	}
	return out
}

// linkRow is one of them, counted from 1.
type linkRow struct {
	desk.Link
	N int
}

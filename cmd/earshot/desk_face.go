package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"earshot/internal/api"
	"earshot/internal/app"
	"earshot/internal/desk"
)

type deskSet struct {
	Handle string   `arg:"" help:"The desk's handle."`
	Icon   *string  `help:"A small square picture: a PNG, JPEG, GIF or WebP; an empty text takes it away." placeholder:"FILE"`
	Header *string  `help:"A wide picture above its page; an empty text takes it away." placeholder:"FILE"`
	Colour *string  `help:"The colour of its pages, as #0b6b66; an empty text: our own." placeholder:"COLOUR"`
	Link   []string `help:"A link on its profile; repeat it for each, at most four." placeholder:"NAME=URL"`
	NoLink bool     `help:"Take all links away."`
}

func (deskSet) Help() string {
	return `Changes only the values that you give. Of a picture only the pixels are kept: no place, no camera, no comment.

Examples:

	earshot desk set help --icon logo.png --header street.jpg
	earshot desk set help --colour "#0b6b66" --link "Web=https://acme.example" --link "Status=https://status.acme.example"
	earshot desk set help --icon ""
`
}

// Validate implements kong's Validatable.
func (d deskSet) Validate() error {
	if d.Icon == nil && d.Header == nil && d.Colour == nil && len(d.Link) == 0 && !d.NoLink {
		return fmt.Errorf("what shall change? There are --icon, --header, --colour, --link and --no-link")
	}
	if len(d.Link) > 0 && d.NoLink {
		return fmt.Errorf("--link and --no-link exclude each other")
	}
	return nil
}

func (d deskSet) Run(c *command) error {
	h, err := handle(d.Handle)
	if err != nil {
		return err
	}
	var edit api.DeskEdit
	if d.Colour != nil {
		edit.Colour = new(desk.Colour(*d.Colour))
	}
	if len(d.Link) > 0 || d.NoLink {
		edit.Links = &[]api.NewDeskLink{}
	}
	for _, l := range d.Link {
		name, to, ok := strings.Cut(l, "=")
		if !ok || strings.Contains(name, "://") {
			return fmt.Errorf("a link is written as NAME=URL, not %q", l)
		}
		*edit.Links = append(*edit.Links, api.NewDeskLink{Name: name, URL: to})
	}
	return c.with(func(s *session) error {
		var out api.Desk
		if edit.Colour != nil || edit.Links != nil {
			if out, err = s.EditDesk(c.ctx, h, edit); err != nil {
				return err
			}
		}
		for n, file := range []*string{d.Icon, d.Header} {
			if file == nil {
				continue
			}
			if out, err = setPicture(c, s, h, desk.PictureRoles()[n], *file); err != nil {
				return err
			}
		}
		s.queued()
		return c.show(out, func(w io.Writer) { c.printDesk(w, out) })
	})
}

func setPicture(c *command, s *session, h desk.Handle, r desk.PictureRole, file string) (api.Desk, error) {
	if file == "" {
		if err := s.RemovePicture(c.ctx, h, r); err != nil {
			return api.Desk{}, err
		}
		return s.Desk(c.ctx, h)
	}
	f, err := os.Open(file)
	if err != nil {
		return api.Desk{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, app.MaxPicture+1))
	if err != nil {
		return api.Desk{}, err
	}
	return s.SetPicture(c.ctx, h, r, api.NewPicture{Data: data})
}

type deskCheckLinks struct {
	Handle string `arg:"" help:"The desk's handle."`
}

func (deskCheckLinks) Help() string {
	return `Reads each page that the desk links to, and notes whether it links back with rel="me" to the desk's page. Put this on your page:

	<a rel="me" href="https://help.acme.example/@help">Help</a>
`
}

func (d deskCheckLinks) Run(c *command) error {
	h, err := handle(d.Handle)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		out, err := s.ProveLinks(c.ctx, h)
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { c.printDesk(w, out) })
	})
}

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
	pictures, err := readPictures(d.Icon, d.Header)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		var out api.Desk
		done := []string{}
		if edit.Colour != nil || edit.Links != nil {
			if out, err = s.EditDesk(c.ctx, h, edit); err != nil {
				return err
			}
			done = append(done, "the colour and the links that you gave")
		}
		for _, p := range pictures {
			if out, err = setPicture(c, s, h, p); err != nil && len(done) > 0 {
				return fmt.Errorf("the %s is not changed: %w (changed: %s)", p.role, err, strings.Join(done, ", "))
			} else if err != nil {
				return err
			}
			done = append(done, "the "+string(p.role))
		}
		s.queued()
		return c.show(out, func(w io.Writer) { c.printDesk(w, out) })
	})
}

// newPicture is one that a desk is to have; without data it is to have none.
type newPicture struct {
	role desk.PictureRole
	data []byte
}

// readPictures reads the files before anything changes.
func readPictures(files ...*string) (out []newPicture, err error) {
	for n, file := range files {
		if file == nil {
			continue
		}
		p := newPicture{role: desk.PictureRoles()[n]}
		if *file != "" {
			if p.data, err = readPicture(*file); err != nil {
				return nil, err
			}
		}
		out = append(out, p)
	}
	return out, nil
}

func readPicture(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, max(app.MaxPicture, app.MaxUpload)+1))
	if err == nil && len(data) == 0 {
		err = fmt.Errorf("%s is empty", file)
	}
	return data, err
}

func setPicture(c *command, s *session, h desk.Handle, p newPicture) (api.Desk, error) {
	if p.data == nil {
		if err := s.RemovePicture(c.ctx, h, p.role); err != nil {
			return api.Desk{}, err
		}
		return s.Desk(c.ctx, h)
	}
	return s.SetPicture(c.ctx, h, p.role, api.NewPicture{Data: p.data})
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

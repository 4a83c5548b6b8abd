package main

import (
	"fmt"
	"io"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type postCmd struct {
	Edit    postEdit    `cmd:"" help:"Change the text of a reply or broadcast on every server that has it."`
	Retract postRetract `cmd:"" help:"Delete a reply or broadcast on every server that has it."`
}

type postEdit struct {
	ID   string `arg:"" help:"The post's id; issue show and broadcast list show it."`
	Text string `arg:"" help:"The new text; - reads standard input."`
	decided
	meant
}

func (p postEdit) Run(c *command) error {
	text, err := c.text(p.Text)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		out, err := s.Seeing(desk.EventID(p.Seen)).EditPost(c.ctx, desk.PostID(p.ID), api.NewEdit{Text: text, Meant: p.Meant})
		if err != nil {
			return err
		}
		if out.State == desk.PostPublished {
			s.queued()
		}
		return c.show(out, func(w io.Writer) { fmt.Fprintln(w, "Changed. Servers that have the old text get an update.") })
	})
}

type postRetract struct {
	ID string `arg:"" help:"The post's id; issue show and broadcast list show it."`
}

func (p postRetract) Run(c *command) error {
	return c.with(func(s *session) error {
		out, err := s.RetractPost(c.ctx, desk.PostID(p.ID))
		if err != nil {
			return err
		}
		if out.State == desk.PostPublished {
			s.queued()
		}
		return c.show(out, func(w io.Writer) { fmt.Fprintln(w, "Deleted here. Servers that have it are asked to delete it too.") })
	})
}

package main

import (
	"fmt"
	"io"

	"earshot/internal/desk"
)

type postCmd struct {
	Edit    postEdit    `cmd:"" help:"Change the words of a reply or broadcast, wherever it was sent."`
	Retract postRetract `cmd:"" help:"Delete a reply or broadcast, wherever it was sent."`
}

type postEdit struct {
	ID   string `arg:"" help:"Which post: issue show and broadcast list name it."`
	Text string `arg:"" help:"The new words; - reads standard input."`
}

func (p postEdit) Run(c *command) error {
	text, err := c.text(p.Text)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		out, err := s.EditPost(c.ctx, desk.PostID(p.ID), text)
		if err != nil {
			return err
		}
		if out.State == desk.PostPublished {
			s.queued()
		}
		return c.show(out, func(w io.Writer) { fmt.Fprintln(w, "Changed; what has gone out is followed by an update.") })
	})
}

type postRetract struct {
	ID string `arg:"" help:"Which post: issue show and broadcast list name it."`
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
		return c.show(out, func(w io.Writer) { fmt.Fprintln(w, "Deleted here; wherever it went is asked to delete it too.") })
	})
}

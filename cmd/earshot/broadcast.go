package main

import (
	"fmt"
	"io"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type broadcastCmd struct {
	Send broadcastSend `cmd:"" default:"withargs" help:"Write to a desk's followers; the word send can be left out."`
	List broadcastList `cmd:"" help:"List a desk's broadcasts, newest first."`
}

type broadcastSend struct {
	Desk     string `arg:"" help:"The desk's handle."`
	Text     string `arg:"" help:"The text; - reads standard input."`
	Language string `help:"The text's language." placeholder:"TAG"`
	Warning  string `help:"What stands before the words, which readers open behind it." placeholder:"TEXT"`
	At       string `help:"When it goes out: a time, or how long from now, at most a year." placeholder:"TIME"`
	Now      bool   `help:"Send it now, without the take-back time."`
	Preview  bool   `help:"Show what the followers would get, but for the pictures; send nothing."`
	meant
	pictured
}

func (broadcastSend) Help() string {
	return `The broadcast goes out after ten seconds, or at the time that you give. Until then "earshot issue undo" stops it.

Examples:

	earshot broadcast help "We are looking into slow lines in the north." --language en
	earshot broadcast help - < news.txt
	earshot broadcast help "Tonight from two to three the lines are off." --at 2026-03-02T18:00
`
}

func (b broadcastSend) Run(c *command) error {
	h, err := handle(b.Desk)
	if err != nil {
		return err
	}
	text, err := c.text(b.Text)
	if err != nil {
		return err
	}
	at, err := typedTime(b.At)
	if err != nil {
		return err
	}
	in := api.NewBroadcast{Desk: h, Text: text, Language: b.Language, Warning: b.Warning, At: at, Now: b.Now, Meant: b.Meant}
	return c.with(func(s *session) error {
		if b.Preview {
			p, err := s.PreviewBroadcast(c.ctx, in)
			if err != nil {
				return err
			}
			return c.show(p, func(w io.Writer) {
				if p.Warning != "" {
					fmt.Fprintf(w, "Warning: %s\n", p.Warning)
				}
				fmt.Fprintf(w, "%s\n\nNothing is sent.\n", p.Text)
			})
		}
		var out api.Post
		err := b.sent(c, s, func(files []api.NewFile) (err error) {
			in.Files = files
			out, err = s.Broadcast(c.ctx, in)
			return err
		})
		if err != nil {
			return err
		}
		return s.showOutgoing("Broadcast", out, b.Now)
	})
}

type broadcastList struct {
	Desk  string `arg:"" help:"The desk's handle."`
	Limit int    `help:"At most this many." default:"20" placeholder:"N"`
}

// Validate implements kong's Validatable.
func (b broadcastList) Validate() error {
	if b.Limit < 1 {
		return usage("--limit is at least 1")
	}
	return nil
}

func (b broadcastList) Run(c *command) error {
	h, err := handle(b.Desk)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		posts, err := s.Broadcasts(c.ctx, h, b.Limit)
		if err != nil {
			return err
		}
		return c.show(posts, func(w io.Writer) {
			rows := make([][]string, len(posts))
			for n, p := range posts {
				state := string(p.State)
				if p.Deleted && state == "published" {
					state = "retracted"
				} else if state == "published" {
					state = tally(p.Delivery)
				} else if p.State == desk.PostPending {
					state = "goes out " + when(p.DueAt)
				}
				rows[n] = []string{string(p.ID), when(p.WrittenAt), state, p.Seen, p.Text}
			}
			c.table(w, "This desk has no broadcasts yet.", []string{"ID", "WRITTEN", "STATE", "SEEN", "TEXT"}, rows)
			c.more(len(posts), b.Limit)
		})
	})
}

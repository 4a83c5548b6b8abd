package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"earshot/internal/api"
	"earshot/internal/app"
	"earshot/internal/desk"
)

type sourceCmd struct {
	Add    sourceAdd    `cmd:"" help:"Add a source."`
	List   sourceList   `cmd:"" help:"List the sources, with their state and counts."`
	Show   sourceShow   `cmd:"" help:"Show a source."`
	Check  sourceCheck  `cmd:"" help:"Check the remote actor, and send the Follow again if it has not answered."`
	Remove sourceRemove `cmd:"" help:"Remove a source."`
}

type sourceAdd struct {
	Kind     string `arg:"" enum:"tag-actor" help:"tag-actor: an account that boosts every post with one hashtag."`
	Provider string `help:"A provider of tag actors: fedibuzz or tagspub." placeholder:"NAME"`
	Tag      string `help:"The hashtag to hear." placeholder:"TAG"`
	Actor    string `help:"The address of the account, instead of --provider and --tag." placeholder:"URL"`
}

func (sourceAdd) Help() string {
	return `Mentions arrive without a source. Posts that only carry tags need a source that forwards them. Earshot fetches each forwarded post from its own server, and keeps it only if it is for a desk.

Examples:

	earshot source add tag-actor --provider fedibuzz --tag acme
	earshot source add tag-actor --actor https://tags.example/users/acme
`
}

// Validate implements kong's Validatable.
func (s sourceAdd) Validate() error {
	switch {
	case s.Actor != "" && s.Provider != "":
		return errors.New("name a --provider or an --actor, not both")
	case s.Actor == "" && (s.Provider == "" || s.Tag == ""):
		return errors.New("name a --provider and a --tag, or an --actor")
	}
	return nil
}

func (s sourceAdd) Run(c *command) error {
	return c.with(func(session *session) error {
		out, err := session.AddSource(c.ctx, app.SourceSpec{Kind: s.Kind, Provider: s.Provider, Tag: s.Tag, Actor: s.Actor})
		if err != nil {
			return err
		}
		session.queued()
		return c.show(out, func(w io.Writer) {
			fmt.Fprintf(w, "A Follow was sent to %s. `earshot source show %s` shows whether it is accepted.\n", cell(out.Name), out.ID)
		})
	})
}

type sourceList struct{}

func (sourceList) Run(c *command) error {
	return c.with(func(s *session) error {
		sources, err := s.Sources(c.ctx)
		if err != nil {
			return err
		}
		return c.show(sources, func(w io.Writer) {
			rows := make([][]string, len(sources))
			for n, v := range sources {
				rows[n] = []string{string(v.ID), v.Name, string(v.State), strconv.Itoa(v.Heard), strconv.Itoa(v.Matched), when(v.HeardAt), v.Error}
			}
			c.table(w, "No sources yet: only mentions are heard. `earshot source add` adds one.",
				[]string{"ID", "NAME", "STATE", "HEARD", "MATCHED", "LAST", "TROUBLE"}, rows)
		})
	})
}

type sourceShow struct {
	ID string `arg:"" help:"The source's id."`
}

func (s sourceShow) Run(c *command) error {
	return c.with(func(session *session) error {
		out, err := session.Source(c.ctx, desk.SourceID(s.ID))
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { c.printSource(w, out) })
	})
}

func (c *command) printSource(w io.Writer, s api.Source) {
	fmt.Fprintf(w, "%s  %s\n\n", c.paint(bold, cell(s.Name)), s.State)
	fmt.Fprintf(w, "  actor     %s\n  added     %s\n  asked     %d×\n  accepted  %s\n", cell(string(s.Actor)), when(s.CreatedAt), s.Follows, when(s.AcceptedAt))
	fmt.Fprintf(w, "  heard     %d posts, %d of them for us; the last %s\n", s.Heard, s.Matched, when(s.HeardAt))
	if s.Error != "" {
		fmt.Fprintf(w, "  %s   %s\n", c.paint(red, "trouble"), cell(s.Error))
	}
}

type sourceCheck struct {
	ID string `arg:"" help:"The source's id."`
}

func (s sourceCheck) Run(c *command) error {
	return c.with(func(session *session) error {
		out, err := session.CheckSource(c.ctx, desk.SourceID(s.ID))
		if err != nil {
			return err
		}
		if out.State != "active" && out.Error == "" {
			session.queued()
		}
		return c.show(out, func(w io.Writer) { c.printSource(w, out) })
	})
}

type sourceRemove struct {
	ID string `arg:"" help:"The source's id."`
}

func (s sourceRemove) Run(c *command) error {
	return c.with(func(session *session) error {
		if err := session.RemoveSource(c.ctx, desk.SourceID(s.ID)); err != nil {
			return err
		}
		session.queued()
		return c.done("The source was removed. The remote actor is told.")
	})
}

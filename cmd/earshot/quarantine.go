package main

import (
	"context"
	"fmt"
	"io"

	"earshot/internal/app"
	"earshot/internal/desk"
)

type quarantineCmd struct {
	List    quarantineList    `cmd:"" help:"List reports that are held back, the oldest first."`
	Release quarantineRelease `cmd:"" help:"Release reports: they open issues as usual."`
	Drop    quarantineDrop    `cmd:"" help:"Drop reports for good. Three drops hold a server back that nobody here has answered."`
}

func (quarantineCmd) Help() string {
	return `Earshot holds likely spam back: a report that mentions strangers, one that says nothing but a link, a text that many accounts send, one from a server whose reports were dropped before; and more than a few from one person. They are not lost: they wait for 30 days, in a pile for each reason (pile list). An outage that hundreds of people tell is not held back.

Examples:

	earshot quarantine list
	earshot quarantine release --host mastodon.social
	earshot quarantine drop --host spam.example
	earshot pile spam held-strangers
	earshot block add spam.example
`
}

type quarantineList struct {
	Host  string `help:"Only reports from this server." placeholder:"HOST"`
	Actor string `help:"Only reports from this account (https://…)." placeholder:"ID"`
	Pile  string `help:"Only reports of this pile, as pile list shows it." placeholder:"ID"`
	Limit int    `help:"At most this many." default:"50" placeholder:"N"`
}

// Validate implements kong's Validatable.
func (q quarantineList) Validate() error {
	if q.Limit < 1 {
		return usage("--limit is at least 1")
	}
	return nil
}

func (q quarantineList) Run(c *command) error {
	return c.with(func(s *session) error {
		posts, err := s.Quarantine(c.ctx, desk.Host(q.Host), desk.ActorID(q.Actor), desk.PileID(q.Pile), q.Limit)
		if err != nil {
			return err
		}
		return c.show(posts, func(w io.Writer) {
			rows := make([][]string, len(posts))
			for n, p := range posts {
				who := p.Author.Acct
				if who == "" {
					who = string(p.Author.ID)
				}
				rows[n] = []string{when(p.Since), who, desk.Said(p.Excerpt), string(p.Object)}
			}
			c.table(w, "No report is held back.", []string{"SINCE", "AUTHOR", "POST", "ID"}, rows)
			c.more(len(posts), q.Limit)
		})
	})
}

// chosen returns the chosen posts of the quarantine.
type chosen struct {
	Post  string `arg:"" optional:"" help:"One report: its id, as quarantine list shows it."`
	Host  string `help:"All reports from this server." placeholder:"HOST"`
	Actor string `help:"All reports from this account (https://…)." placeholder:"ID"`
	All   bool   `help:"All reports."`
}

func (c chosen) choice() app.Choice {
	return app.Choice{Object: desk.ObjectID(c.Post), Host: desk.Host(c.Host), Actor: desk.ActorID(c.Actor), All: c.All}
}

// Validate implements kong's Validatable.
func (c chosen) Validate() error {
	n := 0
	for _, given := range []bool{c.Post != "", c.Host != "", c.Actor != "", c.All} {
		if given {
			n++
		}
	}
	if n != 1 {
		return usage("name one of: a post's id, --host, --actor, --all")
	}
	return nil
}

type quarantineRelease struct {
	chosen `embed:""`
}

func (quarantineRelease) Help() string {
	return `Released posts are heard as if they came now, without limits: one by itself stands in the list, many stand in piles like others that come at once. --host also makes the server trusted: earlier drops do not count any more, and it has room of its own for open issues.

Examples:

	earshot quarantine release https://m.example/users/ana/statuses/1
	earshot quarantine release --host mastodon.social
`
}

func (q quarantineRelease) Run(c *command) error {
	return c.with(func(s *session) error {
		done, err := c.portions(q.choice(), s.ReleaseQuarantine)
		if err != nil {
			return err
		}
		return c.show(done, func(w io.Writer) {
			fmt.Fprintf(w, "%d new issues, %d more posts in issues, %d no longer for us.\n", len(done.Opened), done.Joined, done.Dropped)
		})
	})
}

type quarantineDrop struct {
	chosen `embed:""`
}

func (q quarantineDrop) Run(c *command) error {
	return c.with(func(s *session) error {
		done, err := c.portions(q.choice(), s.DropQuarantine)
		if err != nil {
			return err
		}
		return c.show(done, func(w io.Writer) { fmt.Fprintf(w, "%d posts were dropped.\n", done.Dropped) })
	})
}

// portions carries out the choice, portion by portion, to its end.
func (c *command) portions(what app.Choice, do func(context.Context, app.Choice) (app.Chosen, error)) (all app.Chosen, err error) {
	all.Opened = []desk.IssueID{}
	for {
		some, err := do(c.ctx, what)
		if err != nil {
			return all, err
		}
		all.Opened = append(all.Opened, some.Opened...)
		all.Joined += some.Joined
		all.Dropped += some.Dropped
		if !some.More {
			return all, nil
		}
	}
}

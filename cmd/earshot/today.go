package main

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type todayCmd struct {
	Date  string `arg:"" optional:"" help:"Another day, like 2026-03-01."`
	Desk  string `help:"Only this desk." placeholder:"DESK"`
	Limit int    `help:"At most this many of the lines about what was said and changed." default:"50" placeholder:"N"`
}

func (todayCmd) Help() string {
	return `What was heard, said and changed on a day, newest first. --as names the agent of whose time zone the day is; without --as it is that of UTC.
Nobody who works here is named: for that there is the audit log.

Examples:

	earshot today
	earshot --as bo@acme.example today 2026-03-01 --desk help
	earshot today --limit 500
`
}

func (t todayCmd) Run(c *command) error {
	var h desk.Handle
	if t.Desk != "" {
		var err error
		if h, err = handle(t.Desk); err != nil {
			return err
		}
	}
	if t.Limit < 1 {
		return usage("--limit is at least 1")
	}
	return c.with(func(s *session) error {
		d, more, err := s.Today(c.ctx, t.Date, h, t.Limit)
		if err != nil {
			return err
		}
		if more {
			c.more(len(d.Acts), len(d.Acts))
		}
		return c.show(d, func(w io.Writer) { c.printDay(w, d) })
	})
}

func (c *command) printDay(w io.Writer, d api.Today) {
	fmt.Fprintf(w, "%s\n\nHeard\n", d.Date)
	var rows [][]string
	for _, i := range d.Heard {
		rows = append(rows, []string{when(i.OpenedAt), "@" + string(i.Desk), string(i.ID), cut(desk.Said(i.Excerpt), 60)})
	}
	c.table(w, "Nothing.", []string{"WHEN", "DESK", "ISSUE", ""}, rows)
	if d.MoreHeard {
		if day, err := time.Parse(time.DateOnly, d.Date); err == nil {
			fmt.Fprintf(w, "These are not all: earshot issue list --search \"after:%s before:%s\"\n", d.Date, day.AddDate(0, 0, 1).Format(time.DateOnly))
		}
	}
	for _, part := range []struct {
		title string
		said  bool
	}{{"Said", true}, {"Changed", false}} {
		rows = nil
		for _, a := range d.Acts {
			if a.Said == part.said {
				rows = append(rows, []string{when(a.At), "@" + string(a.Desk), cmp.Or(string(a.Issue), string(a.Incident), string(a.Pile)), a.What, string(a.Status), cut(a.Words, 40)})
			}
		}
		fmt.Fprintf(w, "\n%s\n", part.title)
		c.table(w, "Nothing.", []string{"WHEN", "DESK", "ON", "WHAT", "STATUS", ""}, rows)
	}
}

package main

import (
	"io"

	"earshot/internal/desk"
)

type auditCmd struct {
	List auditList `cmd:"" help:"List the entries, newest first."`
}

type auditList struct {
	By    string `help:"Only the actions of this agent." placeholder:"EMAIL"`
	On    string `help:"Only the actions on this, as the list shows it: issues/ID, desks/HANDLE, agents/EMAIL, …" placeholder:"THING"`
	Limit int    `help:"At most this many." default:"50"`
}

func (a auditList) Run(c *command) error {
	var e desk.Email
	if a.By != "" {
		var err error
		if e, err = email(a.By); err != nil {
			return err
		}
	}
	if a.Limit < 1 {
		return usage("--limit is 1 or more")
	}
	return c.with(func(s *session) error {
		acts, err := s.Acts(c.ctx, e, a.On, a.Limit)
		if err != nil {
			return err
		}
		c.more(len(acts), a.Limit)
		return c.show(acts, func(w io.Writer) {
			rows := make([][]string, len(acts))
			for n, x := range acts {
				by := string(x.Agent)
				if by == "" {
					by = "–"
				}
				door := string(x.Via)
				if x.Token != "" {
					door += " " + x.Token
				}
				rows[n] = []string{when(x.At), by, door, x.What, x.On, x.Note}
			}
			c.table(w, "No entries yet.", []string{"WHEN", "BY", "THROUGH", "WHAT", "ON", ""}, rows)
		})
	})
}

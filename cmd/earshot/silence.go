package main

import (
	"fmt"
	"io"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type blockCmd struct {
	Add    blockAdd    `cmd:"" help:"Block an account or a server, in both directions."`
	Remove blockRemove `cmd:"" help:"Remove a block."`
	List   blockList   `cmd:"" help:"List blocked accounts and servers."`
	Import blockImport `cmd:"" help:"Block the domains of a list in Mastodon's format."`
	Export blockExport `cmd:"" help:"Write the blocked domains as a list in Mastodon's format."`
}

type blockAdd struct {
	Target string `arg:"" help:"A server's host name (with its subdomains), or an account's id (https://…)."`
	Reason string `help:"The reason; for the other agents." placeholder:"TEXT"`
}

func (blockAdd) Help() string {
	return `Examples:

	earshot block add spam.example --reason "sends nothing else"
	earshot block add https://m.example/users/troll
`
}

func (b blockAdd) Run(c *command) error {
	return c.with(func(s *session) error {
		out, err := s.AddBlock(c.ctx, api.NewBlock{Target: b.Target, Reason: b.Reason})
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { fmt.Fprintf(w, "%s is blocked.\n", cell(out.Target)) })
	})
}

type blockRemove struct {
	Target string `arg:"" help:"The target, as block list shows it."`
}

func (b blockRemove) Run(c *command) error {
	return c.with(func(s *session) error {
		if err := s.RemoveBlock(c.ctx, b.Target); err != nil {
			return err
		}
		return c.done("%s is not blocked any more.", cell(b.Target))
	})
}

type blockList struct{}

func (blockList) Run(c *command) error {
	return c.with(func(s *session) error {
		blocks, err := s.Blocks(c.ctx)
		if err != nil {
			return err
		}
		return c.show(blocks, func(w io.Writer) {
			rows := make([][]string, len(blocks))
			for n, b := range blocks {
				rows[n] = []string{b.Target, when(b.Since), string(b.Agent), b.Reason}
			}
			c.table(w, "No account or server is blocked.", []string{"TARGET", "SINCE", "BY", "REASON"}, rows)
		})
	})
}

type optoutCmd struct {
	List   optoutList   `cmd:"" help:"List accounts that opted out, and why."`
	Add    optoutAdd    `cmd:"" help:"Add an opt-out for an account that asked for it elsewhere, or for a server."`
	Remove optoutRemove `cmd:"" help:"Remove an opt-out."`
}

type optoutList struct{}

func (optoutList) Run(c *command) error {
	return c.with(func(s *session) error {
		outs, err := s.OptOuts(c.ctx)
		if err != nil {
			return err
		}
		return c.show(outs, func(w io.Writer) {
			rows := make([][]string, len(outs))
			for n, o := range outs {
				until := "for good"
				if !o.Until.IsZero() {
					until = when(o.Until)
				}
				rows[n] = []string{string(o.Actor), string(o.Cause), when(o.Since), until, o.Remark}
			}
			c.table(w, "No account has opted out.", []string{"ACTOR", "CAUSE", "SINCE", "UNTIL", "REMARK"}, rows)
		})
	})
}

type optoutAdd struct {
	Actor  string `arg:"" help:"The account's id (https://…; issue show --json names the reporter's), or the name of a server: no first words there."`
	Remark string `help:"How the account asked; for the other agents." placeholder:"TEXT"`
}

func (o optoutAdd) Run(c *command) error {
	return c.with(func(s *session) error {
		out, err := s.AddOptOut(c.ctx, api.NewOptOut{Actor: desk.ActorID(o.Actor), Remark: o.Remark})
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { fmt.Fprintf(w, "%s is left alone from now on.\n", cell(string(out.Actor))) })
	})
}

type optoutRemove struct {
	Actor string `arg:"" help:"The account's id, as optout list shows it."`
}

func (o optoutRemove) Run(c *command) error {
	return c.with(func(s *session) error {
		if err := s.RemoveOptOut(c.ctx, desk.ActorID(o.Actor)); err != nil {
			return err
		}
		return c.done("%s may be written to again.", cell(o.Actor))
	})
}

package main

import (
	"fmt"
	"io"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type blockCmd struct {
	Add    blockAdd    `cmd:"" help:"Neither hear nor talk to an account or a server any more."`
	Remove blockRemove `cmd:"" help:"Lift a block."`
	List   blockList   `cmd:"" help:"List who is blocked."`
	Import blockImport `cmd:"" help:"Block the domains of a list, as Mastodon exports it."`
	Export blockExport `cmd:"" help:"Write the blocked domains as such a list."`
}

type blockAdd struct {
	Target string `arg:"" help:"A server's host name (and all below it), or an account's id (https://…)."`
	Reason string `help:"Why; for the other agents." placeholder:"TEXT"`
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
	Target string `arg:"" help:"As block list shows it."`
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
				rows[n] = []string{b.Target, when(b.Since), b.Agent, b.Reason}
			}
			c.table(w, "Nobody is blocked.", []string{"TARGET", "SINCE", "BY", "REASON"}, rows)
		})
	})
}

type optoutCmd struct {
	List   optoutList   `cmd:"" help:"List who is left alone, and why."`
	Add    optoutAdd    `cmd:"" help:"Leave somebody alone who asked for it elsewhere."`
	Remove optoutRemove `cmd:"" help:"Lift an opt-out by hand."`
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
			c.table(w, "Nobody has opted out.", []string{"ACTOR", "CAUSE", "SINCE", "UNTIL", "REMARK"}, rows)
		})
	})
}

type optoutAdd struct {
	Actor  string `arg:"" help:"The account's id (https://…): issue show --json names the reporter's."`
	Remark string `help:"How we know; for the other agents." placeholder:"TEXT"`
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
	Actor string `arg:"" help:"As optout list shows it."`
}

func (o optoutRemove) Run(c *command) error {
	return c.with(func(s *session) error {
		if err := s.RemoveOptOut(c.ctx, desk.ActorID(o.Actor)); err != nil {
			return err
		}
		return c.done("%s may be written to again.", cell(o.Actor))
	})
}

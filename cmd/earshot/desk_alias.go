package main

import (
	"io"

	"earshot/internal/api"
)

type deskAlias struct {
	Add    deskAliasAdd    `cmd:"" help:"Give a desk a former address."`
	Remove deskAliasRemove `cmd:"" help:"Take a former address away from a desk."`
}

type deskAliasAdd struct {
	Handle  string `arg:"" help:"The desk's handle."`
	Address string `arg:"" help:"The former address: a URL or a handle on this instance's domain."`
}

func (deskAliasAdd) Help() string {
	return `For a domain on which other software ran before: other servers go on using the addresses that they know. A follow, block, mention, direct message or WebFinger request for an alias is for the desk, and its page leads to the desk's. "earshot desk show" lists a desk's aliases. A desk has at most 20.

The address must be on the domain of the handles or on the server, and must have no other meaning here. The paths of the former software must reach this server.

Examples:

	earshot desk alias add help https://acme.example/users/help
	earshot desk alias add help @support@acme.example
`
}

func (d deskAliasAdd) Run(c *command) error {
	h, err := handle(d.Handle)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		out, err := s.AddAlias(c.ctx, h, api.NewAlias{Address: d.Address})
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { c.printDesk(w, out) })
	})
}

type deskAliasRemove struct {
	Handle  string `arg:"" help:"The desk's handle."`
	Address string `arg:"" help:"The alias."`
}

func (deskAliasRemove) Help() string {
	return `Posts and follows for the address are then no longer for the desk.

Example:

	earshot desk alias remove help @support@acme.example
`
}

func (d deskAliasRemove) Run(c *command) error {
	h, err := handle(d.Handle)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		if err := s.RemoveAlias(c.ctx, h, d.Address); err != nil {
			return err
		}
		return c.done("%s is no alias any more.", cell(d.Address))
	})
}

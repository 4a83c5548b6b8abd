package main

import (
	"fmt"
	"io"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type personCmd struct {
	Show     personShow     `cmd:"" help:"Show a person: their issues, remarks, an opt-out or a block in force."`
	Remark   personRemark   `cmd:"" help:"Note something about a person, for the other agents."`
	Unremark personUnremark `cmd:"" help:"Remove a remark."`
}

type personShow struct {
	Actor string `arg:"" help:"The account's id (https://…; issue show --json names the reporter's)."`
}

func (p personShow) Run(c *command) error {
	return c.with(func(s *session) error {
		out, err := s.Person(c.ctx, desk.ActorID(p.Actor))
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { c.printPerson(w, out) })
	})
}

func (c *command) printPerson(w io.Writer, p api.FullPerson) {
	fmt.Fprintf(w, "%s (@%s)\n", cell(p.Name), cell(p.Acct))
	if p.Bio != "" {
		fmt.Fprintf(w, "%s\n", cell(p.Bio))
	}
	if p.OptOut != nil {
		fmt.Fprintf(w, "Opted out since %s (%s).\n", when(p.OptOut.Since), p.OptOut.Cause)
	}
	if p.Block != nil {
		fmt.Fprintf(w, "Blocked since %s (%s).\n", when(p.Block.Since), cell(p.Block.Target))
	}
	issues := make([][]string, len(p.Issues))
	for n, i := range p.Issues {
		issues[n] = []string{string(i.ID), string(i.Status), when(i.OpenedAt), desk.Said(i.Excerpt)}
	}
	c.table(w, "No issues.", []string{"ISSUE", "STATUS", "OPENED", "WORDS"}, issues)
	remarks := make([][]string, len(p.Remarks))
	for n, r := range p.Remarks {
		remarks[n] = []string{string(r.ID), when(r.At), string(r.Agent), r.Text}
	}
	c.table(w, "No remarks.", []string{"REMARK", "SINCE", "BY", "TEXT"}, remarks)
}

type personRemark struct {
	Actor string `arg:"" help:"The account's id (https://…)."`
	Text  string `arg:"" help:"The remark, of at most 500 characters."`
}

func (personRemark) Help() string {
	return `A remark never leaves the instance. It is deleted with the person's words: when they expire, and when the person deletes their account, opts out or blocks the desk.

Example:

	earshot --as bo@acme.example person remark https://m.example/users/ana "Has a second line in the shop."
`
}

func (p personRemark) Run(c *command) error {
	return c.with(func(s *session) error {
		out, err := s.AddRemark(c.ctx, api.NewRemark{Actor: desk.ActorID(p.Actor), Text: p.Text})
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { fmt.Fprintf(w, "Noted as %s.\n", cell(string(out.ID))) })
	})
}

type personUnremark struct {
	Actor string `arg:"" help:"The account's id (https://…)."`
	ID    string `arg:"" help:"The remark's id, as person show prints it."`
}

func (p personUnremark) Run(c *command) error {
	return c.with(func(s *session) error {
		if err := s.RemoveRemark(c.ctx, desk.ActorID(p.Actor), desk.RemarkID(p.ID)); err != nil {
			return err
		}
		return c.done("The remark is removed.")
	})
}

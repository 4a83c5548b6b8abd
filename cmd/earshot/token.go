package main

import (
	"fmt"
	"io"
	"strings"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type tokenCmd struct {
	Add    tokenAdd    `cmd:"" help:"Add a token, and print it."`
	List   tokenList   `cmd:"" help:"List the tokens."`
	Revoke tokenRevoke `cmd:"" help:"Revoke a token."`
}

type tokenAdd struct {
	Email  string `arg:"" help:"The agent in whose name the program acts. The token can never do more than the agent."`
	Name   string `required:"" help:"The token's name: its purpose." placeholder:"NAME"`
	Scopes string `help:"Its scopes, separated by commas: read, alerts, reply, publish, admin." default:"read" placeholder:"SCOPES"`
	Days   int    `help:"Days until it expires; 0: never." default:"365" placeholder:"N"`
}

func (tokenAdd) Help() string {
	return `The token is printed once and not kept. Programs send it as "Authorization: Bearer TOKEN".

Examples:

	earshot token add bo@acme.example --name "status board"
	earshot token add bo@acme.example --name pager --scopes read,reply --days 90
	earshot token add bo@acme.example --name alertmanager --scopes alerts --days 0
`
}

func (t tokenAdd) Run(c *command) error {
	e, err := email(t.Email)
	if err != nil {
		return err
	}
	in := api.NewToken{Agent: e, Name: t.Name, Days: t.Days}
	for _, s := range tags(t.Scopes) {
		in.Scopes = append(in.Scopes, desk.Scope(s))
	}
	return c.with(func(s *session) error {
		out, err := s.AddToken(c.ctx, in)
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) {
			fmt.Fprintf(w, "The token %q. It is not shown again. Keep it secret: it may %s as %s:\n  %s\n", cell(out.Name), scopes(out.Scopes), out.Agent, out.Secret)
		})
	})
}

func scopes(of []desk.Scope) string {
	var out []string
	for _, s := range of {
		out = append(out, string(s))
	}
	return strings.Join(out, ", ")
}

type tokenList struct {
	Email string `arg:"" optional:"" help:"The agent's e-mail address; without it, the tokens of all agents."`
}

func (t tokenList) Run(c *command) error {
	var e desk.Email
	if t.Email != "" {
		var err error
		if e, err = email(t.Email); err != nil {
			return err
		}
	}
	return c.with(func(s *session) error {
		tokens, err := s.Tokens(c.ctx, e)
		if err != nil {
			return err
		}
		return c.show(tokens, func(w io.Writer) {
			rows := make([][]string, len(tokens))
			for n, x := range tokens {
				until := "never"
				if !x.ExpiresAt.IsZero() {
					until = when(x.ExpiresAt)
				}
				rows[n] = []string{x.ID, string(x.Agent), x.Name, scopes(x.Scopes), when(x.UsedAt), until}
			}
			c.table(w, "No tokens.", []string{"ID", "AGENT", "NAME", "MAY", "USED", "EXPIRES"}, rows)
		})
	})
}

type tokenRevoke struct {
	ID string `arg:"" name:"id" help:"The token's id, as token list shows it."`
}

func (t tokenRevoke) Run(c *command) error {
	return c.with(func(s *session) error {
		if err := s.EndToken(c.ctx, t.ID); err != nil {
			return err
		}
		return c.done("The token was revoked.")
	})
}

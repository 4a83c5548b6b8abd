package main

import (
	"earshot/internal/api"
	"earshot/internal/desk"
)

type issueRest struct {
	ID string `arg:"" help:"The issue's id, or the end of it."`
}

func (issueRest) Help() string {
	return `Of a long report by a stranger only the beginning is stored until an agent opens it in the console. This has the rest fetched from its server; issue show shows it then.

Example:

	earshot issue rest 4f2a91c0
`
}

func (i issueRest) Run(c *command) error {
	return onIssue(c, i.ID, func(s *session, id desk.IssueID) (api.FullIssue, error) {
		defer s.queued()
		return s.Rest(c.ctx, id)
	}, c.printThread)
}

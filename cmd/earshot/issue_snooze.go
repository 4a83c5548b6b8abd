package main

import (
	"fmt"
	"io"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type issueSnooze struct {
	ID    string `arg:"" help:"The issue's id, or the end of it."`
	Until string `help:"Until when: a time, or how long from now, at most 90 days. Without it, until the reporter speaks." placeholder:"TIME"`
	decided
}

func (issueSnooze) Help() string {
	return `The issue is off the lists of those to work on, but for issue list --snoozed. It comes back at the time, or when its
reporter speaks, whichever comes first; issue wake brings it back at once.

Examples:

	earshot issue snooze 0192… --until 4h
	earshot issue snooze 0192… --until 2026-03-02T09:00
	earshot issue snooze 0192…
`
}

func (i issueSnooze) Run(c *command) error {
	until, err := typedTime(i.Until)
	if err != nil {
		return err
	}
	return onIssue(c, i.ID, func(s *session, id desk.IssueID) (api.Issue, error) {
		return s.Seeing(desk.EventID(i.Seen)).Snooze(c.ctx, id, until)
	}, printSnooze)
}

func printSnooze(w io.Writer, i api.Issue) {
	switch {
	case !i.Snoozed:
		fmt.Fprintln(w, "The issue is back in the lists.")
	case i.SnoozedUntil.IsZero():
		fmt.Fprintln(w, "The issue is snoozed. It comes back when its reporter speaks.")
	default:
		fmt.Fprintf(w, "The issue is snoozed. It comes back %s.\n", when(i.SnoozedUntil))
	}
}

type issueWake struct {
	ID string `arg:"" help:"The issue's id, or the end of it."`
	decided
}

func (i issueWake) Run(c *command) error {
	return onIssue(c, i.ID, func(s *session, id desk.IssueID) (api.Issue, error) {
		return s.Seeing(desk.EventID(i.Seen)).Wake(c.ctx, id)
	}, printSnooze)
}

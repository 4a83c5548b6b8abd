package main

import (
	"fmt"
	"io"
	"time"

	"earshot/internal/api"
	"earshot/internal/clock"
	"earshot/internal/desk"
)

type issueBulk struct {
	IDs       []string `arg:"" name:"id" help:"The issues' ids, or the ends of them."`
	Status    string   `help:"The status that they get." enum:",acknowledged,in_progress,waiting,handed_off,fixed,closed" default:"" placeholder:"STATUS"`
	Reason    string   `help:"Why they are closed: not_ours, cannot, will_not, duplicate, no_answer, withdrawn or not_a_call." placeholder:"REASON"`
	Next      string   `help:"With not_ours: where the reporters can turn to." placeholder:"TEXT"`
	Assignee  string   `help:"The agent who gets them." placeholder:"EMAIL" xor:"owner"`
	Release   bool     `help:"Nobody has them any more." xor:"owner"`
	Snooze    string   `help:"Snooze them until a time, or how long from now." placeholder:"TIME" xor:"snooze"`
	UntilWord bool     `name:"snooze-until-word" help:"Snooze each until its reporter speaks." xor:"snooze"`
	Into      string   `help:"Merge them into this issue." placeholder:"ID"`
	decidedOnList
}

// decidedOnList says on what a change of many was decided.
type decidedOnList struct {
	SeenAt string `help:"When you read the list, or how long ago (10m): those with something newer are left as they are." placeholder:"TIME"`
}

// read is that time; the zero time: not said.
func (d decidedOnList) read() (api.Time, error) {
	now := clock.System{}.Now()
	if ago, err := time.ParseDuration(d.SeenAt); err == nil && ago >= 0 {
		return api.Time{Time: now.Add(-ago)}, nil
	}
	at, err := typedTime(d.SeenAt)
	if err == nil && at.After(now) {
		err = usage("--seen-at is a time that is over, or so long ago as 10m; %q is not", d.SeenAt)
	}
	return at, err
}

func (issueBulk) Help() string {
	return `Each issue is changed by itself: where one cannot be, the others are. No reporter is told; issue bulk-reply tells them. The act that is printed takes all
of it back with issue bulk-undo.

Examples:

	earshot issue bulk 0192… 0193… --status closed --reason not_a_call
	earshot issue bulk 0192… 0193… --assignee bo@acme.example --snooze 4h
`
}

// Validate implements kong's Validatable.
func (i issueBulk) Validate() error {
	if i.Status == "" && (i.Reason != "" || i.Next != "") {
		return usage("--reason and --next go with --status closed")
	}
	if i.Status == "" && i.Assignee == "" && !i.Release && i.Snooze == "" && !i.UntilWord && i.Into == "" {
		return usage("name what shall change: --status, --assignee, --release, --snooze, --snooze-until-word or --into")
	}
	return nil
}

func (i issueBulk) Run(c *command) error {
	in := api.Bulk{Status: desk.Status(i.Status), Reason: desk.Reason(i.Reason), Next: i.Next}
	if i.Assignee != "" || i.Release {
		who := desk.EmailOf(i.Assignee)
		in.Assignee = &who
	}
	if i.Snooze != "" || i.UntilWord {
		until, err := typedTime(i.Snooze)
		if err != nil {
			return err
		}
		in.Snooze = &api.NewSnooze{Until: until}
	}
	var err error
	if in.SeenAt, err = i.read(); err != nil {
		return err
	}
	return c.with(func(s *session) error {
		for _, typed := range i.IDs {
			id, err := s.issueID(typed)
			if err != nil {
				return err
			}
			in.Issues = append(in.Issues, id)
		}
		if i.Into != "" {
			var err error
			if in.Into, err = s.issueID(i.Into); err != nil {
				return err
			}
		}
		out, err := s.Bulk(c.ctx, in)
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) {
			printBulk(w, out)
			if len(out) > 0 && out[0].Act != "" {
				fmt.Fprintf(w, "All of it is taken back with: earshot issue bulk-undo %s\n", out[0].Act)
			}
		})
	})
}

// printBulk says how many were changed, and why the others were not.
func printBulk(w io.Writer, out []api.BulkResult) {
	done := 0
	for _, r := range out {
		if r.Done {
			done++
		} else {
			fmt.Fprintf(w, "%s: %s\n", short(r.Issue), r.Error)
		}
	}
	fmt.Fprintf(w, "Done for %d of %d.\n", done, len(out))
}

type issueUnbulk struct {
	Act string `arg:"" help:"The act, as issue bulk printed it."`
	decidedOnList
}

func (issueUnbulk) Help() string {
	return `An issue that another person has changed since stays as it is, and is named.
`
}

func (i issueUnbulk) Run(c *command) error {
	at, err := i.read()
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		out, err := s.UndoBulk(c.ctx, api.BulkAct{Act: i.Act, SeenAt: at})
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { printBulk(w, out) })
	})
}

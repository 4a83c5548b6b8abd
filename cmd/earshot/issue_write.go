package main

import (
	"fmt"
	"io"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type issueReply struct {
	ID         string `arg:"" help:"The issue's id, or the end of it."`
	Text       string `arg:"" help:"The text; - reads standard input."`
	Visibility string `help:"quiet (the default for a public post), public or direct." enum:",quiet,public,direct" default:"" placeholder:"WHO"`
	Language   string `help:"The text's language, if not the reporter's." placeholder:"TAG"`
	Status     string `help:"The status that it sets (acknowledged, in_progress, waiting, fixed, resolved, closed)." enum:",acknowledged,in_progress,waiting,fixed,resolved,closed" default:"" placeholder:"STATUS"`
	Reason     string `help:"With closed: the reason (not_ours, cannot, will_not, duplicate, no_answer, withdrawn, not_a_call)." enum:",not_ours,cannot,will_not,duplicate,no_answer,withdrawn,not_a_call" default:"" placeholder:"REASON"`
	Next       string `help:"With not_ours: where to go instead." placeholder:"STEP"`
	Because    string `help:"With resolved: the reporter's post or like that confirms it." placeholder:"POST"`
	Unwarned   bool   `name:"without-warning" help:"Take off the warning (or the mark sensitive) of the post that it answers."`
	Now        bool   `help:"Send it now, without the take-back time."`
	decided
	meant
}

// decided says on what a change was decided.
type decided struct {
	Seen string `help:"The newest entry you have seen (issue show prints it): refused if there is something newer." placeholder:"ENTRY"`
}

// meant is for a text that looks as if it asks for a secret.
type meant struct {
	Meant bool `help:"The text asks for no password, code or payment, though it looks so."`
}

func (issueReply) Help() string {
	return `The reply goes out after ten seconds. Until then "earshot issue undo" stops it. Its status takes effect when it goes out.

A post behind a content warning is answered behind the same one, which "issue show" prints; --without-warning takes it off.

Examples:

	earshot issue reply 0192… "Which street are you in? ^AB" --status waiting
	earshot issue reply 0192… "Should work again since 14:05. Does it for you?" --status fixed
	earshot issue reply 0192… - < answer.txt
`
}

func (r issueReply) Run(c *command) error {
	text, err := c.text(r.Text)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		id, err := s.issueID(r.ID)
		if err != nil {
			return err
		}
		out, err := s.Seeing(desk.EventID(r.Seen)).Reply(c.ctx, id, api.NewReply{Text: text, Visibility: desk.Visibility(r.Visibility), Language: r.Language,
			Status: desk.Status(r.Status), Reason: desk.Reason(r.Reason), Next: r.Next, Because: r.Because, WithoutWarning: r.Unwarned, Now: r.Now, Meant: r.Meant})
		if err != nil {
			return err
		}
		return s.showOutgoing("Reply", out, r.Now)
	})
}

// showOutgoing tells when a post goes out and how to take it back.
func (s *session) showOutgoing(what string, p api.Post, now bool) error {
	s.queued()
	return s.call.show(p, func(w io.Writer) {
		if now {
			fmt.Fprintf(w, "%s %s goes out now, %s.\n", what, p.ID, p.Visibility)
			return
		}
		fmt.Fprintf(w, "%s %s goes out %s, %s.\nUndo: earshot issue undo %s\n", what, p.ID, when(p.DueAt), p.Visibility, p.ID)
	})
}

type issueComment struct {
	ID   string `arg:"" help:"The issue's id, or the end of it."`
	Text string `arg:"" help:"The text; - reads standard input."`
}

func (i issueComment) Run(c *command) error {
	text, err := c.text(i.Text)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		id, err := s.issueID(i.ID)
		if err != nil {
			return err
		}
		out, err := s.Comment(c.ctx, id, text)
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { fmt.Fprintln(w, "Commented, for agents only.") })
	})
}

type issueStatus struct {
	ID      string `arg:"" help:"The issue's id, or the end of it."`
	Status  string `arg:"" help:"acknowledged, in_progress, waiting, fixed, resolved or closed."`
	Reason  string `help:"With closed: the reason (not_ours, cannot, will_not, duplicate, no_answer, withdrawn, not_a_call)." enum:",not_ours,cannot,will_not,duplicate,no_answer,withdrawn,not_a_call" default:"" placeholder:"REASON"`
	Next    string `help:"With not_ours: where to go instead." placeholder:"STEP"`
	Because string `help:"With resolved: the reporter's post or like that confirms it." placeholder:"POST"`
	decided
}

func (issueStatus) Help() string {
	return `The reporter does not see the change. To tell the reporter, reply with --status.

Examples:

	earshot issue status 0192… in_progress
	earshot issue status 0192… closed --reason not_ours --next "@help@other.example"
	earshot issue status 0192… resolved --because 0193…
`
}

func (i issueStatus) Run(c *command) error {
	return c.with(func(s *session) error {
		id, err := s.issueID(i.ID)
		if err != nil {
			return err
		}
		out, err := s.Seeing(desk.EventID(i.Seen)).SetStatus(c.ctx, id, api.NewStatus{Status: desk.Status(i.Status), Reason: desk.Reason(i.Reason), Next: i.Next, Because: i.Because})
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { fmt.Fprintf(w, "The issue is %s now.\n", out.Status) })
	})
}

type issueAssign struct {
	ID    string `arg:"" help:"The issue's id, or the end of it."`
	Agent string `arg:"" optional:"" help:"The agent's e-mail address; without it, the issue is assigned to nobody."`
}

func (i issueAssign) Run(c *command) error {
	return c.with(func(s *session) error {
		id, err := s.issueID(i.ID)
		if err != nil {
			return err
		}
		out, err := s.Assign(c.ctx, id, desk.EmailOf(i.Agent))
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { printAssignee(w, out) })
	})
}

func printAssignee(w io.Writer, i api.Issue) {
	if i.Assignee == "" {
		fmt.Fprintln(w, "The issue is assigned to nobody now.")
		return
	}
	fmt.Fprintf(w, "The issue is assigned to %s now.\n", cell(string(i.Assignee)))
}

type issueLink struct {
	ID    string `arg:"" help:"The first issue."`
	Other string `arg:"" help:"The second issue."`
}

func (i issueLink) Run(c *command) error {
	return c.with(func(s *session) error {
		id, err := s.issueID(i.ID)
		if err != nil {
			return err
		}
		other, err := s.issueID(i.Other)
		if err != nil {
			return err
		}
		out, err := s.Link(c.ctx, id, other)
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { fmt.Fprintln(w, "Linked: each timeline names the other issue.") })
	})
}

type issueSplit struct {
	ID   string `arg:"" help:"The issue that contains the post."`
	Post string `arg:"" help:"The post; issue show lists them with their ids."`
}

func (i issueSplit) Run(c *command) error {
	return c.with(func(s *session) error {
		id, err := s.issueID(i.ID)
		if err != nil {
			return err
		}
		out, err := s.Split(c.ctx, id, desk.PostID(i.Post))
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) {
			fmt.Fprintf(w, "The new issue is %s. Each timeline names the other issue.\n", cell(string(out.ID)))
		})
	})
}

type issueUndo struct {
	ID    string `arg:"" help:"The issue, or the reply or broadcast itself."`
	What  string `arg:"" optional:"" help:"The change to undo: reply (the newest, default), status or assign." enum:"reply,status,assign" default:"reply"`
	Entry string `help:"With status and assign: the id of the change in the timeline (issue show --json). Without it, the newest change, if it is yours." placeholder:"ENTRY"`
}

func (issueUndo) Help() string {
	return `You can undo a reply until it goes out. You can undo a silent change of status or an assignment until the same value
changes again or the reporter is told.

Examples:

	earshot issue undo 0192…
	earshot issue undo 0192… status
	earshot issue undo 0192… assign --entry 0193…
`
}

// Validate implements kong's Validatable.
func (i issueUndo) Validate() error {
	if i.Entry != "" && i.What == "reply" {
		return usage("--entry goes with status and assign")
	}
	return nil
}

func (i issueUndo) Run(c *command) error {
	return c.with(func(s *session) error {
		id, err := s.issueID(i.ID)
		if err != nil {
			return err
		}
		if i.What != "reply" {
			return i.change(s, id)
		}
		out, err := s.Undo(c.ctx, string(id))
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { fmt.Fprintln(w, "Undone: nobody saw it.") })
	})
}

// change takes back a silent change.
func (i issueUndo) change(s *session, id desk.IssueID) error {
	out, err := s.UndoChange(s.call.ctx, id, desk.Kind(i.What), desk.EventID(i.Entry))
	if err != nil {
		return err
	}
	return s.call.show(out, func(w io.Writer) {
		if i.What == "status" {
			fmt.Fprintf(w, "Undone: the issue is %s again.\n", out.Status)
			return
		}
		printAssignee(w, out)
	})
}

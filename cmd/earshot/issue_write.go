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
	Only       string `help:"Of a merged issue: answer only the reporter of this part (issue show lists them). Without it each reporter gets the reply in their own thread." placeholder:"PART"`
	Now        bool   `help:"Send it now, without the take-back time."`
	decided
	meant
	pictured
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
	earshot issue reply 0192… "This is the light." --file light.jpg --alt "The box from the front; the third light is red."
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
		only, err := s.issueID(r.Only)
		if err != nil {
			return err
		}
		var out api.Post
		err = r.sent(c, s, func(files []api.NewFile) error {
			out, err = s.Seeing(desk.EventID(r.Seen)).Reply(c.ctx, id, api.NewReply{Text: text, Visibility: desk.Visibility(r.Visibility), Language: r.Language,
				Status: desk.Status(r.Status), Reason: desk.Reason(r.Reason), Next: r.Next, Because: r.Because, WithoutWarning: r.Unwarned, Now: r.Now, Meant: r.Meant, Only: only, Files: files})
			return err
		})
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
	return onIssue(c, i.ID, func(s *session, id desk.IssueID) (api.Post, error) {
		return s.Comment(c.ctx, id, text)
	}, func(w io.Writer, out api.Post) { fmt.Fprintln(w, "Commented, for agents only.") })
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
	return onIssue(c, i.ID, func(s *session, id desk.IssueID) (api.Issue, error) {
		return s.Seeing(desk.EventID(i.Seen)).SetStatus(c.ctx, id, api.NewStatus{Status: desk.Status(i.Status), Reason: desk.Reason(i.Reason), Next: i.Next, Because: i.Because})
	}, func(w io.Writer, out api.Issue) { fmt.Fprintf(w, "The issue is %s now.\n", out.Status) })
}

type issueSpam struct {
	ID     string `arg:"" help:"The issue's id, or the end of it."`
	Server bool   `help:"Also all reports from its server that no agent has acted on."`
	Alike  bool   `help:"Also all reports that say the same; further ones are held back for a day."`
	decided
}

func (issueSpam) Help() string {
	return `The issue is closed silently, as not_a_call. When three reports of a server were closed or dropped so, and nobody has answered one
of it, its further reports are held back; quarantine release --host ends that.

Examples:

	earshot issue spam 0192…
	earshot issue spam 0192… --alike
	earshot issue spam 0192… --server
`
}

func (i issueSpam) Run(c *command) error {
	return c.with(func(s *session) error {
		id, err := s.issueID(i.ID)
		if err != nil {
			return err
		}
		all, seeing := api.Spammed{Closed: []desk.IssueID{}}, s.Seeing(desk.EventID(i.Seen))
		for more := true; more; {
			some, err := seeing.Spam(c.ctx, id, api.Spam{Server: i.Server, Alike: i.Alike})
			if err != nil {
				return err
			}
			all.Closed, more, seeing = append(all.Closed, some.Closed...), some.More, s.Seeing("")
		}
		return c.show(all, func(w io.Writer) { fmt.Fprintf(w, "%d reports were closed as spam.\n", len(all.Closed)) })
	})
}

type issueAssign struct {
	ID    string `arg:"" help:"The issue's id, or the end of it."`
	Agent string `arg:"" optional:"" help:"The agent's e-mail address; without it, the issue is assigned to nobody."`
	Seen  string `help:"The newest entry you have seen (issue show prints it): refused if a colleague assigned it since." placeholder:"ENTRY"`
}

func (i issueAssign) Run(c *command) error {
	return onIssue(c, i.ID, func(s *session, id desk.IssueID) (api.Issue, error) {
		return s.Seeing(desk.EventID(i.Seen)).Assign(c.ctx, id, desk.EmailOf(i.Agent))
	}, printAssignee)
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

type issueMerge struct {
	ID        string `arg:"" help:"The issue that stays."`
	Other     string `arg:"" help:"The issue that becomes a part of it."`
	OtherSeen string `help:"The newest entry of the other issue you have seen, as --seen for the first." placeholder:"ENTRY"`
	decided
}

func (issueMerge) Help() string {
	return `The list shows one issue, and both ids lead to it. The timeline has what both reporters said. A reply goes to each of
them in their own thread; "earshot issue reply --only PART" answers one. "earshot issue undo ID merge" makes two issues of
it again, each with its own thread. Both must be at the same desk: "earshot issue move" takes one there.

Examples:

	earshot issue merge 0192… 0193…
	earshot issue merge 0192… 0193… --seen 0194… --other-seen 0195…
	earshot issue undo 0192… merge
`
}

func (i issueMerge) Run(c *command) error {
	return c.with(func(s *session) error {
		id, err := s.issueID(i.ID)
		if err != nil {
			return err
		}
		other, err := s.issueID(i.Other)
		if err != nil {
			return err
		}
		out, err := s.Seeing(desk.EventID(i.Seen)).Merge(c.ctx, id, other, desk.EventID(i.OtherSeen))
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) {
			fmt.Fprintf(w, "Merged: %s is one issue of both reports now.\nUndo: earshot issue undo %s merge\n", cell(string(out.ID)), cell(string(out.ID)))
		})
	})
}

type issueMove struct {
	ID   string `arg:"" help:"The issue's id, or the end of it."`
	Desk string `arg:"" help:"The handle of the desk; desk list shows them."`
	decided
}

func (issueMove) Help() string {
	return `The other desk answers from then on, in the same thread. What the first desk said stays its own.

Examples:

	earshot issue move 0192… tram
	earshot issue undo 0192… move
`
}

func (i issueMove) Run(c *command) error {
	return onIssue(c, i.ID, func(s *session, id desk.IssueID) (api.Issue, error) {
		return s.Seeing(desk.EventID(i.Seen)).Move(c.ctx, id, desk.Handle(i.Desk))
	}, func(w io.Writer, out api.Issue) {
		fmt.Fprintf(w, "The issue is at the desk %s now.\nUndo: earshot issue undo %s move\n", out.Desk, cell(string(out.ID)))
	})
}

type issueSplit struct {
	ID   string `arg:"" help:"The issue that contains the post."`
	Post string `arg:"" help:"The post; issue show lists them with their ids."`
	decided
}

func (i issueSplit) Run(c *command) error {
	return onIssue(c, i.ID, func(s *session, id desk.IssueID) (api.Issue, error) {
		return s.Seeing(desk.EventID(i.Seen)).Split(c.ctx, id, desk.PostID(i.Post))
	}, func(w io.Writer, out api.Issue) {
		fmt.Fprintf(w, "The new issue is %s. Each timeline names the other issue.\n", cell(string(out.ID)))
	})
}

type issueUndo struct {
	ID    string `arg:"" help:"The issue, or the reply or broadcast itself."`
	What  string `arg:"" optional:"" help:"The change to undo: reply (the newest, default), status, assign, merge, move or snooze." enum:"reply,status,assign,merge,move,snooze" default:"reply"`
	Entry string `help:"With a change other than reply: the id of the change in the timeline (issue show --json). Without it, the newest change, if it is yours." placeholder:"ENTRY"`
	decided
}

func (issueUndo) Help() string {
	return `You can undo a reply until it goes out. You can undo a silent change of status or an assignment until the same value
changes again or the reporter is told, a move and a snooze until the next one, and a merge at any time.

Examples:

	earshot issue undo 0192…
	earshot issue undo 0192… status
	earshot issue undo 0192… assign --entry 0193…
	earshot issue undo 0192… merge
`
}

// Validate implements kong's Validatable.
func (i issueUndo) Validate() error {
	if i.Entry != "" && i.What == "reply" {
		return usage("--entry goes with status, assign, merge, move and snooze")
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
		out, err := s.Seeing(desk.EventID(i.Seen)).Undo(c.ctx, string(id))
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { fmt.Fprintln(w, "Undone: nobody saw it.") })
	})
}

// change takes back a silent change.
func (i issueUndo) change(s *session, id desk.IssueID) error {
	out, err := s.Seeing(desk.EventID(i.Seen)).UndoChange(s.call.ctx, id, desk.Kind(i.What), desk.EventID(i.Entry))
	if err != nil {
		return err
	}
	return s.call.show(out, func(w io.Writer) {
		switch i.What {
		case "status":
			fmt.Fprintf(w, "Undone: the issue is %s again.\n", out.Status)
		case "merge":
			fmt.Fprintln(w, "Undone: each is an issue of its own again.")
		case "snooze":
			printSnooze(w, out)
		case "move":
			fmt.Fprintf(w, "Undone: the issue is at the desk %s again.\n", out.Desk)
		default:
			printAssignee(w, out)
		}
	})
}

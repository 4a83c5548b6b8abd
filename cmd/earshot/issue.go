package main

import (
	"io"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type issueCmd struct {
	List    issueList    `cmd:"" help:"List issues: those waiting first, the longest on top."`
	Show    issueShow    `cmd:"" help:"Show an issue and all that happened."`
	Reply   issueReply   `cmd:"" help:"Answer the reporter in their own thread."`
	Comment issueComment `cmd:"" help:"Say something to the other agents; it never leaves the instance."`
	Status  issueStatus  `cmd:"" help:"Change where an issue stands, silently."`
	Assign  issueAssign  `cmd:"" help:"Give an issue to an agent."`
	Link    issueLink    `cmd:"" help:"Note that two issues have to do with each other."`
	Split   issueSplit   `cmd:"" help:"Make an issue of its own of one of the reporter's later posts."`
	Undo    issueUndo    `cmd:"" help:"Take back a reply that has not gone out yet, a silent change of status, or an assignment."`
}

type issueList struct {
	Desk     string `help:"Only this desk's." placeholder:"HANDLE"`
	Status   string `help:"Only those with this status: new, acknowledged, in_progress, waiting, handed_off, fixed, resolved or closed." enum:",new,acknowledged,in_progress,waiting,handed_off,fixed,resolved,closed" default:"" placeholder:"STATUS"`
	Category string `help:"Only open, paused or done ones." enum:",open,paused,done" default:"" placeholder:"CATEGORY"`
	Answered bool   `help:"Only those in which the reporter spoke last."`
	Assignee string `help:"Only those that this agent has." placeholder:"EMAIL"`
	Called   string `help:"Only those to which a comment called this agent, who has not looked since." placeholder:"EMAIL"`
	Search   string `help:"Only those in which all these words are found." placeholder:"WORDS"`
	Limit    int    `help:"At most this many." default:"50" placeholder:"N"`
}

func (issueList) Help() string {
	return `Examples:

	earshot issue list
	earshot issue list --desk help --category open
	earshot issue list --called bo@acme.example
	earshot issue list --search "line down" --json
`
}

// Validate implements kong's Validatable.
func (l issueList) Validate() error {
	if l.Limit < 1 {
		return usage("--limit is at least 1")
	}
	if l.Assignee != "" && l.Called != "" {
		return usage("ask with --assignee or with --called, not with both")
	}
	return nil
}

func (l issueList) Run(c *command) error {
	return c.with(func(s *session) error {
		issues, err := s.Issues(c.ctx, api.IssueQuery{Desk: desk.Handle(l.Desk), Status: desk.Status(l.Status), Category: desk.Category(l.Category),
			NeedsUs: l.Answered, Assignee: l.Assignee, Mentioned: l.Called, Search: l.Search, Limit: l.Limit})
		if err != nil {
			return err
		}
		return c.show(issues, func(w io.Writer) {
			rows := make([][]string, len(issues))
			for n, i := range issues {
				status := string(i.Status)
				if i.Answered {
					status += " *"
				}
				rows[n] = []string{short(i.ID), status, waiting(i), nameOf(i.Reporter), i.Assignee, i.Excerpt}
			}
			c.table(w, "No issue: all is quiet, or look with fewer filters.", []string{"ID", "STATUS", "WAITING", "REPORTER", "AGENT", "REPORT"}, rows)
			c.more(len(issues), l.Limit)
		})
	})
}

func waiting(i api.Issue) string {
	if i.WaitingSince.IsZero() {
		return "–"
	}
	return when(i.WaitingSince)
}

// nameOf is how somebody is named on one line.
func nameOf(p api.Person) string {
	if p.Acct != "" {
		return "@" + p.Acct
	}
	return string(p.ID)
}

type issueShow struct {
	ID string `arg:"" help:"Which issue: its id, or the end of it."`
}

func (i issueShow) Run(c *command) error {
	return c.with(func(s *session) error {
		id, err := s.issueID(i.ID)
		if err != nil {
			return err
		}
		out, err := s.Issue(c.ctx, id)
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { c.printThread(w, out) })
	})
}

package main

import (
	"io"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type issueCmd struct {
	List    issueList    `cmd:"" help:"List issues; the longest wait is first."`
	Show    issueShow    `cmd:"" help:"Show an issue and its timeline."`
	Reply   issueReply   `cmd:"" help:"Answer the reporter in their own thread."`
	Comment issueComment `cmd:"" help:"Write a comment for the other agents; it never leaves the instance."`
	Status  issueStatus  `cmd:"" help:"Change the status silently."`
	Spam    issueSpam    `cmd:"" help:"Close a report as spam, and others like it."`
	Assign  issueAssign  `cmd:"" help:"Give an issue to an agent."`
	Snooze  issueSnooze  `cmd:"" help:"Take an issue off the lists until a time, or until the reporter speaks."`
	Rest    issueRest    `cmd:"" help:"Have the rest of a long report fetched, of which only the beginning is stored."`
	Wake    issueWake    `cmd:"" help:"End the snooze of an issue."`
	Link    issueLink    `cmd:"" help:"Link two issues."`
	Merge   issueMerge   `cmd:"" help:"Make two issues of the same matter one."`
	Move    issueMove    `cmd:"" help:"Move an issue to another desk, which answers from then on."`
	Split   issueSplit   `cmd:"" help:"Make a new issue from one of the reporter's later posts."`
	Bulk    issueBulk    `cmd:"" help:"Change many issues at once, silently."`
	Several issueSeveral `cmd:"" name:"bulk-reply" help:"Write the same reply to the reporters of up to 50 issues, each in their own thread."`
	Unbulk  issueUnbulk  `cmd:"" name:"bulk-undo" help:"Take back all that issue bulk did, or what issue bulk-reply has not sent, for an hour."`
	Undo    issueUndo    `cmd:"" help:"Undo a reply that has not gone out yet, a silent change of status, an assignment, a merge, a move or a snooze."`
}

type issueList struct {
	Desk      string `help:"Only issues of this desk." placeholder:"HANDLE"`
	Status    string `help:"Only issues with this status: new, acknowledged, in_progress, waiting, handed_off, fixed, resolved or closed." enum:",new,acknowledged,in_progress,waiting,handed_off,fixed,resolved,closed" default:"" placeholder:"STATUS"`
	Category  string `help:"Only open, paused or done issues." enum:",open,paused,done" default:"" placeholder:"CATEGORY"`
	NeedsUs   bool   `aliases:"answered" help:"Only issues that need us: the reporter spoke and no agent has reacted. Also: --answered."`
	Assignee  string `help:"Only issues assigned to this agent." placeholder:"EMAIL"`
	Mentioned string `aliases:"called" help:"Only issues in which a comment mentions this agent, who has not opened them since. Also: --called." placeholder:"EMAIL"`
	Rows      bool   `help:"Only issues that stand in no pile: see pile list."`
	Snoozed   bool   `help:"Only issues that are snoozed. Without it these are listed too."`
	Awake     bool   `help:"Only issues that are not snoozed."`
	Search    string `help:"Only issues that contain all these words, of the text or as #tag, user@host, an address or an id, and that meet all of from:WHO, status:STATUS, tag:TAG, host:HOST, after:DAY, before:DAY, is:unread, is:mine, is:unassigned, is:snoozed and has:picture. A day may be a month or a year." placeholder:"WORDS"`
	Limit     int    `help:"At most this many." default:"50" placeholder:"N"`
}

func (issueList) Help() string {
	return `Examples:

	earshot issue list
	earshot issue list --desk help --category open
	earshot issue list --mentioned bo@acme.example
	earshot issue list --search "line down" --json
	earshot issue list --search "from:ana status:open after:2026-10"
`
}

// Validate implements kong's Validatable.
func (l issueList) Validate() error {
	if l.Limit < 1 {
		return usage("--limit is at least 1")
	}
	if l.Assignee != "" && l.Mentioned != "" {
		return usage("ask with --assignee or with --mentioned, not with both")
	}
	if l.Snoozed && l.Awake {
		return usage("ask with --snoozed or with --awake, not with both")
	}
	return nil
}

func (l issueList) Run(c *command) error {
	return c.with(func(s *session) error {
		issues, err := s.Issues(c.ctx, api.IssueQuery{Desk: desk.Handle(l.Desk), Status: desk.Status(l.Status), Category: desk.Category(l.Category),
			NeedsUs: l.NeedsUs, Assignee: desk.EmailOf(l.Assignee), Mentioned: desk.EmailOf(l.Mentioned), Rows: l.Rows, Snoozed: l.Snoozed, Awake: l.Awake, Search: l.Search, Limit: l.Limit})
		if err != nil {
			return err
		}
		return c.show(issues, func(w io.Writer) {
			rows := make([][]string, len(issues))
			for n, i := range issues {
				status := string(i.Status)
				if i.ReporterSpoke {
					status += " *"
				}
				if i.Snoozed {
					status += " z"
				}
				reporter := nameOf(i.Reporter)
				if len(i.Merged) > 0 {
					reporter += " and others"
				}
				rows[n] = []string{short(i.ID), status, waiting(i), reporter, string(i.Assignee), desk.Said(i.Excerpt)}
			}
			c.table(w, "No issues match. All is quiet, or the filters are too narrow.", []string{"ID", "STATUS", "WAITING", "REPORTER", "AGENT", "REPORT"}, rows)
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

// nameOf names an author on one line.
func nameOf(p api.Person) string {
	if p.Acct != "" {
		return "@" + p.Acct
	}
	return string(p.ID)
}

type issueShow struct {
	ID     string `arg:"" help:"The issue's id, or the end of it."`
	Before string `help:"The page of the timeline before this entry. A page that is not the first says how to ask." placeholder:"ENTRY"`
	Third  bool   `help:"Only what third persons added."`
}

func (i issueShow) Run(c *command) error {
	return onIssue(c, i.ID, func(s *session, id desk.IssueID) (api.FullIssue, error) {
		return s.Thread(c.ctx, id, api.ThreadQuery{Before: desk.EventID(i.Before), Third: i.Third})
	}, c.printThread)
}

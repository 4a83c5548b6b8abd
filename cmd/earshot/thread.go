package main

import (
	"fmt"
	"io"
	"strings"

	"earshot/internal/api"
	"earshot/internal/desk"
)

// printThread shows an issue as a thread to be read from top to bottom.
func (c *command) printThread(w io.Writer, i api.FullIssue) {
	state := string(i.Status)
	if i.Reason != "" {
		state += ", " + string(i.Reason)
	}
	if i.ReporterSpoke {
		state += ", needs us"
	}
	fmt.Fprintf(w, "%s  %s\n\n", c.paint(bold, string(i.ID)), c.paint(blue, state))
	c.field(w, "reporter", strings.TrimSpace(cell(i.Reporter.Name)+" "+cell(nameOf(i.Reporter))))
	c.field(w, "profile", cell(i.Reporter.URL))
	c.field(w, "desk", joined(i.Desk, i.Also))
	c.field(w, "heard", cell(i.Why)+", through "+cell(strings.Join(i.Sources, ", ")))
	c.field(w, "opened", when(i.OpenedAt))
	if !i.WaitingSince.IsZero() {
		c.field(w, "waiting", when(i.WaitingSince))
	}
	c.field(w, "agent", string(i.Assignee))
	c.field(w, "incident", string(i.Incident))
	c.field(w, "instead", cell(i.Next))
	for _, known := range i.Caveats {
		c.field(w, "note", caveats[known])
	}
	c.field(w, "warning", cell(warningOf(i)))
	c.field(w, "seen", cell(string(i.Seen)))
	for _, p := range i.Parts {
		silent := ""
		if p.Silenced != "" {
			silent = ", silent: " + p.Silenced.Words()
		}
		c.field(w, "part", short(p.ID)+" by "+cell(nameOf(p.Reporter))+silent)
	}
	if i.Silenced != "" && len(i.Parts) == 0 {
		c.field(w, "silent", c.paint(red, "no further reply may be sent: "+i.Silenced.Words()))
	}
	for _, e := range i.Timeline {
		c.printEntry(w, e)
		if e.Kind == desk.KindReport {
			c.printFolds(w, i)
		}
	}
}

// caveats says each to an agent who is about to reply.
var caveats = map[desk.Caveat]string{
	desk.CaveatDirectDropped: "the reporter's server drops direct replies: reply quietly or in public",
	desk.CaveatEditsIgnored:  "the reporter's server ignores edits: to correct a reply, write another one",
	desk.CaveatModerated:     "the reporter's server may hold a reply back until a moderator approves it",
	desk.CaveatMayNotBeShown: "the reporter's server may not show the reply to the reporter",
}

// warningOf is the warning behind which a reply goes out.
func warningOf(i api.FullIssue) string {
	if i.Warning == "" && i.Sensitive {
		return "(marked as sensitive)"
	}
	return i.Warning
}

// printFolds says which entries are not shown, and how to see them.
func (c *command) printFolds(w io.Writer, i api.FullIssue) {
	if i.Folded.Entries > 0 {
		fmt.Fprintf(w, "\n  %s\n", c.paint(dim, fmt.Sprintf("%d more by %d accounts of third persons: `earshot issue show %s --third`", i.Folded.Entries, i.Folded.Accounts, i.ID)))
	}
	if i.Before != "" {
		third := ""
		if i.Timeline[len(i.Timeline)-1].Third {
			third = " --third"
		}
		fmt.Fprintf(w, "\n  %s\n", c.paint(dim, fmt.Sprintf("%d earlier: `earshot issue show %s%s --before %s`", i.Earlier, i.ID, third, i.Before)))
	}
}

func (c *command) field(w io.Writer, name, value string) {
	if value != "" {
		fmt.Fprintf(w, "  %-9s %s\n", name, value)
	}
}

func joined(h desk.Handle, also []desk.Handle) string {
	out := string(h)
	for _, a := range also {
		out += ", also " + string(a)
	}
	return out
}

func (c *command) printEntry(w io.Writer, e api.Entry) {
	head := heading(e)
	if e.Deleted {
		head += ", deleted"
	} else if e.Edited {
		head += ", edited"
	}
	fmt.Fprintf(w, "\n%s  %s\n", c.paint(bold, head), c.paint(dim, when(e.At)))
	for line := range strings.SplitSeq(clean(e.Text), "\n") {
		if line != "" {
			fmt.Fprintf(w, "    %s\n", line)
		}
	}
	for _, a := range e.Attachments {
		id := ""
		if a.File != "" {
			id = " (" + string(a.File) + ")"
		}
		fmt.Fprintf(w, "    [%s] %s%s\n", cell(a.Alt), cell(a.URL), cell(id))
	}
	if d := delivered(e); d != "" {
		style := dim
		if e.Delivery.Failed > 0 || e.State == desk.PostWithheld {
			style = red
		}
		fmt.Fprintf(w, "    %s\n", c.paint(style, d))
	}
	for _, k := range e.Copies {
		fmt.Fprintf(w, "    %s\n", c.paint(dim, "to "+short(k.Part)+": "+delivered(api.Entry{State: k.State, Post: k.Post, Withheld: k.Withheld, Delivery: k.Delivery, DueAt: e.DueAt})))
	}
	switch {
	case e.State != "":
		fmt.Fprintf(w, "    %s\n", c.paint(dim, "post "+string(e.Post)))
	case e.Kind == desk.KindReport || e.Kind == desk.KindPost || e.Kind == desk.KindReaction:
		fmt.Fprintf(w, "    %s\n", c.paint(dim, strings.TrimSpace(cell(e.URL)+" "+string(e.ID))))
	}
}

// heading says who did what.
func heading(e api.Entry) string {
	who := cell(e.Author)
	if e.Agent != "" && string(e.Agent) != e.Author {
		who += " (" + cell(string(e.Agent)) + ")"
	}
	what := map[desk.Kind]string{desk.KindReport: "reported", desk.KindPost: "wrote", desk.KindReply: "replied", desk.KindComment: "commented, for agents only",
		desk.KindStatus: "status", desk.KindAssign: "assigned", desk.KindEdit: "edited", desk.KindDelete: "deleted", desk.KindLink: "linked", desk.KindMerge: "merged", desk.KindMove: "moved", desk.KindSnooze: "snooze",
		desk.KindReaction: "reacted", desk.KindNotice: "notice"}[e.Kind]
	if what == "" {
		what = string(e.Kind)
	}
	out := what
	switch {
	case who != "":
		out = who + " · " + what
	case e.Kind == desk.KindComment || e.Kind == desk.KindAssign || e.Kind == desk.KindLink || e.Kind == desk.KindMerge || e.Kind == desk.KindMove:
		out = "admin · " + what // the others may happen by themselves
	}
	if e.Visibility != "" && e.Kind != desk.KindComment {
		out += " · " + string(e.Visibility)
	}
	return out
}

// delivered says how far one of our posts has come.
func delivered(e api.Entry) string {
	switch e.State {
	case desk.PostUnchecked:
		return "waits for a colleague" + carrying(e) + "; `earshot post release " + string(e.Post) + "` releases it, `earshot issue undo " + string(e.Post) + "` undoes it"
	case desk.PostPending:
		return "goes out " + when(e.DueAt) + carrying(e) + "; `earshot issue undo " + string(e.Post) + "` undoes it"
	case desk.PostAwaitingApproval:
		return "awaits the author's approval, " + tally(e.Delivery) + carrying(e) + "; `earshot issue undo " + string(e.Post) + "` undoes it"
	case desk.PostUndone:
		return "undone before it went out"
	case desk.PostWithheld:
		if e.Withheld == "" { // by a version that did not keep it
			return "not sent; the notice says why"
		}
		return "not sent: " + cell(e.Withheld)
	case desk.PostPublished:
		return tally(e.Delivery) + carrying(e)
	}
	return ""
}

// tally says where a post has gone.
func tally(d api.Delivery) string {
	if d.Delivered+d.Queued+d.Failed == 0 {
		return "sent to nobody yet"
	}
	out := fmt.Sprintf("delivered to %d of %d servers", d.Delivered, d.Delivered+d.Queued+d.Failed)
	if d.Queued > 0 {
		out += fmt.Sprintf(", %d waiting", d.Queued)
	}
	if d.Failed > 0 {
		out += fmt.Sprintf(", %d failed (%s)", d.Failed, whyFailed(d))
	}
	return out
}

// whyFailed says it of the first servers, where it is known.
func whyFailed(d api.Delivery) string {
	if len(d.Failures) == 0 {
		return "`earshot queue list --dead` says why"
	}
	var out []string
	for _, f := range d.Failures {
		out = append(out, string(f.Server)+": "+cell(f.Why))
	}
	if len(out) < d.Failed {
		out = append(out, "…")
	}
	return strings.Join(out, "; ")
}

func carrying(e api.Entry) string {
	if e.Status == "" {
		return ""
	}
	return ", with the status " + string(e.Status)
}

package api

import (
	"cmp"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// Issue is an issue as lists show it.
type Issue struct {
	ID            desk.IssueID  `json:"id"`
	Desk          desk.Handle   `json:"desk"`
	Also          []desk.Handle `json:"also"` // other desks it is shown on
	Status        desk.Status   `json:"status"`
	Category      desk.Category `json:"category"`
	Reason        desk.Reason   `json:"reason"`
	Next          string        `json:"next"`           // where to go instead, with not_ours
	ReporterSpoke bool          `json:"reporter_spoke"` // and the desk has not reacted
	Answered      bool          `json:"answered"`       // an older name of reporter_spoke
	Reporter      Person        `json:"reporter"`
	Excerpt       string        `json:"excerpt"`
	Language      string        `json:"language"`
	Why           string        `json:"why"` // it was opened, in words
	Heard         desk.Heard    `json:"heard"`
	Invited       bool          `json:"invited"`  // the reporter addressed us
	Silenced      desk.Silence  `json:"silenced"` // why no further word may be sent, "" if one may
	Sources       []string      `json:"sources"`  // names, in the order of hearing

	OpenedAt     Time       `json:"opened_at"`
	UpdatedAt    Time       `json:"updated_at"`
	WaitingSince Time       `json:"waiting_since"` // "": the reporter waits for nothing
	Assignee     desk.Email `json:"assignee"`
	// Merged are the issues that were merged into this one; their addresses lead here.
	Merged   []desk.IssueID  `json:"merged"`
	Incident desk.IncidentID `json:"incident"` // to which it is linked
	Pile     desk.PileID     `json:"pile"`     // in which it stands, "" if on a row of its own
	// Snoozed: it is off the lists of those to work on, until SnoozedUntil, "" for until the
	// reporter speaks.
	Snoozed      bool          `json:"snoozed"`
	SnoozedUntil Time          `json:"snoozed_until"`
	Folded       bool          `json:"folded"` // the reporter spoke while the incident was open: counted on that
	Apart        bool          `json:"apart"`  // it still failed for the reporter after the end
	URL          desk.ObjectID `json:"url"`
}

// FullIssue is an issue with all that happened.
type FullIssue struct {
	Issue
	// MaxCharacters is how long a post on the reporter's server may be, 0 if
	// unknown: the reporter's app can write, and is made to show, so many.
	MaxCharacters int `json:"max_characters"`
	// Caveats are what the software of the reporter's server, as its NodeInfo names
	// it, is known not to do: direct_dropped, edits_ignored, moderated,
	// may_not_be_shown.
	Caveats []desk.Caveat `json:"caveats"`
	// Warning is that of the post that a reply would answer, and Sensitive says that
	// this post is shown at a second look only: the reply is the same, unless
	// `without_warning` says otherwise.
	Warning   string  `json:"warning"`
	Sensitive bool    `json:"sensitive"`
	Timeline  []Entry `json:"timeline"` // a page of it: the report, and the newest entries before Before
	// Earlier is how many older entries there are, at most 1,000, and Before is the
	// value of `before` that asks for them; "" at the beginning.
	Earlier int          `json:"earlier"`
	Before  desk.EventID `json:"before"`
	// Seen is the newest entry that this page shows. In If-Match of a write it says
	// on what that was decided: 412 if there is something newer.
	Seen desk.EventID `json:"seen"`
	// Folded counts entries of third persons that are not on this page: `third`
	// asks for them.
	Folded Folded `json:"folded"`
	// Parts are the reports of a merged issue, its own first; empty for others.
	Parts []Part `json:"parts"`
}

// Part is one of the reports of a merged issue.
type Part struct {
	ID       desk.IssueID `json:"id"`
	Reporter Person       `json:"reporter"`
	Excerpt  string       `json:"excerpt"`
	OpenedAt Time         `json:"opened_at"`
	Invited  bool         `json:"invited"`
	Silenced desk.Silence `json:"silenced"` // why no further word may be sent, "" if one may
}

func partOf(p app.Part) Part {
	return Part{ID: p.Issue.ID, Reporter: personOf(p.Reporter), Excerpt: p.Issue.Excerpt, OpenedAt: Time{p.Issue.OpenedAt}, Invited: p.Issue.Invited, Silenced: p.Issue.Silenced}
}

// Folded counts entries of third persons.
type Folded struct {
	Entries  int `json:"entries"`  // at most 1,000
	Accounts int `json:"accounts"` // of so many persons
}

// Person is a person who is no agent. If we store nothing about them, only ID
// is set.
type Person struct {
	ID   desk.ActorID `json:"id"`
	Acct string       `json:"acct"`
	Name string       `json:"name"`
	URL  string       `json:"url"`
}

// Entry is one line of a timeline.
type Entry struct {
	ID   desk.EventID `json:"id"`
	Kind desk.Kind    `json:"kind"`
	At   Time         `json:"at"`
	// Author is user@host for a person on the network, else an agent's e-mail
	// address, or "" for the admin on this machine and for changes by the program.
	Author      string          `json:"author"`
	Agent       desk.Email      `json:"agent"` // of us, who did it
	Post        desk.PostID     `json:"post"`  // what the entry is about, "" if no post
	Text        string          `json:"text"`  // plain
	HTML        string          `json:"html"`  // sanitised
	Visibility  desk.Visibility `json:"visibility"`
	Warning     string          `json:"warning"` // before the words
	Object      desk.ObjectID   `json:"object"`
	URL         string          `json:"url"`
	Edited      bool            `json:"edited"`
	Cut         bool            `json:"cut"` // only the beginning of a long report: POST /issues/{id}/rest has the rest fetched
	Deleted     bool            `json:"deleted"`
	State       desk.PostState  `json:"state"`    // of our posts
	Withheld    string          `json:"withheld"` // why one was not sent
	DueAt       Time            `json:"due_at"`   // when a pending one goes out
	Status      desk.Status     `json:"status"`   // that it set, or will set when it goes out
	Reason      desk.Reason     `json:"reason"`
	Undoes      desk.EventID    `json:"undoes"` // the entry that this one takes back
	Third       bool            `json:"third"`  // a third person added it
	Attachments []Attachment    `json:"attachments"`
	Delivery    Delivery        `json:"delivery"`
	// Part is the issue in whose thread it is: this one, or one merged into it.
	Part desk.IssueID `json:"part"`
	// Copies of a reply are what the reporters of merged issues got.
	Copies []Copy `json:"copies"`
}

// Copy is what another reporter got of a reply.
type Copy struct {
	Post       desk.PostID     `json:"post"`
	Part       desk.IssueID    `json:"part"`
	State      desk.PostState  `json:"state"`
	Withheld   string          `json:"withheld"` // why it was not sent
	Visibility desk.Visibility `json:"visibility"`
	Deleted    bool            `json:"deleted"`
	Delivery   Delivery        `json:"delivery"`
}

func copyOf(e app.Entry) Copy {
	c := Copy{Post: e.Post.ID, Part: e.Post.Issue, State: e.Post.State, Withheld: e.Post.Withheld, Visibility: e.Post.Visibility, Deleted: e.Post.Deleted, Delivery: deliveryOf(e.Tally)}
	if len(e.Failed) > 0 {
		c.Delivery.Failures = each(e.Failed, failureOf)
	}
	return c
}

// Delivery counts the servers to which one of our posts has gone; one with several
// inboxes counts once.
type Delivery struct {
	Queued    int `json:"queued"`
	Delivered int `json:"delivered"`
	Failed    int `json:"failed"`
	// Failures are the first of those that failed for good; of replies only.
	Failures []Failure `json:"failures,omitempty"`
}

// Failure is a server that one of our posts did not reach.
type Failure struct {
	Server desk.Host `json:"server"`
	Why    string    `json:"why"`
}

func failureOf(d store.Delivery) Failure { return Failure{Server: d.Server(), Why: d.Error} }

func deliveryOf(t store.Tally) Delivery {
	return Delivery{Queued: t.Queued, Delivered: t.Delivered, Failed: t.Failed}
}

func issueOf(site desk.Site, v app.IssueView) Issue {
	i := v.Issue
	return Issue{
		ID: i.ID, Desk: i.Desk, Also: list(i.Also), Status: i.Status, Category: i.Status.Category(), Reason: i.Reason,
		Next: i.Next, ReporterSpoke: i.NeedsUs, Answered: i.NeedsUs, Reporter: personOf(v.Reporter), Excerpt: i.Excerpt, Language: i.Language,
		Why: i.Why, Heard: i.Heard, Invited: i.Invited, Silenced: i.Silenced, Sources: list(v.Sources),
		OpenedAt: Time{i.OpenedAt}, UpdatedAt: Time{i.UpdatedAt}, WaitingSince: Time{i.WaitingSince},
		Assignee: i.Assignee, Incident: i.Incident, Pile: i.InPile(), Snoozed: i.Snooze.On(), SnoozedUntil: Time{i.Snooze.Until}, Folded: i.Folded, Apart: i.Apart, Merged: list(i.Merged), URL: site.Issue(i.ID),
	}
}

func fullIssueOf(site desk.Site, v app.IssueView) FullIssue {
	out := FullIssue{Issue: issueOf(site, v), MaxCharacters: v.MaxCharacters, Caveats: list(v.Caveats), Warning: v.Warning, Sensitive: v.Sensitive, Timeline: make([]Entry, len(v.Timeline)),
		Earlier: v.Earlier, Before: v.Before, Folded: Folded{Entries: v.Folded.Entries, Accounts: v.Folded.Accounts}, Parts: each(v.Parts, partOf)}
	for n, e := range v.Timeline {
		out.Timeline[n] = entryOf(site, e)
		out.Seen = e.Event.ID // in the order of time
	}
	return out
}

func personOf(a desk.Actor) Person {
	return Person{ID: a.ID, Acct: a.Acct, Name: desk.CleanName(a.Name), URL: a.URL}
}

func entryOf(site desk.Site, e app.Entry) Entry {
	out := Entry{ID: e.Event.ID, Kind: e.Event.Kind, At: Time{e.Event.At}, Agent: e.Event.Agent, Post: e.Event.Post,
		Text: e.Event.Text, Status: e.Event.Status, Reason: e.Event.Reason, Undoes: e.Event.Undoes, Third: e.Event.Third, Attachments: []Attachment{}, Part: e.Event.Issue, Copies: each(e.Copies, copyOf),
		Author: cmp.Or(e.Author.Acct, string(e.Author.ID), string(e.Event.Agent))}
	if e.Post == nil {
		return out
	}
	p := *e.Post
	out.Object, out.Deleted = p.Object, p.Deleted
	if p.Role == desk.RoleReply && e.Author.ID == "" {
		out.Author = site.Acct(p.Desk)
	}
	if !says(e.Event.Kind) {
		return out
	}
	out.Text, out.HTML, out.Visibility, out.Warning, out.URL = p.Text, p.HTML, p.Visibility, p.Warning, p.URL
	out.Edited, out.Cut = p.Edits > 0, p.Cut != ""
	out.State, out.Withheld, out.Status, out.Reason = p.State, p.Withheld, p.Status, p.Reason
	if p.State == desk.PostPending {
		out.DueAt = Time{p.DueAt}
	}
	out.Attachments, out.Delivery = each(p.Attachments, attachmentOf), deliveryOf(e.Tally)
	if len(e.Failed) > 0 {
		out.Delivery.Failures = each(e.Failed, failureOf)
	}
	return out
}

// says tells the entries that are a post from those that are about one.
func says(k desk.Kind) bool {
	switch k {
	case desk.KindReport, desk.KindPost, desk.KindReply, desk.KindComment:
		return true
	}
	return false
}

// list makes an empty list of none: JSON shows [] and not null.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

package console

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/internal/locale"
	"earshot/store"
)

// thread is one issue, as it is worked on.
type thread struct {
	app.IssueView
	Shows      shows
	Entries    []entry
	Waits      string
	Composer   composer
	Rows       []row         // the entries, with runs of changes folded
	Statuses   []desk.Status // that can be set silently
	Closes     []reason      // for which it can be closed at one press
	Colleagues []desk.Agent
	Assignee   desk.Email
	Owner      string // the assignee's name
	Me         desk.Email
	Unseen     bool // a comment mentions them, and they have not seen it, or only the beginning of the report is stored
	Here       []present
	Live       bool // who is here is known
	Seen       desk.EventID
	Key        string         // of the menus: sending one twice is one act
	Elsewhere  []desk.Desk    // the other desks, to which it can be moved
	Incident   *desk.Incident // to which it is linked; nil: to none
	Person     reporter
	Lessons    []incidentLine // what was learned from incidents like the report
	Snoozed    string         // until when, "" if it is not
	Snoozes    []snoozeChoice
	Tomorrow   string // the first day that can be chosen
}

// entry is one line of the timeline.
type entry struct {
	app.Entry
	Ours   bool     // said by the desk
	Inside bool     // a comment: never leaves
	Third  bool     // said by neither the desk nor the reporter
	Calls  []string // the names of the colleagues that a comment calls
	By     string   // the name of who of us did it
	Note   sentence // the event, if it has no post to show
	// Splits: it can be made an issue of its own.
	Splits bool
	// TakeBack is how long a reply can still be taken back; 0: it cannot.
	TakeBack time.Duration
	// Edits: it is ours and stands, so it can be deleted; Rewrites: and changed.
	Edits, Rewrites bool
	// Checks: it waits for a colleague, and the agent may decide; Word is what they typed.
	Checks bool
	Word   string
	// Resolves: the reporter says by it that it works, so the issue can be resolved.
	Resolves bool
	// Undo: it is a silent change that can be taken back.
	Undo bool
	Ago  string
	// Report: the rows of folded entries come after it.
	Report bool
	// Whose is the reporter in whose thread it is, and To the reporters who got it,
	// of a merged issue.
	Whose string
	To    []sent
	// Rewrite is a new text of it that was not taken.
	Rewrite *draft
	// Pictures are those of the form in which it is changed.
	Pictures filing
	// Shown are the pictures of its post that are shown in place, and Files the links to
	// all that is not.
	Shown []shownPicture
	Files []desk.Attachment
	Face  string // the address of the author's; "": initials alone
}

// sent is a reply of ours as one of several reporters got it.
type sent struct {
	app.Entry
	Name string
}

// shows is which page of a thread is shown. The zero value: the newest.
type shows struct {
	Before desk.EventID // "before" in the address
	Third  bool         // "third"
}

func showsOf(q url.Values) shows {
	return shows{Before: desk.EventID(q.Get("before")), Third: q.Get("third") == "true"}
}

// Newest says whether it is the newest page of all.
func (s shows) Newest() bool { return s == shows{} }

// Query is the page in an address.
func (s shows) Query() string {
	q := url.Values{}
	if s.Before != "" {
		q.Set("before", string(s.Before))
	}
	if s.Third {
		q.Set("third", "true")
	}
	return q.Encode()
}

// Page is the address at which another page of the thread is asked for.
func (t *thread) Page(s shows) string {
	address := Root + "/issues/" + url.PathEscape(string(t.Issue.ID)) + "/page"
	if !s.Newest() {
		address += "?" + s.Query()
	}
	return address
}

// Newest is the address of the newest page; Thirds, of the entries of third persons;
// Older, of the page before this one.
func (t *thread) Newest() string { return t.Page(shows{}) }

// Thirds is described with Newest.
func (t *thread) Thirds() string { return t.Page(shows{Third: true}) }

// Older is described with Newest.
func (t *thread) Older() string {
	return t.Page(shows{Before: t.IssueView.Before, Third: t.Shows.Third})
}

// Address is where this page is loaded again.
func (t *thread) Address(q query) string {
	address := q.Issue(t.Issue.ID)
	if !t.Shows.Newest() {
		address += "&" + t.Shows.Query()
	}
	return address
}

// Counted says whether there are so many earlier entries, and not more.
func (t *thread) Counted() bool { return t.Earlier < store.MaxCounted }

// issue shows one.
func (c *Console) issue(v *visit) error {
	return c.showIssue(v, http.StatusOK, nil)
}

// page shows another page of an issue's thread. Its buttons are the composer's, so
// that the draft comes along.
func (c *Console) page(v *visit) error {
	d := draftOf(v)
	if err := c.keep(v, app.DraftOnIssue(v.issueID()), d); err != nil {
		return err
	}
	return c.showIssue(v, http.StatusOK, &d)
}

// markSeen notes that an agent who was mentioned has seen the issue. The page's
// script sends the form when it has loaded, as a GET does not write; without
// the script, the agent does.
func (c *Console) markSeen(v *visit) error {
	if err := c.app.MarkSeen(v.Context(), v.by(), v.issueID()); err != nil {
		return err
	}
	return v.back(v.issueID(), "")
}

// isCut says whether only the beginning of an entry's report is stored.
func isCut(e app.Entry) bool { return e.Post != nil && e.Post.Cut != "" }

// showIssue shows an issue with the agent's draft; nil: no draft yet.
func (c *Console) showIssue(v *visit, status int, said *draft) error {
	return c.showIssueOf(v, v.issueID(), status, said)
}

func (c *Console) showIssueOf(v *visit, which desk.IssueID, status int, said *draft) error {
	d, err := c.desktop(v, which)
	if err != nil {
		return err
	}
	if d.Thread, err = c.thread(v, which, said, d.drafts); err != nil {
		return err
	}
	if home := d.Thread.Issue.ID; home != which && v.Method == http.MethodGet { // it was merged into that one
		http.Redirect(v.w, v.Request, d.Query.issue(home), http.StatusSeeOther)
		return nil
	}
	for _, other := range d.Desks {
		if other.Handle != d.Thread.Issue.Desk {
			d.Thread.Elsewhere = append(d.Thread.Elsewhere, other)
		}
	}
	return c.send(v, status, "issues", frame{Title: "@" + d.Thread.Reporter.Acct + ": " + d.Thread.Issue.Said(), Said: v.saying(d.Query.said), counts: d.counts, Undo: undoable{Entry: d.Thread.justDone(d.Query.said), desktop: d}, Data: d})
}

func (c *Console) thread(v *visit, which desk.IssueID, said *draft, drafts map[string]store.Draft) (*thread, error) {
	at := showsOf(v.URL.Query())
	whole, err := c.app.ShowThread(v.Context(), which, app.ThreadInput{Before: at.Before, Third: at.Third})
	if err != nil {
		return nil, err
	}
	now := c.app.Now()
	staff, err := c.staff(v.Context())
	if err != nil {
		return nil, err
	}
	t := &thread{IssueView: whole, Shows: at, Waits: waits(v.speech, whole.Issue, now), Colleagues: staff.active(), Assignee: whole.Issue.Assignee,
		Owner: staff.name(whole.Issue.Assignee), Me: v.agent.Email, Unseen: slices.Contains(whole.Issue.Mentioned, v.agent.Email) || slices.ContainsFunc(whole.Timeline, isCut),
		Here: c.here(whole.Issue.ID, v.agent.Email, staff), Live: c.live != nil}
	if t.Person, err = c.reporter(v, whole, staff); err != nil {
		return nil, err
	}
	if whole.Issue.Status.Category() != desk.CategoryDone {
		if t.Lessons, err = c.lessons(v, whole.Issue.Desk, strings.Join(append([]string{whole.Issue.Excerpt}, whole.Issue.Keys...), "\n")); unlessOtherDesk(err) != nil {
			return nil, err
		}
	}
	if whole.Issue.Incident != "" {
		linked, err := c.app.ShowIncident(v.Context(), whole.Issue.Incident)
		if err == nil {
			t.Incident = &linked.Incident
		} else if unlessOtherDesk(err) != nil {
			return nil, err
		}
	}
	t.Snoozed = snoozedIn(v.speech, whole.Issue.Snooze, v.agent.Zone())
	if local := now.In(v.agent.Zone()); whole.Issue.CheckSnooze(time.Time{}, now) == nil {
		t.Snoozes, t.Tomorrow = snoozeChoices(v.speech, local), local.AddDate(0, 0, 1).Format(time.DateOnly)
	}
	for _, e := range whole.Timeline {
		entry := entryOf(v.speech, e, whole, now)
		if entry.By = staff.name(e.Event.Agent); entry.By == "" && entry.Ours {
			entry.By = v.speech.T("console.admin")
		}
		if e.Post == nil {
			entry.Note = noteIn(v.speech, e.Event, staff)
		}
		if entry.Inside {
			for _, a := range desk.MentionedColleagues(e.Post.Text, t.Colleagues) {
				entry.Calls = append(entry.Calls, a.Name)
			}
			entry.Rewrites = entry.Rewrites && e.Post.Agent == v.agent.Email
			entry.Edits = entry.Edits && (entry.Rewrites || v.agent.Role == desk.RoleAdmin)
		}
		entry.Shown, entry.Files = c.picturesOf(e.Post)
		if !entry.Ours {
			entry.Face = c.faceOf(e.Author)
		}
		t.Entries = append(t.Entries, entry)
	}
	if at.Newest() {
		offerUndo(whole, t.Entries, now)
	}
	t.offerStatuses(v.speech)
	t.Seen, t.Key = newest(whole.Timeline), id.New()
	staged, err := c.app.Uploads(v.Context(), v.agent.Email)
	if err != nil {
		return t, err
	}
	for n, e := range t.Entries {
		if e.Rewrites {
			t.Entries[n].Rewrite = keptOf(v, drafts, app.DraftOnPost(e.Post.ID), now)
		}
	}
	if said != nil && said.Rewrites != "" {
		t.rewrite(*said)
		said = nil
	}
	t.offerCheck(v.agent, said)
	for n, e := range t.Entries {
		if e.Rewrites && !e.Inside {
			d := e.Rewrite
			if d == nil {
				d = &draft{}
			}
			t.Entries[n].Pictures = filingOf(e.Post.Attachments, staged[app.DraftOnPost(e.Post.ID)], *d)
		}
	}
	t.Rows = foldChanges(t.Entries)
	if said == nil {
		said = keptOf(v, drafts, app.DraftOnIssue(which), now)
	}
	if said == nil {
		said = &draft{}
	}
	said.Key, said.Seen = cmp.Or(said.Key, id.New()), cmp.Or(said.Seen, t.Seen)
	said.Pictures = filingOf(nil, staged[app.DraftOnIssue(which)], *said)
	t.Composer = composerOf(v.speech, whole, *said)
	by, _, err := c.app.Desk(v.Context(), whole.Issue.Desk)
	if err != nil {
		return t, err
	}
	t.Composer.Preview = c.previewOf(v.speech, by, t.Composer)
	t.Composer.Phrases, err = c.phrasesFor(v, whole.Issue.Desk, t.Composer.Language)
	return t, unlessOtherDesk(err)
}

// offerCheck marks the replies that wait for a colleague who may be this agent. A word that
// was not taken is in its form again.
func (t *thread) offerCheck(who desk.Agent, said *draft) {
	for n, e := range t.Entries {
		if e.Post == nil || e.Event.Kind != desk.KindReply || e.Post.State != desk.PostUnchecked {
			continue
		}
		t.Entries[n].Checks = e.Post.Agent != who.Email && !who.Checked
		if said != nil && said.Returns == e.Post.ID {
			t.Entries[n].Word = said.Word
		}
	}
}

// unlessOtherDesk is an error, but for that of a record of a desk that the agent does not see:
// an issue may also be shown on theirs.
func unlessOtherDesk(err error) error {
	if desk.ErrorCode(err) == desk.CodeNotFound {
		return nil
	}
	return err
}

// rewrite gives a text that was not taken back to the form of its post.
func (t *thread) rewrite(d draft) {
	for n, e := range t.Entries {
		if e.Post != nil && e.Post.ID == d.Rewrites && e.Rewrites {
			t.Entries[n].Rewrite = &d
		}
	}
}

func entryOf(l *locale.Language, e app.Entry, whole app.IssueView, now time.Time) entry {
	i, part := whole.Issue, partOf(whole, e.Event.Issue)
	out := entry{Entry: e, Ago: ago(l, now.Sub(e.Event.At)), Report: e.Event.Kind == desk.KindReport && e.Event.Post == i.Post}
	said := e.Event.Kind == desk.KindPost || e.Event.Feeling() == desk.FeelingYes
	out.Resolves = said && i.Status == desk.StatusFixed && i.CheckStatus(desk.StatusChange{To: desk.StatusResolved, Because: &desk.Evidence{By: part.speaksFor(i, e.Author.ID), At: e.Event.At}}) == nil
	if len(whole.Parts) > 0 {
		out.Whose = nameOf(l, part.Reporter)
		if len(e.Copies) > 0 {
			for _, c := range append([]app.Entry{e}, e.Copies...) {
				out.To = append(out.To, sent{c, nameOf(l, partOf(whole, c.Event.Issue).Reporter)})
			}
		}
	}
	p := e.Post
	if p == nil {
		return out
	}
	out.Resolves = out.Resolves && !p.Deleted
	out.Ours = p.Ours()
	out.Inside = p.Role == desk.RoleComment
	out.Third = !out.Ours && p.Author != part.Issue.Reporter && p.Role != desk.RoleReport
	out.Splits = !out.Ours && !p.Deleted && p.Role == desk.RolePost && (p.Author == part.Issue.Reporter || p.Invited)
	out.Edits = !p.Deleted && (out.Inside || p.Role == desk.RoleReply && p.State == desk.PostPublished)
	out.Rewrites = out.Edits
	if e.Event.Kind == desk.KindReply && p.State == desk.PostPending {
		out.TakeBack = max(p.DueAt.Sub(now).Round(time.Second), time.Second)
	}
	return out
}

// reportOf is one of the reports of an issue.
type reportOf app.Part

// partOf is the report in whose thread something was said.
func partOf(v app.IssueView, thread desk.IssueID) reportOf {
	for _, p := range v.Parts {
		if p.Issue.ID == thread {
			return reportOf(p)
		}
	}
	return reportOf{v.Issue, v.Reporter}
}

// speaksFor is the person as whose word something counts in the whole.
func (r reportOf) speaksFor(whole desk.Issue, who desk.ActorID) desk.ActorID {
	if who == r.Issue.Reporter {
		return whole.Reporter
	}
	return who
}

// newest returns the last entry, but for those of third persons.
func newest(timeline []app.Entry) desk.EventID {
	for _, e := range slices.Backward(timeline) {
		if !e.Event.Third {
			return e.Event.ID
		}
	}
	return ""
}

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"earshot/internal/api"
	"earshot/internal/clock"
	"earshot/internal/desk"
)

type incidentCmd struct {
	Suggest    incidentSuggest    `cmd:"" help:"Say which open issues of a desk may have one cause."`
	Dismiss    incidentDismiss    `cmd:"" help:"Say that a suggestion is no incident."`
	Open       incidentOpen       `cmd:"" help:"Open an incident and publish it: its first post goes to the followers."`
	Draft      incidentDraft      `cmd:"" help:"Open an incident that nobody outside sees yet."`
	Publish    incidentPublish    `cmd:"" help:"Publish a draft."`
	Edit       incidentEdit       `cmd:"" help:"Change an incident; the first post of a published one changes too."`
	Update     incidentUpdate     `cmd:"" help:"Write an update to the followers."`
	Discard    incidentDiscard    `cmd:"" help:"Put a draft away, or take it out again."`
	Link       incidentLink       `cmd:"" help:"Link issues to an incident."`
	Unlink     incidentUnlink     `cmd:"" help:"End the links of issues to an incident."`
	List       incidentList       `cmd:"" help:"List incidents, newest first."`
	Show       incidentShow       `cmd:"" help:"Show an incident, its posts and its voices."`
	Close      incidentClose      `cmd:"" help:"Say that an incident is over."`
	Postmortem incidentPostmortem `cmd:"" help:"Publish what was learned from an incident that is over."`
	Lessons    incidentLessons    `cmd:"" help:"Show what was learned from incidents like something."`
	Audience   incidentAudience   `cmd:"" help:"Say which voices an update would reach; nobody is written to."`
	Tell       incidentTell       `cmd:"" help:"Tell the voices the newest post of an incident."`
	Told       incidentTold       `cmd:"" help:"Show which voices were told."`
	Pause      incidentPause      `cmd:"" help:"Pause telling the voices."`
	Resume     incidentResume     `cmd:"" help:"Go on telling the voices."`
	Retry      incidentRetry      `cmd:"" help:"Tell those again whose servers did not take it."`
	Stop       incidentStop       `cmd:"" help:"Stop telling the voices for good."`
}

type incidentSuggest struct {
	Desk string `arg:"" help:"The desk's handle."`
}

func (incidentSuggest) Help() string {
	return `It compares the reports of the last day: the words that different people use within an hour and did not use
before. It only suggests; nothing is changed and nobody is written to.

Example:

	earshot incident suggest help
`
}

func (i incidentSuggest) Run(c *command) error {
	h, err := handle(i.Desk)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		out, err := s.Suggestions(c.ctx, h)
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) {
			if len(out) == 0 {
				fmt.Fprintln(w, "No reports of the last day look like one incident.")
			}
			for _, one := range out {
				fmt.Fprintf(w, "Maybe one incident: %s.\n", suggested(one))
				for _, id := range one.Issues[:min(len(one.Issues), 5)] {
					fmt.Fprintln(w, "  issue", short(id))
				}
				if more := len(one.Issues) - 5; more > 0 {
					fmt.Fprintf(w, "  and %d more; --json lists them\n", more)
				}
			}
		})
	})
}

type incidentDismiss struct {
	Desk  string `arg:"" help:"The desk's handle."`
	Issue string `arg:"" help:"An issue of the suggestion."`
}

func (incidentDismiss) Help() string {
	return `The suggestion that the issue is part of is not shown again, to any agent, until twice as many people say the same.

Example:

	earshot incident dismiss help 4f2a91c0
`
}

func (i incidentDismiss) Run(c *command) error {
	h, err := handle(i.Desk)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		id, err := s.issueID(i.Issue)
		if err != nil {
			return err
		}
		all, err := s.Suggestions(c.ctx, h)
		if err != nil {
			return err
		}
		for _, one := range all {
			if slices.Contains(one.Issues, id) {
				if err := s.DismissSuggestion(c.ctx, h, one.Issues); err != nil {
					return err
				}
				return c.show(one, func(w io.Writer) { fmt.Fprintf(w, "No incident: %s.\n", suggested(one)) })
			}
		}
		return usage("issue %s is part of no suggestion; earshot incident suggest %s shows them", short(id), h)
	})
}

// suggested says in a sentence why reports may be one incident.
func suggested(s api.Crowd) string {
	var words []string
	for _, w := range append(s.Services, s.Words...) {
		words = append(words, clean(w.Text))
	}
	return fmt.Sprintf("%d people since %s: %s", s.People, when(s.Since), strings.Join(words, ", "))
}

// newIncident takes the words of a new incident.
type newIncident struct {
	Desk     string `arg:"" help:"The desk's handle."`
	Title    string `arg:"" help:"The title, at most 80 characters."`
	Text     string `arg:"" optional:"" help:"The text below the first line; - reads standard input."`
	Services string `help:"The services and places it is about." placeholder:"NAME,…"`
	Impact   string `help:"none, minor, major or critical." enum:"none,minor,major,critical" default:"minor" placeholder:"IMPACT"`
	Status   string `help:"investigating, identified or monitoring; of planned work scheduled or in_progress." enum:",investigating,identified,monitoring,scheduled,in_progress,verifying" default:"" placeholder:"STATUS"`
	From     string `help:"Planned work: when it begins." placeholder:"TIME"`
	Until    string `help:"Planned work: when it ends." placeholder:"TIME"`
	Next     string `help:"When the next update is promised: a time, or a duration like 30m." placeholder:"TIME"`
	AtBegin  string `help:"Planned work: an update that goes out by itself when it begins." placeholder:"TEXT"`
	AtEnd    string `help:"Planned work: an update that goes out by itself when it ends." placeholder:"TEXT"`
	Language string `help:"The language of the text." placeholder:"TAG"`
	meant
}

func (n newIncident) open(c *command, publish, now bool) error {
	h, err := handle(n.Desk)
	if err != nil {
		return err
	}
	text, err := c.text(n.Text)
	if err != nil {
		return err
	}
	in := api.NewIncident{Desk: h, Title: n.Title, Text: text, Language: n.Language, Services: tags(n.Services), Impact: desk.Impact(n.Impact),
		Status: desk.IncidentStatus(n.Status), AtBegin: n.AtBegin, AtEnd: n.AtEnd, Publish: publish, Now: now, Meant: n.Meant}
	for _, one := range []struct {
		typed string
		at    *api.Time
	}{{n.From, &in.From}, {n.Until, &in.Until}, {n.Next, &in.NextUpdateAt}} {
		if *one.at, err = typedTime(one.typed); err != nil {
			return err
		}
	}
	return c.with(func(s *session) error {
		out, err := s.OpenIncident(c.ctx, in)
		if err != nil {
			return err
		}
		return s.showIncident(out)
	})
}

// typedTime reads a time, or how long it is until then.
func typedTime(s string) (api.Time, error) {
	if s == "" {
		return api.Time{}, nil
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return api.Time{Time: clock.System{}.Now().Add(d)}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return api.Time{Time: t.UTC()}, nil
		}
	}
	return api.Time{}, usage("a time is like 2026-03-01T14:30 (UTC) or 2026-03-01T14:30:00+01:00, or a duration like 30m; %q is not", s)
}

// showIncident tells what became of an incident, and how a post on its way is taken back.
func (s *session) showIncident(i api.Incident) error {
	s.queued()
	full := api.FullIncident{Incident: i}
	if i.Leaving {
		var err error
		if full, err = s.Incident(s.call.ctx, i.ID); err != nil {
			return err
		}
	}
	return s.call.show(i, func(w io.Writer) {
		fmt.Fprintf(w, "Incident %s is %s, %s: %s\n", i.ID, standing(i), i.Impact, cell(i.Title))
		p := full.First
		if len(full.Updates) > 0 {
			p = &full.Updates[0].Post
		}
		if p != nil && p.State == desk.PostPending {
			fmt.Fprintf(w, "The post %s goes out %s.\nUndo: earshot issue undo %s\n", p.ID, when(p.DueAt), p.ID)
		}
	})
}

// standing says how an incident stands.
func standing(i api.Incident) string {
	switch i.State {
	case desk.IncidentDraft:
		return "a draft"
	case desk.IncidentDiscarded:
		return "discarded"
	}
	return string(i.Status)
}

// marks say in a list that an incident was made from an alert, and that texts of it go
// out by themselves.
func marks(i api.Incident) (out string) {
	if i.Alert != nil {
		out += ", alert"
	}
	if i.AtBegin != "" || i.AtEnd != "" {
		out += ", texts prepared"
	}
	return out
}

type incidentOpen struct {
	newIncident
	Now bool `help:"Send it now, without the take-back time."`
}

func (incidentOpen) Help() string {
	return `The first post goes out after ten seconds to the desk's followers, and stays pinned while the incident is open. Until
then "earshot issue undo" stops it, and the incident is a draft.

Examples:

	earshot incident open help "No internet in the Ostviertel" "We are looking for the cause." --impact major --next 30m
	earshot incident open help "Work on the mail servers" --from 2026-03-08T02:00 --until 2026-03-08T04:00 \
	  --at-begin "We have begun: mail pauses for minutes." --at-end "Done. Mail works as before."
`
}

func (i incidentOpen) Run(c *command) error { return i.open(c, true, i.Now) }

type incidentDraft struct{ newIncident }

func (incidentDraft) Help() string {
	return `Example:

	earshot incident draft help "No internet in the Ostviertel" --services "Internet,Ostviertel" --impact major
`
}

func (i incidentDraft) Run(c *command) error { return i.open(c, false, false) }

// ofIncident names an incident.
type ofIncident struct {
	ID   string `arg:"" help:"The incident's id, or the end of it."`
	Seen string `help:"The revision that you have seen (incident show prints it): refused if it has changed since." placeholder:"N"`
}

// with runs a change of the incident that is meant, and shows the result.
func (o ofIncident) with(c *command, change func(*api.Client, desk.IncidentID) (api.Incident, error)) error {
	return onIncident(c, o, change, (*session).showIncident)
}

// onIncident runs a change of an incident, and shows what came of it.
func onIncident[T any](c *command, o ofIncident, change func(*api.Client, desk.IncidentID) (T, error), show func(*session, T) error) error {
	return c.with(func(s *session) error {
		id, err := s.incidentID(o.ID)
		if err != nil {
			return err
		}
		out, err := change(s.Seeing(desk.EventID(o.Seen)), id)
		if err != nil {
			return err
		}
		return show(s, out)
	})
}

// incidentID finds the incident whose id ends as was typed.
func (s *session) incidentID(typed string) (desk.IncidentID, error) {
	if len(typed) < leastShort || len(typed) >= wholeLength {
		return desk.IncidentID(typed), nil
	}
	incidents, err := s.Incidents(s.call.ctx, "", "", amongLatest)
	if err != nil {
		return "", err
	}
	found := desk.IncidentID(typed) // if no other: the server says that it does not exist
	n := 0
	for _, i := range incidents {
		if strings.HasSuffix(string(i.ID), strings.ToLower(typed)) {
			found = i.ID
			n++
		}
	}
	if n > 1 {
		return "", usage("%d incidents end in %s; type more of the id", n, typed)
	}
	return found, nil
}

type incidentPublish struct {
	ofIncident
	Now bool `help:"Send it now, without the take-back time."`
}

func (i incidentPublish) Run(c *command) error {
	return i.with(c, func(a *api.Client, id desk.IncidentID) (api.Incident, error) {
		return a.PublishIncident(c.ctx, id, api.NewPublication{Now: i.Now})
	})
}

type incidentEdit struct {
	ofIncident
	Title    *string `help:"The title." placeholder:"TITLE"`
	Text     *string `help:"The text below the first line." placeholder:"TEXT"`
	Services *string `help:"The services and places." placeholder:"NAME,…"`
	Impact   *string `help:"none, minor, major or critical." placeholder:"IMPACT"`
	From     *string `help:"Planned work: when it begins." placeholder:"TIME"`
	Until    *string `help:"Planned work: when it ends." placeholder:"TIME"`
	AtBegin  *string `help:"Planned work: the update that goes out by itself when it begins; an empty text removes it." placeholder:"TEXT"`
	AtEnd    *string `help:"Planned work: the update that goes out by itself when it ends; an empty text removes it." placeholder:"TEXT"`
	Next     *string `help:"When the next update is promised; an empty text promises nothing." placeholder:"TIME"`

	Surprised *string `help:"What surprised us; an empty text removes it." placeholder:"TEXT"`
	Changed   *string `help:"What we changed; an empty text removes it." placeholder:"TEXT"`
	meant
}

func (i incidentEdit) Run(c *command) error {
	in := api.IncidentEdit{Title: i.Title, Text: i.Text, AtBegin: i.AtBegin, AtEnd: i.AtEnd, Surprised: i.Surprised, Changed: i.Changed, Meant: i.Meant}
	if i.Services != nil {
		services := tags(*i.Services)
		in.Services = &services
	}
	if i.Impact != nil {
		impact := desk.Impact(*i.Impact)
		in.Impact = &impact
	}
	for _, one := range []struct {
		typed *string
		to    **api.Time
	}{{i.From, &in.From}, {i.Until, &in.Until}, {i.Next, &in.NextUpdateAt}} {
		if one.typed == nil {
			continue
		}
		at, err := typedTime(*one.typed)
		if err != nil {
			return err
		}
		*one.to = &at
	}
	return i.with(c, func(a *api.Client, id desk.IncidentID) (api.Incident, error) { return a.EditIncident(c.ctx, id, in) })
}

type incidentDiscard struct {
	ofIncident
	Restore bool `help:"Take the draft out again."`
}

func (i incidentDiscard) Run(c *command) error {
	return i.with(c, func(a *api.Client, id desk.IncidentID) (api.Incident, error) {
		return a.DiscardIncident(c.ctx, id, api.Discarding{Restore: i.Restore})
	})
}

type incidentUpdate struct {
	ofIncident
	Text   string `arg:"" help:"The text; - reads standard input."`
	Status string `help:"The status that it sets: investigating, identified, monitoring, resolved or postmortem; of planned work in_progress, verifying or completed." placeholder:"STATUS"`
	Next   string `help:"When the next update is promised: a time, or a duration like 30m." placeholder:"TIME"`
	Now    bool   `help:"Send it now, without the take-back time."`
	Tell   bool   `help:"Tell the linked voices too, each once and in its own thread."`
	telling
	meant
}

func (incidentUpdate) Help() string {
	return `The update goes to the desk's followers as an answer to the first post, after ten seconds. Then its status takes effect,
and the first line of the first post says so. With --tell each linked voice is answered in its own thread: incident audience
says before how many that are.

Example:

	earshot incident update 0192… "A cable was cut. The repair takes two hours." --status identified --next 2h
`
}

func (i incidentUpdate) Run(c *command) error {
	text, err := c.text(i.Text)
	if err != nil {
		return err
	}
	next, err := typedTime(i.Next)
	if err != nil {
		return err
	}
	tell, err := i.in(c, i.Tell)
	if err != nil {
		return err
	}
	return i.with(c, func(a *api.Client, id desk.IncidentID) (api.Incident, error) {
		return a.UpdateIncident(c.ctx, id, api.NewUpdate{Text: text, Status: desk.IncidentStatus(i.Status), NextUpdateAt: next, Now: i.Now, Meant: i.Meant, Tell: tell})
	})
}

type incidentClose struct {
	ofIncident
	Text      string `arg:"" help:"The last update; - reads standard input."`
	Surprised string `help:"What surprised us; only agents read it until it is published." placeholder:"TEXT"`
	Changed   string `help:"What we changed; only agents read it until it is published." placeholder:"TEXT"`
	Now       bool   `help:"Send it now, without the take-back time."`
	Tell      bool   `help:"Tell the linked voices too that it is over, each once and in its own thread."`
	telling
	meant
}

func (incidentClose) Help() string {
	return `Example:

	earshot incident close 0192… "Over since 14:20." --surprised "No alarm rang." --changed "It rings now."
`
}

func (i incidentClose) Run(c *command) error {
	text, err := c.text(i.Text)
	if err != nil {
		return err
	}
	tell, err := i.in(c, i.Tell)
	if err != nil {
		return err
	}
	return i.with(c, func(a *api.Client, id desk.IncidentID) (api.Incident, error) {
		return a.CloseIncident(c.ctx, id, api.NewClose{Text: text, Surprised: i.Surprised, Changed: i.Changed, Now: i.Now, Meant: i.Meant, Tell: tell})
	})
}

type incidentPostmortem struct {
	ofIncident
	Surprised *string `help:"What surprised us, in place of what was written at the end." placeholder:"TEXT"`
	Changed   *string `help:"What we changed, in place of what was written at the end." placeholder:"TEXT"`
	Show      bool    `help:"Only show what it would say."`
	Now       bool    `help:"Send it now, without the take-back time."`
	meant
}

func (incidentPostmortem) Help() string {
	return `It goes to the desk's followers after ten seconds; the voices are not told.

Example:

	earshot incident postmortem 0192… --show
	earshot incident postmortem 0192…
`
}

func (i incidentPostmortem) Run(c *command) error {
	if i.Show {
		return onIncident(c, i.ofIncident, func(a *api.Client, id desk.IncidentID) (api.FullIncident, error) { return a.Incident(c.ctx, id) },
			func(_ *session, out api.FullIncident) error {
				return c.show(out, func(w io.Writer) {
					if out.Postmortem == "" {
						fmt.Fprintln(w, "There is nothing to say: the incident is not over, or nothing was learned, or it was said.")
						return
					}
					fmt.Fprintln(w, clean(out.Postmortem))
				})
			})
	}
	return i.with(c, func(a *api.Client, id desk.IncidentID) (api.Incident, error) {
		return a.Postmortem(c.ctx, id, api.NewPostmortem{Surprised: i.Surprised, Changed: i.Changed, Now: i.Now, Meant: i.Meant})
	})
}

type incidentLessons struct {
	Desk string `arg:"" help:"The desk's handle."`
	Text string `arg:"" help:"Something that was heard; - reads standard input."`
}

func (incidentLessons) Help() string {
	return `It lists incidents that are over, whose services the text names or with which it has words in common.

Example:

	earshot incident lessons help "no internet in the Ostviertel"
`
}

func (l incidentLessons) Run(c *command) error {
	h, err := handle(l.Desk)
	if err != nil {
		return err
	}
	text, err := c.text(l.Text)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		found, err := s.Lessons(c.ctx, h, text)
		if err != nil {
			return err
		}
		return c.show(found, func(w io.Writer) {
			if len(found) == 0 {
				fmt.Fprintln(w, "Nothing was learned from anything like it.")
			}
			for _, i := range found {
				fmt.Fprintf(w, "%s, over since %s (%s)\n", cell(i.Title), when(i.ClosedAt), short(desk.IssueID(i.ID)))
				printLearned(w, i)
			}
		})
	})
}

// printLearned prints what was learned from an incident.
func printLearned(w io.Writer, i api.Incident) {
	if i.Surprised != "" {
		fmt.Fprintln(w, "What surprised us:", clean(i.Surprised))
	}
	if i.Changed != "" {
		fmt.Fprintln(w, "What we changed:", clean(i.Changed))
	}
}

// voices names issues.
type voices struct {
	ofIncident
	Issues []string `arg:"" help:"The issues' ids, or the ends of them."`
}

func (v voices) change(c *command, do func(*api.Client, desk.IncidentID, api.Voices) (api.Incident, error)) error {
	return c.with(func(s *session) error {
		var in api.Voices
		for _, typed := range v.Issues {
			id, err := s.issueID(typed)
			if err != nil {
				return err
			}
			in.Issues = append(in.Issues, id)
		}
		id, err := s.incidentID(v.ID)
		if err != nil {
			return err
		}
		out, err := do(s.Seeing(desk.EventID(v.Seen)), id, in)
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { fmt.Fprintf(w, "Incident %s has %d voices.\n", out.ID, out.Voices) })
	})
}

type incidentLink struct {
	ofIncident
	Issues []string `arg:"" optional:"" help:"The issues' ids, or the ends of them."`
	Pile   string   `help:"All reports that stand in this pile now." placeholder:"PILE"`
}

// Validate implements kong's Validatable.
func (i incidentLink) Validate() error {
	if (i.Pile == "") == (len(i.Issues) == 0) {
		return usage("name issues, or a pile with --pile")
	}
	return nil
}

func (incidentLink) Help() string {
	return `All the issues are linked, or none. Nobody is written to, unless the voices have been told where the incident stands: then
these are, once.

Example:

	earshot incident link 0192… 4f2a91c0 77b1e3d2
	earshot incident link 0192… --pile 0193…
`
}

func (i incidentLink) Run(c *command) error {
	if i.Pile != "" {
		return linkPile(c, i.Pile, i.ID, ofHeld{})
	}
	return voices{i.ofIncident, i.Issues}.change(c, func(a *api.Client, id desk.IncidentID, in api.Voices) (api.Incident, error) {
		return a.LinkVoices(c.ctx, id, in)
	})
}

type incidentUnlink struct{ voices }

func (i incidentUnlink) Run(c *command) error {
	return i.change(c, func(a *api.Client, id desk.IncidentID, in api.Voices) (api.Incident, error) {
		return a.UnlinkVoices(c.ctx, id, in)
	})
}

type incidentList struct {
	Desk  string `help:"Only incidents of this desk." placeholder:"HANDLE"`
	State string `help:"Only drafts, or those that are open or over." enum:",draft,open,over" default:"" placeholder:"STATE"`
	Limit int    `help:"At most this many." default:"50" placeholder:"N"`
}

// Validate implements kong's Validatable.
func (l incidentList) Validate() error {
	if l.Limit < 1 {
		return usage("--limit is at least 1")
	}
	return nil
}

func (l incidentList) Run(c *command) error {
	return c.with(func(s *session) error {
		incidents, err := s.Incidents(c.ctx, desk.Handle(l.Desk), desk.IncidentState(l.State), l.Limit)
		if err != nil {
			return err
		}
		return c.show(incidents, func(w io.Writer) {
			rows := make([][]string, len(incidents))
			for n, i := range incidents {
				rows[n] = []string{short(desk.IssueID(i.ID)), standing(i) + marks(i), string(i.Impact), when(i.OpenedAt), fmt.Sprint(i.Voices), i.Title}
			}
			c.table(w, "There are no incidents. All is quiet.", []string{"ID", "STATUS", "IMPACT", "OPENED", "VOICES", "TITLE"}, rows)
			c.more(len(incidents), l.Limit)
		})
	})
}

type incidentShow struct {
	ID string `arg:"" help:"The incident's id, or the end of it."`
}

// shownVoices is how many voices a page names.
const shownVoices = 20

func (i incidentShow) Run(c *command) error {
	return c.with(func(s *session) error {
		id, err := s.incidentID(i.ID)
		if err != nil {
			return err
		}
		out, err := s.Incident(c.ctx, id)
		if err != nil {
			return err
		}
		voices, err := s.Issues(c.ctx, api.IssueQuery{Incident: id, Limit: shownVoices})
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { c.printIncident(w, out, voices) })
	})
}

func (c *command) printIncident(w io.Writer, i api.FullIncident, voices []api.Issue) {
	fmt.Fprintln(w, c.paint(bold, cell(i.Title)))
	fmt.Fprintf(w, "%s · %s · impact %s · desk %s · opened %s · revision %s\n", i.ID, standing(i.Incident), i.Impact, i.Desk, when(i.OpenedAt), i.Seen)
	if len(i.Services) > 0 {
		fmt.Fprintln(w, "Services:", cell(strings.Join(i.Services, ", ")))
	}
	if !i.From.IsZero() {
		fmt.Fprintf(w, "Planned: %s until %s\n", when(i.From), when(i.Until))
	}
	if !i.NextUpdateAt.IsZero() {
		fmt.Fprintln(w, "Next update promised:", when(i.NextUpdateAt))
	}
	if a := i.Alert; a != nil {
		how := "fires since " + when(a.SinceAt)
		if !a.Firing {
			how = "is over since " + when(a.OverAt)
		}
		fmt.Fprintf(w, "Alert of %s, %s: %s\n", a.Source, how, cell(a.Title))
		for _, more := range []string{a.Text, a.URL} {
			if more != "" {
				fmt.Fprintln(w, "  "+clean(more))
			}
		}
	}
	if i.Proposes != "" {
		fmt.Fprintf(w, "The alert proposes an update: earshot incident update %s TEXT --status %s\n", short(desk.IssueID(i.ID)), i.Proposes)
	}
	if i.AtBegin != "" {
		fmt.Fprintln(w, "Goes out when it begins:", clean(i.AtBegin))
	}
	if i.AtEnd != "" {
		fmt.Fprintln(w, "Goes out when it ends:", clean(i.AtEnd))
	}
	printLearned(w, i.Incident)
	if i.Postmortem != "" {
		fmt.Fprintf(w, "Publish what was learned: earshot incident postmortem %s\n", short(desk.IssueID(i.ID)))
	}
	for _, u := range i.Updates {
		c.printOutgoing(w, string(u.Status), u.Post)
	}
	if i.First != nil {
		c.printOutgoing(w, "first post", *i.First)
	} else if i.Text != "" {
		fmt.Fprintf(w, "\n%s\n", clean(i.Text))
	}
	fmt.Fprintf(w, "\nVoices: %d\n", i.Voices)
	if i.Answers > 0 {
		fmt.Fprintf(w, "  %d answers while it was open, %d ask something\n", i.Answers, i.Asking)
	}
	if i.Felt > 0 {
		fmt.Fprintf(w, "  %d more like or boost the first post\n", i.Felt)
	}
	for _, p := range i.More {
		fmt.Fprintf(w, "  %d more came into a pile that was linked: earshot incident link %s --pile %s\n", p.People, short(desk.IssueID(i.ID)), p.Pile)
	}
	for _, v := range voices {
		fmt.Fprintf(w, "  %s %s %s: %s\n", short(v.ID), v.Status, nameOf(v.Reporter), cell(desk.Said(v.Excerpt)))
	}
	if more := i.Voices - len(voices); more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
}

// printOutgoing prints a post about an incident.
func (c *command) printOutgoing(w io.Writer, what string, p api.Post) {
	how := tally(p.Delivery)
	if p.State == desk.PostPending {
		how = "goes out " + when(p.DueAt)
	} else if p.Deleted {
		how = "deleted"
	}
	fmt.Fprintf(w, "\n%s · %s · %s · %s\n%s\n", when(p.WrittenAt), what, p.ID, how, clean(p.Text))
}

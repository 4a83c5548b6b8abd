package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"earshot/internal/api"
	"earshot/internal/desk"
)

// telling are the choices that go with telling the voices.
type telling struct {
	Tags  string            `help:"Also tell those who were only heard by tags: yes or no. By default yes, while no server has more than 50 of them." enum:",yes,no" default:"" placeholder:"yes|no"`
	Skip  []string          `help:"Voices to leave out." placeholder:"ID,…"`
	Take  []string          `help:"Voices to tell that are left out by default." placeholder:"ID,…"`
	In    map[string]string `help:"The text in another language; may be repeated." placeholder:"TAG=TEXT" mapsep:"none"`
	Count int               `help:"How many are told; needed above 200." placeholder:"N"`
}

// in reads the choices; nil if the voices are not told.
func (t telling) in(c *command, tell bool) (*api.NewTelling, error) {
	if !tell {
		if t.Tags != "" || len(t.Skip)+len(t.Take)+len(t.In) > 0 || t.Count != 0 {
			return nil, usage("--tags, --skip, --take, --in and --count go with --tell")
		}
		return nil, nil
	}
	out := &api.NewTelling{Versions: t.In, Count: t.Count}
	if t.Tags != "" {
		yes := t.Tags == "yes"
		out.Tags = &yes
	}
	return out, c.with(func(s *session) error {
		for _, list := range []struct {
			typed []string
			to    *[]desk.IssueID
		}{{t.Skip, &out.Skip}, {t.Take, &out.Take}} {
			for _, typed := range list.typed {
				id, err := s.issueID(typed)
				if err != nil {
					return err
				}
				*list.to = append(*list.to, id)
			}
		}
		return nil
	})
}

// said says in words why a voice is not told.
var said = map[desk.VoiceWhy]string{
	desk.VoiceByTags: "only heard by tags", desk.VoiceSkipped: "left out by an agent", desk.VoiceOld: "from before the incident",
	desk.VoiceThird: "mentions third persons", desk.VoiceLetIn: "was held back as likely spam", desk.VoiceHeard: "hears nothing more until it is over", desk.VoiceSilenced: "to be left alone",
	desk.VoiceGone: "server blocked or silent", desk.VoiceDone: "resolved or closed", desk.VoiceApart: "has a case of its own",
	desk.VoiceUnlinked: "no longer linked", desk.VoiceRefused: "may not be answered",
}

type incidentAudience struct {
	ofIncident
	Status string `help:"The status that the update would set; of the end, those hear who hear nothing more before." placeholder:"STATUS"`
	Tags   string `help:"Also those who were only heard by tags: yes or no." enum:",yes,no" default:"" placeholder:"yes|no"`
}

func (incidentAudience) Help() string {
	return `Example:

	earshot incident audience 0192… --status resolved
`
}

func (i incidentAudience) Run(c *command) error {
	return c.with(func(s *session) error {
		id, err := s.incidentID(i.ID)
		if err != nil {
			return err
		}
		tags := map[string]string{"yes": "true", "no": "false"}[i.Tags]
		out, err := s.Audience(c.ctx, id, desk.IncidentStatus(i.Status), tags)
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { printAudience(w, out) })
	})
}

func printAudience(w io.Writer, a api.Audience) {
	fmt.Fprintf(w, "%d replies on %d servers, of %d voices. Revision %s.\n", a.Replies, a.Servers, a.Voices, a.Seen)
	if a.Seconds > 0 {
		fmt.Fprintf(w, "The last one goes out after %s.\n", time.Duration(a.Seconds)*time.Second)
	}
	for _, why := range slices.Sorted(maps.Keys(a.Left)) {
		fmt.Fprintf(w, "Not told: %d, %s\n", a.Left[why], said[why])
	}
	if a.Left[desk.VoiceByTags] > 0 {
		fmt.Fprintln(w, "Think of a broadcast first. --tags yes tells those who were only heard by tags.")
	}
	for _, v := range a.List {
		fmt.Fprintf(w, "  %s on %s: %s\n", short(v.Issue), v.Server, reason(v))
	}
}

func reason(v api.RoundVoice) string {
	if v.Error != "" {
		return clean(v.Error)
	}
	return said[v.Why]
}

type incidentTell struct {
	ofIncident
	telling
}

func (incidentTell) Help() string {
	return `It tells the voices the newest post, which is out or on its way. The invited hear first; those who were only heard by tags hear
once, and that it is over: 20 of them first, after five minutes the rest, at most 1,000 of one server in a day. Blocks, "stop",
complaints and refusals halt it.

Example:

	earshot incident tell 0192… --in "de=Ein Kabel ist ab."
`
}

func (i incidentTell) Run(c *command) error {
	in, err := i.in(c, true)
	if err != nil {
		return err
	}
	return i.round(c, func(a *api.Client, id desk.IncidentID) (api.Round, error) { return a.TellVoices(c.ctx, id, *in) })
}

// round runs a change of telling the voices, and says how far it is.
func (o ofIncident) round(c *command, change func(*api.Client, desk.IncidentID) (api.Round, error)) error {
	return onIncident(c, o, change, func(_ *session, out api.Round) error {
		return c.show(out, func(w io.Writer) { printRound(w, out) })
	})
}

func printRound(w io.Writer, r api.Round) {
	fmt.Fprintf(w, "%s · %s: %d sent, %d not, %d are not told\n", when(r.At), r.State, r.Sent, r.Waiting, r.Left)
	if r.Objections > 0 || len(r.FlaggedBy) > 0 {
		fmt.Fprintf(w, "Objections: %d", r.Objections)
		for n, d := range r.FlaggedBy {
			fmt.Fprintf(w, "%s%s", []string{"; complaints of ", ", "}[min(n, 1)], d)
		}
		fmt.Fprintln(w)
	}
	if r.State == desk.RoundHalted {
		fmt.Fprintln(w, "Halted: look at `incident told ID --state objecting`, then `incident resume ID` or `incident stop ID`.")
	}
}

type incidentTold struct {
	ID    string `arg:"" help:"The incident's id, or the end of it."`
	State string `help:"Only voices that are waiting, written, told, left, failed or objecting." placeholder:"STATE"`
	Limit int    `help:"How many voices at most." default:"50"`
}

func (incidentTold) Help() string {
	return `It shows how far telling the voices the newest word is, and each voice.

Example:

	earshot incident told 0192… --state failed
`
}

func (i incidentTold) Run(c *command) error {
	return c.with(func(s *session) error {
		id, err := s.incidentID(i.ID)
		if err != nil {
			return err
		}
		rounds, err := s.Told(c.ctx, id, 1)
		if err != nil {
			return err
		}
		voices, err := s.ToldVoices(c.ctx, id, i.State, i.Limit)
		if err != nil {
			return err
		}
		return c.show(voices, func(w io.Writer) {
			if len(rounds) == 0 {
				fmt.Fprintln(w, "The voices of this incident have not been told anything yet.")
				return
			}
			printRound(w, rounds[0])
			rows := make([][]string, len(voices))
			for n, v := range voices {
				rows[n] = []string{short(v.Issue), string(v.Server), string(v.State), strings.TrimSpace(string(v.Objection) + " " + reason(v))}
			}
			c.table(w, "There are no such voices.", []string{"ISSUE", "SERVER", "STATE", "WHY"}, rows)
			c.more(len(voices), i.Limit)
		})
	})
}

type incidentPause struct{ ofIncident }

func (i incidentPause) Run(c *command) error { return i.hold(c, "pause") }

type incidentResume struct{ ofIncident }

func (incidentResume) Help() string {
	return `It goes on after a pause, or after a halt when you have looked at who objects:

	earshot incident told 0192… --state objecting
	earshot incident resume 0192…
`
}

func (i incidentResume) Run(c *command) error { return i.hold(c, "resume") }

type incidentRetry struct{ ofIncident }

func (incidentRetry) Help() string {
	return `Servers that took it already ignore what comes again under its id. Those that refused it (403), and people who want no word
any more, are left alone. After a pause or a halt, resume first; pause and stop end it.

	earshot incident told 0192… --state failed
	earshot incident retry 0192…
`
}

func (i incidentRetry) Run(c *command) error { return i.hold(c, "retry") }

type incidentStop struct{ ofIncident }

func (incidentStop) Help() string {
	return `What has gone out stays; post retract ID of the update deletes it everywhere.
`
}

func (i incidentStop) Run(c *command) error { return i.hold(c, "stop") }

func (o ofIncident) hold(c *command, how string) error {
	return o.round(c, func(a *api.Client, id desk.IncidentID) (api.Round, error) { return a.HoldTelling(c.ctx, id, how) })
}

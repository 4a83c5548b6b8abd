package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"earshot/internal/api"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// webhookCmd are the commands for the webhooks of the instance.
type webhookCmd struct {
	Add       webhookAdd                `cmd:"" help:"Add a webhook, and print its secret."`
	List      destList[ofInstance]      `cmd:"" help:"List the webhooks."`
	Show      destShow[ofInstance]      `cmd:"" help:"Show a webhook, with what was sent to it last."`
	Pause     destPause[ofInstance]     `cmd:"" help:"Send nothing until it is resumed."`
	Resume    destResume[ofInstance]    `cmd:"" help:"Send again."`
	Remove    destRemove[ofInstance]    `cmd:"" help:"Remove a webhook."`
	Rotate    destRotate[ofInstance]    `cmd:"" help:"Make a new secret, and print it; the one before signs beside it for a day."`
	Test      destTest[ofInstance]      `cmd:"" help:"Send a test."`
	Redeliver destRedeliver[ofInstance] `cmd:"" help:"Send an event once more, under the same id."`
}

// notifyCmd are the commands for the destinations of an agent.
type notifyCmd struct {
	Add       notifyAdd              `cmd:"" help:"Add a destination."`
	List      destList[ofAgent]      `cmd:"" help:"List the destinations."`
	Show      destShow[ofAgent]      `cmd:"" help:"Show a destination, with what was sent to it last."`
	Pause     destPause[ofAgent]     `cmd:"" help:"Send nothing until it is resumed."`
	Resume    destResume[ofAgent]    `cmd:"" help:"Send again."`
	Remove    destRemove[ofAgent]    `cmd:"" help:"Remove a destination."`
	Rotate    destRotate[ofAgent]    `cmd:"" help:"Make a new secret for a webhook, and print it."`
	Test      destTest[ofAgent]      `cmd:"" help:"Send a test."`
	Redeliver destRedeliver[ofAgent] `cmd:"" help:"Send an event once more."`
}

// whose says whose destinations a command is about.
type whose interface {
	path() api.DestinationPath
	group() string // of commands
}

type ofInstance struct{}

func (ofInstance) path() api.DestinationPath { return api.Webhooks }
func (ofInstance) group() string             { return "webhook" }

type ofAgent struct{}

func (ofAgent) path() api.DestinationPath { return api.MyDestinations }
func (ofAgent) group() string             { return "notify" }

type webhookAdd struct {
	URL  string   `arg:"" help:"Where to POST: an https address."`
	Name string   `help:"A name for people; without it the host of the address." placeholder:"NAME"`
	Desk []string `help:"Only what happens at this desk; several, one after the other." placeholder:"HANDLE"`
	Kind []string `help:"Only this kind of event: opened, issue, delivery, incident, surge or presence; several, one after the other. Without it all but presence." placeholder:"KIND"`
}

func (webhookAdd) Help() string {
	return `The events are those of the stream of the API, one a request, signed as Standard Webhooks describes it. They say what happened and where to look, and quote no text. The secret is printed once.

Examples:

	earshot webhook add https://n8n.example/hook
	earshot webhook add https://n8n.example/hook --kind opened --kind incident --desk help
`
}

func (a webhookAdd) Run(c *command) error {
	in := app.NewDestination{Name: a.Name, URL: a.URL, Desks: handles(a.Desk)}
	for _, k := range a.Kind {
		in.Kinds = append(in.Kinds, store.ChangeKind(k))
	}
	return addDestination[ofInstance](c, in)
}

func handles(names []string) (out []desk.Handle) {
	for _, n := range names {
		out = append(out, desk.Handle(n))
	}
	return out
}

type notifyAdd struct {
	URL      string   `arg:"" optional:"" help:"The topic of an ntfy server, or an address for webhooks; none for mail, which goes to the agent."`
	Form     string   `help:"ntfy, webhook or mail." enum:"ntfy,webhook,mail" default:"ntfy"`
	Name     string   `help:"A name for people; without it the host of the address." placeholder:"NAME"`
	Token    string   `help:"An access token of the ntfy server; - reads it from standard input." placeholder:"TOKEN"`
	Desk     []string `help:"Only what happens at this desk; several, one after the other." placeholder:"HANDLE"`
	Reason   []string `help:"Only for this reason: new, needs_us, mentioned, assigned, surge or turn; several, one after the other." placeholder:"REASON"`
	Quiet    string   `help:"Quiet hours, like 22:00-07:00; one notification after them says how many events there were." placeholder:"FROM-TO"`
	Zone     string   `help:"The time zone of the quiet hours, like Europe/Berlin ; without it that of the agent's days." placeholder:"ZONE"`
	Language string   `help:"The language of the texts: en, de, es, fr or nl." placeholder:"LANG"`
}

func (notifyAdd) Help() string {
	return `The destination belongs to the agent named with --as. A push says why and at which desk, with a link to the console. It has no word of the report.

Examples:

	earshot --as bo@acme.example notify add https://ntfy.sh/a-long-secret-topic
	earshot --as bo@acme.example notify add https://ntfy.acme.example/bo --reason mentioned --reason assigned --quiet 22:00-07:00 --zone Europe/Berlin
`
}

func (a notifyAdd) Run(c *command) error {
	in := app.NewDestination{Form: desk.DestinationForm(a.Form), Name: a.Name, URL: a.URL, Desks: handles(a.Desk), Language: a.Language}
	for _, r := range a.Reason {
		in.Reasons = append(in.Reasons, desk.NoticeReason(r))
	}
	var err error
	if in.Quiet, err = desk.ParseQuietHours(a.Quiet, a.Zone); err != nil {
		return err
	}
	token, err := c.text(a.Token)
	if err != nil {
		return err
	}
	in.Token = strings.TrimSpace(token)
	return addDestination[ofAgent](c, in)
}

func addDestination[W whose](c *command, in app.NewDestination) error {
	var w W
	return c.with(func(s *session) error {
		out, err := s.AddDestination(c.ctx, w.path(), in)
		if err != nil {
			return err
		}
		return c.show(out, func(o io.Writer) {
			fmt.Fprintf(o, "Added as %s.\n", out.ID)
			printSecret(o, out)
			fmt.Fprintf(o, "`earshot %s test %s` shows whether it works.\n", w.group(), out.ID)
		})
	})
}

func printSecret(w io.Writer, d api.Destination) {
	if d.Secret != "" {
		fmt.Fprintf(w, "The secret that verifies its webhooks. It is not shown again:\n  %s\n", d.Secret)
	}
}

type destList[W whose] struct{}

func (destList[W]) Run(c *command) error {
	var w W
	return c.with(func(s *session) error {
		all, err := s.Destinations(c.ctx, w.path())
		if err != nil {
			return err
		}
		return c.show(all, func(o io.Writer) {
			rows := make([][]string, len(all))
			for n, d := range all {
				rows[n] = []string{string(d.ID), d.Name, string(d.Form), destinationState(d), strconv.Itoa(d.Waiting), when(d.DeliveredAt), d.Error}
			}
			c.table(o, "None yet: `earshot "+w.group()+" add` adds one.", []string{"ID", "NAME", "FORM", "STATE", "WAITING", "LAST", "TROUBLE"}, rows)
		})
	})
}

func destinationState(d api.Destination) string {
	switch {
	case d.GaveUp:
		return "paused: it failed for days"
	case !d.PausedAt.IsZero():
		return "paused"
	case d.Failures > 0:
		return "failing since " + when(d.FailingSince)
	}
	return "active"
}

type destShow[W whose] struct {
	ID    string `arg:"" help:"The id."`
	Limit int    `help:"How many of the last notifications to show." default:"20" placeholder:"N"`
}

// shownDestination is the JSON of show.
type shownDestination struct {
	api.Destination
	Deliveries []api.Notification `json:"deliveries"`
}

func (d destShow[W]) Run(c *command) error {
	var w W
	return c.with(func(s *session) error {
		one, err := s.Destination(c.ctx, w.path(), desk.DestinationID(d.ID))
		if err != nil {
			return err
		}
		sent, err := s.Notifications(c.ctx, w.path(), one.ID, max(1, d.Limit))
		if err != nil {
			return err
		}
		return c.show(shownDestination{one, sent}, func(o io.Writer) {
			fmt.Fprintf(o, "%s  %s\n  %s\n  waiting %d, delivered last %s\n", c.paint(bold, cell(one.Name)), destinationState(one), cell(one.URL), one.Waiting, when(one.DeliveredAt))
			if one.Missed > 0 {
				fmt.Fprintf(o, "  events of more than a day were not sent, %d×\n", one.Missed)
			}
			if one.Error != "" {
				fmt.Fprintf(o, "  %s   %s\n", c.paint(red, "trouble"), cell(one.Error))
			}
			fmt.Fprintln(o)
			rows := make([][]string, len(sent))
			for n, v := range sent {
				rows[n] = []string{v.ID, v.Kind, when(v.At), string(v.State), strconv.Itoa(v.Attempts), v.Error}
			}
			c.table(o, "Nothing was sent yet.", []string{"ID", "KIND", "AT", "STATE", "ATTEMPTS", "TROUBLE"}, rows)
		})
	})
}

// changeDestination runs a verb on one destination.
func changeDestination[W whose](c *command, id, verb, said string) error {
	var w W
	return c.with(func(s *session) error {
		out, err := s.ChangeDestination(c.ctx, w.path(), desk.DestinationID(id), verb)
		if err != nil {
			return err
		}
		return c.show(out, func(o io.Writer) {
			fmt.Fprintln(o, said)
			printSecret(o, out)
		})
	})
}

type destPause[W whose] struct {
	ID string `arg:"" help:"The id."`
}

func (d destPause[W]) Run(c *command) error {
	return changeDestination[W](c, d.ID, "pause", "Paused: nothing is sent to it.")
}

type destResume[W whose] struct {
	ID string `arg:"" help:"The id."`
}

func (d destResume[W]) Run(c *command) error {
	return changeDestination[W](c, d.ID, "resume", "It is notified again, with the events of the last day that it has not had.")
}

type destRotate[W whose] struct {
	ID string `arg:"" help:"The id."`
}

func (d destRotate[W]) Run(c *command) error {
	return changeDestination[W](c, d.ID, "secret", "A new secret was made. The one before signs beside it for a day.")
}

type destRemove[W whose] struct {
	ID string `arg:"" help:"The id."`
}

func (d destRemove[W]) Run(c *command) error {
	var w W
	return c.with(func(s *session) error {
		if err := s.RemoveDestination(c.ctx, w.path(), desk.DestinationID(d.ID)); err != nil {
			return err
		}
		return c.done("Removed.")
	})
}

type destTest[W whose] struct {
	ID string `arg:"" help:"The id."`
}

func (d destTest[W]) Run(c *command) error {
	var w W
	return c.with(func(s *session) error {
		out, err := s.TestDestination(c.ctx, w.path(), desk.DestinationID(d.ID))
		if err != nil {
			return err
		}
		s.queued()
		return c.show(out, func(o io.Writer) {
			fmt.Fprintf(o, "A test is on its way. `earshot %s show %s` shows whether it arrived.\n", w.group(), d.ID)
		})
	})
}

type destRedeliver[W whose] struct {
	ID       string `arg:"" help:"The id."`
	Delivery string `arg:"" help:"The id of the notification, as show lists it."`
}

func (d destRedeliver[W]) Run(c *command) error {
	var w W
	return c.with(func(s *session) error {
		out, err := s.Redeliver(c.ctx, w.path(), desk.DestinationID(d.ID), d.Delivery)
		if err != nil {
			return err
		}
		s.queued()
		return c.show(out, func(o io.Writer) { fmt.Fprintln(o, "It is on its way again.") })
	})
}

package main

import (
	"fmt"
	"io"
	"strings"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type deskCmd struct {
	Add  deskAdd  `cmd:"" help:"Add a desk. Its handle cannot be changed later."`
	List deskList `cmd:"" help:"List the desks."`
	Show deskShow `cmd:"" help:"Show a desk."`
	Edit deskEdit `cmd:"" help:"Change a desk."`
	Rota deskRota `cmd:"" help:"Say who is told of new issues that nobody takes, one after the other."`

	Set        deskSet        `cmd:"" help:"Give a desk a picture, a header, a colour or links, or take them away."`
	CheckLinks deskCheckLinks `cmd:"" help:"Look which pages link back to a desk that links to them."`

	Alias     deskAlias     `cmd:"" help:"Give a desk its former addresses, or take them away."`
	RotateKey deskRotateKey `cmd:"" help:"Make new keys for a desk, or for the instance's own actor."`
}

type deskAdd struct {
	Handle   string  `arg:"" help:"The local part of its address: a-z, 0-9 and _."`
	Name     string  `help:"The desk's name." placeholder:"NAME"`
	Summary  string  `help:"The text of its profile." placeholder:"TEXT"`
	Names    string  `help:"Tags that mean you, separated by commas." placeholder:"TAGS"`
	Calls    *string `help:"Tags that mean something is wrong (default: fail,down,broken,help,outage)." placeholder:"TAGS"`
	Services string  `help:"What the desk provides, as status pages list it (default: what incidents name)." placeholder:"NAME,…"`
}

func (deskAdd) Help() string {
	return `A desk hears a post that mentions it, or that carries one of its names and one of its calls as hashtags.

Example:

	earshot desk add help --name "ACME Help" --names acme,acmecloud --calls fail,down,outage
`
}

func (d deskAdd) Run(c *command) error {
	h, err := handle(d.Handle)
	if err != nil {
		return err
	}
	in := api.NewDesk{Handle: h, Name: d.Name, Summary: d.Summary, Names: tags(d.Names), Services: tags(d.Services)}
	if d.Calls != nil {
		in.Calls = tags(*d.Calls)
	}
	return c.with(func(s *session) error {
		out, err := s.AddDesk(c.ctx, in)
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) {
			fmt.Fprintf(w, "Added @%s. People mention it, or tag their posts: %s\n", out.Acct, keysOf(out))
		})
	})
}

// keysOf says by which tags a desk hears.
func keysOf(d api.Desk) string {
	if len(d.Names) == 0 {
		return "it has no names yet, so it hears mentions only"
	}
	return hashed(d.Names) + " with " + hashed(d.Calls)
}

func hashed(tags []string) string {
	out := make([]string, len(tags))
	for n, t := range tags {
		out[n] = "#" + t
	}
	return strings.Join(out, " ")
}

type deskList struct{}

func (deskList) Run(c *command) error {
	return c.with(func(s *session) error {
		desks, err := s.Desks(c.ctx)
		if err != nil {
			return err
		}
		return c.show(desks, func(w io.Writer) {
			rows := make([][]string, len(desks))
			for n, d := range desks {
				rows[n] = []string{string(d.Handle), d.Name, "@" + d.Acct, hashed(d.Names), hashed(d.Calls)}
			}
			c.table(w, "No desks yet; `earshot desk add` adds one.", []string{"HANDLE", "NAME", "ADDRESS", "NAMES", "CALLS"}, rows)
		})
	})
}

type deskShow struct {
	Handle string `arg:"" help:"The desk's handle."`
}

func (d deskShow) Run(c *command) error {
	h, err := handle(d.Handle)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		out, err := s.Desk(c.ctx, h)
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { c.printDesk(w, out) })
	})
}

func (c *command) printDesk(w io.Writer, d api.Desk) {
	fmt.Fprintf(w, "%s  @%s\n", c.paint(bold, cell(d.Name)), d.Acct)
	if d.Summary != "" {
		fmt.Fprintln(w, clean(d.Summary))
	}
	fmt.Fprintf(w, "\n  hears   %s\n  page    %s\n  actor   %s\n  since   %s\n", keysOf(d), d.URL, d.Actor, when(d.CreatedAt))
	if len(d.Services) > 0 {
		fmt.Fprintf(w, "  services %s\n", cell(strings.Join(d.Services, ", ")))
	}
	for n, p := range []*api.Picture{d.Icon, d.Header} {
		if p != nil {
			fmt.Fprintf(w, "  %-7s %s, %d×%d\n", desk.PictureRoles()[n], p.URL, p.Width, p.Height)
		}
	}
	if d.Colour != "" {
		fmt.Fprintf(w, "  colour  %s\n", d.Colour)
	}
	for _, l := range d.Links {
		said := "not proven: the page does not link back with rel=me, or `earshot desk check-links` has not looked yet"
		if !l.ProvenAt.IsZero() {
			said = "proven " + when(l.ProvenAt)
		}
		fmt.Fprintf(w, "  link    %s: %s (%s)\n", cell(l.Name), cell(l.URL), said)
	}
	if len(d.Rota.Agents) > 0 {
		fmt.Fprintf(w, "  rota    %s; the next one after %d minutes\n", rotaOf(d.Rota), d.Rota.Minutes)
	}
	for _, a := range d.Aliases {
		fmt.Fprintf(w, "  alias   %s\n", cell(a))
	}
}

type deskEdit struct {
	Handle   string  `arg:"" help:"The desk's handle."`
	Name     *string `help:"The desk's name." placeholder:"NAME"`
	Summary  *string `help:"The text of its profile." placeholder:"TEXT"`
	Names    *string `help:"All tags that mean you, separated by commas." placeholder:"TAGS"`
	Calls    *string `help:"All tags that mean something is wrong, separated by commas." placeholder:"TAGS"`
	Services *string `help:"All services, separated by commas; an empty text: those that incidents name." placeholder:"NAME,…"`
}

func (deskEdit) Help() string {
	return `Changes only the values that you give. The handle cannot be changed.

Example:

	earshot desk edit help --names acme,acmecloud,acmefiber
`
}

// Validate implements kong's Validatable.
func (d deskEdit) Validate() error {
	if d.Name == nil && d.Summary == nil && d.Names == nil && d.Calls == nil && d.Services == nil {
		return fmt.Errorf("what shall change? There are --name, --summary, --names, --calls and --services")
	}
	return nil
}

func (d deskEdit) Run(c *command) error {
	h, err := handle(d.Handle)
	if err != nil {
		return err
	}
	in := api.DeskEdit{Name: d.Name, Summary: d.Summary, Names: listOf(d.Names), Calls: listOf(d.Calls), Services: listOf(d.Services)}
	return c.with(func(s *session) error {
		out, err := s.EditDesk(c.ctx, h, in)
		if err != nil {
			return err
		}
		s.queued()
		return c.show(out, func(w io.Writer) { c.printDesk(w, out) })
	})
}

func listOf(s *string) *[]string {
	if s == nil {
		return nil
	}
	out := tags(*s)
	return &out
}

type deskRota struct {
	Handle  string   `arg:"" help:"The desk's handle."`
	Agents  []string `arg:"" optional:"" name:"email" help:"The agents' e-mail addresses, in their order."`
	Minutes int      `help:"After so many minutes the next one is told." default:"10" placeholder:"N"`
	Off     bool     `help:"Nobody is told one after the other any more."`
}

func (deskRota) Help() string {
	return `The first one is told of a new issue at once. If nobody takes it (no status, no agent, no reply), the next one is told after some
minutes, and so on to the last. Each is told where they want to be notified, as "it is your turn"; who is disabled is passed over.
Nothing is written down of who was slow. Reports in a pile are not told one by one.

Examples:

	earshot desk rota help bo@acme.example ana@acme.example cem@acme.example --minutes 15
	earshot desk rota help --off
`
}

// Validate implements kong's Validatable.
func (d deskRota) Validate() error {
	if d.Off == (len(d.Agents) > 0) {
		return usage("name the agents in their order, or --off")
	}
	return nil
}

func (d deskRota) Run(c *command) error {
	h, err := handle(d.Handle)
	if err != nil {
		return err
	}
	in := api.Rota{Agents: []desk.Email{}, Minutes: d.Minutes}
	for _, a := range d.Agents {
		in.Agents = append(in.Agents, desk.EmailOf(a))
	}
	return c.with(func(s *session) error {
		out, err := s.SetRota(c.ctx, h, in)
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) {
			if d.Off {
				fmt.Fprintln(w, "Nobody is told one after the other any more.")
				return
			}
			fmt.Fprintf(w, "Of a new issue that nobody takes are told, one after the other: %s; the next one after %d minutes.\n", rotaOf(out.Rota), out.Rota.Minutes)
		})
	})
}

func rotaOf(r api.Rota) string {
	all := make([]string, len(r.Agents))
	for n, a := range r.Agents {
		all[n] = string(a)
	}
	return cell(strings.Join(all, ", "))
}

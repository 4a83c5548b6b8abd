package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type agentCmd struct {
	Add      agentAdd      `cmd:"" help:"Add an agent, and print their sign-in link."`
	Link     agentLink     `cmd:"" help:"Print a one-time link to sign in and choose a password or passkey."`
	List     agentList     `cmd:"" help:"List the agents."`
	Edit     agentEdit     `cmd:"" help:"Change a name, a role, a signature, a time zone, the desks whose issues they see, or whether their replies are checked."`
	Disable  agentDisable  `cmd:"" help:"Sign an agent out everywhere, and refuse to sign them in."`
	Enable   agentEnable   `cmd:"" help:"Let a disabled agent sign in again."`
	Sessions agentSessions `cmd:"" help:"List an agent's sessions."`
	Signout  agentSignout  `cmd:"" help:"End one session of an agent, or all."`
}

type agentAdd struct {
	Email     string        `arg:"" help:"The agent's e-mail address. It cannot be changed later."`
	Name      string        `required:"" help:"The agent's name." placeholder:"NAME"`
	Role      string        `help:"agent answers, lead also publishes incidents and broadcasts, admin runs the instance." enum:"agent,lead,admin" default:"agent"`
	Signature string        `help:"One to four letters that end their replies, as in ^AB (default: the first letters of the name)." placeholder:"AB"`
	Desk      []desk.Handle `help:"The only desk whose issues they see. May be repeated. Without it they see all." placeholder:"DESK"`
	Checked   bool          `help:"Their replies wait until a colleague has looked at them; of the role agent only."`
}

func (agentAdd) Help() string {
	return `The printed link leads to a page where the agent chooses a password or makes a passkey.

Examples:

	earshot agent add bo@acme.example --name "Bo Ek"
	earshot agent add ana@acme.example --name "Ana Berg" --role admin --signature ANB
`
}

func (a agentAdd) Run(c *command) error {
	e, err := email(a.Email)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		out, err := s.AddAgent(c.ctx, api.NewAgent{Email: e, Name: a.Name, Role: desk.AgentRole(a.Role), Signature: a.Signature, Desks: a.Desk, Checked: a.Checked})
		if err != nil {
			return err
		}
		link, err := s.LinkAgent(c.ctx, e)
		if err != nil {
			return fmt.Errorf("%s was added, but not given a link: %w; try `earshot agent link %s`", e, err, e)
		}
		result := struct {
			api.Agent
			Link api.Link `json:"link"`
		}{out, link}
		return c.show(result, func(w io.Writer) {
			fmt.Fprintf(w, "%s (%s) is %s%s now, and signs as %s.\n", cell(out.Name), out.Email, article(out.Role), limitedTo(out), cmp.Or(signs(out), "nobody"))
			tellLink(w, link)
		})
	})
}

// signs returns the letters that end an agent's replies, "" without any.
func signs(a api.Agent) string {
	if a.Signature == "" {
		return ""
	}
	return "^" + a.Signature
}

// limitedTo says which desks an agent is limited to, "" for none.
func limitedTo(a api.Agent) string {
	if len(a.Desks) == 0 {
		return ""
	}
	names := make([]string, len(a.Desks))
	for n, h := range a.Desks {
		names[n] = string(h)
	}
	return " of " + strings.Join(names, ", ")
}

// article puts a role into a sentence.
func article(r desk.AgentRole) string {
	if strings.HasPrefix(string(r), "a") {
		return "an " + string(r)
	}
	return "a " + string(r)
}

// email checks a typed agent's address.
func email(s string) (desk.Email, error) {
	e, err := desk.ParseEmail(s)
	if err != nil {
		return "", usageError{err}
	}
	return e, nil
}

func tellLink(w io.Writer, l api.Link) {
	fmt.Fprintf(w, "Their link. It works once, until %s. Keep it secret: who opens it signs in as %s:\n  %s\n", l.ExpiresAt.Local().Format("2006-01-02 15:04"), l.Email, l.URL)
}

type agentLink struct {
	Email string `arg:"" help:"The agent's e-mail address."`
}

func (agentLink) Help() string {
	return `The link leads to a page where the agent chooses a password or makes a passkey. Their older links end. If the instance has no admin, the agent becomes the first one.
`
}

func (a agentLink) Run(c *command) error {
	e, err := email(a.Email)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		link, err := s.LinkAgent(c.ctx, e)
		if err != nil {
			return err
		}
		return c.show(link, func(w io.Writer) { tellLink(w, link) })
	})
}

type agentList struct{}

func (agentList) Run(c *command) error {
	return c.with(func(s *session) error {
		agents, err := s.Agents(c.ctx)
		if err != nil {
			return err
		}
		return c.show(agents, func(w io.Writer) {
			rows := make([][]string, len(agents))
			for n, a := range agents {
				state := ""
				if !a.DisabledAt.IsZero() {
					state = "disabled " + when(a.DisabledAt)
				}
				rows[n] = []string{string(a.Email), a.Name, string(a.Role), signs(a), when(a.CreatedAt), state}
			}
			c.table(w, "No agents yet. Add the first with `earshot agent add EMAIL --name NAME --role admin`.", []string{"EMAIL", "NAME", "ROLE", "SIGNS", "SINCE", ""}, rows)
		})
	})
}

type agentEdit struct {
	Email     string        `arg:"" help:"The agent's e-mail address."`
	Name      *string       `help:"The new name." placeholder:"NAME"`
	Role      *string       `help:"agent, lead or admin." placeholder:"ROLE"`
	Signature *string       `help:"One to four letters; empty removes it." placeholder:"AB"`
	TimeZone  *string       `help:"The zone of their days, as Europe/Berlin; empty is UTC." placeholder:"ZONE"`
	Desk      []desk.Handle `help:"The only desk whose issues they see. May be repeated." placeholder:"DESK" xor:"desks"`
	AllDesks  bool          `help:"They see the issues of all desks." xor:"desks"`
	Checked   *bool         `negatable:"" help:"Their replies wait until a colleague has looked at them, or not any more."`
}

func (a agentEdit) Run(c *command) error {
	edit := api.AgentEdit{Name: a.Name, Signature: a.Signature, TimeZone: a.TimeZone, Checked: a.Checked}
	if a.Role != nil {
		r := desk.AgentRole(*a.Role)
		edit.Role = &r
	}
	if len(a.Desk) > 0 || a.AllDesks {
		edit.Desks = &a.Desk
	}
	return c.editAgent(a.Email, edit)
}

func (c *command) editAgent(typed string, edit api.AgentEdit) error {
	e, err := email(typed)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		out, err := s.EditAgent(c.ctx, e, edit)
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) {
			state := ""
			if !out.DisabledAt.IsZero() {
				state = ", and disabled"
			}
			fmt.Fprintf(w, "%s (%s) is %s%s%s.\n", cell(out.Name), out.Email, article(out.Role), limitedTo(out), state)
		})
	})
}

type agentDisable struct {
	Email string `arg:"" help:"The agent's e-mail address."`
}

func (a agentDisable) Run(c *command) error {
	yes := true
	return c.editAgent(a.Email, api.AgentEdit{Disabled: &yes})
}

type agentEnable struct {
	Email string `arg:"" help:"The agent's e-mail address."`
}

func (a agentEnable) Run(c *command) error {
	no := false
	return c.editAgent(a.Email, api.AgentEdit{Disabled: &no})
}

type agentSessions struct {
	Email string `arg:"" help:"The agent's e-mail address."`
}

func (a agentSessions) Run(c *command) error {
	e, err := email(a.Email)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		sessions, err := s.Sessions(c.ctx, e)
		if err != nil {
			return err
		}
		return c.show(sessions, func(w io.Writer) {
			rows := make([][]string, len(sessions))
			for n, x := range sessions {
				rows[n] = []string{x.ID, when(x.Since), when(x.UsedAt), x.Browser}
			}
			c.table(w, string(e)+" is not signed in anywhere.", []string{"ID", "SINCE", "USED", "BROWSER"}, rows)
		})
	})
}

type agentSignout struct {
	Email   string `arg:"" help:"The agent's e-mail address."`
	Session string `arg:"" optional:"" help:"A session's id, as agent sessions shows it; without it, all of them."`
}

func (a agentSignout) Run(c *command) error {
	e, err := email(a.Email)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		ids := []string{a.Session}
		if a.Session == "" {
			sessions, err := s.Sessions(c.ctx, e)
			if err != nil {
				return err
			}
			ids = nil
			for _, x := range sessions {
				ids = append(ids, x.ID)
			}
		}
		for _, id := range ids {
			err := s.EndSession(c.ctx, e, id)
			if a.Session == "" && desk.ErrorCode(err) == desk.CodeNotFound {
				continue // it has ended meanwhile
			}
			if err != nil {
				return err
			}
		}
		return c.done("%d of %s's sessions were ended.", len(ids), e)
	})
}

package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"earshot/internal/api"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

type sourceCmd struct {
	Add     sourceAdd     `cmd:"" help:"Add a source."`
	List    sourceList    `cmd:"" help:"List the sources, with their state and counts."`
	Show    sourceShow    `cmd:"" help:"Show a source."`
	Check   sourceCheck   `cmd:"" help:"Try a source now, and say what comes of it; where a Follow was not answered, send it again."`
	Remove  sourceRemove  `cmd:"" help:"Remove a source."`
	Suggest sourceSuggest `cmd:"" help:"Print commands that add sources for the names of the desks."`
}

type sourceAdd struct {
	Kind     string   `arg:"" enum:"tag-actor,relay,relay-litepub,listen-relay,group,timeline,stream,misskey" help:"How to hear: tag-actor, relay, relay-litepub, listen-relay, group, timeline, stream or misskey."`
	URL      string   `arg:"" optional:"" help:"The server to ask, for timeline, stream and misskey; the inbox of a relay; the account of a relay-litepub or a group."`
	Provider string   `help:"A provider of tag actors: fedibuzz or tagspub." placeholder:"NAME"`
	Tag      []string `help:"The hashtag to hear, without #; several spellings of it, one after the other." placeholder:"TAG"`
	Actor    string   `help:"For tag-actor: the address of the account, instead of --provider and --tag." placeholder:"URL"`
	Token    string   `help:"An access token of an account on the server; - reads it from standard input." placeholder:"TOKEN"`
	Allow    []string `help:"For listen-relay: a server that may tell us; several, one after the other." placeholder:"HOST"`
	Desk     string   `help:"For group: the desk whose account follows the group." placeholder:"HANDLE"`
	Every    string   `help:"How often a server is asked, 60s to 24h (default 60s)." placeholder:"TIME"`
}

func (sourceAdd) Help() string {
	return `Mentions arrive without a source. Posts that only carry tags need a source that tells of them. Several sources at once miss less: what comes through two of them is still one issue. Earshot fetches each post from its own server, and keeps it only if it is for a desk.

tag-actor: an account that boosts every post with one hashtag. The services FediBuzz and tags.pub have one for every hashtag. Begin here: it costs nobody anything, but each service sees only a part of the network.

relay: a server that passes on all public posts of its members, named by its inbox. Most relays ask their admin before they say yes, and show who their members are. A big one brings thousands of posts a minute; they are dropped unless their tags have both keys.

relay-litepub: a relay of another kind, named by its account: Pleroma's, or one that offers both. For a Pleroma or Akkoma server itself, name its https://SERVER/relay.

group: a community at Lemmy, Mbin, PieFed, NodeBB or Discourse, named by its account. The account of a desk follows it.

listen-relay: Earshot itself is the relay, for servers whose admins want to help. They add https://YOUR-SERVER/relay/inbox as a relay, and their servers send what their people post. Nothing is passed on. Each such server is named with --allow; others are refused.

timeline: a server with the Mastodon API is asked for a hashtag once a minute: Mastodon, GoToSocial, Pleroma, Akkoma. It shows what its people and those they follow have posted. Many servers show visitors the posts of their own people only, and some nothing: then an access token of an account there is needed, with the permission read:statuses. Choose big servers, and those of your region.

stream: the same, on a connection that stays open; it needs a token. Posts come within a second.

misskey: the same for a server with Misskey, Sharkey or a relative.

Examples:

	earshot source add tag-actor --provider fedibuzz --tag acme
	earshot source add tag-actor --actor https://tags.example/users/acme
	earshot source add relay https://relay.example/inbox
	earshot source add relay-litepub https://relay.example/actor
	earshot source add group https://forum.example/c/internet --desk help
	earshot source add listen-relay --allow social.example --allow town.example
	earshot source add timeline https://social.example --tag acme --tag akme
	earshot source add timeline https://closed.example --tag acme --token - < token.txt
	earshot source add stream https://social.example --tag acme --token - < token.txt
	earshot source add misskey https://misskey.example --tag acme
`
}

// Validate implements kong's Validatable.
func (s sourceAdd) Validate() error {
	if len(s.Allow) > 0 && s.Kind != "listen-relay" {
		return errors.New("--allow goes with listen-relay")
	}
	if s.Desk != "" && s.Kind != "group" {
		return errors.New("--desk goes with group")
	}
	switch s.Kind {
	case "relay-litepub", "group":
		switch {
		case s.URL == "":
			return fmt.Errorf("name the account: earshot source add %s https://social.example/ACCOUNT", s.Kind)
		case s.Kind == "group" && s.Desk == "":
			return errors.New("name the desk that follows with --desk")
		case len(s.Tag) > 0 || s.Provider != "" || s.Actor != "" || s.Token != "" || s.Every != "":
			return fmt.Errorf("--tag, --provider, --actor, --token and --every do not go with %s", s.Kind)
		}
		return nil
	case "listen-relay":
		switch {
		case len(s.Allow) == 0:
			return errors.New("name the servers that may tell us with --allow")
		case s.URL != "" || len(s.Tag) > 0 || s.Provider != "" || s.Actor != "" || s.Token != "" || s.Every != "":
			return errors.New("listen-relay needs --allow and nothing else")
		}
		return nil
	case "relay":
		switch {
		case s.URL == "":
			return errors.New("name the relay's inbox: earshot source add relay https://relay.example/inbox")
		case len(s.Tag) > 0 || s.Provider != "" || s.Actor != "" || s.Token != "" || s.Every != "":
			return errors.New("a relay needs its inbox and nothing else")
		}
		return nil
	case "timeline", "stream", "misskey":
		switch {
		case s.URL == "":
			return fmt.Errorf("name the server: earshot source add %s https://social.example --tag TAG", s.Kind)
		case len(s.Tag) == 0:
			return errors.New("name the hashtag with --tag")
		case s.Provider != "" || s.Actor != "":
			return errors.New("--provider and --actor go with tag-actor")
		case s.Kind == "stream" && s.Token == "":
			return errors.New("a stream needs the --token of an account on the server")
		}
		return nil
	case "tag-actor":
		return s.validateTagActor()
	}
	return nil // the list of kinds refuses it
}

func (s sourceAdd) validateTagActor() error {
	switch {
	case s.URL != "" || s.Token != "" || s.Every != "":
		return errors.New("a server, --token and --every go with timeline, stream and misskey; for tag-actor, name the account with --actor")
	case s.Actor != "" && s.Provider != "":
		return errors.New("name a --provider or an --actor, not both")
	case s.Actor == "" && (s.Provider == "" || len(s.Tag) == 0):
		return errors.New("name a --provider and a --tag, or an --actor")
	}
	return nil
}

func (s sourceAdd) Run(c *command) error {
	spec := app.SourceSpec{Kind: s.Kind, URL: s.URL, Provider: s.Provider, Tags: s.Tag, Actor: s.Actor, Desk: desk.Handle(s.Desk)}
	for _, h := range s.Allow {
		spec.Allow = append(spec.Allow, desk.Host(h))
	}
	if s.Every != "" {
		every, err := time.ParseDuration(s.Every)
		if err != nil {
			return usage("--every is a time like 60s or 5m, not %q", s.Every)
		}
		spec.Every = int(every / time.Second)
	}
	token, err := c.text(s.Token)
	if err != nil {
		return err
	}
	spec.Token = strings.TrimSpace(token)
	return c.with(func(session *session) error {
		out, err := session.AddSource(c.ctx, spec)
		if err != nil {
			return err
		}
		session.queued()
		return c.show(out, func(w io.Writer) {
			if out.State == store.SourcePending {
				fmt.Fprintf(w, "A Follow was sent to %s. `earshot source show %s` shows whether it is accepted.\n", cell(out.Name), out.ID)
				return
			}
			if len(s.Allow) > 0 {
				fmt.Fprintf(w, "The admins of %s can now add %s as a relay. `earshot source show %s` shows what they send.\n", strings.Join(s.Allow, ", "), out.URL, out.ID)
				return
			}
			fmt.Fprintf(w, "%s answers, and is heard from now on; older posts are left where they are. `earshot source show %s` shows what it brings.\n", cell(out.Name), out.ID)
		})
	})
}

type sourceList struct{}

func (sourceList) Run(c *command) error {
	return c.with(func(s *session) error {
		sources, err := s.Sources(c.ctx)
		if err != nil {
			return err
		}
		return c.show(sources, func(w io.Writer) {
			rows := make([][]string, len(sources))
			for n, v := range sources {
				rows[n] = []string{string(v.ID), v.Name, string(v.State), strconv.Itoa(v.Heard), strconv.Itoa(v.Sightings), strconv.Itoa(v.Issues), strconv.Itoa(v.Alone), when(v.LastHeard), v.LastError}
			}
			c.table(w, "No sources yet: only mentions are heard. `earshot source add` adds one.",
				[]string{"ID", "NAME", "STATE", "HEARD", "FOR US", "ISSUES", "ALONE", "LAST", "TROUBLE"}, rows)
		})
	})
}

type sourceShow struct {
	ID string `arg:"" help:"The source's id."`
}

func (s sourceShow) Run(c *command) error {
	return c.with(func(session *session) error {
		out, err := session.Source(c.ctx, desk.SourceID(s.ID))
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { c.printSource(w, out) })
	})
}

func (c *command) printSource(w io.Writer, s api.Source) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-9s %s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(w, "%s  %s\n\n", c.paint(bold, cell(s.Name)), s.State)
	line("is", "%s", stateWords[s.State])
	line("at", "%s", cell(s.URL))
	switch s.Access {
	case "all":
		line("shows", "all posts that reach that server")
	case "local":
		line("shows", "only posts of that server's own people; a token shows more")
	}
	if s.Desk != "" {
		line("follows", "@%s", s.Desk)
	}
	line("added", "%s", when(s.CreatedAt))
	if s.Follows > 0 {
		line("asked", "%d×", s.Follows)
		line("accepted", "%s", when(s.AcceptedAt))
	}
	if !s.Next.IsZero() {
		line("next", "%s", when(s.Next))
	}
	line("heard", "%d posts, %d of them for us; the last %s", s.Heard, s.Sightings, when(s.LastHeard))
	line("issues", "%d, of which no other source brought %d", s.Issues, s.Alone)
	line("day", "%s  by the hour, until now", bars(s.Hours))
	line("fortnight", "%s  by the day, until today", bars(s.Days))
	for _, why := range slices.Sorted(maps.Keys(s.Drops)) {
		line("dropped", "%d %s", s.Drops[why], cell(why))
	}
	if s.LastError != "" {
		fmt.Fprintf(w, "  %s   %s (%s)\n", c.paint(red, "trouble"), cell(s.LastError), when(s.ErrorAt))
	}
}

// stateWords says what the states of a source mean.
var stateWords = map[store.SourceState]string{
	store.SourceIdle:      "not tried yet",
	store.SourcePending:   "asked to tell us; it has not answered yet",
	store.SourceAccepted:  "telling us",
	store.SourcePolling:   "asked again and again, and answers",
	store.SourceStreaming: "connected",
	store.SourceRejected:  "refusing us",
	store.SourceFailed:    "not to be reached; we go on trying",
	store.SourceClosed:    "removed; the other side is being told",
}

// bars draws counts as a line of small bars.
func bars(counts []int) string {
	steps := []rune(" ▁▂▃▄▅▆▇█")
	most := slices.Max(append([]int{1}, counts...))
	var b strings.Builder
	for _, n := range counts {
		step := n * (len(steps) - 1) / most
		if n > 0 {
			step = max(1, step)
		}
		b.WriteRune(steps[step])
	}
	return b.String()
}

type sourceCheck struct {
	ID string `arg:"" help:"The source's id."`
}

func (s sourceCheck) Run(c *command) error {
	return c.with(func(session *session) error {
		out, err := session.CheckSource(c.ctx, desk.SourceID(s.ID))
		if err != nil {
			return err
		}
		if out.State != store.SourceAccepted && out.LastError == "" {
			session.queued()
		}
		return c.show(out, func(w io.Writer) { c.printSource(w, out) })
	})
}

type sourceRemove struct {
	ID string `arg:"" help:"The source's id."`
}

func (s sourceRemove) Run(c *command) error {
	return c.with(func(session *session) error {
		if err := session.RemoveSource(c.ctx, desk.SourceID(s.ID)); err != nil {
			return err
		}
		session.queued()
		return c.done("The source was removed. Where it was followed, the other side is told, and it stays in the list until then.")
	})
}

type sourceSuggest struct {
	Ask bool `help:"Ask each server for its rules, what it shows visitors, and how often the names were used there."`
}

func (sourceSuggest) Help() string {
	return `Prints commands for sources that are not there yet, and asks nobody: run those that fit. With --ask, the servers are asked for their rules, and those that would hear most come first. The servers are a beginning; those of your region, and those that your customers use, hear more.

A server's people did not ask for you: read its rules first, at the address in the last column.

Example:

	earshot source suggest
	earshot source suggest --ask
`
}

func (q sourceSuggest) Run(c *command) error {
	return c.with(func(s *session) error {
		suggest := s.SuggestSources
		if q.Ask {
			suggest = s.AskSuggestions
		}
		all, err := suggest(c.ctx)
		if err != nil {
			return err
		}
		return c.show(all, func(w io.Writer) {
			rows := make([][]string, len(all))
			for n, v := range all {
				rows[n] = []string{"@" + string(v.For), suggestedCommand(v), suggestedWhy[v.Why], v.Rules}
			}
			c.table(w, "Nothing to suggest: the desks have no names, or all of these sources are there.", []string{"FOR", "COMMAND", "WHY", "RULES"}, rows)
			for _, v := range all {
				if v.Says != nil {
					printSays(w, v)
				}
			}
		})
	})
}

// printSays prints what a server says of itself.
func printSays(w io.Writer, v api.Suggestion) {
	fmt.Fprintf(w, "\n%s", cell(v.URL))
	switch {
	case v.Says.Error != "":
		fmt.Fprintf(w, ": %s", cell(v.Says.Error))
	case v.Says.Access != "":
		fmt.Fprintf(w, " %s", showsVisitors[v.Says.Access])
	}
	fmt.Fprintln(w)
	if v.Says.Uses >= 0 {
		fmt.Fprintf(w, "  the hashtags were used %d times in the last seven days\n", v.Says.Uses)
	}
	for _, rule := range v.Says.Rules {
		fmt.Fprintf(w, "  - %s\n", cell(rule))
	}
}

// showsVisitors says what a server shows those who have no account there.
var showsVisitors = map[string]string{
	"all":            "shows visitors posts of all servers",
	"local":          "shows visitors only posts of its own people",
	app.AccessClosed: "shows visitors nothing: a --token is needed",
}

// suggestedWhy says what speaks for a suggestion, and what it needs.
var suggestedWhy = map[app.SuggestionWhy]string{
	app.WhyService: "made for this, and free",
	app.WhyLarge:   "large; may need --token to show more than its own people's posts",
	app.WhyMisskey: "large, of another kind",
}

func suggestedCommand(v api.Suggestion) string {
	words := []string{"earshot source add", v.Kind}
	if v.URL != "" {
		words = append(words, v.URL)
	}
	if v.Provider != "" {
		words = append(words, "--provider", v.Provider)
	}
	for _, t := range v.Tags {
		words = append(words, "--tag", t)
	}
	return strings.Join(words, " ")
}

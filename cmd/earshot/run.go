package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/alecthomas/kong"

	"earshot/internal/config"
	"earshot/internal/desk"
)

// The exit codes.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // as shells report SIGINT
)

// stdio is where a command reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// cli is the command line. One file a command; kong reads the tags.
type cli struct {
	Data string `help:"The data folder (EARSHOT_DATA; default ./earshot-data)." placeholder:"DIR"`
	JSON bool   `name:"json" help:"Print JSON on standard output."`
	As   string `help:"The agent who acts, for the timeline. Without it, the admin on this machine acts." placeholder:"EMAIL"`

	Init       initCmd       `cmd:"" help:"Create an instance."`
	Serve      serveCmd      `cmd:"" help:"Run the instance."`
	Demo       demoCmd       `cmd:"" help:"Try Earshot on this machine, with a small town of citizens."`
	Desk       deskCmd       `cmd:"" help:"Desks: accounts that listen and answer."`
	Source     sourceCmd     `cmd:"" help:"Sources: how posts with only tags arrive."`
	Webhook    webhookCmd    `cmd:"" help:"Webhooks: other programs that are notified of events."`
	Notify     notifyCmd     `cmd:"" help:"Where an agent is notified: a phone by ntfy, or a webhook."`
	Issue      issueCmd      `cmd:"" help:"Read and answer issues."`
	Post       postCmd       `cmd:"" help:"Change or delete replies and broadcasts."`
	Broadcast  broadcastCmd  `cmd:"" help:"Write to a desk's followers."`
	Incident   incidentCmd   `cmd:"" help:"Incidents: one cause behind many issues."`
	Person     personCmd     `cmd:"" help:"Reporters: their issues, and remarks about them."`
	Phrase     phraseCmd     `cmd:"" help:"Texts that agents send often."`
	View       viewCmd       `cmd:"" help:"Saved views: lists of issues under a name."`
	Today      todayCmd      `cmd:"" help:"What was heard, said and changed on a day."`
	Block      blockCmd      `cmd:"" help:"Blocked accounts and servers."`
	Optout     optoutCmd     `cmd:"" help:"Accounts that opted out."`
	Pile       pileCmd       `cmd:"" help:"Piles: many reports that came at once."`
	Quarantine quarantineCmd `cmd:"" help:"Reports held back as likely spam."`
	Agent      agentCmd      `cmd:"" help:"The people who work at the desks."`
	Token      tokenCmd      `cmd:"" help:"Tokens for programs that use the API."`
	Audit      auditCmd      `cmd:"" help:"The audit log: who did what, and when."`
	Queue      queueCmd      `cmd:"" help:"Waiting jobs, and jobs that were given up."`
	Doctor     doctorCmd     `cmd:"" help:"Check the instance, and say how to fix problems."`
	Backup     backupCmd     `cmd:"" help:"Write all data into one file."`
	Restore    restoreCmd    `cmd:"" help:"Restore an instance from a backup."`
	Copy       copyCmd       `cmd:"" help:"Copy all data from one store to another."`
	Health     healthCmd     `cmd:"" help:"Ask the running server whether it is ready."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
	Completion completionCmd `cmd:"" help:"Print a completion script for a shell."`
	Man        manCmd        `cmd:"" help:"Print the manual page."`
}

const description = `Earshot hears posts for a provider on any server of the fediverse, keeps each as an issue, and lets the people at its desk answer in the reporter's own thread.`

// command is one run of a command.
type command struct {
	ctx     context.Context
	io      stdio
	environ []string
	getenv  func(string) string
	data    string // the data folder
	named   string // the data folder if --data named it
	json    bool
	agent   desk.Email
}

// usageError is a mistake in how a command was called.
type usageError struct{ error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// run runs one command line and returns its exit code. environ is os.Environ().
func run(ctx context.Context, args []string, environ []string, io stdio) int {
	var line cli
	exited, code := false, exitOK
	parser, err := kong.New(&line, kong.Name("earshot"), kong.Description(description), kong.Writers(io.out, io.err),
		kong.Exit(func(c int) { exited, code = true, c }), kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}))
	if err != nil {
		fmt.Fprintln(io.err, "earshot:", err)
		return exitFailed
	}
	if len(args) > 0 && args[0] == completeWord {
		complete(io.out, parser.Model.Node, args[1:])
		return exitOK
	}
	if len(args) == 0 {
		parser.Stdout = io.err
		_, _ = parser.Parse([]string{"--help"})
		return exitUsage
	}
	parsed, err := parser.Parse(args)
	if exited { // help was asked for and printed
		return code
	}
	if err != nil {
		// A choice that may be left out has "" among its values.
		fmt.Fprintf(io.err, "earshot: %s\n", strings.ReplaceAll(err.Error(), `one of "",`, "one of "))
		// For the value of a flag the parser itself says how.
		if text := dashed(args); text != "" && !strings.Contains(err.Error(), "perhaps try") {
			fmt.Fprintf(io.err, "A text that begins with - comes last, after --, as in: %s … -- %q\n", strings.TrimSuffix(helpFor(err), " --help"), text)
		}
		fmt.Fprintf(io.err, "See: %s\n", helpFor(err))
		return exitUsage
	}
	getenv := config.Getenv(environ)
	if err := checkVariables(parsed.Command(), environ, getenv); err != nil {
		fmt.Fprintln(io.err, "earshot:", err)
		return exitUsage
	}
	c := &command{ctx: ctx, io: io, environ: environ, getenv: getenv, data: line.Data, named: line.Data, json: line.JSON}
	if c.data == "" {
		c.data = getenv("EARSHOT_DATA")
	}
	if c.data == "" {
		c.data = "earshot-data"
	}
	if c.agent, err = actingAgent(line.As); err != nil {
		return c.exit(err)
	}
	if err := checkText(args, parsed.Command()); err != nil {
		return c.exit(err)
	}
	return c.exit(parsed.Run(c))
}

// dashed returns the first argument that looks like a flag and is probably a
// text, like "-5 °C" or "-Danke". The only flag with one - is -h.
func dashed(args []string) string {
	for _, arg := range args {
		switch name, _, _ := strings.Cut(arg, "="); {
		case arg == "--":
			return ""
		case len(arg) < 3 || arg[0] != '-':
		case arg[1] != '-' || strings.ContainsFunc(name, unicode.IsSpace):
			return arg
		}
	}
	return ""
}

// actingAgent reads --as. A name typed for an address would stand in timelines
// for ever, so it is refused.
func actingAgent(typed string) (desk.Email, error) {
	if typed == "" {
		return "", nil
	}
	e, err := desk.ParseEmail(typed)
	if err != nil {
		return "", usage("--as is an e-mail address like bo@acme.example, not %q", typed)
	}
	return e, nil
}

// helpFor names the help of the command that was called wrongly.
func helpFor(err error) string {
	parse, ok := errors.AsType[*kong.ParseError](err)
	if ok && parse.Context != nil {
		if node := parse.Context.Selected(); node != nil {
			return node.FullPath() + " --help"
		}
	}
	return "earshot --help"
}

// exit prints the error, and the next step, on standard error.
func (c *command) exit(err error) int {
	switch {
	case err == nil:
		return exitOK
	case c.ctx.Err() != nil && (errors.Is(err, context.Canceled) || desk.ErrorCode(err) == desk.CodeUnavailable):
		fmt.Fprintln(c.io.err, "earshot: interrupted")
		return exitInterrupted
	}
	if _, ok := errors.AsType[*kong.ParseError](err); ok {
		err = usageError{err}
	}
	fmt.Fprintln(c.io.err, "earshot:", clean(hinted(err)))
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	return exitFailed
}

// checkVariables refuses an environment that the server would not start with. The
// manual, which lists the variables, can be read with any; the doctor reports wrong
// values, and examines the rest.
func checkVariables(command string, environ []string, getenv func(string) string) error {
	if command == "man" {
		return nil
	}
	if err := config.Misspelt(environ); err != nil || command == "doctor" {
		return err
	}
	return config.Unreadable(getenv)
}

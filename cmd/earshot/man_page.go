package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"earshot/internal/config"
	"earshot/internal/roff"
)

// manPage writes the manual page of a command line.
func manPage(app *kong.Application, day time.Time) string {
	var p roff.Page
	p.Title(app.Name, "1", day, app.Name+" "+version(), "Earshot")
	p.Section("Name")
	p.First(roff.Plain(app.Name + " - a provider's desk on the fediverse"))
	p.Section("Synopsis")
	p.First(roff.Bold(app.Name), roff.Plain(" ["), roff.Italic("flags"), roff.Plain("] "), roff.Italic("command"),
		roff.Plain(" ["), roff.Italic("arguments"), roff.Plain("]"))
	manDescription(&p, app)
	p.Section("Options")
	p.First(roff.Plain("These flags go with every command."))
	manFlags(&p, app.Node)
	p.Section("Commands")
	p.First(roff.Plain("Each command also has --help."))
	for _, c := range app.Children {
		manCommand(&p, c)
	}
	manTables(&p)
	p.Section("See also")
	p.First(roff.Bold("systemctl"), roff.Plain("(1), "), roff.Bold("journalctl"), roff.Plain("(1), "), roff.Bold("systemd.exec"), roff.Plain("(5)"))
	p.Paragraph(roff.Plain("The source has a guide (docs/guide.md), pages on operations (docs/operations), and FEDERATION.md, which lists exactly the activities that are sent and accepted."))
	return p.String()
}

func manDescription(p *roff.Page, app *kong.Application) {
	p.Section("Description")
	p.First(roff.Prose(app.Help))
	p.Paragraph(roff.Prose("An instance keeps everything in its data folder. `earshot init` makes one, and `earshot serve` runs it. While the server runs, other commands ask it over a Unix socket in the data folder; else they open the store themselves. Run them as the user that owns the folder."))
	p.Paragraph(roff.Prose("Flags win over variables, variables win over `earshot.toml` in the data folder, and that wins over the defaults."))
}

// manCommand writes a command and all below it.
func manCommand(p *roff.Page, n *kong.Node) {
	if n.Hidden {
		return
	}
	p.Subsection(n.FullPath())
	p.First(manSynopsis(n))
	p.Paragraph(roff.Prose(n.Help))
	if n.DefaultCmd != nil {
		p.Paragraph(roff.Plain("Without another command it does the same as "), roff.Bold(n.DefaultCmd.FullPath()), roff.Plain("."))
	}
	manDetail(p, n.Detail)
	for _, a := range n.Positional {
		p.Item(roff.Italic(strings.ToUpper(a.Name)), manValue(a))
	}
	manFlags(p, n)
	for _, c := range n.Children {
		manCommand(p, c)
	}
}

// manSynopsis is how a command is typed.
func manSynopsis(n *kong.Node) roff.Text {
	out := roff.Bold(n.FullPath())
	for _, f := range shown(n.Flags) {
		if f.Required {
			out += roff.Plain(" ") + manFlag(f)
		}
	}
	if len(shown(n.Flags)) > 0 {
		out += roff.Plain(" [") + roff.Italic("flags") + roff.Plain("]")
	}
	if !n.Leaf() {
		return out + roff.Plain(" ") + roff.Italic("command")
	}
	for _, a := range n.Positional {
		name := roff.Italic(strings.ToUpper(a.Name))
		if a.IsCumulative() {
			name += roff.Plain("...")
		}
		if !a.Required {
			name = roff.Plain("[") + name + roff.Plain("]")
		}
		out += roff.Plain(" ") + name
	}
	return out
}

// manDetail writes the long help: paragraphs, and lines behind a tab as they are.
func manDetail(p *roff.Page, text string) {
	for part := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		switch {
		case part == "":
		case strings.HasPrefix(part, "\t"):
			p.Example(strings.Split(strings.ReplaceAll(strings.TrimPrefix(part, "\t"), "\n\t", "\n"), "\n"))
		default:
			p.Paragraph(roff.Prose(part))
		}
	}
}

func shown(all []*kong.Flag) (out []*kong.Flag) {
	for _, f := range all {
		if !f.Hidden {
			out = append(out, f)
		}
	}
	return out
}

func manFlags(p *roff.Page, n *kong.Node) {
	for _, f := range shown(n.Flags) {
		p.Item(manFlag(f), manValue(f.Value))
	}
}

// manFlag is a flag as it is typed.
func manFlag(f *kong.Flag) roff.Text {
	var out roff.Text
	if f.Short != 0 {
		out = roff.Bold("-"+string(f.Short)) + roff.Plain(", ")
	}
	switch {
	case f.IsBool() && f.Negated:
		return out + roff.Bold("--[no-]"+f.Name)
	case f.IsBool():
		return out + roff.Bold("--"+f.Name)
	case f.PlaceHolder != "":
		return out + roff.Bold("--"+f.Name+"=") + roff.Italic(f.PlaceHolder)
	}
	return out + roff.Bold("--"+f.Name+"=") + roff.Italic(strings.ToUpper(f.Name))
}

// manValue describes a flag or an argument: its meaning, its values and its
// default.
func manValue(v *kong.Value) roff.Text {
	out := roff.Prose(v.Help)
	if all := values(v); len(all) > 0 && !v.IsBool() && !namesAll(v.Help, all) {
		out += roff.Plain(" One of: " + strings.Join(all, ", ") + ".")
	}
	if v.Flag != nil && v.Required {
		out += roff.Plain(" Required.")
	}
	if v.HasDefault && v.Default != "" {
		out += roff.Plain(" The default is " + v.Default + ".")
	}
	return out
}

// namesAll says whether a text has every word.
func namesAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// manTables writes the sections that are lists of names.
func manTables(p *roff.Page) {
	p.Section("Environment")
	p.First(roff.Plain("All but EARSHOT_DATA, EARSHOT_STORE and EARSHOT_SECRET are settings of earshot.toml too. A flag wins over its variable."))
	for _, v := range config.Variables() {
		p.Item(roff.Bold(v.Name), roff.Prose(v.Help))
	}
	p.Item(roff.Bold("NO_COLOR"), roff.Plain("If it is set, nothing is coloured on a terminal."))
	p.Item(roff.Bold("SOURCE_DATE_EPOCH"), roff.Prose("The date of the page that `earshot man` prints, in seconds since 1970."))
	manFilesAndExits(p)
	p.Section("Examples")
	for n, e := range manExamples {
		if n == 0 {
			p.First(roff.Plain(e.about))
		} else {
			p.Paragraph(roff.Plain(e.about))
		}
		p.Example(e.lines)
	}
}

func manFilesAndExits(p *roff.Page) {
	p.Section("Files")
	p.First(roff.Plain("In the data folder:"))
	for _, f := range manFiles {
		p.Item(roff.Bold(f.name), roff.Prose(f.about))
	}
	p.Paragraph(roff.Plain("Where the server is a service of systemd:"))
	for _, f := range manServiceFiles {
		p.Item(roff.Bold(f.name), roff.Prose(f.about))
	}
	p.Section("Exit status")
	for _, e := range manExits {
		p.Item(roff.Bold(fmt.Sprint(e.code)), roff.Plain(e.about))
	}
}

package main

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"earshot/internal/config"
)

// commandLine is the model that the program itself parses with.
func commandLine(t *testing.T) *kong.Kong {
	t.Helper()
	parser, err := kong.New(&cli{}, kong.Name("earshot"), kong.Description(description), kong.Exit(func(int) { t.Error("it wanted to exit") }))
	if err != nil {
		t.Fatal(err)
	}
	return parser
}

// plain takes the macros and escapes out of a page: what a reader sees, on one
// line. It knows only the requests that the page may contain.
func plain(page string) string {
	page = regexp.MustCompile(`(?m)^\.(PP|TP|EX|EE|in.*|nh)$`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`(?m)^\.S[HS] "(.*)"$`).ReplaceAllString(page, "$1")
	page = regexp.MustCompile(`\\f[BIR]|\\&`).ReplaceAllString(page, "")
	page = strings.NewReplacer(`\-`, "-", `\e`, `\`, `\(dq`, `"`, `\(aq`, "'", `\(ga`, "`", `\(ha`, "^", `\(ti`, "~", `\[u2026]`, "…").Replace(page)
	return strings.Join(strings.Fields(page), " ")
}

// parts cuts a page at its headings.
func parts(page string) map[string]string {
	out := map[string]string{}
	heading := regexp.MustCompile(`(?m)^\.S[HS] "(.*)"$`)
	found := heading.FindAllStringSubmatchIndex(page, -1)
	for n, at := range found {
		end := len(page)
		if n+1 < len(found) {
			end = found[n+1][0]
		}
		out[plain(page[at[2]:at[3]])] = plain(page[at[1]:end])
	}
	return out
}

// sameWords is a help text as a page without fonts shows it.
func sameWords(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "`", "")), " ")
}

// Every command that --help offers has its part of the page, with its text,
// its arguments and its flags.
func TestManPageHasEveryCommand(t *testing.T) {
	model := commandLine(t).Model
	in := parts(manPage(model, time.Unix(0, 0)))
	commands := 0
	var look func(n *kong.Node, part string)
	look = func(n *kong.Node, part string) {
		text, ok := in[part]
		wants := []string{sameWords(n.Help), sameWords(n.Detail)}
		for _, a := range n.Positional {
			wants = append(wants, strings.ToUpper(a.Name), sameWords(a.Help))
		}
		for _, f := range n.Flags {
			if !f.Hidden {
				wants = append(wants, "--"+f.Name, sameWords(f.Help))
			}
		}
		for _, want := range wants {
			if !ok || (n.Type != kong.ApplicationNode && !strings.Contains(text, want)) {
				t.Errorf("%s: %q is missing (there is such a part: %v)", part, want, ok)
			}
		}
		for _, c := range n.Children {
			if !c.Hidden {
				commands++
				look(c, c.FullPath())
			}
		}
	}
	look(model.Node, "OPTIONS")
	if commands < 50 {
		t.Errorf("only %d commands were looked at", commands)
	}
	for _, f := range model.Flags {
		if !strings.Contains(in["OPTIONS"], "--"+f.Name) || !strings.Contains(in["OPTIONS"], sameWords(f.Help)) {
			t.Errorf("OPTIONS: --%s is missing", f.Name)
		}
	}
}

func TestManPageHasEverySection(t *testing.T) {
	in := parts(manPage(commandLine(t).Model, time.Unix(0, 0)))
	for section, want := range map[string]string{
		"NAME": "earshot - a provider's desk", "SYNOPSIS": "earshot [flags] command", "DESCRIPTION": "data folder", "COMMANDS": "--help",
		"FILES": "/var/lib/earshot", "EXIT STATUS": "130", "EXAMPLES": "earshot init", "SEE ALSO": "systemctl",
	} {
		if !strings.Contains(in[section], want) {
			t.Errorf("%s: %q is missing in %q", section, want, in[section])
		}
	}
	for _, name := range []string{config.FileName, config.StoreName, config.LocationName, config.SecretName, config.DeletionsName, config.SocketName} {
		if !strings.Contains(in["FILES"], " "+name+" ") {
			t.Errorf("FILES: %s is missing", name)
		}
	}
	for _, v := range config.Variables() {
		if !strings.Contains(in["ENVIRONMENT"], v.Name+" "+sameWords(v.Help)) {
			t.Errorf("ENVIRONMENT: %s is missing", v.Name)
		}
	}
}

// Every example in the manual page and in the help is a valid command line.
func TestExamplesParse(t *testing.T) {
	parser := commandLine(t)
	lines := 0
	check := func(line string) {
		_, line, ok := strings.Cut(strings.TrimPrefix(line, "sudo -u earshot "), "earshot ")
		if !ok {
			return
		}
		lines++
		words := regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(regexp.MustCompile(` [|<>] .*`).ReplaceAllString(line, ""), -1)
		for n := range words {
			words[n] = strings.Trim(words[n], `"`)
		}
		if _, err := parser.Parse(words); err != nil {
			t.Errorf("earshot %s: %v", line, err)
		}
	}
	for _, e := range manExamples {
		for _, l := range e.lines {
			check(l)
		}
	}
	_ = kong.Visit(parser.Model, func(n kong.Visitable, next kong.Next) error {
		if node, ok := n.(*kong.Node); ok {
			for l := range strings.Lines(node.Detail) {
				if strings.HasPrefix(l, "\t") {
					check(strings.TrimSpace(l))
				}
			}
		}
		return next(nil)
	})
	if lines < 60 {
		t.Errorf("only %d examples were read", lines)
	}
}

// Where mandoc is there, it has nothing to say.
func TestManPageIsClean(t *testing.T) {
	mandoc, err := exec.LookPath("mandoc")
	if err != nil {
		t.Skip("mandoc is not here")
	}
	c := exec.Command(mandoc, "-Tlint")
	c.Stdin = strings.NewReader(manPage(commandLine(t).Model, time.Unix(0, 0)))
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// completeWord is the hidden command by which the shells ask: the words after
// the program's name follow, the last of them unfinished.
const completeWord = "__complete"

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

func (completionCmd) Help() string {
	return `Examples:

	earshot completion bash > /etc/bash_completion.d/earshot
	earshot completion zsh > ~/.zfunc/_earshot
	earshot completion fish > ~/.config/fish/completions/earshot.fish
`
}

var completionScripts = map[string]string{
	"bash": `_earshot() {
	local IFS=$'\n'
	COMPREPLY=($("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _earshot earshot
`,
	"zsh": `#compdef earshot
_earshot() {
	local -a found
	found=(${(f)"$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)"})
	if (( ${#found} )); then compadd -a found; else _files; fi
}
if [[ ${funcstack[1]} == _earshot ]]; then _earshot "$@"; else compdef _earshot earshot; fi
`,
	"fish": `function __earshot_complete
	set -l words (commandline -opc) (commandline -ct)
	command $words[1] __complete $words[2..-1] 2>/dev/null
end
complete -c earshot -f -a '(__earshot_complete)'
`,
}

func (s completionCmd) Run(c *command) error {
	_, err := io.WriteString(c.io.out, completionScripts[s.Shell])
	return err
}

// complete prints the completions of the last word, one a line. It reads the
// same model as the parser, so it knows every command and flag there is.
func complete(w io.Writer, node *kong.Node, words []string) {
	if len(words) == 0 {
		words = []string{""}
	}
	last := words[len(words)-1]
	at, pending, nth := walk(node, words[:len(words)-1])
	if at.DefaultCmd != nil && (nth > 0 || strings.HasPrefix(last, "-")) { // its name may be left out
		at = at.DefaultCmd
	}
	var found []string
	switch {
	case pending != nil:
		found = values(pending.Value)
	case strings.HasPrefix(last, "-"):
		found = flagNames(at)
	case len(at.Children) > 0:
		for _, child := range at.Children {
			if !child.Hidden {
				found = append(found, child.Name)
			}
		}
	case nth < len(at.Positional):
		found = values(at.Positional[nth])
	}
	for _, f := range found {
		if strings.HasPrefix(f, last) {
			fmt.Fprintln(w, f)
		}
	}
}

// walk follows finished words: to a command, to how many arguments it has got,
// and to the flag that still waits for its value.
func walk(at *kong.Node, words []string) (node *kong.Node, pending *kong.Flag, nth int) {
	for _, word := range words {
		switch {
		case pending != nil:
			pending = nil
		case strings.HasPrefix(word, "--") && !strings.Contains(word, "="):
			if f := flagNamed(at, strings.TrimPrefix(word, "--")); f != nil && !f.IsBool() {
				pending = f
			}
		case strings.HasPrefix(word, "-") && word != "-":
		default:
			if child := childNamed(at, word); child != nil {
				at, nth = child, 0
			} else {
				nth++
			}
		}
	}
	return at, pending, nth
}

func childNamed(at *kong.Node, name string) *kong.Node {
	for _, child := range at.Children {
		if child.Name == name {
			return child
		}
	}
	return nil
}

func flagNamed(at *kong.Node, name string) *kong.Flag {
	if at.DefaultCmd != nil {
		at = at.DefaultCmd
	}
	for _, group := range at.AllFlags(true) {
		for _, f := range group {
			if f.Name == name {
				return f
			}
		}
	}
	return nil
}

func flagNames(at *kong.Node) (out []string) {
	for _, group := range at.AllFlags(true) {
		for _, f := range group {
			out = append(out, "--"+f.Name)
		}
	}
	return out
}

// values are what an argument with a fixed choice may be.
func values(v *kong.Value) (out []string) {
	for _, s := range v.EnumSlice() {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxInput is more than any text that can be sent.
const maxInput = 1 << 20

// text returns the typed text, or all of standard input for "-".
func (c *command) text(s string) (string, error) {
	if s != "-" {
		return s, nil
	}
	if isTerminal(c.io.in) {
		fmt.Fprintln(c.io.err, "Write the text; Ctrl-D ends it.")
	}
	b, err := io.ReadAll(io.LimitReader(c.io.in, maxInput+1))
	if err != nil {
		return "", fmt.Errorf("reading standard input: %w", err)
	}
	if len(b) > maxInput {
		return "", fmt.Errorf("standard input is longer than %d bytes", maxInput)
	}
	if !utf8.Valid(b) {
		return "", notText("standard input")
	}
	return string(b), nil
}

// notText refuses a text in another character set: it would go out with its
// letters lost.
func notText(what string) error {
	return usage("%s is not UTF-8, so letters would be lost: convert it first, as in `iconv -f latin1 -t utf8`", what)
}

// checkText refuses a command line with an argument that is not UTF-8. The
// names of files may be anything.
func checkText(args []string, command string) error {
	switch first, _, _ := strings.Cut(command, " "); first {
	case "backup", "restore", "copy":
		return nil
	}
	for i, arg := range args {
		if !utf8.ValidString(arg) && !strings.HasPrefix(arg, "--data=") && (i == 0 || args[i-1] != "--data") {
			return notText(fmt.Sprintf("argument %d, %q,", i+1, arg))
		}
	}
	return nil
}

// tags splits a typed list of tags. An empty text is an empty list.
func tags(s string) []string {
	out := []string{}
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

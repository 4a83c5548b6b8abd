package main

import (
	"fmt"
	"io"
	"strings"
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
	return string(b), nil
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

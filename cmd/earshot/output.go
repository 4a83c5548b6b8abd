package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"golang.org/x/term"
	"golang.org/x/text/width"

	"earshot/internal/api"
	"earshot/internal/clock"
)

// show prints a result: as JSON with --json, else as human prints it.
func (c *command) show(v any, human func(io.Writer)) error {
	if !c.json {
		human(c.io.out)
		return nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := c.io.out.Write(api.EscapeControls(b.Bytes()))
	return err
}

// done prints the result of a command that has nothing else to show.
func (c *command) done(format string, args ...any) error {
	return c.show(map[string]bool{"done": true}, func(w io.Writer) { fmt.Fprintf(w, format+"\n", args...) })
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// The few styles there are.
const (
	bold = "1"
	dim  = "2"
	red  = "31"
	blue = "36"
)

// paint colours a text on a terminal (https://no-color.org).
func (c *command) paint(style, s string) string {
	if s == "" || !isTerminal(c.io.out) || c.getenv("NO_COLOR") != "" || c.getenv("TERM") == "dumb" {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

// clean makes other people's words safe for a terminal: control characters
// could move the cursor, bidirectional ones could turn the line around.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c:
			return -1
		}
		return r
	}, s)
}

// cell is a text on one line.
func cell(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// table prints rows below a head in columns. On a terminal lines are cut at its edge.
func (c *command) table(w io.Writer, none string, head []string, rows [][]string) {
	if len(rows) == 0 {
		fmt.Fprintln(w, none)
		return
	}
	for _, row := range rows {
		for n := range row {
			row[n] = cell(row[n])
		}
	}
	widths := make([]int, len(head))
	for _, row := range append([][]string{head}, rows...) {
		for n, s := range row {
			widths[n] = max(widths[n], columns(s))
		}
	}
	edge := 0
	if f, ok := c.io.out.(*os.File); ok && isTerminal(f) {
		edge, _, _ = term.GetSize(int(f.Fd()))
	}
	fmt.Fprintln(w, c.paint(bold, cut(line(head, widths), edge)))
	for _, row := range rows {
		fmt.Fprintln(w, cut(line(row, widths), edge))
	}
}

// more says that a list may have been cut: silence would look like the end.
func (c *command) more(n, limit int) {
	if n >= limit {
		fmt.Fprintf(c.io.err, "These are the first %d; --limit shows more.\n", limit)
	}
}

func line(row []string, widths []int) string {
	var b strings.Builder
	for n, s := range row {
		b.WriteString(s)
		if n < len(row)-1 {
			b.WriteString(strings.Repeat(" ", widths[n]-columns(s)+2))
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// columns counts the terminal's columns a text takes.
func columns(s string) (n int) {
	for _, r := range s {
		n += columnsOf(r)
	}
	return n
}

func columnsOf(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cut ends a text at an edge; 0: no edge.
func cut(s string, edge int) string {
	if edge <= 0 || columns(s) <= edge {
		return s
	}
	var b strings.Builder
	n := 1 // for the ellipsis
	for _, r := range s {
		if n += columnsOf(r); n > edge {
			break
		}
		b.WriteRune(r)
	}
	return b.String() + "…"
}

// when says a time as people do, and exactly.
func when(t api.Time) string {
	if t.IsZero() {
		return "–"
	}
	return ago(clock.System{}.Now(), t.Time) + " (" + t.Local().Format("2006-01-02 15:04") + ")"
}

// ago says how far a time is from now, in its largest unit.
func ago(now, t time.Time) string {
	d := now.Sub(t)
	switch {
	case d > -time.Second && d < 5*time.Second:
		return "just now"
	case d < 0:
		return "in " + span(-d)
	}
	return span(d) + " ago"
}

// span is a length of time, rounded to one unit.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d.Round(time.Second) < time.Minute:
		return fmt.Sprintf("%ds", d.Round(time.Second)/time.Second)
	case d.Round(time.Minute) < time.Hour:
		return fmt.Sprintf("%dm", d.Round(time.Minute)/time.Minute)
	case d.Round(time.Hour) < 2*day:
		return fmt.Sprintf("%dh", d.Round(time.Hour)/time.Hour)
	}
	return fmt.Sprintf("%dd", d.Round(day)/day)
}

package roff

import (
	"strings"
	"testing"
	"time"
)

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"a-b":         `a\-b`,
		`C:\n "x"`:    `C:\en \(dqx\(dq`,
		"it's ~^`":    `it\(aqs \(ti\(ha\(ga`,
		"a…b":         `a\[u2026]b`,
		"one\ntwo":    "one two",
		"a\x00\x1b[1": "a  [1",
	} {
		if got := escape(in); got != want {
			t.Errorf("escape(%q) = %q, want %q", in, got, want)
		}
	}
}

// No text may become a request, at any place where a line is broken.
func TestTextIsNoRequest(t *testing.T) {
	var p Page
	p.Title("x", "1", time.Unix(0, 0), "x 1", "y")
	p.Section("name")
	p.First(Plain(strings.Repeat(".so /etc/passwd 'br ", 40)))
	p.Paragraph(Prose("`.so` x"))
	p.Item(Plain(".x"), Plain("'x"))
	p.Example([]string{".so x", "", "'br"})
	known := map[string]bool{".nh": true, ".TH": true, ".SH": true, ".PP": true, ".TP": true, ".in": true, ".EX": true, ".EE": true}
	for line := range strings.Lines(p.String()) {
		first, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if (strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'")) && !known[first] {
			t.Errorf("a text became the request %q", line)
		}
		if len(line) > width+1 && !strings.HasPrefix(line, ".TH") {
			t.Errorf("%d bytes in a line: %q", len(line), line)
		}
	}
}

func TestProse(t *testing.T) {
	if got, want := Prose("run `a -b` now"), Text(`run \fBa \-b\fR now`); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("it's \\fB-x")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range escape(s) {
			if r < ' ' || r > '~' {
				t.Fatalf("%q of %q", r, s)
			}
		}
	})
}

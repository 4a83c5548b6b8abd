// Package blocklist reads and writes lists of blocked domains as Mastodon
// exports them (CSV).
package blocklist

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"earshot/internal/desk"
)

// The bounds of a list: the longest public ones have some thousands of lines.
const (
	maxBytes = 16 << 20
	maxLines = 100_000
	// maxComment is the longest remark that we store with a block, in
	// characters; longer comments are cut.
	maxComment = 500
)

// Severity is what a list wants done about a domain.
type Severity string

// The severities of Mastodon. A list without any means Suspend.
const (
	Suspend Severity = "suspend"
	Silence Severity = "silence"
	Noop    Severity = "noop"
)

// Entry is one domain of a list.
type Entry struct {
	Host     desk.Host
	Severity Severity
	Comment  string
}

// Unread is a line that could not be read, and why.
type Unread struct {
	Line int    `json:"line"`
	Why  string `json:"why"`
}

// Read reads a list: with Mastodon's header (#domain,#severity,…, the # is
// optional), or without one: then the first column is the domain, and the
// second, if it is one, the severity. A domain counts once, the first time.
func Read(r io.Reader) (entries []Entry, unread []Unread, err error) {
	limited := &io.LimitedReader{R: r, N: maxBytes + 1}
	in := csv.NewReader(limited)
	in.FieldsPerRecord, in.TrimLeadingSpace, in.LazyQuotes = -1, true, true
	columns := map[string]int{"domain": 0, "severity": 1, "public_comment": -1}
	seen := map[desk.Host]bool{}
	for lines := 0; ; lines++ {
		row, err := in.Read()
		if limited.N == 0 { // the rest was cut off: half a list would look like all of it
			return nil, nil, fmt.Errorf("reading the list: more than %d MiB", maxBytes>>20)
		}
		if errors.Is(err, io.EOF) {
			return entries, unread, nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("reading the list: %w", err)
		}
		if lines >= maxLines {
			return nil, nil, fmt.Errorf("reading the list: more than %d lines", maxLines)
		}
		if lines == 0 {
			row[0] = strings.TrimPrefix(row[0], "\ufeff")
			if isHeader(row) {
				for name := range columns {
					columns[name] = slices.IndexFunc(row, func(c string) bool { return strings.EqualFold(strings.TrimPrefix(strings.TrimSpace(c), "#"), name) })
				}
				continue
			}
		}
		e, err := entryOf(row, columns)
		if err != nil {
			line, _ := in.FieldPos(0)
			unread = append(unread, Unread{line, err.Error()})
			continue
		}
		if !seen[e.Host] {
			seen[e.Host] = true
			entries = append(entries, e)
		}
	}
}

func isHeader(row []string) bool {
	return slices.ContainsFunc(row, func(c string) bool { return strings.EqualFold(strings.TrimPrefix(strings.TrimSpace(c), "#"), "domain") })
}

func entryOf(row []string, columns map[string]int) (Entry, error) {
	field := func(name string) string {
		if n := columns[name]; n >= 0 && n < len(row) {
			return strings.TrimSpace(row[n])
		}
		return ""
	}
	e := Entry{Severity: Severity(strings.ToLower(field("severity"))), Comment: beginning(strings.ToValidUTF8(field("public_comment"), ""))}
	if e.Severity == "" {
		e.Severity = Suspend
	}
	if !slices.Contains([]Severity{Suspend, Silence, Noop}, e.Severity) {
		return e, fmt.Errorf("there is no severity %q", e.Severity)
	}
	domain := field("domain")
	if strings.Contains(domain, "*") {
		return e, fmt.Errorf("%q is obfuscated", domain)
	}
	if strings.ContainsAny(domain, "@/: ") {
		return e, fmt.Errorf("%q is no domain", domain)
	}
	var err error
	if e.Host, err = desk.CanonicalHost(domain, "https"); err != nil {
		return e, err
	}
	if !strings.Contains(string(e.Host), ".") { // in its final form: "x." and "。" are spellings
		return e, fmt.Errorf("%q is no domain", domain)
	}
	return e, nil
}

func beginning(comment string) string {
	left := maxComment
	for at := range comment {
		if left--; left < 0 {
			return comment[:at]
		}
	}
	return comment
}

// Blocked returns the hosts of a list to block: the suspended ones, and the
// silenced ones if wanted.
func Blocked(entries []Entry, silenced bool) []Entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e Entry) bool {
		return e.Severity == Noop || e.Severity == Silence && !silenced
	})
}

// Servers returns the blocked servers as a list has them. Of accounts a list
// says nothing.
func Servers(blocks []desk.Block) (entries []Entry) {
	for _, b := range blocks {
		if _, err := desk.HostOf(b.Target); err != nil { // a domain, and no account
			entries = append(entries, Entry{Host: desk.Host(b.Target), Severity: Suspend, Comment: b.Reason})
		}
	}
	return entries
}

// Write writes a list that Mastodon imports.
func Write(w io.Writer, entries []Entry) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"#domain", "#severity", "#reject_media", "#reject_reports", "#public_comment", "#obfuscate"}); err != nil {
		return err
	}
	for _, e := range entries {
		if err := out.Write([]string{string(e.Host), string(e.Severity), "false", "false", e.Comment, "false"}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

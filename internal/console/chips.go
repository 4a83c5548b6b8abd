package console

import (
	"strings"

	"earshot/internal/locale"
	"earshot/internal/search"
)

// chip is one of the things that narrow a list; its address is the list without it.
type chip struct{ Text, Address string }

// chips are all that narrow a list: each part of the search, a status and days.
func chips(l *locale.Language, q query) (out []chip) {
	q.After, q.said = "", ""
	parts := search.Parts(q.Search)
	for n, p := range parts {
		var others []string
		for m, other := range parts {
			if m != n {
				others = append(others, other.Typed)
			}
		}
		without := q
		without.Search = strings.Join(others, " ")
		out = append(out, chip{p.Typed, without.List()})
	}
	if q.Status != "" {
		without := q
		without.Status = ""
		out = append(out, chip{statusOf(l, q.Status).Word, without.List()})
	}
	if q.Since != "" {
		without := q
		without.Since = ""
		out = append(out, chip{l.T("console.since") + " " + q.Since, without.List()})
	}
	if q.Until != "" {
		without := q
		without.Until = ""
		out = append(out, chip{l.T("console.until") + " " + q.Until, without.List()})
	}
	return out
}

// Cleared is the address of the list with nothing that narrows it.
func (q query) Cleared() string { return q.In(q.View) }

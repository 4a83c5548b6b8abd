package search

import (
	"strings"
	"unicode"
)

// Part is one part of what a person typed to search: an operator with its value, or words.
type Part struct {
	Name  string // the operator: "from" of from:ana, in lower case; "" for words
	Value string // what stands after it, or the words; without quotes
	Typed string // as it stands in the search
}

// Parts reads a search. An operator is a Latin word with a colon right after it. What
// stands in quotes is words, or with an operator before it, one value.
func Parts(typed string) (parts []Part) {
	for rest := strings.TrimSpace(typed); rest != ""; rest = strings.TrimSpace(rest) {
		end := partEnd(rest)
		parts, rest = append(parts, partOf(rest[:end])), rest[end:]
	}
	return parts
}

// partEnd is where the first part ends: at a space that no quotes are around.
func partEnd(s string) int {
	quoted := false
	for n, r := range s {
		switch {
		case quote(r):
			quoted = !quoted
		case unicode.IsSpace(r) && !quoted:
			return n
		}
	}
	if quoted { // it has no other end: quotes that open nothing are letters
		if n := strings.IndexFunc(s, unicode.IsSpace); n > 0 {
			return n
		}
	}
	return len(s)
}

func quote(r rune) bool { return strings.ContainsRune("\"“”„«»", r) }

func partOf(s string) Part {
	unquoted := func(s string) string {
		return strings.TrimSpace(strings.Map(func(r rune) rune {
			if quote(r) {
				return -1
			}
			return r
		}, s))
	}
	name, value, ok := strings.Cut(s, ":")
	letters := func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }
	if !ok || name == "" || strings.ContainsFunc(name, letters) || strings.HasPrefix(value, "//") {
		return Part{Value: unquoted(s), Typed: s}
	}
	return Part{strings.ToLower(name), unquoted(value), s}
}

// Begins says whether every word of a search begins a word of one of these texts.
func Begins(asked string, texts ...string) bool {
	var all []string
	for _, t := range texts {
		all = append(all, Terms(t)...)
	}
next:
	for _, word := range Query(asked) {
		for _, t := range all {
			if strings.HasPrefix(t, word) {
				continue next
			}
		}
		return false
	}
	return true
}

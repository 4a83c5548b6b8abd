package search_test

import (
	"fmt"
	"strings"
	"testing"

	"earshot/internal/search"
	"earshot/internal/test/cost"
)

// Texts and searches are read in a time that grows with their length.
func TestCost(t *testing.T) {
	for name, of := range map[string]func(n int) string{
		"words":            func(n int) string { return numbered(n, "word%d ") },
		"one word":         func(n int) string { return strings.Repeat("a", n) },
		"the same word":    func(n int) string { return strings.Repeat("ab ", n/3) },
		"without spaces":   func(n int) string { return strings.Repeat("語彙詞", n/9) },
		"marks":            func(n int) string { return "a" + strings.Repeat("\u0301\u0316", n/4) },
		"ligatures":        func(n int) string { return strings.Repeat("\ufdfa", n/3) },
		"spaced ligatures": func(n int) string { return strings.Repeat("\ufdfa ", n/4) },
		"tags":             func(n int) string { return numbered(n, "#t%d ") },
		"people":           func(n int) string { return numbered(n, "@u%d@a.example ") },
		"servers":          func(n int) string { return numbered(n, "host:a%d.example ") },
		"links":            func(n int) string { return numbered(n, "https://a.example/%d ") },
		"umlauts":          func(n int) string { return numbered(n, "üueaä%d ") },
		"accents":          func(n int) string { return strings.Repeat("e\u0301\u0302", n/5) },
		"characters":       func(n int) string { return strings.Repeat("電", n/3) },
		"a long tag":       func(n int) string { return "#" + strings.Repeat("\ufdfa", n/3) },
	} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 1<<10, func(n int) func() {
				s := of(n)
				return func() {
					search.Terms(s)
					search.Query(s)
					search.About(search.Subject{Tags: []string{s}, Name: s, Acct: s, Host: s, Links: []string{s}})
				}
			})
		})
	}
}

func numbered(n int, word string) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, word, i)
	}
	return b.String()
}

// Each term of a query is looked up, so there are only so many, of every kind.
func TestManyTerms(t *testing.T) {
	for _, word := range []string{"w%d ", "#t%d ", "@u%d ", "host:h%d.example "} {
		if n := len(search.Query(numbered(60_000, word))); n == 0 || n > 400 {
			t.Errorf("%q: %d terms", word, n)
		}
	}
	if n := len(search.Query(numbered(60_000, "#t%d w%[1]d "))); n > 400 {
		t.Errorf("%d terms of two kinds", n)
	}
}

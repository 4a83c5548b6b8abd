package search_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"earshot/internal/search"
)

func TestTerms(t *testing.T) {
	for in, want := range map[string][]string{
		"":                            nil,
		"No light, NO LIGHT!":         {"no", "light"},
		"Straßenbahn #FAIL @ana":      {"strassenbahn", "fail", "ana"},
		"router-42 / WLAN":            {"router", "42", "wlan"},
		"cafe\u0301":                  {"café"},
		"ﬁx it":                       {"fix", "it"},
		"停電です":                        {"停", "停電", "電", "電で", "で", "です", "す"},
		"<b>not markup</b>":           {"b", "not", "markup"},
		"\u00a0\u200b…":               nil,
		strings.Repeat("a", 100):      {strings.Repeat("a", 64)},
		strings.Repeat("é", 40) + "x": {strings.Repeat("é", 32)},
	} {
		if got := search.Terms(in); !slices.Equal(got, want) {
			t.Errorf("Terms(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzTerms(f *testing.F) {
	f.Add("No light, NO LIGHT!")
	f.Add("停電です Straßenbahn")
	f.Fuzz(func(t *testing.T, s string) {
		terms := search.Terms(s)
		if len(terms) > 400 {
			t.Errorf("%d terms", len(terms))
		}
		for _, term := range terms {
			if term == "" || len(term) > 64 || (utf8.ValidString(s) && !utf8.ValidString(term)) || strings.ContainsRune(term, 0) {
				t.Errorf("Terms(%q) has %q", s, term)
			}
		}
		if again := search.Terms(strings.Join(terms, " ")); utf8.ValidString(s) && len(again) < len(terms)/2 {
			t.Errorf("the terms of the terms differ: %q, %q", terms, again)
		}
	})
}

package search_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"earshot/internal/search"
)

// xAtA is what a.example/x is kept as.
var xAtA = strings.TrimPrefix(search.Query("http://a.example/x")[0], "link:")

// A search finds the words of a post, however both are spelled.
func TestFound(t *testing.T) {
	for _, c := range []struct{ said, asked string }{
		{"Büro: Störung in Köln", "buro"}, {"Büro", "buero"}, {"Buero", "büro"}, {"Störung", "STORUNG"}, {"Stoerung", "störung"}, {"Köln", "köln"},
		{"São Paulo, naïve café", "sao"}, {"naïve", "naive"}, {"cafe", "café"}, {"Das Glasfaserkabel ist kaputt", "kabel"}, {"Rindfleischetikettierung", "fleisch"}, {"Straße", "strasse"}, {"strasse", "straße"}, {"İstanbul", "istanbul"},
		{"電話が通じません", "电话"}, {"电话", "電話"}, {"電話が通じません", "通じ"}, {"ещё", "еще"}, {"مُحَمَّد", "محمد"},
		{"write to bo@acme.example", "bo@acme.example"}, {"ask @ana@m.example", "@ana@m.example"}, {"ask ana@127.0.0.1:8080", "@ana@127.0.0.1:8080"}, {"it is at https://m.example/@ana/1.", "https://m.example/@ana/1"},
	} {
		if !finds(search.Terms(c.said), c.asked) {
			t.Errorf("%q does not find %q: %q in %q", c.asked, c.said, search.Query(c.asked), search.Terms(c.said))
		}
	}
	about := search.About(search.Subject{Tags: []string{"Störung"}, Name: "Ana Müller", Acct: "ana_m@m.example", Host: "m.example", Links: []string{"https://m.example/@ana/1", ""}})
	for _, asked := range []string{"#störung", "#storung", "#stoerung", "müller", "mueller", "ana_m", "ana_m@m.example", "@ana_m@m.example", "@ANA", "host:m.example", "https://m.example/@ana/1", "http://M.example/@ana/1/"} {
		if !finds(about, asked) {
			t.Errorf("%q does not find its author: %q in %q", asked, search.Query(asked), about)
		}
	}
	for _, asked := range []string{"#fail", "@bo", "https://m.example/@ana/2", "ana@other.example", "host:x.example"} {
		if finds(about, asked) {
			t.Errorf("%q finds another", asked)
		}
	}
}

// finds is as a store does it.
func finds(terms []string, asked string) bool {
	for _, q := range search.Query(asked) {
		if !slices.ContainsFunc(terms, func(t string) bool { return strings.HasPrefix(t, q) }) {
			return false
		}
	}
	return true
}

func TestTerms(t *testing.T) {
	for in, want := range map[string][]string{
		"":                            nil,
		"No light, NO LIGHT!":         {"no", "light"},
		"Straßenbahn #FAIL @ana":      {"strassenbahn", "fail", "ana", "ssenbahn", "senbahn", "enbahn", "nbahn", "bahn"},
		"router-42 / WLAN":            {"router", "42", "wlan"},
		"cafe\u0301":                  {"cafe"},
		"Büro Buero":                  {"buro", "buero"},
		"Ærø Łódź, São Đà":            {"aero", "lodz", "sao", "da"},
		"мёд й":                       {"мед", "и"},
		"हिन्दी":                      {"हिन्दी"},
		"がぎ":                          {"が", "がぎ", "ぎ"},
		"שָׁלוֹם مُحَمَّد":            {"שלום", "محمد"},
		"電話":                          {"电", "电话", "话"},
		"to bo@Acme.example.":         {"to", "bo", "acme", "example", "@bo@acme.example"},
		"see https://A.example/x/.":   {"see", "https", "a", "example", "x", "link:" + xAtA},
		"ﬁx it":                       {"fix", "it"},
		"停電です":                        {"停", "停电", "电", "电で", "で", "です", "す"},
		"<b>not markup</b>":           {"b", "not", "markup"},
		"\u00a0\u200b…":               nil,
		strings.Repeat("a", 100):      {strings.Repeat("a", 64)},
		strings.Repeat("د", 40) + "x": {strings.Repeat("د", 32)},
	} {
		if got := search.Terms(in); !slices.Equal(got, want) {
			t.Errorf("Terms(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzTerms(f *testing.F) {
	f.Add("No light, NO LIGHT!")
	f.Add("停電です Straßenbahn")
	f.Add("\x00@.0")
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

package desk

import (
	"strings"
	"testing"

	"earshot/internal/test/cost"
)

func TestNextTag(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "",
		"no tag":                               "",
		"#Wartung tonight":                     "Wartung",
		"Tonight: #Wartung, #Störung.":         "Wartung Störung",
		"(#Wartung)":                           "Wartung",
		"“#Wartung”":                           "Wartung",
		"＃保守 完了":                               "保守",
		"line\n#Wartung":                       "Wartung",
		"#a#b":                                 "a",
		"C# and #123 and # and #_ but A":       "",
		"#2026ausbau":                          "2026ausbau",
		"word#tag":                             "",
		"example.org/#part and &#39;":          "",
		"##double":                             "",
		"#" + strings.Repeat("a", 201) + " #b": "b",
	} {
		var got []string
		for from := 0; ; {
			at, end, tag := NextTag(text, from)
			if tag == "" {
				break
			}
			if at < from || end <= at || end > len(text) {
				t.Fatalf("%q: %d to %d from %d", text, at, end, from)
			}
			got, from = append(got, tag), end
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestNextTagCost(t *testing.T) {
	for _, piece := range []string{"#", "#a", "#a ", "#1 ", "##a", "#\u200d"} {
		cost.NLogN(t, 4<<10, func(n int) func() {
			s := strings.Repeat(piece, n/len(piece))
			return func() {
				for from, tag := 0, "-"; tag != ""; {
					_, from, tag = NextTag(s, from)
				}
			}
		})
	}
}

func TestTagPage(t *testing.T) {
	s := Site{URL: "https://social.acme.example"}
	for _, tag := range []string{"Störung", "störung", "storung"} {
		if got := s.TagPage("help", tag); got != "https://social.acme.example/@help?tag=storung" {
			t.Errorf("%s: %s", tag, got)
		}
	}
}

package markup

import (
	"fmt"
	"strings"
	"testing"

	"earshot/internal/test/cost"
)

// numbered repeats a piece with a number in it, to n bytes.
func numbered(n int, piece string) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, piece, i)
	}
	return b.String()
}

// The cost of other people's words grows only with their length.
func TestCost(t *testing.T) {
	repeated := func(s string) func(n int) string {
		return func(n int) string { return strings.Repeat(s, n/len(s)) }
	}
	shapes := map[string]func(n int) string{
		"open blocks":      repeated("<div>"),
		"open inlines":     repeated("<b><i>"),
		"lists":            repeated("<ul><li>"),
		"headings":         repeated("<h1>"),
		"links":            repeated("<a href=http://a>"),
		"hashtags":         repeated("<a class=hashtag>x</a>"),
		"spans":            repeated("<span class=ellipsis>"),
		"closed":           repeated("</p>"),
		"empty":            repeated("<p></p>"),
		"brackets":         repeated("<"),
		"half tags":        repeated("<a "),
		"ampersands":       repeated("&"),
		"a half number":    repeated("&#"),
		"quotes":           repeated("<blockquote>"),
		"half attributes":  repeated("<p a=b "),
		"invisible":        repeated("<span class=invisible>x"),
		"raw data":         repeated("<![CDATA["),
		"accounts":         repeated("@a@"),
		"half addresses":   repeated("http://("),
		"an entity":        func(n int) string { return "&" + strings.Repeat("a", n) },
		"comments":         repeated("<!--"),
		"scripts":          func(n int) string { return "<script>" + strings.Repeat("<!--<script>", n/12) },
		"text areas":       repeated("<textarea></textare"),
		"foreign":          repeated("<svg><math>"),
		"tables":           repeated("<table><tr><td>"),
		"attributes":       func(n int) string { return "<a" + numbered(n, " a%d=1") + ">x</a>" },
		"equal attributes": func(n int) string { return "<a" + strings.Repeat(" a=1", n/4) + ">x</a>" },
		"classes":          func(n int) string { return "<a class='" + strings.Repeat("u-url ", n/6) + "'>x</a>" },
		"a long address":   func(n int) string { return "<a href='https://a.example/" + strings.Repeat("%20", n/3) + "'>x</a>" },
		"marks":            func(n int) string { return "a" + strings.Repeat("\u0301\u0316", n/4) },
		"mentions":         repeated("@a "),
		"a mention":        func(n int) string { return "@" + strings.Repeat("a.", n/2) + "!" },
		"lines":            repeated("\n \t\n"),
		"line ends":        func(n int) string { return "a" + strings.Repeat("\n  ", n/3) + "a" },
		"addresses":        repeated("http://a)))) "),
		"an address":       func(n int) string { return "http://a" + strings.Repeat(")", n) },
	}
	for shape, of := range shapes {
		t.Run(shape, func(t *testing.T) {
			cost.NLogN(t, 4<<10, func(n int) func() {
				s := of(n)
				return func() {
					Sanitise(s)
					Text(s)
					Hashtags(s)
					Render(s, nil)
					StripMentions(s)
					Excerpt(s, n/2)
				}
			})
		})
	}
}

// A few tags do not become many.
func TestGrowth(t *testing.T) {
	for _, piece := range []string{"<h1>", "<a href=http://a>", "<li>"} {
		if got := Sanitise(strings.Repeat(piece, 2*MaxInput/len(piece))); len(got) > 2*maxOutput {
			t.Errorf("%q: %d bytes", piece, len(got))
		}
	}
}

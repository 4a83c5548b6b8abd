package markup

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRender(t *testing.T) {
	ana := &Person{URL: "https://m.example/@ana", Acct: "ana@m.example"}
	const card = `<span class="h-card"><a href="https://m.example/@ana" class="u-url mention">@<span>ana</span></a></span>`
	const rel = ` rel="nofollow noopener noreferrer"`
	for _, tt := range []struct {
		name, in string
		mention  *Person
		want     string
	}{
		{"text", "Hello", nil, "<p>Hello</p>"},
		{"escaped", `<b>&"'`, nil, "<p>&lt;b&gt;&amp;&#34;&#39;</p>"},
		{"lines", " a\r\nb\n \n\n\nc\n", nil, "<p>a<br>b</p><p>c</p>"},
		{"mention", "Which street?", ana, "<p>" + card + " Which street?</p>"},
		{"mention only", "", ana, "<p>" + card + "</p>"},
		{"mention without link", "x", &Person{URL: "javascript:x", Acct: "@a<b"}, "<p>@a&lt;b x</p>"},
		{"no hashtag", "#acme #fail", nil, "<p>#acme #fail</p>"},
		{"link", "see https://a.example/x?a=1&b=2.", nil,
			`<p>see <a href="https://a.example/x?a=1&amp;b=2"` + rel + `>https://a.example/x?a=1&amp;b=2</a>.</p>`},
		{"brackets", "(https://a.example/a_(b))", nil,
			`<p>(<a href="https://a.example/a_(b)"` + rel + `>https://a.example/a_(b)</a>)</p>`},
		{"no link", "javascript:x http:// https://u@a.example ftp://a", nil, "<p>javascript:x http:// https://u@a.example ftp://a</p>"},
		{"quoted", `"https://a.example"`, nil, `<p>&#34;<a href="https://a.example"` + rel + `>https://a.example</a>&#34;</p>`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Render(tt.in, tt.mention); got != tt.want {
				t.Errorf("Render(%q)\n got %s\nwant %s", tt.in, got, tt.want)
			}
		})
	}
}

// An address ends where it ends, in any script.
func TestAddressEnds(t *testing.T) {
	for text, want := range map[string][]string{
		"请看https://acme.example/status。谢谢":                       {"https://acme.example/status"},
		"例（https://acme.example/x）です":                            {"https://acme.example/x"},
		"https://acme.example/foo、https://acme.example/bar、次":    {"https://acme.example/foo", "https://acme.example/bar"},
		"見て\u3000https://acme.example/x\u3000です":                 {"https://acme.example/x"},
		"Siehe „https://acme.example/hilfe“ bitte":               {"https://acme.example/hilfe"},
		"See “https://acme.example/help”.":                       {"https://acme.example/help"},
		"«\u00a0https://acme.example/etat\u00a0»":                {"https://acme.example/etat"},
		"‘https://acme.example/help’":                            {"https://acme.example/help"},
		"https://acme.example/it’s":                              {"https://acme.example/it’s"},
		"https://acme.example/col·lecció, sí":                    {"https://acme.example/col·lecció"},
		"https://acme.example/Mayer–Vietoris":                    {"https://acme.example/Mayer–Vietoris"},
		"https://acme.example/a_b_":                              {"https://acme.example/a_b_"},
		"https://müller.example/straße":                          {"https://müller.example/straße"},
		"انظر https://acme.example/x، شكرا":                      {"https://acme.example/x"},
		"देखें https://acme.example/x। धन्यवाद":                  {"https://acme.example/x"},
		"https://acme.example/x… and https://acme.example/y":     {"https://acme.example/x", "https://acme.example/y"},
		"「https://acme.example/x」":                               {"https://acme.example/x"},
		"https://acme.example/w/Foo_(bar), (https://b.example/)": {"https://acme.example/w/Foo_(bar)", "https://b.example/"},
		"https:// https://u@a.example https://acme.example/z":    {"https://acme.example/z"},
		"*https://acme.example/x*":                               {"https://acme.example/x"},
		"https://acme.example/x\u200b next":                      {"https://acme.example/x"},
	} {
		var got []string
		for _, m := range shownLink.FindAllStringSubmatch(Render(text, nil), -1) {
			got = append(got, m[1])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
		if words(Text(Render(text, nil))) != words(text) {
			t.Errorf("%s: the text became %s", text, Text(Render(text, nil)))
		}
	}
}

var shownLink = regexp.MustCompile(`<a [^>]*>([^<]*)</a>`)

// Our rendered text survives our own sanitiser, and its plain text is the
// original.
func FuzzRender(f *testing.F) {
	f.Add("Should work again since 14:05.\nDoes it?\n\nhttps://a.example/(x)")
	f.Fuzz(func(t *testing.T, in string) {
		if !utf8.ValidString(in) || strings.ContainsFunc(in, func(r rune) bool { return r < ' ' && r != '\n' }) || len(in) > 4096 {
			return
		}
		out := Render(in, nil)
		checkSafe(t, in, Sanitise(out))
		if got, want := words(Text(out)), words(in); got != want {
			t.Errorf("Text(Render(%q)) = %q, want %q", in, got, want)
		}
	})
}

func words(s string) string { return strings.Join(strings.Fields(strings.Map(visible, s)), " ") }

func TestStripMentions(t *testing.T) {
	for _, tt := range []struct {
		in, want string
	}{
		{"@help stop", "stop"},
		{"@help@acme.example STOP\n", "STOP"},
		{"@help: @ana stop", "stop"},
		{"stop @help", "stop"},
		{"please @help stop that", "please stop that"},
		{"mail me@a.example", "mail me@a.example"},
		{"@ stop", "@ stop"},
		{"", ""},
	} {
		if got := StripMentions(tt.in); got != tt.want {
			t.Errorf("StripMentions(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	for _, tt := range []struct {
		in   string
		max  int
		want string
	}{
		{"short", 10, "short"},
		{"exactly 10", 10, "exactly 10"},
		{"My line is down since noon", 16, "My line is down…"},
		{"My line is down since noon", 12, "My line is…"},
		{"one\n\ntwo\tthree", 50, "one two three"},
		{"Donaudampfschifffahrt", 8, "Donauda…"},
		{"a, b", 3, "a…"},
		{"x", 0, ""},
		{"evil\u202Egnp.exe", 20, "evilgnp.exe"},
		{"abc e\u0301e\u0301e\u0301", 6, "abc…"},
		{"ab👩\u200D🚒cd", 4, "ab…"},
		{"ab🇩🇪cd", 4, "ab…"},
		{"日本語の長い文章です", 5, "日本語の…"},
	} {
		got := Excerpt(tt.in, tt.max)
		if got != tt.want {
			t.Errorf("Excerpt(%q, %d) = %q, want %q", tt.in, tt.max, got, tt.want)
		}
		if utf8.RuneCountInString(got) > tt.max {
			t.Errorf("Excerpt(%q, %d) = %q is too long", tt.in, tt.max, got)
		}
	}
}

// Hashtags are found outside web addresses only, and all text is escaped.
func TestRenderTagged(t *testing.T) {
	find := func(text string, from int) (int, int, string) {
		at := strings.Index(text[from:], "#a")
		if at < 0 {
			return len(text), len(text), ""
		}
		return from + at, from + at + 2, `https://x.example/?t=a"b`
	}
	link := `<a href="https://x.example/?t=a&#34;b" class="mention hashtag" rel="tag">#<span>a</span></a>`
	for in, want := range map[string]string{
		"#a":                      "<p>" + link + "</p>",
		"<#a>":                    "<p>&lt;" + link + "&gt;</p>",
		"#a #a":                   "<p>" + link + " " + link + "</p>",
		"https://x.example/#a #a": `<p><a href="https://x.example/#a" rel="nofollow noopener noreferrer">https://x.example/#a</a> ` + link + "</p>",
		"none":                    "<p>none</p>",
	} {
		if got := RenderTagged(in, find); got != want {
			t.Errorf("%q: %s", in, got)
		}
	}
}

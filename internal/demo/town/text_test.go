package town

import (
	"strings"
	"testing"

	"earshot/internal/desk"
)

func TestRender(t *testing.T) {
	here := build(t, nil, "ana", "bob")
	bob := mention{here.ActorOf("bob"), "bob@x.example", "https://x.example/@bob"}
	tests := []struct {
		text, html string
		tags       string
		mentions   int
	}{
		{"one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>", "", 0},
		{"<b> & \"q\"", "<p>&lt;b&gt; &amp; &#34;q&#34;</p>", "", 0},
		{"#Fail, #fail. #123 a#b", `<p><a href="BASE/tags/fail" class="mention hashtag" rel="tag">#<span>Fail</span></a>, <a href="BASE/tags/fail" class="mention hashtag" rel="tag">#<span>fail</span></a>. #123 a#b</p>`, "Fail", 0},
		{"#störung", `<p><a href="BASE/tags/storung" class="mention hashtag" rel="tag">#<span>störung</span></a></p>`, "störung", 0},
		{"see http://x.example/a?b&c.", `<p>see <a href="http://x.example/a?b&amp;c" target="_blank" rel="nofollow noopener noreferrer">http://x.example/a?b&amp;c</a>.</p>`, "", 0},
		{"@bob, me@bob @eve", `<p><span class="h-card" translate="no"><a href="https://x.example/@bob" class="u-url mention">@<span>bob</span></a></span>, me@bob @eve</p>`, "", 1},
	}
	for _, test := range tests {
		r := here.render(test.text, false, map[string]mention{"@bob": bob})
		if want := strings.ReplaceAll(test.html, "BASE", here.base); r.html != want {
			t.Errorf("%q:\n got %s\nwant %s", test.text, r.html, want)
		}
		if strings.Join(r.tags, " ") != test.tags || len(r.mentions) != test.mentions {
			t.Errorf("%q: tags %q, mentions %v", test.text, r.tags, r.mentions)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"", "#a @b@c http://d", "##", "@@", "a#b", "#ß\u200d", "http://."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var b strings.Builder
		for _, p := range split(text) {
			if p.text == "" {
				t.Errorf("empty piece of %q", text)
			}
			b.WriteString(p.text)
		}
		if b.String() != text {
			t.Errorf("%q became %q", text, b.String())
		}
	})
}

func TestNewChecks(t *testing.T) {
	client := build(t, nil, "ana").client
	for name, c := range map[string]Config{
		"no URL":      {Client: client},
		"a path":      {BaseURL: "http://127.0.0.1:1/x", Client: client},
		"no client":   {BaseURL: "http://127.0.0.1:1"},
		"a bad name":  {BaseURL: "http://127.0.0.1:1", Client: client, People: []Person{{Username: "Tag-x"}}},
		"twins":       {BaseURL: "http://127.0.0.1:1", Client: client, People: []Person{{Username: "a"}, {Username: "a"}}},
		"bad scheme":  {BaseURL: "ftp://127.0.0.1", Client: client},
		"credentials": {BaseURL: "http://a@127.0.0.1", Client: client},
	} {
		if _, err := New(c); desk.ErrorCode(err) != desk.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	town, err := New(Config{BaseURL: "http://127.0.0.1:1/", Client: client})
	if err != nil || len(town.people) != len(DefaultPeople()) {
		t.Errorf("defaults: %v", err)
	}
}

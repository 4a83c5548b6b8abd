package source

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/test/feeds"
)

// What servers say of themselves before they are a source.
func TestAsk(t *testing.T) {
	long := strings.Repeat("ä", maxRule)
	for name, c := range map[string]struct {
		kind   string
		feed   *feeds.Server
		access string
		rules  []string
		uses   int
		id     string
	}{
		"Mastodon":             {"timeline", &feeds.Server{Local: "public", Remote: "public", Rules: []string{"Be kind.", " ", "No\nbots.", long}}, "all", []string{"Be kind.", "No bots.", long[:maxRule]}, 3, ""},
		"its own people only":  {"timeline", &feeds.Server{Local: "public", Remote: "authenticated"}, "local", nil, 3, ""},
		"closed":               {"timeline", &feeds.Server{Local: "authenticated", Remote: "disabled"}, app.AccessClosed, nil, 3, ""},
		"many rules":           {"timeline", &feeds.Server{Rules: slices.Repeat([]string{"x"}, 100)}, "all", slices.Repeat([]string{"x"}, maxRules), 3, ""},
		"Misskey":              {"misskey", &feeds.Server{Rules: []string{"Be kind."}}, "", []string{"Be kind."}, -1, ""},
		"one that is down":     {"timeline", &feeds.Server{Wrong: func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(502); return true }}, "", nil, -1, "source_status"},
		"Misskey that is down": {"misskey", &feeds.Server{Wrong: func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(502); return true }}, "", nil, -1, "source_status"},
		"a service":            {"tag-actor", &feeds.Server{}, "", nil, -1, "source_says_nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			c.feed.Clock = clock.NewFake(noon)
			c.feed.Add(feeds.Post{URI: "1", Tags: []string{"acme"}})
			c.feed.Add(feeds.Post{URI: "2", Tags: []string{"acme", "akme"}})
			server := httptest.NewServer(c.feed)
			defer server.Close()
			got, err := New(Options{Web: testWeb()}).Ask(t.Context(), app.SourceSpec{Kind: c.kind, URL: server.URL, Tags: []string{"acme", "akme"}})
			if got.Access != c.access || !slices.Equal(got.Rules, c.rules) || got.Uses != c.uses || desk.ErrorID(err) != c.id {
				t.Errorf("%+v, %v", got, err)
			}
			if asked := c.feed.Asked(); len(asked) > 3 {
				t.Errorf("asked %v", asked)
			}
		})
	}
}

func FuzzReadSays(f *testing.F) {
	f.Add([]byte(`{"rules":[{"text":"Be kind."}],"serverRules":["x"],"history":[{"uses":"12"}]}`))
	f.Add([]byte(`{"rules":null,"serverRules":{},"history":[{"uses":-1}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, rules := range [][]string{readRules(body), readServerRules(body)} {
			if len(rules) > maxRules || slices.ContainsFunc(rules, func(r string) bool { return r == "" || len(r) > maxRule }) {
				t.Errorf("%q", rules)
			}
		}
		if n, ok := readUses(body); n < 0 || ok && n > 7*mostUses {
			t.Errorf("%d uses", n)
		}
	})
}

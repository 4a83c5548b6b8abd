package instance

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

// answers maps the paths of a server to its answers; every other path is 404.
type answers map[string]string

// ask asks such a server, and returns the requested paths.
func ask(t *testing.T, a answers, blocked func(context.Context, desk.Host) (bool, error)) (n int, asked []string, err error) {
	t.Helper()
	var host string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.RequestURI())
		if r.Header.Get("Signature") != "" || r.Header.Get("Accept") != "application/json" {
			t.Errorf("asked with %v", r.Header)
		}
		body, ok := a[r.URL.Path]
		if to, moved := strings.CutPrefix(body, "-> "); moved {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(strings.ReplaceAll(body, "HOST", host)))
	}))
	defer s.Close()
	host = strings.TrimPrefix(s.URL, "http://")
	c := NewClient(safehttp.New(safehttp.Options{AllowPrivate: true}), safehttp.HostPolicy{Site: desk.Site{URL: "http://earshot.example", HandleDomain: "acme.example"}, Blocked: blocked})
	n, err = c.MaxCharacters(t.Context(), desk.Host(host))
	return n, asked, err
}

const (
	v2    = "/api/v2/instance"
	v1    = "/api/v1/instance"
	links = "/.well-known/nodeinfo"
)

func TestMaxCharacters(t *testing.T) {
	mastodon := `{"domain":"m.example","version":"4.5.0","configuration":{"urls":{},"statuses":{"max_characters":500,"max_media_attachments":4,"characters_reserved_per_url":23}}}`
	for name, tt := range map[string]struct {
		answers answers
		want    int
		asked   []string
	}{
		"Mastodon":              {answers{v2: mastodon}, 500, []string{v2}},
		"GoToSocial":            {answers{v2: `{"configuration":{"statuses":{"max_characters":5000}}}`}, 5000, []string{v2}},
		"an older Mastodon":     {answers{v1: mastodon}, 500, []string{v2, v1}},
		"Pleroma":               {answers{v1: `{"uri":"https://p.example","max_toot_chars":5000,"poll_limits":{}}`}, 5000, []string{v2, v1}},
		"says it in both ways":  {answers{v1: `{"max_toot_chars":9000,"configuration":{"statuses":{"max_characters":0}}}`}, 9000, []string{v2, v1}},
		"Misskey":               {answers{links: `{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.1","href":"http://HOST/nodeinfo/2.1"},{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.0","href":"http://HOST/nodeinfo/2.0"}]}`, "/nodeinfo/2.1": `{"version":"2.1","metadata":{"maxNoteTextLength":3000}}`}, 3000, []string{v2, v1, links, "/nodeinfo/2.1"}},
		"says nothing":          {answers{v2: `{}`, v1: `{"title":"t"}`, links: `{"links":[]}`}, 0, []string{v2, v1, links}},
		"knows none of it":      {nil, 0, []string{v2, v1, links}},
		"NodeInfo of another":   {answers{links: `{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.1","href":"http://other.example/nodeinfo/2.1"}]}`}, 0, []string{v2, v1, links}},
		"moved on the host":     {answers{v2: "-> /api/v2/instance/", "/api/v2/instance/": mastodon}, 500, []string{v2, "/api/v2/instance/"}},
		"no JSON":               {answers{v2: "<html>", v1: "{", links: "null"}, 0, []string{v2, v1, links}},
		"a text, no number":     {answers{v2: `{"configuration":{"statuses":{"max_characters":"500"}}}`, v1: mastodon}, 500, []string{v2, v1}},
		"less than nothing":     {answers{v2: `{"configuration":{"statuses":{"max_characters":-1}}}`, v1: mastodon}, 500, []string{v2, v1}},
		"more than there is":    {answers{v2: `{"configuration":{"statuses":{"max_characters":1e300}}}`, v1: `{"max_toot_chars":10000001}`}, 0, []string{v2, v1, links}},
		"a wrong neighbour":     {answers{v2: `{"configuration":[],"max_toot_chars":700}`}, 700, []string{v2}},
		"a page instead of 404": {answers{v2: "<!doctype html>", v1: "<!doctype html>", links: "<!doctype html>"}, 0, []string{v2, v1, links}},
	} {
		t.Run(name, func(t *testing.T) {
			n, asked, err := ask(t, tt.answers, nil)
			for i := range tt.asked {
				tt.asked[i] = "GET " + tt.asked[i]
			}
			if err != nil || n != tt.want || !slices.Equal(asked, tt.asked) {
				t.Errorf("%d, %v; want %d\nasked %v\nwant  %v", n, err, tt.want, asked, tt.asked)
			}
		})
	}
}

func TestReadSoftware(t *testing.T) {
	for body, want := range map[string]string{
		`{"version":"2.1","software":{"name":"misskey","version":"2025.11.1"}}`: "misskey",
		`{"software":{"name":"WordPress"}}`:                                     "wordpress",
		`{"software":{"name":["x"]}}`:                                           "",
		`{"software":"snac"}`:                                                   "",
		`{"software":{"name":"<b>"}}`:                                           "",
		`{"software":{"name":"` + strings.Repeat("a", 65) + `"}}`:               "",
		`<html>`: "",
		``:       "",
	} {
		if got := readSoftware([]byte(body)); got != want {
			t.Errorf("%s: %q", body, got)
		}
	}
}

// Nobody is asked who is blocked, and nobody sends us elsewhere.
func TestBlockedAndForeignHostsAreNotAsked(t *testing.T) {
	all := func(context.Context, desk.Host) (bool, error) { return true, nil }
	if _, asked, err := ask(t, nil, all); err == nil || len(asked) > 0 {
		t.Errorf("a blocked host is asked for %v: %v", asked, err)
	}
	for _, to := range []string{"http://earshot.example/", "http://acme.example/", "ftp://other.example/"} {
		if _, asked, err := ask(t, answers{v2: "-> " + to}, nil); err == nil || len(asked) != 1 {
			t.Errorf("to %s: asked %v, %v", to, asked, err)
		}
	}
	elsewhere := func(_ context.Context, h desk.Host) (bool, error) { return h == "blocked.example", nil }
	if _, _, err := ask(t, answers{v2: "-> http://blocked.example/"}, elsewhere); err == nil {
		t.Error("a redirect to a blocked host is followed")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"configuration":{"statuses":{"max_characters":500}},"max_toot_chars":"x"}`))
	f.Add([]byte(`{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.0","href":"https://m.example/nodeinfo/2.0"}]}`))
	f.Add([]byte(`{"software":{"name":"WordPress"}}`))
	f.Add([]byte(`{"metadata":{"maxNoteTextLength":3000}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, n := range []int{readInstance(body), readNodeInfo(body)} {
			if n < 0 || n > maxBelieved {
				t.Errorf("read %d", n)
			}
		}
		if name := readSoftware(body); len(name) > 64 {
			t.Errorf("read %q", name)
		}
		if href := readNodeInfoLinks(body, "m.example"); href != "" {
			if h, err := desk.HostOf(href); err != nil || h != "m.example" {
				t.Errorf("read %q", href)
			}
		}
	})
}

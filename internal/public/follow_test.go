package public

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestFollowLeadsToTheReadersServer(t *testing.T) {
	p := newPlace(t)
	page := p.page("/follow")
	wants(t, page, `action="/follow"`, `name="server"`, "@help@acme.example")
	if policy := p.get("/follow").Header().Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' https:;") {
		t.Errorf("the policy would stop the redirect: %s", policy)
	}
	w := p.post("/follow", url.Values{"desk": {"help"}, "server": {" mastodon.example "}})
	if want := "https://mastodon.example/authorize_interaction?uri=https%3A%2F%2Fsocial.acme.example%2Fdesks%2Fhelp"; w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
		t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	for typed, said := range map[string]string{
		"nonsense":            "It looks like mastodon.example.",
		`"><script>`:          "It looks like mastodon.example.",
		"social.acme.example": "you have no account here",
		"@ana@acme.example":   "you have no account here",
	} {
		p.peers.asked = 0
		w := p.post("/follow", url.Values{"desk": {"help"}, "server": {typed}})
		if w.Code != http.StatusUnprocessableEntity && typed != "social.acme.example" && typed != "@ana@acme.example" {
			t.Errorf("%q: %d", typed, w.Code)
		}
		if w.Code == http.StatusUnprocessableEntity {
			wellFormed(t, w.Body.String())
			wants(t, w.Body.String(), said, `aria-invalid="true"`)
			lacks(t, w.Body.String(), "<script>")
		}
	}
	p.peers.down = true
	wants(t, p.post("/follow", url.Values{"desk": {"help"}, "server": {"m.example"}}).Body.String(), "does not answer at the moment")
	if w := p.post("/follow", url.Values{"desk": {"nobody"}, "server": {"m.example"}}); w.Code != http.StatusNotFound {
		t.Errorf("a desk that is not there: %d", w.Code)
	}
}

// A form on another site must not act in a reader's name, or use us to redirect
// to any address.
func TestFormsFromOtherSitesAreRefused(t *testing.T) {
	p := newPlace(t)
	for _, path := range []string{"/follow", "/stop", "/stop/check"} {
		for _, headers := range [][]string{
			{"Sec-Fetch-Site", "cross-site"},
			{"Sec-Fetch-Site", "same-site"},
			{"Sec-Fetch-Site", "", "Origin", "https://evil.example"},
			{"Sec-Fetch-Site", "", "Origin", "null"},
		} {
			w := p.post(path, url.Values{"desk": {"help"}, "server": {"evil.example"}, "who": {"@a@m.example"}, "actor": {"https://m.example/a"}}, headers...)
			if w.Code != http.StatusForbidden || w.Header().Get("Location") != "" {
				t.Errorf("%s with %v: %d", path, headers, w.Code)
			}
			wants(t, w.Body.String(), "another site")
		}
	}
	if p.peers.asked != 0 {
		t.Error("a server was asked")
	}
	w := p.post("/follow", url.Values{"desk": {"help"}, "server": {"m.example"}}, "Sec-Fetch-Site", "", "Origin", "https://social.acme.example")
	if w.Code != http.StatusSeeOther {
		t.Errorf("a browser that sends only Origin: %d", w.Code)
	}
}

func TestLookupsAreLimited(t *testing.T) {
	p := newPlace(t)
	form := url.Values{"desk": {"help"}, "server": {"m.example"}}
	for n := range lookupsBurst {
		if w := p.post("/follow", form); w.Code != http.StatusSeeOther {
			t.Fatalf("number %d: %d", n, w.Code)
		}
	}
	w := p.post("/follow", form)
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("one more: %d %v", w.Code, w.Header())
	}
	p.clock.Advance(lookupsEvery)
	if w := p.post("/follow", form); w.Code != http.StatusSeeOther {
		t.Errorf("a little later: %d", w.Code)
	}
	p.pages.lookups.limit = refusing{}
	p.clock.Advance(lookupsBurst * lookupsEvery)
	for _, path := range []string{"/follow", "/stop", "/stop/check"} {
		form := url.Values{"desk": {"help"}, "server": {"m.example"}, "who": {"@a@m.example"}, "actor": {"https://m.example/a"}}
		if w := p.post(path, form); w.Code != http.StatusTooManyRequests {
			t.Errorf("%s from an address that asked too much: %d", path, w.Code)
		}
	}
	if w := p.post("/follow", url.Values{"server": {strings.Repeat("x", maxForm)}}); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a long form: %d", w.Code)
	}
	for path, allow := range map[string]string{"/stop/check": "POST", "/stop": "GET, HEAD, POST", "/": "GET, HEAD"} {
		method := http.MethodPut
		if w := p.do(method, path, "Sec-Fetch-Site", "same-origin"); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != allow {
			t.Errorf("%s %s: %d %v", method, path, w.Code, w.Header())
		}
	}
}

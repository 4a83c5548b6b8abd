package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/desk"
)

// A cursor that was not handed out is refused by every list, in words and not
// as a failure of ours.
func TestForgedCursors(t *testing.T) {
	f := newFixture(t)
	issue := f.report(t, 1, "down")
	incident, err := f.app.OpenIncident(t.Context(), app.By{}, app.IncidentInput{Desk: "help", Title: "No internet"})
	if err != nil {
		t.Fatal(err)
	}
	destinations := f.destinations(t)
	for _, r := range routes() {
		if !slices.Contains(r.query, "after") {
			continue
		}
		id := string(issue)
		if strings.HasPrefix(r.path, "/incidents/") {
			id = string(incident.ID)
		}
		id = cmp.Or(destinations.of(r.path), id)
		path := Root + strings.NewReplacer("{desk}", "help", "{email}", "bo@acme.example", "{id}", id).Replace(r.path)
		for _, forged := range []string{"zzz", "AAAA", "\x00", "é", "../..", "null", strings.Repeat("A", 1<<15)} {
			q := url.Values{"after": {forged}}
			if r.path == "/broadcasts" {
				q.Set("desk", "help")
			}
			w := f.do(r.method, path+"?"+q.Encode(), "", map[string]string{HeaderAgent: "bo@acme.example"})
			if w.Code != 400 || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s after %.20q: %d %s", r.path, forged, w.Code, w.Body)
			}
		}
	}
	if f.log.Len() > 0 {
		t.Errorf("forged cursors were logged as our fault: %.200s", f.log)
	}
}

// A cursor of a list of everybody's shows nobody else's in one's own.
func TestCursorOfAnotherList(t *testing.T) {
	f := newFixture(t)
	for _, e := range []desk.Email{"ana@acme.example", "cem@acme.example", "zoe@acme.example"} {
		f.token(t, e, desk.RoleAdmin)
		for n := range 3 {
			if _, _, err := f.accounts.AddToken(t.Context(), app.By{}, auth.NewToken{Agent: e, Name: fmt.Sprint(n), Scopes: []desk.Scope{desk.ScopeRead}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for after, pages := "", 0; pages < 20; pages++ {
		w := f.do("GET", Root+"/tokens?limit=1&after="+after, "", nil)
		if after = w.Header().Get(HeaderNext); after == "" {
			break
		}
		own := f.do("GET", Root+"/me/tokens?after="+after, "", map[string]string{HeaderAgent: "cem@acme.example"})
		if own.Code == 400 { // not a cursor of these filters
			continue
		}
		var tokens []Token
		if err := json.Unmarshal(own.Body.Bytes(), &tokens); err != nil {
			t.Fatalf("%s: %v", own.Body, err)
		}
		for _, got := range tokens {
			if got.Agent != "cem@acme.example" {
				t.Errorf("after %s: %+v", after, got)
			}
		}
	}
}

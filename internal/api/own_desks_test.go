package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/live"
	"earshot/store"
)

// With the token of an agent of one desk, and on this machine in their name, no route gives
// a word or an id of another desk's.
func TestRoutesOfOneDesk(t *testing.T) {
	f := newFixture(t)
	if _, err := f.app.AddDesk(t.Context(), app.By{}, desk.Desk{Handle: "bills", Name: "Bills", Names: []string{"acmebills"}}); err != nil {
		t.Fatal(err)
	}
	own, foreign := f.report(t, 1, "a lamp"), f.report(t, 2, "velvet words")
	bo := app.By{Agent: "bo@acme.example"}
	if _, err := f.app.MoveIssue(t.Context(), bo, app.MoveInput{Issue: foreign, To: "bills"}); err != nil {
		t.Fatal(err)
	}
	reply, err := f.app.Reply(t.Context(), bo, app.ReplyInput{Issue: foreign, Text: "velvet answer", Visibility: desk.VisibilityPublic})
	if err != nil {
		t.Fatal(err)
	}
	incident, err := f.app.OpenIncident(t.Context(), bo, app.IncidentInput{Desk: "bills", Title: "velvet incident", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	token := f.token(t, "cem@acme.example", desk.RoleLead)
	if _, err := f.app.EditAgent(t.Context(), app.By{}, "cem@acme.example", app.AgentEdit{Desks: &[]desk.Handle{"help"}}); err != nil {
		t.Fatal(err)
	}
	as := map[string]string{HeaderAgent: "cem@acme.example"}
	doors := map[string]func(method, path, body string) *httptest.ResponseRecorder{
		"token": func(method, path, body string) *httptest.ResponseRecorder {
			return f.network(token, method, strings.TrimPrefix(path, Root), body)
		},
		"machine": func(method, path, body string) *httptest.ResponseRecorder { return f.do(method, path, body, as) },
	}
	for door, ask := range doors {
		if w := ask("GET", Root+"/issues", ""); !strings.Contains(w.Body.String(), string(own)) {
			t.Errorf("%s: the list lacks their own issue: %s", door, w.Body)
		}
		for _, r := range routes() {
			if r.method != http.MethodGet || r.stream != nil || r.need != desk.ScopeRead {
				continue
			}
			path := r.path
			for name, value := range map[string]string{"{desk}": "bills", "{view}": "v"} {
				path = strings.ReplaceAll(path, name, value)
			}
			id := map[string]string{"issues": string(foreign), "incidents": string(incident.ID), "posts": string(reply.ID)}[strings.Split(path, "/")[1]]
			path = strings.ReplaceAll(path, "{id}", id)
			for _, query := range []url.Values{{}, {"search": {"velvet"}}, {"desk": {"bills"}}, {"actor": {"https://mastodon.example/users/ana2"}}} {
				ok := true
				for q := range query {
					ok = ok && strings.Contains(fmt.Sprint(r.query), q)
				}
				if !ok {
					continue
				}
				w := ask("GET", Root+path+"?"+query.Encode(), "")
				if b := strings.ReplaceAll(w.Body.String(), query.Get("search")+"\"", ""); strings.Contains(b, "velvet") || w.Code == 200 && strings.Contains(b, string(foreign)) {
					t.Errorf("%s: GET %s?%s tells of another desk: %d %s", door, path, query.Encode(), w.Code, w.Body)
				}
				if w.Code >= 500 {
					t.Errorf("%s: GET %s?%s: %d %s", door, path, query.Encode(), w.Code, w.Body)
				}
			}
		}
		for path, body := range map[string]string{
			"/issues/" + string(foreign) + "/reply":          `{"text":"I look."}`,
			"/issues/" + string(foreign) + "/comment":        `{"text":"I look."}`,
			"/issues/" + string(foreign) + "/assign":         `{"assignee":"cem@acme.example"}`,
			"/issues/" + string(foreign) + "/presence":       `{"state":"looks"}`,
			"/issues/" + string(own) + "/move":               `{"desk":"bills"}`,
			"/posts/" + string(reply.ID) + "/undo":           ``,
			"/broadcasts":                                    `{"desk":"bills","text":"Hello."}`,
			"/incidents":                                     `{"desk":"bills","title":"Dark","language":"en"}`,
			"/incidents/" + string(incident.ID) + "/publish": `{}`,
		} {
			if w := ask("POST", Root+path, body); w.Code != http.StatusNotFound {
				t.Errorf("%s: POST %s: %d %s", door, path, w.Code, w.Body)
			}
		}
	}
}

// A stream tells an agent of one desk of that desk only.
func TestEventsOfOneDesk(t *testing.T) {
	for h, has := range map[desk.Handle]bool{"help": true, "bills": false} {
		w := httptest.NewRecorder()
		s := &eventStream{w: w, to: http.NewResponseController(w), who: desk.Agent{Email: "cem@acme.example", Desks: []desk.Handle{"help"}}}
		if err := s.event(live.Event{ID: "1", Change: store.Change{Kind: store.ChangeIssue, Issue: "i", Desks: []desk.Handle{h}}}); err != nil {
			t.Fatal(err)
		}
		if got := w.Body.Len() > 0; got != has {
			t.Errorf("of %s it is sent %q", h, w.Body)
		}
	}
}

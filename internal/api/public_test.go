package api

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/internal/live"
	"earshot/store"
)

// token makes an agent of a role and a token of theirs with all its scopes.
func (f *fixture) token(t *testing.T, email desk.Email, role desk.AgentRole) string {
	t.Helper()
	if _, err := f.app.AddAgent(t.Context(), app.By{}, desk.Agent{Email: email, Name: "Cem", Role: role}); err != nil {
		t.Fatal(err)
	}
	s, _, err := f.accounts.AddToken(t.Context(), app.By{}, auth.NewToken{Agent: email, Name: "test", Scopes: role.Scopes()})
	if err != nil {
		t.Fatal(err)
	}
	return s.Reveal()
}

// concrete fills the parameters of a path with ids that do not exist.
func concrete(path string) string {
	return Root + placeholder.ReplaceAllString(strings.Replace(path, "{role}", "icon", 1), "none")
}

// Every route refuses strangers and callers without its scope, and serves
// callers who have it.
func TestWhoMayWhat(t *testing.T) {
	f := newFixture(t)
	public := NewPublic(f.deps)
	tokens := map[desk.AgentRole]string{}
	for _, role := range desk.AgentRoles() {
		tokens[role] = f.token(t, desk.Email(string(role)+"@acme.example"), role)
	}
	ask := func(r route, token string) int {
		req := httptest.NewRequest(r.method, concrete(r.path), strings.NewReader("{}"))
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		f.clock.Advance(10 * time.Second) // or guessing would be limited
		w := httptest.NewRecorder()
		public.ServeHTTP(w, req)
		return w.Code
	}
	for _, r := range routes() {
		name := r.method + " " + r.path
		if r.need == needMachine {
			if got := ask(r, tokens[desk.RoleAdmin]); got != 404 && got != 405 {
				t.Errorf("%s is there for the network: %d", name, got)
			}
			continue
		}
		if r.need == needNothing {
			if got := ask(r, ""); got == 401 || got == 403 || got >= 500 {
				t.Errorf("%s for a stranger: %d", name, got)
			}
			continue
		}
		if got := ask(r, ""); got != 401 {
			t.Errorf("%s for a stranger: %d", name, got)
		}
		if got := ask(r, "earshot_guess"); got != 401 {
			t.Errorf("%s with a guess: %d", name, got)
		}
		if r.stream != nil {
			continue // TestEvents
		}
		for role, token := range tokens {
			may := r.need == needAnybody || r.need == needAll || slices.Contains(role.Scopes(), r.need)
			if got := ask(r, token); (got != 403) != may || got == 401 || got >= 500 {
				t.Errorf("%s for %s: %d, may is %v", name, role, got, may)
			}
		}
	}
}

func TestPublic(t *testing.T) {
	f := newFixture(t)
	public := NewPublic(f.deps)
	issue := string(f.report(t, 1, "My line is down"))
	token := f.token(t, "cem@acme.example", desk.RoleAgent)
	do := func(method, path, body string, header map[string]string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "https://help.acme.example"+Root+path, strings.NewReader(body))
		for k, v := range header {
			r.Header.Set(k, v)
		}
		w := httptest.NewRecorder()
		public.ServeHTTP(w, r)
		return w
	}
	bearer := map[string]string{"Authorization": "Bearer " + token}
	if w := do("GET", "/issues", "", nil); w.Code != 401 || w.Header().Get("WWW-Authenticate") == "" || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	// A header does not let an agent act as another.
	bearer[HeaderAgent] = "bo@acme.example"
	w := do("POST", "/issues/"+issue+"/reply", `{"text":"Should work again. Does it for you?"}`, bearer)
	if w.Code != 201 || !strings.Contains(w.Body.String(), `"agent":"cem@acme.example"`) || !strings.Contains(w.Body.String(), `for you? ^C"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := do("GET", "/me", "", bearer); !strings.Contains(w.Body.String(), `"via":"token","token":"test","scopes":["read","alerts","reply"]`) {
		t.Errorf("%s", w.Body)
	}
	if w := do("GET", "/me/sessions", "", bearer); w.Code != 200 || strings.TrimSpace(w.Body.String()) != "[]" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := do("GET", "/issues", "", bearer); w.Header().Get("Access-Control-Allow-Origin") != "" || w.Code != 200 {
		t.Errorf("%d, CORS: %v", w.Code, w.Header())
	}
	bearer["Sec-Fetch-Site"] = "cross-site"
	if w := do("POST", "/issues/"+issue+"/comment", `{"text":"x"}`, bearer); w.Code != 403 {
		t.Errorf("from another site: %d", w.Code)
	}
	acts, _, err := f.app.AuditEntries(t.Context(), store.AuditFilter{On: "issues/" + issue}, store.Page{})
	if err != nil || len(acts) != 1 || acts[0].What != "issue.reply" || acts[0].Via != store.ViaToken || acts[0].Token != "test" || acts[0].Agent != "cem@acme.example" {
		t.Errorf("%+v, %v", acts, err)
	}
}

// Filters find exactly the matching issues.
func TestFilters(t *testing.T) {
	f := newFixture(t)
	first, second := string(f.report(t, 1, "My line is down")), string(f.report(t, 2, "No mail today"))
	if _, err := f.app.Assign(t.Context(), app.By{}, desk.IssueID(second), "bo@acme.example"); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string][]string{
		"assignee=bo@acme.example": {second}, "assignee=+BO@Acme.example": {second}, "assignee=me": {second}, "assignee=ana@acme.example": nil,
		"reporter=ana@m.example": {first, second}, "reporter=@ana": {first, second}, "reporter=bo@m.example": nil,
		"tag=ACME": {first, second}, "tag=%23acme": {first, second}, "tag=other": nil,
		"host=m.example": {first, second}, "host=n.example": nil,
		"search=line+%23fail+@ana@m.example+host:m.example": {first}, "search=mail&assignee=me": {second}, "search=line&assignee=me": nil,
		"search=is:mine": {second}, "search=from:ana+status:new+line": {first}, "search=is:unassigned+after:2026-03": {first}, "search=before:2026-03": nil,
		"since=2026-03-01": {first, second}, "since=2026-03-02": nil, "until=2026-03-02": {first, second}, "until=2026-03-01T12:00:00Z": nil,
	} {
		w := f.do("GET", Root+"/issues?"+query, "", map[string]string{HeaderAgent: "bo@acme.example"})
		var got []Issue
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
		ids := []string{}
		for _, i := range got {
			ids = append(ids, string(i.ID))
		}
		slices.Sort(ids)
		slices.Sort(want)
		if !slices.Equal(ids, want) {
			t.Errorf("%s: %v, want %v", query, ids, want)
		}
	}
	if w := f.do("GET", Root+"/issues?search=state:new", "", nil); w.Code != 400 || !strings.Contains(w.Body.String(), "no operator state:") {
		t.Errorf("a wrong operator: %d %s", w.Code, w.Body)
	}
	if w := f.do("GET", Root+"/issues?since=yesterday", "", nil); w.Code != 400 {
		t.Errorf("%d", w.Code)
	}
	if w := f.do("GET", Root+"/issues", "", map[string]string{HeaderAgent: "eve@acme.example"}); w.Code != 404 || !strings.Contains(w.Body.String(), "no agent") {
		t.Errorf("nobody as an agent: %d %s", w.Code, w.Body)
	}
}

func TestBulk(t *testing.T) {
	f := newFixture(t)
	a, b := string(f.report(t, 1, "down")), string(f.report(t, 2, "down"))
	w := f.do("POST", Root+"/issues/bulk", `{"issues":["`+a+`","none","`+b+`"],"status":"in_progress","assignee":"bo@acme.example"}`, map[string]string{HeaderKey: "k"})
	var got []BulkResult
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got) != 3 || !got[0].Done || got[1].Done || !strings.Contains(got[1].Error, "no issue") || !got[2].Done {
		t.Fatalf("%s", w.Body)
	}
	if again := f.do("POST", Root+"/issues/bulk", `{"issues":["`+a+`","none","`+b+`"],"status":"in_progress","assignee":"bo@acme.example"}`, map[string]string{HeaderKey: "k"}); again.Body.String() != w.Body.String() {
		t.Errorf("again: %s", again.Body)
	}
	for _, bad := range []string{`{"issues":[]}`, `{"issues":["` + a + `"]}`, `{"issues":["` + strings.Repeat(`x","`, 100) + `x"],"status":"fixed"}`} {
		if w := f.do("POST", Root+"/issues/bulk", bad, nil); w.Code != 400 {
			t.Errorf("%.60s: %d", bad, w.Code)
		}
	}
}

// An event arrives, goes on after Last-Event-ID, and a follower with an unknown
// id is told to start again.
func TestEvents(t *testing.T) {
	f := newFixture(t)
	issue := f.report(t, 1, "down")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- f.deps.Live.Run(ctx) }()
	server := httptest.NewServer(NewPublic(f.deps))
	defer server.Close()
	token := f.token(t, "cem@acme.example", desk.RoleAgent)
	follow := func(after string) (*http.Response, *bufio.Reader) {
		r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+Root+"/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		if after != "" {
			r.Header.Set("Last-Event-ID", after)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil || answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/event-stream" {
			t.Fatalf("%v, %v", answer, err)
		}
		b := bufio.NewReader(answer.Body)
		if first := block(t, b); first["retry"] == "" {
			t.Errorf("%v", first)
		}
		return answer, b
	}
	answer, events := follow("")
	defer answer.Body.Close()
	comment := func(text string) {
		t.Helper()
		if _, err := f.app.Comment(t.Context(), app.By{Agent: "bo@acme.example"}, issue, text); err != nil {
			t.Fatal(err)
		}
	}
	comment("secret words")
	first := block(t, events)
	var e LiveEvent
	if err := json.Unmarshal([]byte(first["data"]), &e); err != nil || first["event"] != "issue" || e.Issue != issue || e.Entry != desk.KindComment || e.Agent != "bo@acme.example" || !slices.Equal(e.Desks, []desk.Handle{"help"}) {
		t.Errorf("%v: %+v, %v", first, e, err)
	}
	if strings.Contains(first["data"], "secret") {
		t.Error("an event quotes a person")
	}
	if w := f.do("POST", Root+"/issues/"+string(issue)+"/presence", `{"state":"writes"}`, map[string]string{HeaderAgent: "bo@acme.example"}); w.Code != 204 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	second := block(t, events)
	if second["event"] != "presence" || !strings.Contains(second["data"], `"state":"writes"`) {
		t.Errorf("%v", second)
	}
	resumed, again := follow(first["id"])
	defer resumed.Body.Close()
	if got := block(t, again); got["id"] != second["id"] {
		t.Errorf("%v, want %v", got, second)
	}
	lost, restarted := follow(first["id"] + "x")
	defer lost.Body.Close()
	if got := block(t, restarted); got["event"] != "reset" || got["id"] != "" {
		t.Errorf("%v", got)
	}
	stop() // streams end with the node
	<-ended
	for _, b := range []*bufio.Reader{events, again, restarted} {
		if _, err := io.ReadAll(b); err != nil {
			t.Errorf("a stream did not end cleanly: %v", err)
		}
	}
}

// A stream ends soon after its reader lost the right to read, also while events
// come in: later events are not sent.
func TestEventsEndWithTheRight(t *testing.T) {
	disabled, demoted := true, desk.AgentRole("agent")
	for name, c := range map[string]struct {
		take  func(*fixture) error
		holds bool
	}{
		"disabled": {func(f *fixture) error {
			_, err := f.app.EditAgent(t.Context(), app.By{}, "cem@acme.example", app.AgentEdit{Disabled: &disabled})
			return err
		}, false},
		"the token revoked": {func(f *fixture) error {
			tokens, _, err := f.accounts.Tokens(t.Context(), "cem@acme.example", store.Page{})
			if err != nil {
				return err
			}
			return f.accounts.EndToken(t.Context(), app.By{}, "", tokens[0].ID)
		}, false},
		"another role, which may read too": {func(f *fixture) error {
			_, err := f.app.EditAgent(t.Context(), app.By{}, "cem@acme.example", app.AgentEdit{Role: &demoted})
			return err
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			issue := f.report(t, 1, "down")
			token := f.token(t, "cem@acme.example", desk.RoleLead)
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- f.deps.Live.Run(ctx) }()
			server := httptest.NewServer(NewPublic(f.deps))
			defer func() { stop(); <-ended; server.Close() }()
			r, err := http.NewRequestWithContext(ctx, "GET", server.URL+Root+"/events", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+token)
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			b := bufio.NewReader(answer.Body)
			block(t, b)
			if err := c.take(f); err != nil {
				t.Fatal(err)
			}
			f.clock.Advance(beatEvery)
			if _, err := f.app.Comment(ctx, app.By{Agent: "bo@acme.example"}, issue, "as busy as ever"); err != nil {
				t.Fatal(err)
			}
			for {
				line, err := b.ReadString('\n')
				if err != nil {
					t.Fatal(err)
				}
				if what, told := strings.CutPrefix(strings.TrimSpace(line), "event: "); told {
					if (what == "ended") == c.holds {
						t.Errorf("told %q", what)
					}
					return
				}
			}
		})
	}
}

// block reads one event.
func block(t *testing.T, b *bufio.Reader) map[string]string {
	t.Helper()
	out := map[string]string{}
	for {
		line, err := b.ReadString('\n')
		if err != nil {
			t.Fatalf("%v after %v", err, out)
		}
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			return out
		}
		k, v, _ := strings.Cut(line, ": ")
		out[k] = v
	}
}

// That it is an agent's turn is told to that agent alone.
func TestTurnIsTheirs(t *testing.T) {
	for who, has := range map[desk.Email]bool{"bo@acme.example": true, "cy@acme.example": false, "": false} {
		w := httptest.NewRecorder()
		s := &eventStream{w: w, to: http.NewResponseController(w), who: desk.Agent{Email: who}}
		if err := s.event(live.Event{ID: "1", Change: store.Change{Kind: store.ChangeTurn, Issue: "i", Desks: []desk.Handle{"help"}, To: "bo@acme.example"}}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(w.Body.String(), "event: turn"); got != has || strings.Contains(w.Body.String(), "bo@") {
			t.Errorf("%q is sent %q", who, w.Body)
		}
	}
}

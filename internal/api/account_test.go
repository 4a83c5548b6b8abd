package api

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/store"
)

// network asks as a program does.
func (f *fixture) network(token, method, path, body string) *httptest.ResponseRecorder {
	return ask(NewPublic(f.deps), token, method, path, body)
}

// narrow makes a token that may less than its agent.
func (f *fixture) narrow(t *testing.T, email desk.Email, lasts time.Duration, scopes ...desk.Scope) string {
	t.Helper()
	s, _, err := f.accounts.AddToken(t.Context(), app.By{}, auth.NewToken{Agent: email, Name: "narrow " + lasts.String(), Scopes: scopes, Lasts: lasts})
	if err != nil {
		t.Fatal(err)
	}
	return s.Reveal()
}

// Nobody makes a way in that is wider or longer than the token they came with.
func TestTokensGiveNoMoreThanTheyHave(t *testing.T) {
	f := newFixture(t)
	whole := f.token(t, "ana@acme.example", desk.RoleAdmin)
	admin := f.narrow(t, "ana@acme.example", 0, desk.ScopeAdmin)
	most := f.narrow(t, "ana@acme.example", 72*time.Hour+time.Minute, desk.ScopeAdmin, desk.ScopeRead, desk.ScopeReply)
	brief := f.narrow(t, "ana@acme.example", 48*time.Hour, desk.Scopes()...)
	for _, c := range []struct {
		name, token, path, body string
		want                    int
	}{
		{"a narrow one's own token", admin, "/me/tokens", `{"name":"a","scopes":["admin"]}`, 403},
		{"a wider token", admin, "/tokens", `{"agent":"ana@acme.example","name":"b","scopes":["admin","reply"]}`, 403},
		{"a wider token for another agent", admin, "/tokens", `{"agent":"bo@acme.example","name":"c","scopes":["read"]}`, 403},
		{"as wide a token", admin, "/tokens", `{"agent":"ana@acme.example","name":"d","scopes":["admin"]}`, 201},
		{"a link to all", admin, "/agents/ana@acme.example/link", "", 403},
		{"a link to more", admin, "/agents/bo@acme.example/link", "", 403},
		{"a link for an agent who may assign roles", most, "/agents/bo@acme.example/link", "", 403},
		{"a link", whole, "/agents/bo@acme.example/link", "", 201},
		{"a longer token", brief, "/tokens", `{"agent":"ana@acme.example","name":"e","scopes":["read"]}`, 403},
		{"a longer token of one's own", brief, "/me/tokens", `{"name":"f","scopes":["read"],"days":3}`, 403},
		{"a shorter one", brief, "/me/tokens", `{"name":"g","scopes":["read"],"days":1}`, 201},
		{"more than the role", whole, "/me/tokens", `{"name":"h","scopes":["all"]}`, 403},
		{"a password for an account without one", whole, "/me/password", `{"password":"correct horse battery"}`, 403},
		{"of an agent in another spelling", whole, "/agents/ANA@acme.example/link", "", 201},
	} {
		if w := f.network(c.token, "POST", c.path, c.body); w.Code != c.want {
			t.Errorf("%s: %d, want %d: %s", c.name, w.Code, c.want, w.Body)
		}
	}
}

// A token without a route's scope is refused, though its agent has it; and one
// that has it, though its agent has it no more. Nothing comes of either.
func TestScopeAndRole(t *testing.T) {
	f := newFixture(t)
	f.token(t, "ana@acme.example", desk.RoleAdmin)
	lacks := map[desk.Scope]string{}
	for _, s := range desk.Scopes() {
		rest := slices.DeleteFunc(desk.Scopes(), func(o desk.Scope) bool { return o == s })
		secret, _, err := f.accounts.AddToken(t.Context(), app.By{}, auth.NewToken{Agent: "ana@acme.example", Name: "without " + string(s), Scopes: rest})
		if err != nil {
			t.Fatal(err)
		}
		lacks[s] = secret.Reveal()
	}
	lacks[needAll] = lacks[desk.ScopePublish]
	demoted := f.token(t, "dee@acme.example", desk.RoleAdmin)
	agent := desk.RoleAgent
	if _, err := f.app.EditAgent(t.Context(), app.By{}, "dee@acme.example", app.AgentEdit{Role: &agent}); err != nil {
		t.Fatal(err)
	}
	before := f.lastAct(t)
	for _, r := range routes() {
		if r.need == needNothing || r.need == needAnybody || r.need == needMachine || r.stream != nil {
			continue
		}
		f.clock.Advance(time.Second)
		path := placeholder.ReplaceAllString(r.path, "none")
		if w := f.network(lacks[r.need], r.method, path, "{}"); w.Code != 403 || !strings.Contains(w.Body.String(), `"code":"forbidden"`) {
			t.Errorf("%s %s without its scope: %d %s", r.method, path, w.Code, w.Body)
		}
		if r.need == needAll || slices.Contains(agent.Scopes(), r.need) {
			continue
		}
		if w := f.network(demoted, r.method, path, "{}"); w.Code != 403 {
			t.Errorf("%s %s for a demoted agent: %d %s", r.method, path, w.Code, w.Body)
		}
	}
	if a := f.lastAct(t); a.ID != before.ID {
		t.Errorf("%+v was done", a)
	}
}

// An agent reaches only their own account; on this machine, the account that
// the request names.
func TestOwnAccount(t *testing.T) {
	f := newFixture(t)
	token, other := f.token(t, "cem@acme.example", desk.RoleAgent), f.token(t, "dee@acme.example", desk.RoleAgent)
	tokens, _, err := f.accounts.Tokens(t.Context(), "dee@acme.example", store.Page{})
	if err != nil || len(tokens) != 1 {
		t.Fatalf("%v, %v", tokens, err)
	}
	if w := f.network(token, "DELETE", "/me/tokens/"+tokens[0].ID, ""); w.Code != 404 {
		t.Errorf("another agent's token: %d %s", w.Code, w.Body)
	}
	if w := f.network(token, "GET", "/me/tokens", ""); w.Code != 200 || !strings.Contains(w.Body.String(), "cem@") || strings.Contains(w.Body.String(), "dee@") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := f.network(other, "DELETE", "/me/tokens/"+tokens[0].ID, ""); w.Code != 204 {
		t.Errorf("one's own: %d %s", w.Code, w.Body)
	}
	if w := f.network(other, "GET", "/me", ""); w.Code != 401 {
		t.Errorf("a revoked token: %d", w.Code)
	}
	for _, r := range routes() {
		if r.need != needAll {
			continue
		}
		body := ""
		if r.in != nil {
			body = "{}"
		}
		if w := f.do(r.method, concrete(r.path), body, nil); w.Code != 400 || !strings.Contains(w.Body.String(), HeaderAgent) {
			t.Errorf("%s %s of nobody: %d %s", r.method, r.path, w.Code, w.Body)
		}
	}
}

package auth

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

func cookieOf(t *testing.T, w *httptest.ResponseRecorder) *http.Cookie {
	t.Helper()
	cs := w.Result().Cookies()
	if len(cs) != 1 {
		t.Fatalf("%d cookies", len(cs))
	}
	return cs[0]
}

func TestCookie(t *testing.T) {
	for site, want := range map[string]string{
		"https://help.acme.example": "__Host-earshot=x; Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax",
		"http://localhost:8080":     "earshot=x; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax",
	} {
		f := newFixture(t, site)
		w := httptest.NewRecorder()
		f.SetCookie(w, SecretOf("x"))
		if got := w.Header().Get("Set-Cookie"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		w = httptest.NewRecorder()
		f.ClearCookie(w)
		if c := cookieOf(t, w); c.MaxAge >= 0 || c.Value != "" {
			t.Errorf("%+v", c)
		}
	}
}

// The code of a link leaves the address before the page is drawn.
func TestLinkCodeLeavesTheAddress(t *testing.T) {
	f := newFixture(t, site)
	l, _, err := f.FirstLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", l.URL, nil)
	if !f.StoreCode(w, r) || w.Code != http.StatusSeeOther || w.Header().Get("Location") != WelcomePath {
		t.Fatalf("%d %s", w.Code, w.Header().Get("Location"))
	}
	r = httptest.NewRequest("GET", site+WelcomePath, nil)
	r.AddCookie(cookieOf(t, w))
	if f.StoreCode(httptest.NewRecorder(), r) {
		t.Error("redirected for ever")
	}
	if in, err := f.Invitation(t.Context(), f.Code(r), f.Client(r)); err != nil || !in.First {
		t.Errorf("%+v, %v", in, err)
	}
}

func TestRequire(t *testing.T) {
	f := newFixture(t, site)
	f.add(t, "ana@acme.example", desk.RoleAdmin)
	inside := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, ok := From(r.Context())
		if !ok || who.Agent.Email != "ana@acme.example" {
			t.Errorf("%+v, %v", who, ok)
		}
		w.WriteHeader(http.StatusNoContent)
	})
	stranger := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	h := f.Require(inside, stranger, func(_ http.ResponseWriter, _ *http.Request, err error) { t.Error(err) })
	for name, c := range map[string]struct {
		cookie *http.Cookie
		want   int
	}{
		"none": {nil, 401}, "another": {&http.Cookie{Name: "__Host-earshot", Value: "x"}, 401},
		"without the prefix": {&http.Cookie{Name: "earshot", Value: f.signIn(t, "ana@acme.example").Reveal()}, 401},
		"a session":          {&http.Cookie{Name: "__Host-earshot", Value: f.signIn(t, "ana@acme.example").Reveal()}, 204},
	} {
		r := httptest.NewRequest("GET", "/console", nil)
		if c.cookie != nil {
			r.AddCookie(c.cookie)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
	}
}

// A page of another site changes nothing; reading is allowed, and so are
// clients that are no browser.
func TestProtect(t *testing.T) {
	h := Protect(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }),
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	for _, c := range []struct {
		method string
		header map[string]string
		want   int
	}{
		{"POST", nil, 204},
		{"POST", map[string]string{"Sec-Fetch-Site": "same-origin"}, 204},
		{"POST", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"DELETE", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		{"POST", map[string]string{"Origin": "https://evil.example"}, 403},
		{"POST", map[string]string{"Origin": "null"}, 403},
		{"POST", map[string]string{"Origin": site}, 204},
		{"GET", map[string]string{"Sec-Fetch-Site": "cross-site"}, 204},
	} {
		r := httptest.NewRequest(c.method, site+"/console/issues/1/reply", nil)
		for k, v := range c.header {
			r.Header.Set(k, v)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s %v: %d, want %d", c.method, c.header, w.Code, c.want)
		}
		if p := w.Header().Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "unsafe") {
			t.Errorf("policy %q", p)
		}
	}
}

func TestTokens(t *testing.T) {
	f := newFixture(t, site)
	f.add(t, "ana@acme.example", desk.RoleAdmin)
	f.add(t, "bo@acme.example", desk.RoleLead)
	add := func(in NewToken) (Secret, Token, error) { return f.AddToken(t.Context(), app.By{}, in) }
	read := NewToken{Agent: "bo@acme.example", Name: "board", Scopes: []desk.Scope{desk.ScopeRead}, Lasts: time.Hour}
	s, token, err := add(read)
	if err != nil || !strings.HasPrefix(s.Reveal(), TokenPrefix) || token.Expires != began.Add(time.Hour) {
		t.Fatalf("%+v, %v", token, err)
	}
	for what, c := range map[string]struct {
		in   NewToken
		want desk.Code
	}{
		"the same name":      {read, desk.CodeConflict},
		"no name":            {NewToken{Agent: "bo@acme.example", Scopes: read.Scopes}, desk.CodeInvalid},
		"no scope":           {NewToken{Agent: "bo@acme.example", Name: "x"}, desk.CodeInvalid},
		"an unknown scope":   {NewToken{Agent: "bo@acme.example", Name: "x", Scopes: []desk.Scope{"all"}}, desk.CodeInvalid},
		"more than the role": {NewToken{Agent: "bo@acme.example", Name: "x", Scopes: desk.Scopes()}, desk.CodeForbidden},
		"nobody":             {NewToken{Agent: "eve@acme.example", Name: "x", Scopes: read.Scopes}, desk.CodeNotFound},
	} {
		_, _, err := add(c.in)
		wantCode(t, what, err, c.want)
	}
	reply := NewToken{Agent: "bo@acme.example", Name: "bot", Scopes: []desk.Scope{desk.ScopePublish, desk.ScopeReply, desk.ScopeReply}}
	all, _, err := add(reply)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(authorization string) (Principal, error) {
		r := httptest.NewRequest("GET", "/api/v1/issues", nil)
		r.Header.Set("Authorization", authorization)
		return f.Authenticate(r)
	}
	known := func(authorization string, cookie Secret) bool {
		r := httptest.NewRequest("POST", "/api/v1/files", nil)
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		r.AddCookie(&http.Cookie{Name: f.cookieName(sessionCookie), Value: cookie.Reveal()})
		return f.Known(r)
	}
	if session := f.signIn(t, "ana@acme.example"); !known("", session) || !known("Bearer "+s.Reveal(), SecretOf("")) || !known("Basic YTpi", session) ||
		known("Bearer "+session.Reveal(), session) || known("", s) || known("", SecretOf("")) || known("Bearer guess", SecretOf("")) {
		t.Error("a request is known by its session or its token, and by nothing else")
	}
	who, err := ask("Bearer " + s.Reveal())
	if err != nil || !who.May(desk.ScopeRead) || who.May(desk.ScopeReply) || who.By("").Token != "board" {
		t.Errorf("%+v, %v", who, err)
	}
	if who, err = ask("bearer  " + all.Reveal()); err != nil || !who.May(desk.ScopePublish) || who.May(desk.ScopeRead) {
		t.Errorf("%+v, %v", who, err)
	}
	agent := desk.RoleAgent // a token never allows more than the role does now
	if _, err := f.app.EditAgent(t.Context(), app.By{}, "bo@acme.example", app.AgentEdit{Role: &agent}); err != nil {
		t.Fatal(err)
	}
	if who, err = ask("Bearer " + all.Reveal()); err != nil || who.May(desk.ScopePublish) || !who.May(desk.ScopeReply) {
		t.Errorf("%+v, %v", who, err)
	}
	f.clock.Advance(time.Hour)
	session := f.signIn(t, "ana@acme.example")
	for _, authorization := range []string{"Bearer " + s.Reveal(), "Bearer " + token.ID, "Bearer " + session.Reveal(), "Basic YTpi", "Bearer", "Bearer " + strings.Repeat("x", 1<<16)} {
		_, err := ask(authorization)
		wantCode(t, authorization[:min(20, len(authorization))], err, desk.CodeUnauthenticated)
	}
	if err := f.EndToken(t.Context(), app.By{}, "", all.hash()); err != nil {
		t.Fatal(err)
	}
	_, err = ask("Bearer " + all.Reveal())
	wantCode(t, "revoked", err, desk.CodeUnauthenticated)
	for range 2 * perAddress.Burst { // who brings nothing guesses nothing
		if _, err := f.Authenticate(httptest.NewRequest("GET", "/api/v1/issues", nil)); desk.ErrorCode(err) != desk.CodeUnauthenticated {
			t.Fatal(err)
		}
	}
	for range perAddress.Burst {
		_, err = ask("Bearer guess")
	}
	wantCode(t, "guessing", err, desk.CodeRateLimited)
	r := httptest.NewRequest("GET", "/api/v1/issues", nil)
	f.SetCookie(httptest.NewRecorder(), session)
	r.AddCookie(&http.Cookie{Name: f.cookieName(sessionCookie), Value: session.Reveal()})
	if who, err := f.Authenticate(r); err != nil || who.Session == "" {
		t.Errorf("by session: %+v, %v", who, err)
	}
}

package attacks

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"earshot/internal/api"
	"earshot/internal/desk"
)

// staff is class 52: people who worked here.
var staff = []attack{
	{class: 53, name: "disabled_agents", ids: "GHSA-62j4-hvj7-px3f",
		tried:   "an admin who was disabled uses their session, their tokens, a link and their password, against the console and the API, and enables themselves",
		defends: "internal/auth: every request looks up the agent's rights again", elsewhere: []string{"internal/api.TestEventsEndWithTheRight", "internal/auth.TestSessions"}, run: disabledAgents},
}

// readable lists the paths that an admin's token reads.
var readable = []string{"/agents", "/tokens", "/issues", "/desks", "/blocks", "/sources"}

const staffPassword = "a long sentence that nobody guesses"

// worker is an admin of the instance, in a browser and with a token.
type worker struct {
	*site
	email   desk.Email
	browser *http.Client
	secret  string
}

func (s *site) worker(email desk.Email) *worker {
	s.Helper()
	_, err := s.client.AddAgent(s.Context(), api.NewAgent{Email: email, Name: "Mal", Role: desk.RoleAdmin})
	s.must(err)
	link, err := s.client.LinkAgent(s.Context(), email)
	s.must(err)
	token, err := s.client.AddToken(s.Context(), api.NewToken{Agent: email, Name: "script", Scopes: desk.Scopes()})
	s.must(err)
	jar, err := cookiejar.New(nil)
	s.must(err)
	w := &worker{s, email, &http.Client{Jar: jar}, token.Secret}
	_, _, _ = w.visit(http.MethodGet, link.URL, nil)
	w.visit(http.MethodPost, s.url+"/console/welcome", url.Values{"email": {string(email)}, "name": {"Mal"}, "password": {staffPassword}})
	return w
}

// visit is a request of the browser, redirects included.
func (w *worker) visit(method, address string, form url.Values) (status int, path, page string) {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), method, address, strings.NewReader(form.Encode()))
	w.must(err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	r.Header.Set("X-Forwarded-For", w.from)
	res, err := w.browser.Do(r)
	w.must(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	w.must(err)
	return res.StatusCode, res.Request.URL.Path, string(b)
}

// asks is a request of the script, with the token.
func (w *worker) asks(method, path, body string) (int, string) {
	w.Helper()
	r, err := http.NewRequest(method, w.url+api.Root+path, strings.NewReader(body))
	w.must(err)
	r.Header.Set("Authorization", "Bearer "+w.secret)
	r.Header.Set("Content-Type", "application/json")
	return w.do(r)
}

func disabledAgents(s *site) {
	s.worker("good@acme.example") // one admin has to be left
	mal := s.worker("mal@acme.example")
	if status, path, _ := mal.visit(http.MethodGet, s.url+"/console/people", nil); status != http.StatusOK || path != "/console/people" {
		s.Fatalf("an admin sees %d at %s", status, path)
	}
	for _, path := range readable {
		if status, answer := mal.asks(http.MethodGet, path, ""); status != http.StatusOK {
			s.Fatalf("an admin's token is answered %d %s", status, answer)
		}
	}
	before, err := s.client.Agents(s.Context())
	s.must(err)
	later, err := s.client.LinkAgent(s.Context(), mal.email)
	s.must(err)
	disabled := true
	_, err = s.client.EditAgent(s.Context(), mal.email, api.AgentEdit{Disabled: &disabled})
	s.must(err)
	mal.isOut(later.URL)
	a, err := s.client.Agent(s.Context(), mal.email)
	if err != nil || a.DisabledAt.IsZero() {
		s.Errorf("the agent is %+v, %v", a, err)
	}
	if all, err := s.client.Agents(s.Context()); err != nil || len(all) != len(before) {
		s.Errorf("the agents are %+v, %v", all, err)
	}
}

// isOut tries every door.
func (w *worker) isOut(link string) {
	w.Helper()
	for _, path := range readable {
		status, answer := w.asks(http.MethodGet, path, "")
		w.answered(status, answer, http.StatusUnauthorized, http.StatusForbidden)
	}
	for path, body := range map[string]string{
		"PATCH /agents/" + string(w.email): `{"disabled":false}`, "POST /agents": `{"email":"new@acme.example","name":"New","role":"admin"}`,
		"POST /tokens": fmt.Sprintf(`{"agent":%q,"name":"again","scopes":["admin"]}`, w.email), "POST /blocks": `{"target":"victim.example"}`} {
		method, path, _ := strings.Cut(path, " ")
		status, answer := w.asks(method, path, body)
		w.answered(status, answer, http.StatusUnauthorized, http.StatusForbidden)
	}
	for _, form := range []url.Values{nil, {"email": {"new@acme.example"}, "name": {"New"}, "role": {"admin"}}} {
		method := http.MethodGet
		if form != nil {
			method = http.MethodPost
		}
		for _, path := range []string{"/console/people", "/console/blocks", "/console"} {
			if status, at, page := w.visit(method, w.url+path, form); at == path && status < http.StatusBadRequest {
				w.Errorf("%s %s: %d %.200s", method, path, status, page)
			}
		}
	}
	w.visit(http.MethodGet, link, nil)
	for path, form := range map[string]url.Values{"/console/welcome": {"name": {"Mal"}, "password": {staffPassword}}, "/console/sign-in": {"email": {string(w.email)}, "password": {staffPassword}}} {
		if status, at, page := w.visit(http.MethodPost, w.url+path, form); status < http.StatusBadRequest {
			w.Errorf("%s leads to %s: %d %.200s", path, at, status, page)
		}
	}
	if _, at, _ := w.visit(http.MethodGet, w.url+"/console/people", nil); at == "/console/people" {
		w.Error("signed in again")
	}
}

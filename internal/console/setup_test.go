package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/internal/doctor"
)

// firstAdmin comes in by the first link of an instance.
func (r *room) firstAdmin(email string) *plainBrowser {
	r.Helper()
	link, ok, err := r.accounts.FirstLink(r.Context())
	check(r.T, err)
	if !ok {
		r.Fatal("there is an admin already")
	}
	code := must(url.Parse(link.URL))(r.T).Query().Get("code")
	_, _, err = r.accounts.Welcome(r.Context(), auth.Newcomer{Code: auth.SecretOf(code), Email: desk.Email(email), Name: "Ada Alt", Password: password}, auth.Client{})
	check(r.T, err)
	return r.signedIn(email)
}

func again(name string) url.Values { return url.Values{"check": {name}} }

// The first admin lands on the first steps until all that is needed is well.
func TestFirstSteps(t *testing.T) {
	r := newRoom(t)
	r.found = map[string]doctor.Finding{
		"webfinger": {Level: doctor.Problem, Text: "acme.example answers with status 404", Next: "have the proxy pass it"},
		"sources":   {Level: doctor.Note, Text: "no source"},
		"reports":   {Level: doctor.Note, Text: "write to @help@acme.example"},
		"clock":     {Level: doctor.Note, Text: "no other server yet"},
		"backup":    {Level: doctor.Warning, Text: "no backup has been made yet", Next: "make one"},
	}
	b := r.firstAdmin(ada)
	page := b.get("/console/")
	page.wants(t, http.StatusOK, "First steps", "not checked yet", "Put this page away")
	page = b.post("/console/setup/check", again("webfinger"))
	page.wants(t, http.StatusOK, `id="check-webfinger" class="check bad"`, "does not work", "acme.example answers with status 404", "have the proxy pass it", `id="check-dns" class="check unknown"`)
	page = b.post("/console/setup/check", nil)
	page.wants(t, http.StatusOK, `id="check-dns" class="check well"`, `id="check-sources" class="check open"`, `href="/console/sources"`, `id="check-clock" class="check note"`,
		`id="check-backup" class="check open"`, "write to @help@acme.example")
	b.get("/console/").wants(t, http.StatusOK, "First steps")
	b.post("/console/setup/check", again("no such")).wants(t, http.StatusNotFound)

	delete(r.found, "webfinger")
	delete(r.found, "sources")
	delete(r.found, "backup")
	b.post("/console/setup/check", again("webfinger")).wants(t, http.StatusOK, "Put this page away")
	b.post("/console/setup/check", again("sources"))
	b.post("/console/setup/check", again("backup")).wants(t, http.StatusOK, "Everything necessary is in place")
	b.get("/console/").wants(t, http.StatusOK, "No new issues")
	b.get("/console/setup").wants(t, http.StatusOK, "Everything necessary is in place")
}

// Commands stand in code, also in the remedy that is translated.
func TestRemediesShowCommands(t *testing.T) {
	r := newRoom(t)
	r.found = map[string]doctor.Finding{
		"backup":  {Level: doctor.Warning, Text: "no `backup` <yet>", Next: "run `earshot backup FILE` at night, not `this"},
		"reports": {Level: doctor.Note, Text: "none has come in yet"},
		"proxy":   {Level: doctor.Warning, Text: "it is not named"},
		"mail":    {Level: doctor.Problem, Text: "it does not answer"},
	}
	b := r.firstAdmin(ada)
	page := b.post("/console/setup/check", nil)
	page.wants(t, http.StatusOK, "no <code>backup</code> &lt;yet&gt;", "run <code>earshot backup FILE</code> at night, not `this", "to <code>@help@acme.example</code>;",
		"every night: <code>earshot backup FILE</code>.", "setting <code>trusted_proxies</code>", "<code>smtp.…</code>")
	page.lacks(t, "{command}")
	german := must(http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+"/console/setup", http.NoBody))(t)
	german.Header.Set("Accept-Language", "de")
	b.do(german).wants(t, http.StatusOK, "jede Nacht: <code>earshot backup FILE</code>.", "an <code>@help@acme.example</code>;")
}

// Put away, the page is in the menu only; agents never see it.
func TestFirstStepsPutAway(t *testing.T) {
	r := newRoom(t)
	b := r.firstAdmin(ada)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	agent := r.signedIn(bo)
	agent.get("/console/").wants(t, http.StatusOK, "No new issues")
	agent.get("/console/setup").wants(t, http.StatusForbidden)
	agent.post("/console/setup/check", again("dns")).wants(t, http.StatusForbidden)
	agent.post("/console/setup/away", nil).wants(t, http.StatusForbidden)
	b.get("/console/").wants(t, http.StatusOK, "Put this page away")
	b.post("/console/setup/away", nil).wants(t, http.StatusOK, "still in the menu")
	page := b.get("/console/")
	page.wants(t, http.StatusOK, "No new issues", `href="/console/setup"`)
	at := must(r.app.Setup(t.Context()))(t)
	check(t, r.app.EndSetup(t.Context(), app.By{}))
	if now := must(r.app.Setup(t.Context()))(t); now != at {
		t.Errorf("ended twice: %v, then %v", at, now)
	}
}

// A check that hangs holds neither the page nor the other rows. It is made once: who asks
// for it meanwhile gets its result, and a browser that leaves does not end it.
func TestSlowCheckHoldsNothing(t *testing.T) {
	r := newRoom(t)
	b := r.firstAdmin(ada)
	r.examined = make(chan string)
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan struct{})
	go func() {
		defer close(left)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.server.URL+"/console/setup/check", strings.NewReader(again("tls").Encode()))
		if err != nil {
			t.Error(err)
			return
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", b.server.URL)
		if answer, err := b.http.Do(req); err == nil {
			_ = answer.Body.Close()
			t.Error("the browser did not leave")
		}
	}()
	for !r.desks.checkup.busy("tls") {
		b.get("/console/setup").wants(t, http.StatusOK, `id="check-tls" class="check unknown"`)
	}
	answered := make(chan seen)
	go func() { answered <- b.post("/console/setup/check", again("tls")) }()
	b.get("/console/setup").wants(t, http.StatusOK, `id="check-tls" class="check unknown"`)
	leave()
	<-left
	if name := <-r.examined; name != "tls" {
		t.Errorf("%s was examined", name)
	}
	for waiting := true; waiting; {
		select {
		case page := <-answered:
			waiting = false
			if !strings.Contains(page.body, `id="check-tls" class="check well"`) {
				t.Error("the second browser did not get the result")
			}
		case <-r.examined: // it came after the end of the first one
		}
	}
}

// The nodes of an instance know of each other's checks, and old results are made again.
func TestChecksOfAllNodes(t *testing.T) {
	r := newRoom(t)
	b := r.firstAdmin(ada)
	b.post("/console/setup/check", again("dns")).wants(t, http.StatusOK, `id="check-dns" class="check well"`)
	r.server.Config.Handler = r.node(r.store.Store) // started after the check
	b.get("/console/setup").wants(t, http.StatusOK, `id="check-dns" class="check well"`)
	for _, k := range checksOfSetup[1:] {
		b.post("/console/setup/check", again(k.Name))
	}
	b.get("/console/setup").wants(t, http.StatusOK, "Everything necessary is in place")
	r.clock.Advance(checksKept)
	b.get("/console/setup").wants(t, http.StatusOK, `id="check-dns" class="check unknown"`)
}

func (u *checkup) busy(name string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, busy := u.making[name]
	return busy
}

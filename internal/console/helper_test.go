package console

import (
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/internal/api"
	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/doctor"
	"earshot/internal/drop"
	"earshot/internal/id"
	"earshot/internal/keyring"
	"earshot/internal/live"
	"earshot/internal/test/writes"
	"earshot/store"
	"earshot/store/bolt"
)

// room is a console with nobody in it yet.
type room struct {
	*testing.T
	app      *app.App
	accounts *auth.Accounts
	clock    *clock.Fake
	hub      *live.Hub
	desks    *Console
	server   *httptest.Server
	asked    *tally
	store    *writes.Counted
	drops    *drop.Log
	gate     gate
	web      web
	found    map[string]doctor.Finding // what the doctor finds; a check without one is well
	examined chan string               // if not nil: each check waits until its name is read
}

// gate holds forms back until as many as it waits for are there: then all are sent
// on at the same moment.
type gate struct {
	mu   sync.Mutex
	path string
	need int
	open chan struct{}
}

// hold makes the gate wait for n forms whose path has this ending.
func (g *gate) hold(n int, path string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.path, g.need, g.open = path, n, make(chan struct{})
}

func (g *gate) pass(r *http.Request) {
	g.mu.Lock()
	if g.need == 0 || r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, g.path) {
		g.mu.Unlock()
		return
	}
	open := g.open
	if g.need--; g.need == 0 {
		close(open)
	}
	g.mu.Unlock()
	<-open
}

// tally counts requests by method and path.
type tally struct {
	mu       sync.Mutex
	n        map[string]int
	answered chan struct{} // something was answered since it was last read
}

// answeredTo is called when a request has been answered.
func (y *tally) answeredTo(r *http.Request) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.n["answered "+r.Method+" "+r.URL.Path]++
	select {
	case y.answered <- struct{}{}:
	default:
	}
}

// waitFor waits until n requests of a method to a path have been answered.
func (r *room) waitFor(n int, method, path string) {
	r.Helper()
	for {
		r.asked.mu.Lock()
		got := r.asked.n["answered "+method+" "+path]
		r.asked.mu.Unlock()
		if got >= n {
			return
		}
		select {
		case <-r.asked.answered:
		case <-time.After(time.Minute):
			r.Fatalf("%d of %d requests %s %s were answered", got, n, method, path)
		}
	}
}

func (y *tally) add(r *http.Request) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.n[r.Method+" "+r.URL.Path]++
}

// looks counts the times that an issue's page was asked for.
func (r *room) looks(issue desk.IssueID) int {
	r.asked.mu.Lock()
	defer r.asked.mu.Unlock()
	return r.asked.n["GET /console/issues/"+string(issue)]
}

type noKeys struct{}

func (noKeys) Make(h desk.Handle, a store.KeyAlgorithm) (store.Key, error) {
	return store.Key{Owner: h, Fragment: string(a), Algorithm: a}, nil
}

// noNetwork finds no source.
type noNetwork struct{}

func (noNetwork) Find(context.Context, app.SourceSpec) (store.Source, error) {
	return store.Source{}, desk.NotFound("no_network", "there is no network here")
}

func (noNetwork) Check(_ context.Context, s store.Source) (store.Source, error) { return s, nil }

func (noNetwork) Way(store.Source) app.Way { return app.Way{Follows: true} }

func (noNetwork) Ask(_ context.Context, spec app.SourceSpec) (app.ServerSays, error) {
	if spec.Kind == "misskey" {
		return app.ServerSays{Uses: -1}, desk.Unavailable("source_unreachable", "%s is out", spec.URL)
	}
	return app.ServerSays{Access: "local", Rules: []string{"Be kind. <b>"}, Uses: len(spec.URL)}, nil
}

const password = "correct horse battery"

// newRoom opens an instance with one desk, @help, on a file.
func newRoom(t *testing.T) *room {
	t.Helper()
	file, err := bolt.Open(t.Context(), filepath.Join(t.TempDir(), "store"), bolt.Options{})
	check(t, err)
	t.Cleanup(func() { check(t, file.Close()) })
	return newRoomOn(t, file)
}

// secondNode is the cookie of a browser that talks to the second node.
const secondNode = "second_node"

// newRoomOn opens an instance with a node on each connection to one store. The
// room's own fields are those of the first.
func newRoomOn(t *testing.T, stores ...store.Store) *room {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	check(t, err)
	server.URL = "http://localhost:" + port // passkeys want a name
	r := &room{T: t, clock: clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)), server: server,
		asked: &tally{n: map[string]int{}, answered: make(chan struct{}, 1)}}
	var nodes []http.Handler
	for _, s := range stores {
		nodes = append(nodes, r.node(s))
	}
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.asked.add(req)
		defer r.asked.answeredTo(req)
		r.gate.pass(req)
		if _, err := req.Cookie(secondNode); err == nil && len(nodes) > 1 {
			nodes[1].ServeHTTP(w, req)
			return
		}
		nodes[0].ServeHTTP(w, req)
	})
	url := server.URL
	server.URL = ""
	server.Start()
	server.URL = url
	t.Cleanup(server.Close)
	must(r.app.AddDesk(t.Context(), app.By{}, desk.Desk{Handle: "help", Name: "Acme Help", Names: []string{"acme"}}))(t)
	return r
}

// node returns a node of the instance, as a browser sees it.
func (r *room) node(of store.Store) http.Handler {
	r.Helper()
	s := &writes.Counted{Store: of}
	site := must(desk.NewSite(r.server.URL, "acme.example", true))(r.T)
	log := slog.New(slog.DiscardHandler)
	a := app.New(app.Deps{Store: s, Clock: r.clock, Site: site, Log: log, Keys: noKeys{}, Secrets: keyring.New(s, r.clock, site, "a secret of the tests"), Probe: noNetwork{}, Web: &r.web})
	accounts := auth.New(auth.Deps{App: a, Log: log, Addr: func(*http.Request) netip.Addr { return netip.Addr{} }})
	hub := live.New(s, r.clock, log)
	drops := drop.NewLog(r.clock.Now())
	desks := must(New(Deps{App: a, Site: site, Log: log, Accounts: accounts, Live: hub, Drops: drops, Doctor: r.examine}))(r.T)
	public := api.NewPublic(api.Deps{App: a, Live: hub, Accounts: accounts, Log: log})
	handler := desks.Handler()
	ctx, stop := context.WithCancel(r.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = hub.Run(ctx) }() // it ends as it is told to
	r.Cleanup(func() { stop(); <-ended })
	if r.app == nil {
		r.app, r.accounts, r.hub, r.desks, r.store, r.drops = a, accounts, hub, desks, s, drops
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch {
		case req.URL.Path == "/favicon.svg": // the public pages have it
			http.ServeFile(w, req, "../public/static/favicon.svg")
		case strings.HasPrefix(req.URL.Path, api.Root):
			public.ServeHTTP(w, req)
		default:
			handler.ServeHTTP(w, req)
		}
	})
}

// examine is the doctor of the tests.
func (r *room) examine(ctx context.Context, checks ...string) doctor.Report {
	out := doctor.Report{At: r.clock.Now()}
	for _, name := range checks {
		if r.examined != nil {
			r.examined <- name
		}
		f, ok := r.found[name]
		if !ok {
			f = doctor.Finding{Level: doctor.OK, Text: "well"}
		}
		if ctx.Err() != nil {
			f = doctor.Finding{Level: doctor.Problem, Text: ctx.Err().Error()}
		}
		f.Check = name
		out.Findings = append(out.Findings, f)
	}
	return out
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T { t.Helper(); check(t, err); return v }
}

// report makes a reporter mention the desk, and returns the issue.
func (r *room) report(name, text string) desk.IssueID {
	r.Helper()
	n := id.New()
	who := desk.ActorID("https://m.example/users/" + name)
	h := app.Heard{Source: app.Inbox, Author: desk.Actor{ID: who, Acct: name + "@m.example", Name: name, URL: "https://m.example/@" + name, Inbox: string(who) + "/inbox"},
		Post: desk.Post{Object: desk.ObjectID("https://m.example/objects/" + n), URL: "https://m.example/p/" + n, Author: who, Text: text, HTML: "<p>" + text + "</p>",
			Mentions: []desk.ActorID{r.app.Site().Desk("help")}, Visibility: desk.VisibilityPublic, Published: r.clock.Now()}}
	return must(r.app.Hear(r.Context(), h))(r.T).Issue
}

// agent adds an agent and lets them choose a password.
func (r *room) agent(email desk.Email, name string, role desk.AgentRole) {
	r.Helper()
	must(r.app.AddAgent(r.Context(), app.By{}, desk.Agent{Email: email, Name: name, Role: role}))(r.T)
	link := must(r.accounts.MakeLink(r.Context(), app.By{}, email))(r.T)
	code := must(url.Parse(link.URL))(r.T).Query().Get("code")
	_, _, err := r.accounts.Welcome(r.Context(), auth.Newcomer{Code: auth.SecretOf(code), Password: password}, auth.Client{})
	check(r.T, err)
}

// plainBrowser is a browser without JavaScript: links, forms and cookies.
type plainBrowser struct {
	*room
	http *http.Client
}

func (r *room) plainBrowser() *plainBrowser {
	r.Helper()
	return &plainBrowser{r, &http.Client{Jar: must(cookiejar.New(nil))(r.T), Timeout: 30 * time.Second}}
}

// signedIn is the browser of an agent who has signed in.
func (r *room) signedIn(email string) *plainBrowser {
	r.Helper()
	b := r.plainBrowser()
	if p := b.post("/console/sign-in", url.Values{"email": {email}, "password": {password}}); p.status != http.StatusOK {
		r.Fatalf("signing in: %d\n%s", p.status, p.body)
	}
	return b
}

// seen is a page as it was answered, after redirects.
type seen struct {
	status int
	path   string // with the query
	header http.Header
	body   string
}

func (b *plainBrowser) do(req *http.Request) seen {
	b.Helper()
	res, err := b.http.Do(req)
	check(b.T, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	check(b.T, err)
	return seen{res.StatusCode, res.Request.URL.RequestURI(), res.Header, string(body)}
}

func (b *plainBrowser) get(path string) seen {
	b.Helper()
	return b.do(must(http.NewRequestWithContext(b.Context(), http.MethodGet, b.server.URL+path, http.NoBody))(b.T))
}

// post sends a form as a page of our own does.
func (b *plainBrowser) post(path string, form url.Values) seen {
	b.Helper()
	return b.send(path, "application/x-www-form-urlencoded", form.Encode())
}

// upload sends a form with a file.
func (b *plainBrowser) upload(path, field, file string, form url.Values) seen {
	b.Helper()
	var body strings.Builder
	w := multipart.NewWriter(&body)
	part := must(w.CreateFormFile(field, "list.csv"))(b.T)
	must(io.WriteString(part, file))(b.T)
	for name, values := range form {
		for _, value := range values {
			check(b.T, w.WriteField(name, value))
		}
	}
	check(b.T, w.Close())
	return b.send(path, w.FormDataContentType(), body.String())
}

func (b *plainBrowser) send(path, mediaType, body string) seen {
	b.Helper()
	req := must(http.NewRequestWithContext(b.Context(), http.MethodPost, b.server.URL+path, strings.NewReader(body)))(b.T)
	req.Header.Set("Content-Type", mediaType)
	req.Header.Set("Origin", b.server.URL)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(req)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)

// form reads the hidden fields of the composer that a page shows.
func (s seen) form() url.Values {
	_, composer, _ := strings.Cut(s.body, `id="composer"`)
	composer, _, _ = strings.Cut(composer, "</form>")
	out := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(composer, -1) {
		if !out.Has(m[1]) {
			out.Set(m[1], m[2])
		}
	}
	return out
}

func (s seen) wants(t *testing.T, status int, texts ...string) {
	t.Helper()
	if s.status != status {
		t.Errorf("%s answers %d, want %d", s.path, s.status, status)
	}
	for _, text := range texts {
		if !strings.Contains(s.body, text) {
			t.Errorf("%s lacks %q", s.path, text)
		}
	}
}

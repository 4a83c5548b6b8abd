package api

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/keyring"
	"earshot/internal/live"
	"earshot/internal/test/writes"
	"earshot/store"
	"earshot/store/bolt"
)

var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// fixture is an instance with a desk, behind the handler.
type fixture struct {
	app      *app.App
	accounts *auth.Accounts
	deps     Deps
	clock    *clock.Fake
	handler  http.Handler
	log      *bytes.Buffer
	prober   *prober
	closed   func() error
	store    *writes.Counted
}

type prober struct{ err error }

func (p *prober) Find(_ context.Context, spec app.SourceSpec) (store.Source, error) {
	return store.Source{Kind: spec.Kind, Tags: []string{spec.Tag}, Name: "tag-actor tags.example #" + spec.Tag,
		Actor: desk.ActorID("https://tags.example/" + spec.Tag), Inbox: "https://tags.example/inbox"}, p.err
}

func (p *prober) Way(store.Source) app.Way { return app.Way{Follows: true} }

func (p *prober) Ask(_ context.Context, spec app.SourceSpec) (app.ServerSays, error) {
	if spec.Kind == "misskey" {
		return app.ServerSays{Uses: -1}, desk.Unavailable("source_unreachable", "%s is out", spec.URL)
	}
	return app.ServerSays{Access: "local", Rules: []string{"Be kind. <b>"}, Uses: len(spec.URL)}, nil
}

func (p *prober) Check(_ context.Context, s store.Source) (store.Source, error) { return s, p.err }

func newFixture(t *testing.T) *fixture {
	t.Helper()
	file, err := bolt.Open(t.Context(), filepath.Join(t.TempDir(), "earshot.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &writes.Counted{Store: file}
	f := &fixture{store: s, clock: clock.NewFake(began), log: &bytes.Buffer{}, prober: &prober{}, closed: s.Close}
	site := desk.Site{URL: "https://help.acme.example", HandleDomain: "acme.example"}
	log := slog.New(slog.NewTextHandler(f.log, nil))
	keys := keyring.New(s, f.clock, site, strings.Repeat("s", 32))
	f.app = app.New(app.Deps{Store: s, Clock: f.clock, Site: site, Log: log, Probe: f.prober, Web: linksBack{}, Keys: keys, Tokens: keys, Secrets: keys})
	f.accounts = auth.New(auth.Deps{App: f.app, Log: log, Addr: auth.NoAddr})
	f.deps = Deps{App: f.app, Accounts: f.accounts, Live: live.New(s, f.clock, log), Log: log, Version: "1.2.3", Drops: drop.NewLog(began)}
	f.deps.Drops.Add(drop.Event{Reason: drop.Malformed, Type: "Create", Host: "m.example", Ours: true, Desks: []desk.Handle{"help"}}, began)
	f.deps.Drops.Add(drop.Event{Reason: drop.Signature, Type: "Create", Host: "m.example", Claimed: true, Ours: true}, began)
	f.handler = New(f.deps)
	if _, err := f.app.AddAgent(t.Context(), app.By{}, desk.Agent{Email: "bo@acme.example", Name: "Bo Ek", Role: desk.RoleAgent}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.app.AddDesk(t.Context(), app.By{}, desk.Desk{Handle: "help", Name: "ACME Help", Names: []string{"acme"}}); err != nil {
		t.Fatal(err)
	}
	return f
}

// report has the desk hear a report and returns its issue.
func (f *fixture) report(t *testing.T, n int, text string) desk.IssueID {
	t.Helper()
	ana := desk.Actor{ID: "https://m.example/users/ana", Acct: "ana@m.example", Name: "Ana", URL: "https://m.example/@ana", Inbox: "https://m.example/inbox"}
	r, err := f.app.Hear(t.Context(), app.Heard{Author: ana, Source: app.Inbox, Post: desk.Post{
		Object: desk.ObjectID(fmt.Sprintf("https://m.example/notes/%d", n)), Author: ana.ID, Text: text, HTML: "<p>" + text + "</p>",
		Language: "en", Tags: []string{"acme", "fail"}, Visibility: desk.VisibilityPublic, Published: f.clock.Now()}})
	if err != nil || r.Outcome != app.Opened {
		t.Fatalf("hearing a report: %v, %v", r, err)
	}
	return r.Issue
}

func (f *fixture) do(method, path, body string, header map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, r)
	return w
}

// pile has a crowd report to a desk of its own, and returns the pile in which they stand.
func (f *fixture) pile(t *testing.T) (p desk.PileID, first desk.IssueID) {
	t.Helper()
	if _, err := f.app.AddDesk(t.Context(), app.By{}, desk.Desk{Handle: "town", Name: "Town"}); err != nil {
		t.Fatal(err)
	}
	for n := range 24 {
		who := desk.ActorID(fmt.Sprintf("https://crowd.example/users/p%d", n))
		if _, err := f.app.Hear(t.Context(), app.Heard{Author: desk.Actor{ID: who, Inbox: string(who) + "/inbox"}, Source: app.Inbox, Post: desk.Post{
			Object: desk.ObjectID(string(who) + "/1"), Author: who, Text: fmt.Sprint("no power at the harbour ", n), Mentions: []desk.ActorID{f.app.Site().Desk("town")},
			Visibility: desk.VisibilityPublic, Published: f.clock.Now()}}); err != nil {
			t.Fatal(err)
		}
	}
	piles, _, err := f.app.Piles(t.Context(), "town", store.Page{})
	if err != nil || len(piles) != 1 || piles[0].People != 24 {
		t.Fatalf("%+v, %v", piles, err)
	}
	return piles[0].ID, piles[0].Read[0].Issue.ID
}

// linksBack is a web in which each page links back.
type linksBack struct{}

func (linksBack) Mine(context.Context, string) ([]string, error) {
	return []string{"https://help.acme.example/@help"}, nil
}

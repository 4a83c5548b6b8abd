package auth

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/bolt"
)

var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const good = "correct horse battery"

// fixture is an instance without agents.
type fixture struct {
	*Accounts
	app   *app.App
	clock *clock.Fake
	from  Client
}

func newFixture(t *testing.T, site string) *fixture {
	t.Helper()
	s, err := bolt.Open(t.Context(), filepath.Join(t.TempDir(), "earshot.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	c := clock.NewFake(began)
	a := app.New(app.Deps{Store: s, Clock: c, Site: desk.Site{URL: site, HandleDomain: "acme.example"}, Log: slog.New(slog.DiscardHandler)})
	f := &fixture{app: a, clock: c, from: Client{Addr: netip.MustParseAddr("203.0.113.7"), Browser: "Firefox"}}
	f.Accounts = f.node()
	return f
}

// node is another process on the same store.
func (f *fixture) node() *Accounts {
	return New(Deps{App: f.app, Log: slog.New(slog.DiscardHandler), Addr: func(*http.Request) netip.Addr { return f.from.Addr }})
}

// add adds an agent with a password.
func (f *fixture) add(t *testing.T, email desk.Email, role desk.AgentRole) desk.Agent {
	t.Helper()
	if _, err := f.app.AddAgent(t.Context(), app.By{}, desk.Agent{Email: email, Name: "Bo Ek", Role: role}); err != nil {
		t.Fatal(err)
	}
	_, agent, err := f.Welcome(t.Context(), Newcomer{Code: f.link(t, email), Password: good}, f.from)
	if err != nil {
		t.Fatal(err)
	}
	return agent
}

// link returns the code of a new link.
func (f *fixture) link(t *testing.T, email desk.Email) Secret {
	t.Helper()
	l, err := f.MakeLink(t.Context(), app.By{}, email)
	if err != nil {
		t.Fatal(err)
	}
	return codeOf(t, l)
}

func codeOf(t *testing.T, l Link) Secret {
	t.Helper()
	u, err := url.Parse(l.URL)
	if err != nil || u.Path != WelcomePath {
		t.Fatalf("%s: %v", l.URL, err)
	}
	return SecretOf(u.Query().Get(codeParameter))
}

func (f *fixture) signIn(t *testing.T, email desk.Email) Secret {
	t.Helper()
	s, _, err := f.SignIn(t.Context(), string(email), good, f.from)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// signedIn says whether a session holds.
func (a *Accounts) signedIn(t *testing.T, s Secret) bool {
	t.Helper()
	_, err := a.session(t.Context(), s)
	if err != nil && desk.ErrorCode(err) != desk.CodeUnauthenticated {
		t.Fatal(err)
	}
	return err == nil
}

func (f *fixture) acts(t *testing.T) (what []string) {
	t.Helper()
	acts, _, err := f.app.AuditEntries(context.Background(), store.AuditFilter{}, store.Page{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range acts {
		what = append(what, a.What)
	}
	return what
}

func wantCode(t *testing.T, what string, err error, want desk.Code) {
	t.Helper()
	if desk.ErrorCode(err) != want {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

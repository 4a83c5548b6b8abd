package auth

import (
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// The first admin comes in by a link, once, and says who they are.
func TestFirstAdmin(t *testing.T) {
	f := newFixture(t, "https://help.acme.example")
	l, ok, err := f.FirstLink(t.Context())
	if err != nil || !ok || !strings.HasPrefix(l.URL, "https://help.acme.example/console/welcome?code=") {
		t.Fatalf("%+v, %v, %v", l, ok, err)
	}
	code := codeOf(t, l)
	if in, err := f.Invitation(t.Context(), code, f.from); err != nil || !in.First {
		t.Fatalf("%+v, %v", in, err)
	}
	_, _, err = f.Welcome(t.Context(), Newcomer{Code: code, Email: "ana", Name: "Ana Berg", Password: good}, f.from)
	wantCode(t, "no address", err, desk.CodeInvalid)
	_, _, err = f.Welcome(t.Context(), Newcomer{Code: code, Email: "ana@acme.example", Name: "Ana Berg", Password: "short"}, f.from)
	wantCode(t, "a short password", err, desk.CodeInvalid)
	session, ana, err := f.Welcome(t.Context(), Newcomer{Code: code, Email: " Ana@ACME.example", Name: "Ana  Berg", Password: good}, f.from)
	if err != nil || ana.Email != "ana@acme.example" || ana.Name != "Ana Berg" || ana.Role != desk.RoleAdmin || ana.Signature != "AB" {
		t.Fatalf("%+v, %v", ana, err)
	}
	if who, err := f.session(t.Context(), session); err != nil || !who.May(desk.ScopeAdmin) || who.By("k") != (app.By{Agent: "ana@acme.example", Via: store.ViaConsole, Key: "k", MayPublish: true}) {
		t.Errorf("%+v, %v", who, err)
	}
	_, _, err = f.Welcome(t.Context(), Newcomer{Code: code, Email: "eve@evil.example", Name: "Eve", Password: good}, f.from)
	wantCode(t, "the link again", err, desk.CodeUnauthenticated)
	if _, ok, err := f.FirstLink(t.Context()); ok || err != nil {
		t.Errorf("another first admin: %v, %v", ok, err)
	}
	if got := f.acts(t); !slices.Equal(got, []string{"session.start", "password.set", "agent.add", "agent.link"}) {
		t.Errorf("audit: %v", got)
	}
}

// A link for the first admin that was printed twice is good once, and of no
// use when there is an admin in another way.
func TestFirstLinks(t *testing.T) {
	f := newFixture(t, "https://help.acme.example")
	old, _, err := f.FirstLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	code := f.link(t, "ana@acme.example")
	_, err = f.Invitation(t.Context(), codeOf(t, old), f.from)
	wantCode(t, "the older link", err, desk.CodeUnauthenticated)
	if in, err := f.Invitation(t.Context(), code, f.from); err != nil || in != (Invitation{First: true, Email: "ana@acme.example"}) {
		t.Errorf("%+v, %v", in, err)
	}
	if _, err := f.app.AddAgent(t.Context(), app.By{}, desk.Agent{Email: "bo@acme.example", Name: "Bo", Role: desk.RoleAdmin}); err != nil {
		t.Fatal(err)
	}
	_, _, err = f.Welcome(t.Context(), Newcomer{Code: code, Name: "Ana", Password: good}, f.from)
	wantCode(t, "another person was first", err, desk.CodeUnauthenticated)
	_, err = f.MakeLink(t.Context(), app.By{}, "ana@acme.example")
	wantCode(t, "nobody's link", err, desk.CodeNotFound)
}

func TestLink(t *testing.T) {
	f := newFixture(t, "https://help.acme.example")
	f.add(t, "ana@acme.example", desk.RoleAdmin)
	f.add(t, "bo@acme.example", desk.RoleAgent)
	before := f.signIn(t, "bo@acme.example")
	first := f.link(t, "bo@acme.example")
	second := f.link(t, "BO@acme.example")
	_, err := f.Invitation(t.Context(), first, f.from)
	wantCode(t, "a link that was followed by another", err, desk.CodeUnauthenticated)
	if in, err := f.Invitation(t.Context(), second, f.from); err != nil || in != (Invitation{Email: "bo@acme.example", Name: "Bo Ek"}) {
		t.Errorf("%+v, %v", in, err)
	}
	// Neither the address nor the role can be chosen, the name can.
	_, bo, err := f.Welcome(t.Context(), Newcomer{Code: second, Email: "ana@acme.example", Name: "Boel Ek", Password: good + "!"}, f.from)
	if err != nil || bo.Email != "bo@acme.example" || bo.Role != desk.RoleAgent || bo.Name != "Boel Ek" {
		t.Errorf("%+v, %v", bo, err)
	}
	if f.signedIn(t, before) {
		t.Error("a session from before the link holds")
	}
	third := f.link(t, "bo@acme.example")
	f.clock.Advance(LinkFor)
	_, err = f.Invitation(t.Context(), third, f.from)
	wantCode(t, "an old link", err, desk.CodeUnauthenticated)
	fourth := f.link(t, "bo@acme.example")
	yes := true
	if _, err := f.app.EditAgent(t.Context(), app.By{}, "bo@acme.example", app.AgentEdit{Disabled: &yes}); err != nil {
		t.Fatal(err)
	}
	_, _, err = f.Welcome(t.Context(), Newcomer{Code: fourth, Password: good}, f.from)
	wantCode(t, "a disabled agent's link", err, desk.CodeUnauthenticated)
	_, err = f.MakeLink(t.Context(), app.By{}, "bo@acme.example")
	wantCode(t, "a link for a disabled agent", err, desk.CodeConflict)
}

// The store holds no usable secret of links, sessions and tokens, and printing
// them shows none.
func TestSecretsAreNotKept(t *testing.T) {
	f := newFixture(t, "https://help.acme.example")
	f.add(t, "ana@acme.example", desk.RoleAdmin)
	secrets := []Secret{f.link(t, "ana@acme.example"), f.signIn(t, "ana@acme.example")}
	token, _, err := f.AddToken(t.Context(), app.By{}, NewToken{Agent: "ana@acme.example", Name: "x", Scopes: []desk.Scope{desk.ScopeRead}, Lasts: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	secrets = append(secrets, token, SecretOf(good))
	err = f.app.View(t.Context(), func(tx *app.Tx) error {
		for _, kind := range store.RecordKinds() {
			records, _, err := tx.Records().List(kind, store.Page{})
			if err != nil {
				return err
			}
			for _, r := range records {
				for _, s := range secrets {
					if strings.Contains(string(r.JSON), s.Reveal()) {
						t.Errorf("a secret is kept: %s", r.JSON)
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range secrets {
		if strings.Contains(s.String()+s.GoString(), s.Reveal()) {
			t.Error("a secret prints itself")
		}
	}
}

package auth

import (
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

const site = "https://help.acme.example"

// The first admin comes in with a passkey, and never has a password.
func TestPasskeyByLink(t *testing.T) {
	f := newFixture(t, site)
	l, _, err := f.FirstLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	in := Newcomer{Code: codeOf(t, l), Email: "ana@acme.example", Name: "Ana Berg"}
	phone := newAuthenticator(t, site)
	c, err := f.BeginWelcomePasskey(t.Context(), in, f.from)
	if err != nil {
		t.Fatal(err)
	}
	session, ana, err := f.node().FinishWelcomePasskey(t.Context(), Newcomer{Code: in.Code}, c.Secret, "Phone", phone.create(c.Options), f.from)
	if err != nil || ana.Email != "ana@acme.example" || ana.Role != desk.RoleAdmin || !f.signedIn(t, session) {
		t.Fatalf("%+v, %v", ana, err)
	}
	for range 2 {
		session, agent := f.usePasskey(t, phone, "")
		if agent.Email != ana.Email || !f.signedIn(t, session) {
			t.Errorf("%+v", agent)
		}
	}
	keys, err := f.Credentials(t.Context(), ana.Email)
	if err != nil || len(keys) != 1 || keys[0].Kind != store.CredentialPasskey || keys[0].Name != "Phone" || keys[0].Used.IsZero() {
		t.Errorf("%+v, %v", keys, err)
	}
	_, _, err = f.SignIn(t.Context(), "ana@acme.example", "", f.from)
	wantCode(t, "without a password", err, desk.CodeUnauthenticated)
}

// usePasskey signs in, or is refused with a code.
func (f *fixture) usePasskey(t *testing.T, device *authenticator, want desk.Code) (Secret, desk.Agent) {
	t.Helper()
	c, err := f.BeginPasskeySignIn(t.Context(), f.from)
	if err != nil {
		t.Fatal(err)
	}
	s, agent, err := f.node().FinishPasskeySignIn(t.Context(), c.Secret, device.get(c.Options), f.from)
	wantCode(t, "with a passkey", err, want)
	return s, agent
}

func TestPasskeys(t *testing.T) {
	f := newFixture(t, site)
	f.add(t, "ana@acme.example", desk.RoleAdmin)
	f.add(t, "bo@acme.example", desk.RoleAgent)
	ana, err := f.session(t.Context(), f.signIn(t, "ana@acme.example"))
	if err != nil {
		t.Fatal(err)
	}
	bo, err := f.session(t.Context(), f.signIn(t, "bo@acme.example"))
	if err != nil {
		t.Fatal(err)
	}
	phone := newAuthenticator(t, site)
	c, err := f.BeginPasskey(t.Context(), bo)
	if err != nil {
		t.Fatal(err)
	}
	answer := phone.create(c.Options)
	wantCode(t, "finished by another agent", f.FinishPasskey(t.Context(), ana, c.Secret, "x", answer), desk.CodeForbidden)
	wantCode(t, "finished twice", f.FinishPasskey(t.Context(), bo, c.Secret, "x", answer), desk.CodeUnauthenticated)
	f.usePasskey(t, phone, desk.CodeUnauthenticated)

	if c, err = f.BeginPasskey(t.Context(), bo); err != nil {
		t.Fatal(err)
	}
	if err := f.FinishPasskey(t.Context(), bo, c.Secret, "Phone", phone.create(c.Options)); err != nil {
		t.Fatal(err)
	}
	if _, agent := f.usePasskey(t, phone, ""); agent.Email != "bo@acme.example" {
		t.Errorf("%+v", agent)
	}

	// An answer to another question, for another site, unverified, or by
	// another key is refused.
	old, err := f.BeginPasskeySignIn(t.Context(), f.from)
	if err != nil {
		t.Fatal(err)
	}
	stale := phone.get(old.Options)
	next, err := f.BeginPasskeySignIn(t.Context(), f.from)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = f.FinishPasskeySignIn(t.Context(), next.Secret, stale, f.from)
	wantCode(t, "another question's answer", err, desk.CodeUnauthenticated)
	_, _, err = f.FinishPasskeySignIn(t.Context(), old.Secret, []byte("{}"), f.from)
	wantCode(t, "no answer", err, desk.CodeUnauthenticated)
	_, _, err = f.FinishPasskeySignIn(t.Context(), old.Secret, stale, f.from)
	wantCode(t, "a second try", err, desk.CodeUnauthenticated)
	elsewhere := *phone
	elsewhere.origin = "https://help.acme.example.evil.example"
	f.usePasskey(t, &elsewhere, desk.CodeUnauthenticated)
	unverified := *phone
	unverified.flags = 0x01
	f.usePasskey(t, &unverified, desk.CodeUnauthenticated)
	forged := *newAuthenticator(t, site)
	forged.id, forged.handle = phone.id, phone.handle
	f.usePasskey(t, &forged, desk.CodeUnauthenticated)
	asAna := *phone
	asAna.handle = []byte(ana.Agent.ID)
	f.usePasskey(t, &asAna, desk.CodeUnauthenticated)

	late, err := f.BeginPasskeySignIn(t.Context(), f.from)
	if err != nil {
		t.Fatal(err)
	}
	f.clock.Advance(ceremonyFor)
	_, _, err = f.FinishPasskeySignIn(t.Context(), late.Secret, phone.get(late.Options), f.from)
	wantCode(t, "too late", err, desk.CodeUnauthenticated)

	yes := true
	if _, err := f.app.EditAgent(t.Context(), app.By{}, "bo@acme.example", app.AgentEdit{Disabled: &yes}); err != nil {
		t.Fatal(err)
	}
	f.usePasskey(t, phone, desk.CodeUnauthenticated)
	if err := f.RemoveCredential(t.Context(), ana.By(""), "bo@acme.example", b64.EncodeToString(phone.id)); err != nil {
		t.Error(err)
	}
}

// A link is only for its agent, also with a passkey that another link began.
func TestPasskeyOfAnotherLink(t *testing.T) {
	f := newFixture(t, site)
	f.add(t, "ana@acme.example", desk.RoleAdmin)
	f.add(t, "bo@acme.example", desk.RoleAgent)
	ana, bo := f.link(t, "ana@acme.example"), f.link(t, "bo@acme.example")
	c, err := f.BeginWelcomePasskey(t.Context(), Newcomer{Code: bo}, f.from)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = f.FinishWelcomePasskey(t.Context(), Newcomer{Code: ana}, c.Secret, "x", newAuthenticator(t, site).create(c.Options), f.from)
	wantCode(t, "another's link", err, desk.CodeForbidden)
	if _, err := f.Invitation(t.Context(), ana, f.from); err != nil {
		t.Errorf("the link was used up: %v", err)
	}
}

func TestPasskeysNeedAName(t *testing.T) {
	for site, want := range map[string]bool{site: true, "http://localhost:8080": true, "http://127.0.0.1:8080": false, "http://help.acme.example": false} {
		f := newFixture(t, site)
		if f.Passkeys() != want {
			t.Errorf("%s: %v", site, !want)
		}
		if _, err := f.BeginPasskeySignIn(t.Context(), f.from); (err == nil) != want {
			t.Errorf("%s: %v", site, err)
		}
	}
}

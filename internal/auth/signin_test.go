package auth

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// Whatever is wrong is answered alike.
func TestSignIn(t *testing.T) {
	f := newFixture(t, "https://help.acme.example")
	f.add(t, "ana@acme.example", desk.RoleAdmin)
	f.add(t, "bo@acme.example", desk.RoleAgent)
	yes := true
	if _, err := f.app.EditAgent(t.Context(), app.By{}, "bo@acme.example", app.AgentEdit{Disabled: &yes}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.app.AddAgent(t.Context(), app.By{}, desk.Agent{Email: "cem@acme.example", Name: "Cem", Role: desk.RoleAgent}); err != nil {
		t.Fatal(err)
	}
	if _, agent, err := f.SignIn(t.Context(), "ANA@acme.example ", good, f.from); err != nil || agent.Email != "ana@acme.example" {
		t.Errorf("%+v, %v", agent, err)
	}
	for name, try := range map[string][2]string{
		"a wrong password": {"ana@acme.example", good + "x"}, "no password": {"ana@acme.example", ""}, "nobody": {"eve@acme.example", good},
		"no address": {"ana", good}, "a disabled agent": {"bo@acme.example", good}, "an agent without a password": {"cem@acme.example", ""},
		"not text": {"ana\xff@acme.example", "\xff"}, "an endless address": {strings.Repeat("a", 1<<16) + "@acme.example", good},
	} {
		s, agent, err := f.SignIn(t.Context(), try[0], try[1], f.from)
		if err == nil || err.Error() != wrong().Error() || desk.ErrorCode(err) != desk.CodeUnauthenticated || s.Reveal() != "" || agent.Email != "" {
			t.Errorf("%s: %v, %+v, %v", name, s.Reveal(), agent, err)
		}
	}
}

// Every kept form takes the same work: also where there is nobody.
func TestUnknownAgentTakesAsLong(t *testing.T) {
	h := newHasher()
	kept, err := h.hash(t.Context(), good)
	if err != nil {
		t.Fatal(err)
	}
	if params := func(s string) string { return s[:strings.LastIndex(s[:strings.LastIndex(s, "$")], "$")] }; params(kept) != params(h.nobody) || len(kept) != len(h.nobody) {
		t.Errorf("%s and %s differ in more than salt and key", kept, h.nobody)
	}
	if ok, err := h.verify(t.Context(), good, ""); ok || err != nil {
		t.Errorf("nobody's password is right: %v", err)
	}
	for _, bad := range []string{"x", "$argon2id$v=19$m=1,t=1,p=1$!$!", "$2a$10$abc", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$!"} {
		if ok, err := h.verify(t.Context(), good, bad); ok || err == nil {
			t.Errorf("%s: %v, %v", bad, ok, err)
		}
	}
}

func TestPasswords(t *testing.T) {
	bo := desk.Agent{Email: "bo.ek@acme.example", Name: "Bo Ekstrand Berg"}
	for password, ok := range map[string]bool{
		good: true, "aaaabbbbcccc1": true, "pässwörter sind lang": true, strings.Repeat("ab!?x", 51): true,
		"short": false, "": false, strings.Repeat("x7", 129): false, "aaaaaaaaaaaaaa": false, "abcabcabcabcabc": false,
		"123456789012": false, "abcdefghijklm": false, "zyxwvutsrqponm": false, "boekstrandberg": false, "Bo Ekstrand Berg 1": false,
		"bo.ek@acme.example": false, "not text \xff at all": false,
	} {
		if _, err := checkPassword(password, bo); (err == nil) != ok {
			t.Errorf("%q: %v", password, err)
		}
	}
	h := newHasher() // the same text in another form is the same password
	kept, err := h.hash(t.Context(), func() string { p, _ := checkPassword("n\u00e9e et n\u00e9e et", bo); return p }())
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := h.verify(t.Context(), "ne\u0301e et ne\u0301e et", kept); !ok || err != nil {
		t.Errorf("decomposed: %v, %v", ok, err)
	}
}

// Attempts are counted for the account and the network; then even the right
// password is refused there, and nowhere else.
func TestLimits(t *testing.T) {
	f := newFixture(t, "https://help.acme.example")
	f.add(t, "ana@acme.example", desk.RoleAdmin)
	addr := func(n int) Client {
		return Client{Addr: netip.AddrFrom4([4]byte{203, 0, byte(n >> 8), byte(n)})}
	}
	for range perAccount.Burst {
		_, _, err := f.SignIn(t.Context(), "ana@acme.example", "wrong wrong", addr(1))
		wantCode(t, "a wrong password", err, desk.CodeUnauthenticated)
	}
	_, _, err := f.SignIn(t.Context(), "ana@acme.example", good, addr(1))
	wantCode(t, "too often from there", err, desk.CodeRateLimited)
	_, _, err = f.SignIn(t.Context(), "Ana@acme.example", good, addr(1))
	wantCode(t, "in another spelling", err, desk.CodeRateLimited)
	if _, _, err = f.SignIn(t.Context(), "ana@acme.example", good, addr(99)); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
	f.clock.Advance(perAccount.Every)
	if _, _, err = f.SignIn(t.Context(), "ana@acme.example", good, addr(1)); err != nil {
		t.Errorf("a minute later: %v", err)
	}
	// Guesses from very many networks, which keep out only new networks.
	for n := range perAccountInAll.Burst {
		_ = f.limits.try("ana@acme.example", addr(1000+n).Addr)
	}
	wantCode(t, "from one more network", f.limits.try("ana@acme.example", addr(7).Addr), desk.CodeRateLimited)
	if _, _, err = f.SignIn(t.Context(), "ana@acme.example", good, addr(99)); err != nil {
		t.Errorf("from where the agent has signed in: %v", err)
	}
	// Behind a proxy that was not declared, those that it names count.
	proxied := func(n byte) Client { return Client{Addr: addr(5).Addr, Share: netip.AddrFrom4([4]byte{192, 0, 2, n})} }
	for range perAccount.Burst + 1 {
		_, _, err = f.SignIn(t.Context(), "bo@acme.example", "wrong wrong", proxied(1))
	}
	wantCode(t, "too often by one of them", err, desk.CodeRateLimited)
	_, _, err = f.SignIn(t.Context(), "bo@acme.example", "wrong wrong", proxied(2))
	wantCode(t, "by another", err, desk.CodeUnauthenticated)
	for n := range perAddress.Burst {
		_ = f.limits.try(string(rune('a'+n))+"@x.example", netip.MustParseAddr("2001:db8::1"))
	}
	wantCode(t, "too often from there", f.limits.try("ana2@acme.example", netip.MustParseAddr("2001:db8::ffff:1")), desk.CodeRateLimited)
	if err := f.limits.try("ana2@acme.example", netip.MustParseAddr("2001:db8:0:1::1")); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
	for n := range 2*maxTracked/100 + 1 { // the memory is bounded
		_ = f.limits.try(strings.Repeat("x", n), netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}))
	}
	if a, p := f.limits.accounts.Len(), f.limits.pairs.Len(); a > maxTracked || p > maxTracked {
		t.Errorf("%d accounts, %d pairs", a, p)
	}
}

func TestSessions(t *testing.T) {
	f := newFixture(t, "https://help.acme.example")
	ana := f.add(t, "ana@acme.example", desk.RoleAdmin)
	f.add(t, "bo@acme.example", desk.RoleAgent)
	other := f.node()

	s := f.signIn(t, "ana@acme.example")
	if !other.signedIn(t, s) {
		t.Error("a session does not hold on another node")
	}
	for range 4 { // use keeps it
		f.clock.Advance(IdleFor - time.Minute)
		if !f.signedIn(t, s) {
			t.Fatal("a session that is used ended")
		}
	}
	f.clock.Advance(IdleFor)
	if other.signedIn(t, s) {
		t.Error("a session that was not used holds")
	}

	s = f.signIn(t, "ana@acme.example")
	for end := f.clock.Now().Add(LastsFor); f.clock.Now().Before(end); f.clock.Advance(IdleFor / 2) {
		if !f.signedIn(t, s) {
			t.Fatalf("it ended %s early", end.Sub(f.clock.Now()))
		}
	}
	if f.signedIn(t, s) {
		t.Error("a session holds for ever")
	}

	one, two, bo := f.signIn(t, "ana@acme.example"), f.signIn(t, "ana@acme.example"), f.signIn(t, "bo@acme.example")
	list, _, err := f.Sessions(t.Context(), "ana@acme.example", store.Page{})
	if err != nil || len(list) != 2 || list[0].Browser != "Firefox" || list[0].ID == one.Reveal() {
		t.Fatalf("%+v, %v", list, err)
	}
	who, err := f.session(t.Context(), bo)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, "another agent's as one's own", f.EndSession(t.Context(), who.By(""), "bo@acme.example", one.hash()), desk.CodeNotFound)
	if err := f.EndSession(t.Context(), who.By(""), "ana@acme.example", one.hash()); err != nil || other.signedIn(t, one) {
		t.Errorf("ended elsewhere: %v", err)
	}
	if err := f.SignOut(t.Context(), two); err != nil || other.signedIn(t, two) {
		t.Errorf("signed out: %v", err)
	}
	if err := f.SignOut(t.Context(), two); err != nil {
		t.Errorf("signed out twice: %v", err)
	}

	// Every request looks up the agent's rights again.
	lead, no, yes := desk.RoleLead, false, true
	if _, err := f.app.EditAgent(t.Context(), app.By{}, "bo@acme.example", app.AgentEdit{Role: &lead}); err != nil {
		t.Fatal(err)
	}
	if who, err := f.session(t.Context(), bo); err != nil || !who.May(desk.ScopePublish) || who.May(desk.ScopeAdmin) {
		t.Errorf("%+v, %v", who, err)
	}
	for _, disabled := range []*bool{&yes, &no} {
		if _, err := f.app.EditAgent(t.Context(), app.By{}, "bo@acme.example", app.AgentEdit{Disabled: disabled}); err != nil {
			t.Fatal(err)
		}
		if f.signedIn(t, bo) {
			t.Error("a session outlives its agent's being disabled")
		}
	}
	_, err = f.app.EditAgent(t.Context(), app.By{}, ana.Email, app.AgentEdit{Disabled: &yes})
	wantCode(t, "disabling the only admin", err, desk.CodeConflict)
	for _, wrong := range []Secret{{}, SecretOf("x"), SecretOf(two.hash()), SecretOf(strings.Repeat("x", 1<<20))} {
		if f.signedIn(t, wrong) {
			t.Errorf("%q is a session", wrong.Reveal())
		}
	}
}

func TestChangePassword(t *testing.T) {
	f := newFixture(t, "https://help.acme.example")
	f.add(t, "ana@acme.example", desk.RoleAdmin)
	mine, others := f.signIn(t, "ana@acme.example"), f.signIn(t, "ana@acme.example")
	who, err := f.session(t.Context(), mine)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, "without the old one", f.ChangePassword(t.Context(), who, "", "entirely another one", f.from), desk.CodeForbidden)
	wantCode(t, "a bad one", f.ChangePassword(t.Context(), who, good, "123456789012", f.from), desk.CodeInvalid)
	if err := f.ChangePassword(t.Context(), who, good, "entirely another one", f.from); err != nil {
		t.Fatal(err)
	}
	if !f.signedIn(t, mine) || f.signedIn(t, others) {
		t.Error("this session should hold, others should have ended")
	}
	_, _, err = f.SignIn(t.Context(), "ana@acme.example", good, f.from)
	wantCode(t, "the old password", err, desk.CodeUnauthenticated)
	if _, _, err := f.SignIn(t.Context(), "ana@acme.example", "entirely another one", f.from); err != nil {
		t.Error(err)
	}
	wantCode(t, "removing the only way in", f.RemoveCredential(t.Context(), who.By(""), who.Agent.Email, passwordID), desk.CodeConflict)
}

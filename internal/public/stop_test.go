package public

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

const ana = desk.ActorID("https://m.example/users/" + reporterUser)

var codeOnPage = regexp.MustCompile(`earshot-[a-z2-7]{16}`)

// code asks for a code, as everyone can, for every person.
func (p *place) code(what string) string {
	p.Helper()
	p.peers.people["@ana@m.example"] = ana
	w := p.post("/stop", url.Values{"who": {"@ana@m.example"}, "what": {what}})
	code := codeOnPage.FindString(w.Body.String())
	if w.Code != http.StatusOK || code == "" {
		p.Fatalf("asking for a code: %d\n%s", w.Code, w.Body)
	}
	wellFormed(p.T, w.Body.String())
	if w.Header().Get("Cache-Control") != "no-store" {
		p.Errorf("the code may be kept: %v", w.Header())
	}
	return code
}

func (p *place) checkCode(what string, want int) string {
	p.Helper()
	w := p.post("/stop/check", url.Values{"actor": {string(ana)}, "what": {what}})
	if w.Code != want {
		p.Errorf("checking: %d, want %d\n%s", w.Code, want, w.Body)
	}
	wellFormed(p.T, w.Body.String())
	return w.Body.String()
}

func TestStop(t *testing.T) {
	p := newPlace(t)
	i := p.report(nil)
	wants(t, p.page("/stop"), "#nobot", "@relay@acme.example", `name="who"`)
	code := p.code("alone")
	p.leftAlone(ana, false)

	p.peers.profiles[ana] = "Hello, I am Ana."
	wants(t, p.checkCode("alone", http.StatusUnprocessableEntity), "not in that profile yet", code)
	p.leftAlone(ana, false)

	p.peers.profiles[ana] = "Hello, I am Ana. " + code
	wants(t, p.checkCode("alone", http.StatusOK), "You are left alone")
	p.leftAlone(ana, true)
	if got := must(p.app.ShowIssue(t.Context(), i))(t).Issue.Silenced; got != desk.SilenceStop {
		t.Errorf("the issue is silenced by %q", got)
	}
	if !p.kept(ana) {
		t.Error("who only wants to be left alone is forgotten")
	}
}

// kept says whether we store a person's profile.
func (p *place) kept(who desk.ActorID) (ok bool) {
	p.Helper()
	check(p.T, p.app.View(p.Context(), func(tx *app.Tx) (err error) {
		_, ok, err = tx.Actors().Get(who)
		return err
	}))
	return ok
}

func TestForget(t *testing.T) {
	p := newPlace(t)
	i := p.report(nil)
	p.peers.profiles[ana] = p.code("forget")
	wants(t, p.checkCode("forget", http.StatusOK), "You are forgotten")
	p.leftAlone(ana, true)
	if p.kept(ana) {
		t.Error("the profile is still there")
	}
	check(t, p.app.View(t.Context(), func(tx *app.Tx) error {
		posts, _, err := tx.Posts().ByIssue(i, store.Page{})
		for _, post := range posts {
			if post.Author == ana && (!post.Deleted || post.Text != "" || post.HTML != "") {
				t.Errorf("still there: %q", post.Text)
			}
		}
		return err
	}))
	wants(t, p.checkCode("forget", http.StatusOK), "You are forgotten") // asking twice does no harm
}

// Nobody can opt out for another person: typing their handle gives a code, but
// it works only in their profile.
func TestNobodyOptsOutForAnotherPerson(t *testing.T) {
	p := newPlace(t)
	alone, forget := p.code("alone"), p.code("forget")
	if alone == forget {
		t.Fatal("one code for two things")
	}
	mallory := desk.ActorID("https://m.example/users/mallory")
	p.peers.people["@mallory@m.example"] = mallory
	other := codeOnPage.FindString(p.post("/stop", url.Values{"who": {"@mallory@m.example"}, "what": {"alone"}}).Body.String())
	if other == alone {
		t.Fatal("one code for two people")
	}
	for name, profile := range map[string]string{
		"nothing":                "I am Ana.",
		"another person's":       other,
		"a code without its end": alone[:len(alone)-1],
	} {
		p.peers.profiles[ana] = profile
		p.checkCode("alone", http.StatusUnprocessableEntity)
		p.leftAlone(ana, false)
		t.Log(name)
	}
	// The code to be left alone cannot be used to be forgotten.
	p.peers.profiles[ana] = alone
	p.checkCode("forget", http.StatusUnprocessableEntity)
	p.leftAlone(ana, false)
	// An old code, still in the profile, is not valid.
	p.clock.Advance(3 * codeDays)
	p.checkCode("alone", http.StatusUnprocessableEntity)
	p.leftAlone(ana, false)
}

const codeDays = 24 * 60 * 60 * 1e9

func TestStopPageNamesTheMistake(t *testing.T) {
	p := newPlace(t)
	for who, said := range map[string]string{
		"nonsense":            "That is not a handle.",
		"":                    "That is not a handle.",
		`"><script>alert(1)`:  "That is not a handle.",
		"@help@acme.example":  "this server itself",
		"@nobody@m.example":   "There is no such account.",
		"https://m.example/x": "There is no such account.",
	} {
		w := p.post("/stop", url.Values{"who": {who}})
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", who, w.Code)
		}
		wellFormed(t, w.Body.String())
		wants(t, w.Body.String(), said)
		lacks(t, w.Body.String(), "<script>")
	}
	p.peers.down = true
	wants(t, p.post("/stop", url.Values{"who": {"@a@m.example"}}).Body.String(), "does not answer at the moment")
	for _, actor := range []string{"", "nonsense", "javascript:alert(1)", "https://social.acme.example/desks/help"} {
		if w := p.post("/stop/check", url.Values{"actor": {actor}}); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("actor %q: %d", actor, w.Code)
		}
	}
}

// A profile's words are looked through and never shown; a name is shown as text.
func TestARemoteActorIsInert(t *testing.T) {
	p := newPlace(t)
	bad := `@<script>alert(1)</script>"onx='@m.example`
	p.peers.people["@ana@m.example"] = desk.ActorID(`https://m.example/"><script>alert(2)</script>`)
	p.peers.shown = bad
	w := p.post("/stop", url.Values{"who": {"@ana@m.example"}})
	wellFormed(t, w.Body.String())
	lacks(t, w.Body.String(), "<script")
	wants(t, w.Body.String(), "&lt;script&gt;", codeOnPage.FindString(w.Body.String()))

	p.peers.profiles[ana] = `<script>alert(3)</script> ` + p.code("alone")
	p.peers.shown = bad
	page := p.checkCode("alone", http.StatusOK)
	lacks(t, page, "<script", "alert(3)")
}

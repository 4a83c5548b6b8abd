package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
	"earshot/store"
)

// typed is what the composer's text is on the page.
func (s *screen) typed() string {
	s.Helper()
	return browser.Eval[string](s.Tab, "document.querySelector('#text')?.value ?? 'no form'")
}

// focus leads to the end of the composer's text.
func (s *screen) focus() {
	s.Helper()
	browser.Eval[bool](s.Tab, "(t => { t.focus(); t.setSelectionRange(t.value.length, t.value.length); return true })(document.querySelector('#text'))")
}

// Typed words survive all that is done beside them, and are on every device.
func TestDraftSurvives(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	s := r.screen(browser.View{})
	page := "/console/issues/" + string(issue) + "?view=all"
	s.open(page)
	signIn(bo)(s.Tab)
	words := ""
	after := func(what string, leave func()) {
		t.Helper()
		s.focus()
		s.press(what + " ")
		words += what + " "
		leave()
		if got := s.typed(); got != words {
			t.Fatalf("after %s the draft is %q, not %q", what, got, words)
		}
	}
	after("mine", func() { s.click("#mine") })
	after("status", func() {
		s.press(kb.Escape + "s")
		s.click("#status-menu button[value=in_progress]")
	})
	after("reload", func() { s.open(page) })
	after("escape", func() {
		s.press(kb.Escape)
		s.leaves(kb.Escape)
		s.wants("#list .line", "draft")
		s.open(page)
	})
	phone := r.screen(browser.Phone())
	phone.open(page)
	signIn(bo)(phone.Tab)
	if got := phone.typed(); got != words {
		t.Errorf("on the phone the draft is %q, not %q", got, words)
	}
	phone.wants("#composer .kept", "not sent yet")

	// Their session ends while they write.
	s.focus()
	check(t, r.accounts.EndSessions(t.Context(), app.By{}, bo))
	s.press("signed out ")
	words += "signed out "
	s.sees("document.querySelector('.signed-out') != null")
	s.wants("#toast", "You are signed out")
	s.click("#toast a")
	signIn(bo)(s.Tab)
	if got := s.typed(); got != words {
		t.Errorf("after signing in again the draft is %q, not %q", got, words)
	}

	// It ends unseen, and they sign in on a page of their own.
	s.focus()
	s.press("and elsewhere ")
	words += "and elsewhere "
	check(t, r.accounts.EndSessions(t.Context(), app.By{}, bo))
	s.send()
	s.sees("document.querySelector('[data-typed]') != null")
	s.open("/console/sign-in?to=" + url.QueryEscape(page))
	signIn(bo)(s.Tab)
	if got := s.typed(); got != words {
		t.Errorf("after signing in elsewhere the draft is %q, not %q", got, words)
	}

	s.focus()
	s.send()
	s.wants("#timeline", strings.TrimSpace(words))
	if got := s.typed(); got != "" {
		t.Errorf("after it was sent the draft is %q", got)
	}
	s.open(page)
	if ds, err := r.app.Drafts(t.Context(), bo); err != nil || len(ds) > 0 || s.typed() != "" {
		t.Errorf("after it was sent there are %d drafts, and the form has %q (%v)", len(ds), s.typed(), err)
	}
}

// Without a script, a button keeps what was typed, and so does every answer that is
// not the expected one.
func TestDraftWithoutScript(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	on, page := app.DraftOnIssue(issue), "/console/issues/"+string(issue)
	b := r.signedIn(bo)
	b.get(page).wants(t, http.StatusOK, `formaction="/console/drafts"`)
	form := func(text string) url.Values {
		return url.Values{"on": {on}, "text": {text}, "audience": {"quiet"}, "status": {"waiting"}}
	}
	b.post("/console/drafts", form("Which <street>?")).wants(t, http.StatusOK, "Kept. Only you see it.", "Which &lt;street&gt;?</textarea>", "not sent yet", `value="waiting" selected`)
	b.get("/console/issues").wants(t, http.StatusOK, `<b class="draft">`)
	r.agent("cy@acme.example", "Cy Cole", desk.RoleAgent)
	r.signedIn("cy@acme.example").get(page).lacks(t, "Which &lt;street&gt;?")

	long := form(strings.Repeat("long ", 3000))
	b.post(page+"/say", long).wants(t, http.StatusUnprocessableEntity, "long long")
	b.get(page).wants(t, http.StatusOK, "Which &lt;street&gt;?</textarea>") // the newest that can be kept
	b.post("/console/drafts/discard", form("")).wants(t, http.StatusOK, "Discarded.")
	b.get(page).lacks(t, "Which &lt;street&gt;?", "not sent yet")

	// Signed out, the page on which one signs in has the words.
	check(t, r.accounts.EndSessions(t.Context(), app.By{}, bo))
	in := b.post(page+"/say", form(`They <said> "no"`))
	in.wants(t, http.StatusUnauthorized, "Your words are kept.", `name="text" value="They &lt;said&gt; &#34;no&#34;"`, `name="back" value="`+page+`"`)
	again := form(`They <said> "no"`)
	for name, value := range map[string]string{"back": page, "email": string(bo), "password": "wrong"} {
		again.Set(name, value)
	}
	b.post("/console/sign-in", again).wants(t, http.StatusUnauthorized, `name="text" value="They`)
	again.Set("password", password)
	b.post("/console/sign-in", again).wants(t, http.StatusOK, `They &lt;said&gt; &#34;no&#34;</textarea>`)
}

// A new text of a post that was sent, and a broadcast, are kept alike.
func TestDraftsOfOtherForms(t *testing.T) {
	r := newRoom(t)
	r.agent(ada, "Ada Alt", desk.RoleAdmin)
	issue := r.report("ana", "My line is down")
	said := must(r.app.Comment(t.Context(), app.By{Agent: ada}, issue, "First"))(t)
	b := r.signedIn(ada)
	page := "/console/issues/" + string(issue) + "?view=all"
	b.post("/console/drafts", url.Values{"on": {app.DraftOnPost(said.ID)}, "issue": {string(issue)}, "text": {"Second, half"}}).wants(t, http.StatusOK, `<details class="edit" open>`, "Second, half</textarea>")
	b.post("/console/posts/edit", url.Values{"post": {string(said.ID)}, "issue": {string(issue)}, "text": {"Second, whole"}}).wants(t, http.StatusOK, "Second, whole")
	b.get(page).lacks(t, "Second, half", `<details class="edit" open>`)

	b.post("/console/drafts", url.Values{"on": {app.DraftOnDesk("help")}, "text": {"At five we"}, "language": {"en"}}).wants(t, http.StatusOK, "At five we</textarea>", "not sent yet")
	b.post("/console/broadcasts", url.Values{"desk": {"help"}, "text": {"At five we work"}}).wants(t, http.StatusOK, "At five we work")
	b.get("/console/broadcasts").lacks(t, "At five we</textarea>")

	// The desk that one speaks for stays chosen.
	must(r.app.AddDesk(t.Context(), app.By{}, desk.Desk{Handle: "trams", Name: "ACME Trams"}))(t)
	const chosen = `<input type="hidden" name="desk" value="trams">`
	b.post("/console/broadcasts", url.Values{"desk": {"trams"}, "text": {"No trams"}}).wants(t, http.StatusOK, "No trams", chosen)
	sent, _, err := r.app.Broadcasts(t.Context(), "trams", store.Page{})
	check(t, err)
	b.post("/console/broadcasts/undo", url.Values{"post": {string(sent[0].Post.ID)}}).wants(t, http.StatusOK, chosen)
}

// Beside the words, a draft keeps the box of the warning and the chosen reporter: with a
// script, without, and through signing in again.
func TestDraftKeepsChoices(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue, part := r.report("ana", "My line is down"), r.report("ben", "No light here")
	r.warn(issue, "a rant", true)
	r.warn(part, "a rant", true)
	b := r.signedIn(bo)
	page := "/console/issues/" + string(issue)
	b.post(page+"/merge", url.Values{"other": {string(part)}}).wants(t, http.StatusOK, "Merged.", `name="warning" checked`)
	chosen := `<option value="` + string(part) + `" selected>`
	is := func(what, body string) {
		t.Helper()
		if !strings.Contains(body, chosen) || strings.Contains(body, `name="warning" checked`) || !strings.Contains(body, `name="warning">`) {
			t.Errorf("%s: the choices are lost", what)
		}
	}
	form := url.Values{"on": {app.DraftOnIssue(issue)}, "text": {"Which street?"}, "audience": {"quiet"}, "only": {string(part)}, "warned": {"on"}}
	is("kept by the button", b.post("/console/drafts", form).body)
	is("on the next visit", b.get(page).body)
	b.post("/console/drafts/discard", form).wants(t, http.StatusOK, `name="warning" checked`)

	check(t, r.accounts.EndSessions(t.Context(), app.By{}, bo))
	b.post(page+"/say", form).wants(t, http.StatusUnauthorized, `name="only" value="`+string(part), `name="warned" value="on"`)
	for name, value := range map[string]string{"back": page, "email": string(bo), "password": password} {
		form.Set(name, value)
	}
	is("after signing in again", b.post("/console/sign-in", form).body)
	b.post("/console/drafts/discard", form)

	s := r.screen(browser.View{})
	s.open(page)
	signIn(bo)(s.Tab)
	s.focus()
	s.press("Which house?")
	browser.Eval[bool](s.Tab, "(f => { f.elements.only.value = '"+string(part)+"'; f.elements.only.dispatchEvent(new Event('change', {bubbles: true})); f.elements.warning.click(); return true })(document.querySelector('#composer'))")
	s.open(page)
	if got := s.typed(); got != "Which house?" || !s.is("!document.querySelector('#composer').elements.warning.checked") || s.reads("#composer [name=only] option:checked") == "" {
		t.Errorf("after a reload the form has %q", got)
	}
	s.sees("document.querySelector('#composer').elements.only.value === '" + string(part) + "'")
}

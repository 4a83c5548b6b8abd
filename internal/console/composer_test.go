package console

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
	"earshot/store"
)

// lastSaid is our last post in an issue.
func (r *room) lastSaid(issue desk.IssueID) (p desk.Post) {
	r.Helper()
	for _, e := range must(r.app.ShowIssue(r.Context(), issue))(r.T).Timeline {
		if e.Post != nil && e.Post.Ours() {
			p = *e.Post
		}
	}
	return p
}

// A form that is sent with Enter from one of its small fields goes to the
// chosen audience, not to the audience of its first button.
func TestEnterSendsToTheChosenAudience(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	s := r.screen(browser.View{})
	s.open("/console/issues/" + string(issue))
	signIn(bo)(s.Tab)
	s.Tab.Do(chromedp.Click(chromedp.CSS(".composer input[value=direct]")), chromedp.SendKeys(chromedp.CSS("#text"), "Your number, please?"),
		chromedp.Click(chromedp.CSS(".composer .more summary")), chromedp.Focus(chromedp.CSS(".composer input[name=next]")))
	s.leaves(kb.Enter)
	if p := r.lastSaid(issue); p.Visibility != desk.VisibilityDirect || !strings.HasPrefix(p.Text, "Your number") {
		t.Errorf("%q went out %s", p.Text, p.Visibility)
	}
	s.calm()
}

var undoForm = regexp.MustCompile(`/undo">.*?name="post" value="([^"]+)"`)

// Of two replies that can be taken back, the button takes back the one beside
// it.
func TestUndoTakesTheChosenReply(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	by := app.By{Agent: bo}
	first := must(r.app.Reply(t.Context(), by, app.ReplyInput{Issue: issue, Text: "Which house?"}))(t)
	must(r.app.Reply(t.Context(), by, app.ReplyInput{Issue: issue, Text: "And which street?"}))(t)
	b := r.signedIn(bo)
	forms := undoForm.FindAllStringSubmatch(b.get("/console/issues/"+string(issue)).body, -1)
	if len(forms) != 2 || forms[0][1] != string(first.ID) {
		t.Fatalf("%q can be taken back", forms)
	}
	b.post("/console/issues/"+string(issue)+"/undo", url.Values{"post": {forms[0][1]}}).wants(t, http.StatusOK, "Undone", "And which street?")
	for _, e := range must(r.app.ShowIssue(t.Context(), issue))(t).Timeline {
		if e.Post == nil || e.Event.Kind != desk.KindReply {
			continue
		}
		if undone := e.Post.State == desk.PostUndone; undone != (e.Post.ID == first.ID) {
			t.Errorf("%q is %s", e.Post.Text, e.Post.State)
		}
	}
}

// A post that arrives after the warning causes another warning.
func TestEntryAfterTheWarningWarnsAgain(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	b := r.signedIn(bo)
	page := b.get("/console/issues/" + string(issue))
	for _, text := range []string{"The cabinet is on fire", "It is out again"} {
		r.clock.Advance(time.Minute)
		must(r.app.Comment(t.Context(), app.By{Agent: "cy@acme.example"}, issue, text))(t)
		form := page.form()
		form.Set("text", "Which street?")
		form.Set("to", "quiet")
		page = b.post("/console/issues/"+string(issue)+"/say", form)
		page.wants(t, http.StatusConflict, "Meanwhile cy@acme.example commented", text, "Which street?</textarea>")
	}
	form := page.form()
	form.Set("text", "Which street?")
	form.Set("to", "quiet")
	b.post("/console/issues/"+string(issue)+"/say", form).wants(t, http.StatusOK, "Undo</button>")
}

// The counter counts to the limit of the reporter's server, says whose limit it
// is, and does not disturb a screen reader until the text is too long.
func TestCounter(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	check(t, r.app.Update(t.Context(), func(tx *app.Tx) error {
		return tx.Hosts().Put(store.HostState{Host: "m.example", MaxCharacters: 1500, MaxCharactersAt: tx.Now})
	}))
	b := r.signedIn(bo)
	b.get("/console/issues/"+string(issue)).wants(t, http.StatusOK, "up to 1,500 characters on m.example", `data-limit="1500"`)
	b.in("de", "/console/issues/"+string(issue)).wants(t, http.StatusOK, "bis zu 1.500 Zeichen auf m.example")

	s := r.screen(browser.View{})
	s.open("/console/issues/" + string(issue))
	signIn(bo)(s.Tab)
	s.press("r")
	s.press("Which street?")
	s.wants("#count", "13 of 1,500 on m.example")
	told := "document.querySelector('#over').textContent"
	if s.is(told) || s.is("document.querySelector('#count').closest('output, [role=status], [aria-live]')") {
		t.Error("a screen reader is told of every letter")
	}
	s.Tab.Do(chromedp.SetValue(chromedp.CSS("#text"), strings.Repeat("n", 1501)))
	s.press("x")
	s.wants("#count", "1,502 of 1,500 on m.example", "may cut it off")
	if !s.is(told) {
		t.Error("nobody is told that it is too long")
	}
	s.Tab.Do(chromedp.Click(chromedp.CSS(".composer input[value=comment]")))
	if s.is(told) || s.reads("#count") != "" {
		t.Errorf("a comment has no limit of theirs: %q", s.reads("#count"))
	}
	s.calm()
}

// Keys lead where they say; where no reply may be sent, none leads into a
// comment instead.
func TestShortcutsReachTheirPlace(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	s := r.screen(browser.View{})
	s.open("/console/issues/" + string(issue))
	signIn(bo)(s.Tab)
	focused := func(selector string) bool { return s.is("document.activeElement?.matches('" + selector + "')") }
	for key, selector := range map[string]string{"a": "#owner-menu .menu button", "s": "#status-menu .menu button", "z": "#snooze .menu button", "r": "#text", "/": "#search"} {
		s.press(key)
		if !focused(selector) {
			t.Errorf("%s does not lead to %s", key, selector)
		}
		s.press(kb.Escape)
	}
	check(t, r.app.BlockedUs(t.Context(), "https://m.example/users/ana", "help"))
	s.open("/console/issues/" + string(issue))
	for _, key := range []string{"r", "w", "e"} {
		s.press(key)
		if focused("#text") {
			t.Errorf("%s leads into a comment where no reply may be sent", key)
			s.press(kb.Escape)
		}
	}
	s.press("n")
	if !focused("#text") {
		t.Error("n does not lead into a comment")
	}
}

package console

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

// library skips a test of live pages where the browser library is not built in.
func (r *room) library() {
	r.Helper()
	if len(r.desks.assets.Scripts) == 1 {
		r.Skip("the console is built without its browser library: make assets brings it")
	}
}

// Live changes leave an agent's work alone: their choice, their focus, their
// selection. One reload of the page shows all changes, and the agent's own
// actions cause no reload.
func TestLiveLeavesWorkAlone(t *testing.T) {
	r := newRoom(t)
	r.library()
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent("cy@acme.example", "Cy Cole", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	s := r.screen(browser.View{})
	s.open("/console/issues")
	signIn(bo)(s.Tab)
	s.open("/console/issues/" + string(issue))
	s.listening()
	comment := func(text string) {
		t.Helper()
		r.clock.Advance(time.Second)
		must(r.app.Comment(t.Context(), app.By{Agent: "cy@acme.example"}, issue, text))(t)
	}
	shows := func(text string) string {
		return `document.querySelector('#timeline').textContent.includes('` + text + `')`
	}

	browser.Eval[bool](s.Tab, `(document.querySelector('#status-menu details').open = true)`)
	s.Tab.Do(chromedp.SetValue(chromedp.CSS("#beside input[name=next]"), "the water works"))
	comment("first")
	s.sees(shows("first"))
	if !s.is(`document.querySelector('#beside input[name=next]').value === 'the water works'`) {
		t.Error("what was chosen is gone")
	}
	if n := r.looks(issue); n != 2 {
		t.Errorf("the page was asked for %d times: once to open it, once for a comment", n)
	}
	s.wants("#told", "Cy Cole")

	s.Tab.Do(chromedp.Focus(chromedp.CSS("#timeline a")))
	comment("second")
	s.sees(`document.querySelector('#about').isConnected && document.querySelector('#timeline').hasAttribute('data-waits')`)
	if s.is(shows("second")) || !s.is(`document.activeElement.matches('#timeline a')`) {
		t.Error("the keys were taken away from a link")
	}
	s.Tab.Do(chromedp.Focus(chromedp.CSS("#text")))
	s.sees(shows("second"))

	browser.Eval[bool](s.Tab, `(getSelection().selectAllChildren(document.querySelector('.said .words')), true)`)
	comment("third")
	s.sees(`document.querySelector('#timeline').hasAttribute('data-waits')`)
	if !s.is(`getSelection().toString().includes('My line is down')`) {
		t.Error("what was marked is gone")
	}
	browser.Eval[bool](s.Tab, `(getSelection().removeAllRanges(), true)`)
	s.sees(shows("third"))
	s.calm()
}

// A page that warned of something goes on being live.
func TestLiveAfterAWarning(t *testing.T) {
	r := newRoom(t)
	r.library()
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	s := r.screen(browser.View{})
	s.open("/console/issues")
	signIn(bo)(s.Tab)
	s.open("/console/issues/" + string(issue))
	s.press("r")
	s.press("Send me your password")
	s.send()
	s.wants("#composer", "password")
	s.listening()
	must(r.app.Comment(t.Context(), app.By{Agent: "cy@acme.example"}, issue, "Never ask for one"))(t)
	s.sees(`document.querySelector('#timeline').textContent.includes('Never ask for one')`)
}

// Actions of colleagues in other issues are no news; a reporter's post is.
func TestWhatIsNews(t *testing.T) {
	r := newRoom(t)
	r.library()
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	must(r.app.AddDesk(t.Context(), app.By{}, desk.Desk{Handle: "night", Name: "Night", Names: []string{"acmenight"}}))(t)
	elsewhere := r.report("ben", "No power")
	s := r.screen(browser.View{})
	s.open("/console/issues")
	signIn(bo)(s.Tab)
	s.open("/console/issues?view=mine")
	s.listening()
	quiet := `document.querySelector('#news').hidden`
	by := app.By{Agent: "cy@acme.example"}
	must(r.app.Comment(t.Context(), by, elsewhere, "one"))(t)
	must(r.app.Comment(t.Context(), by, elsewhere, "two"))(t)
	// Both have arrived when the next event has.
	r.heard(s, elsewhere)
	if !s.is(quiet) {
		t.Error("what a colleague comments elsewhere is news")
	}
	s.open("/console/issues?desk=night")
	s.listening()
	r.follows("ben", "https://m.example/o/more", string(must(r.app.ShowIssue(t.Context(), elsewhere))(t).Issue.Report), "Still none")
	r.heard(s, elsewhere)
	if !s.is(quiet) {
		t.Error("another desk's event counts as news")
	}
	s.open("/console/issues?view=mine")
	s.listening()
	r.follows("ben", "https://m.example/o/more2", string(must(r.app.ShowIssue(t.Context(), elsewhere))(t).Issue.Report), "Still none at all")
	s.sees("!" + quiet)
	s.calm()
}

// heard waits until everything that happened so far has reached a page.
func (r *room) heard(s *screen, at desk.IssueID) {
	r.Helper()
	browser.Eval[bool](s.Tab, `(document.addEventListener('presence', (e) => { window.last = e.detail.data; }), true)`)
	check(r.T, r.app.Attend(r.Context(), app.By{Agent: "cy@acme.example"}, at, app.PresenceReading))
	s.sees(`window.last?.includes('looks')`)
}

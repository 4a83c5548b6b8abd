package console

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

// sendNext presses Ctrl+Shift+Enter, which sends and opens the next one.
func (s *screen) sendNext() {
	s.Helper()
	s.Release(browser.Press(kb.Enter, chromedp.ModifierCtrl, chromedp.ModifierShift))
}

// answered says whether the last word in an issue is ours.
func (r *room) answered(issue desk.IssueID) bool {
	r.Helper()
	timeline := must(r.app.ShowIssue(r.Context(), issue))(r.T).Timeline
	return timeline[len(timeline)-1].Event.Kind == desk.KindReply
}

// Ctrl+Shift+Enter sends and opens the next issue of the list whose reporter waits: two
// keys beside the words, and no page is loaded. Back leads to what was answered, forward to
// the next one again.
func TestSendAndNext(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	first, second := r.report("ana", "My line is down"), r.report("ben", "No light here")
	s := r.screen(browser.View{})
	s.open("/console/issues")
	signIn(bo)(s.Tab)
	s.open("/console/issues/" + string(first) + "?view=open")
	s.listening()
	loads := s.Loads()
	next := func(words string) {
		s.press("r") // the first key
		s.press(words)
		s.sendNext() // the second
	}
	next("Which street?")
	s.wants("#thread", "No light here")
	s.wants("#toast", "Your reply goes out in a moment")
	if !r.answered(first) || r.answered(second) {
		t.Errorf("answered: the first %t, the second %t", r.answered(first), r.answered(second))
	}
	for what, ok := range map[string]bool{
		"the address is the next one's":    s.is(`location.pathname === "/console/issues/` + string(second) + `"`),
		"so is the title":                  s.is(`document.title.includes("No light here")`),
		"the focus is on who reports":      s.is(`document.activeElement.matches("#thread h1")`),
		"the list marks it":                s.is(`document.querySelector(".line[aria-current]").textContent.includes("No light here")`),
		"the list says that ana's is ours": s.is(`[...document.querySelectorAll(".line")].find((a) => a.textContent.includes("My line")).textContent.includes("Bo Berg")`),
		"the composer is the next one's":   s.is(`document.querySelector("#composer").action.includes("` + string(second) + `") && document.querySelector("#text").value === ""`),
		"the counter counts":               strings.Contains(s.reads("#count"), "500"),
		"the page still follows":           s.is(`document.querySelector("#live")?._htmx?.sse?.status === 200`),
	} {
		if !ok {
			t.Errorf("not so: %s", what)
		}
	}
	// Typed words survive the way back and forth.
	s.press("r")
	s.press("Is the")
	s.Release(chromedp.NavigateBack())
	s.wants("#thread", "Which street?")
	s.wants("#toast", "")
	s.Release(chromedp.NavigateForward())
	s.wants("#thread", "No light here")
	s.sees(`document.querySelector("#text").value === "Is the"`)
	next(" lamp on?")
	if !r.answered(second) {
		t.Error("the second one is not answered")
	}
	s.wants("#thread", "Choose")
	if more := s.Loads() - loads; more != 0 {
		t.Errorf("%d pages are loaded", more)
	}
	s.calm()
}

// Following the list loads no page either; another section is loaded.
func TestListIsPatched(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.report("ana", "My line is down")
	r.report("ben", "No light here")
	s := r.screen(browser.View{})
	s.open("/console/issues")
	signIn(bo)(s.Tab)
	s.open("/console/issues?view=open")
	s.listening()
	loads := s.Loads()
	s.Tab.Do(chromedp.Click(chromedp.CSS(".tick input")))
	s.press("j")
	s.leaves(kb.Enter)
	s.press("j")
	s.leaves(kb.Enter)
	if !s.is(`document.querySelectorAll(".tick input:checked").length === 1 && !document.querySelector("#all-marked").hidden`) {
		t.Error("what was marked in the list is lost")
	}
	s.leaves("gm")
	s.wants("#list", "No issue is assigned to you")
	s.leaves("go")
	s.press("j")
	s.leaves(kb.Enter)
	s.leaves("m") // a menu's act
	s.Release(chromedp.NavigateBack())
	s.leaves(kb.Escape)
	if more := s.Loads() - loads; more != 0 {
		t.Errorf("%d pages are loaded", more)
	}
	s.click(`a[href="/console/incidents"]`)
	if more := s.Loads() - loads; more != 1 {
		t.Errorf("%d pages are loaded, want that of the incidents", more)
	}
	s.Release(chromedp.NavigateBack())
	s.wants("#list", "My line is down")
	s.calm()
}

// A visit that does not reach the server leaves the page and the words as they are, and says so.
func TestServerOutOfReach(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	first := r.report("ana", "My line is down")
	second := r.report("ben", "No light here")
	s := r.screen(browser.View{})
	s.open("/console/issues/" + string(first) + "?view=open")
	signIn(bo)(s.Tab)
	to := `.line[href^="/console/issues/` + string(second) + `"]`
	s.press("r")
	s.press("Which street?")
	s.is(`(window.reached = window.fetch, window.fetch = () => Promise.reject(new TypeError("out of reach")), true)`)
	s.Tab.Do(chromedp.Click(chromedp.CSS(to)))
	s.wants("#toast", "The server cannot be reached.")
	if !s.is(`document.querySelector("#text").value === "Which street?" && document.querySelector('.line[aria-current]').pathname.endsWith("` + string(first) + `")`) {
		t.Error("the words are lost, or another issue seems to be open")
	}
	s.calm()
}

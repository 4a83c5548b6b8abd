package console

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

// sending is an agent whose reply to ana is under way, until open is called.
func sending(t *testing.T) (s *screen, ana, ben desk.IssueID, open func()) {
	t.Helper()
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	ana, ben = r.report("ana", "My line is down"), r.report("ben", "No light here")
	s = r.screen(browser.View{})
	s.open("/console/issues")
	signIn(bo)(s.Tab)
	s.open("/console/issues/" + string(ben) + "?view=all")
	s.listening()
	s.Release(chromedp.Click(chromedp.CSS(`.line[href*="` + string(ana) + `"]`)))
	s.press("r")
	s.press("Which street?")
	r.gate.hold(2, "/say")
	open = func() { r.gate.pass(&http.Request{Method: http.MethodPost, URL: &url.URL{Path: "/say"}}) }
	t.Cleanup(func() { go open(); go open() }) // a test that fails leaves nothing that waits
	return s, ana, ben, open
}

// sends presses Ctrl+Enter, and comes back before there is an answer.
func (s *screen) sends() {
	s.Helper()
	s.Tab.Do(browser.Press(kb.Enter, chromedp.ModifierCtrl))
	s.sees(`document.querySelector("#thread[aria-busy]") !== null`)
}

// Words that are typed while a reply is sent would be lost with the form: the words stay as they are.
func TestWordsStayWhileTheyAreSent(t *testing.T) {
	s, ana, _, open := sending(t)
	s.sends()
	s.press(" And the house?")
	if got := browser.Eval[string](s.Tab, `document.querySelector("#text").value`); got != "Which street?" {
		t.Errorf("the form that is sent takes other words: %q", got)
	}
	open()
	s.sees(`document.querySelector("#timeline").textContent.includes("Which street?")`)
	s.press("r")
	s.press("And the house?")
	if !s.answered(ana) || !s.is(`document.querySelector("#text").value === "And the house?"`) {
		t.Error("the next words are not taken")
	}
	s.calm()
}

// A press on another issue while a reply is sent is followed after the answer.
func TestPressWhileSendingIsFollowed(t *testing.T) {
	s, ana, ben, open := sending(t)
	s.sends()
	s.Tab.Do(chromedp.Click(chromedp.CSS(`.line[href*="` + string(ben) + `"]`)))
	if !s.is(`document.querySelector(".line[aria-current]").textContent.includes("My line is down")`) {
		t.Error("the list marks an issue that is not shown")
	}
	open()
	s.sees(`document.querySelector("#thread").textContent.includes("No light here")`)
	s.wants("#toast", "Your reply goes out in a moment")
	if !s.answered(ana) || !s.is(`location.pathname.endsWith("`+string(ben)+`")`) {
		t.Error("the address is another's")
	}
	s.calm()
}

// A press in a menu while a reply is sent is done after the answer.
func TestMenuWhileSending(t *testing.T) {
	s, ana, _, open := sending(t)
	s.sends()
	browser.Eval[any](s.Tab, `document.querySelector('#status-menu button[value="in_progress"]').click()`)
	open()
	s.sees(`document.querySelector("#status-menu summary")?.textContent.includes("in progress") && !document.querySelector("#thread[aria-busy]")`)
	if status := must(s.app.ShowIssue(s.Context(), ana))(s.T).Issue.Status; status != desk.StatusInProgress || !s.is(`document.querySelector("#timeline").textContent.includes("Which street?")`) {
		t.Errorf("the reply or the press is lost: %s", status)
	}
	s.calm()
}

// So is Back. But what comes back with a reason stays, with its address.
func TestBackWhileSending(t *testing.T) {
	s, ana, ben, open := sending(t)
	s.sends()
	browser.Eval[any](s.Tab, `history.back()`)
	s.sees(`location.pathname.endsWith("` + string(ben) + `")`)
	open()
	s.sees(`document.querySelector("#thread").textContent.includes("No light here")`)
	if !s.answered(ana) || !s.is(`location.pathname.endsWith("`+string(ben)+`")`) {
		t.Error("the address is another's")
	}
	s.Release(chromedp.Click(chromedp.CSS(`.line[href*="` + string(ana) + `"]`)))
	s.press("r")
	s.press("Please send us your password")
	s.gate.hold(2, "/say")
	s.sends()
	browser.Eval[any](s.Tab, `history.back()`)
	s.sees(`location.pathname.endsWith("` + string(ben) + `")`)
	open()
	s.sees(`document.querySelector(".composer .wrong:not(:empty)") !== null`)
	if !s.is(`location.pathname.endsWith("` + string(ana) + `")`) {
		t.Error("the address names another issue than is shown")
	}
}

// Without a network the page stays, with the words; another press sends them, once.
func TestNotSentStays(t *testing.T) {
	s, ana, _, open := sending(t)
	s.Offline(true)
	s.Tab.Do(browser.Press(kb.Enter, chromedp.ModifierCtrl))
	s.sees(`document.querySelector("#toast").textContent.includes("Not sent")`)
	s.press(" Or place?")
	s.Offline(false)
	if s.answered(ana) || !s.is(`document.querySelector("#text").value === "Which street? Or place?"`) {
		t.Error("the words are gone")
	}
	// A server that does not answer is waited for a minute.
	browser.Eval[any](s.Tab, `window.real = setTimeout, window.setTimeout = (what, ms, ...rest) => real(what, ms === 60000 ? (window.setTimeout = real, 1) : ms, ...rest), null`)
	browser.Eval[any](s.Tab, `document.querySelector("#toast").replaceChildren()`)
	s.Tab.Do(browser.Press(kb.Enter, chromedp.ModifierCtrl))
	s.sees(`document.querySelector("#toast").textContent.includes("Not sent")`)
	open()
	s.send()
	s.wants("#timeline", "Which street? Or place?")
	s.saidNow(ana, "reply pending")
}

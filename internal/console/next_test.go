package console

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

// Ctrl+Shift+Enter sends and opens the next issue of the list whose reporter waits.
func TestSendAndNext(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	first, second := r.report("ana", "My line is down"), r.report("ben", "No light here")
	s := r.screen(browser.View{})
	s.open("/console/issues")
	signIn(bo)(s.Tab)
	s.open("/console/issues/" + string(first) + "?view=open")
	next := func(words string) {
		s.press("r")
		s.Tab.Do(chromedp.SendKeys(chromedp.CSS("#text"), words))
		s.Release(browser.Press(kb.Enter, chromedp.ModifierCtrl, chromedp.ModifierShift))
	}
	next("Which street?")
	s.wants("#thread", "No light here")
	if v := must(r.app.ShowIssue(t.Context(), first))(t); len(v.Timeline) < 2 || v.Timeline[len(v.Timeline)-1].Event.Kind != desk.KindReply {
		t.Error("it is not sent")
	}
	if v := must(r.app.ShowIssue(t.Context(), second))(t); v.Timeline[len(v.Timeline)-1].Event.Kind == desk.KindReply {
		t.Error("it is sent to both")
	}
	s.calm()
}

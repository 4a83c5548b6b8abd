package console

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

// On a phone, by the keyboard: an admin says that the people of a server are not spoken
// to first, and the page shows that.
func TestNoFirstWordsInABrowser(t *testing.T) {
	r := newRoom(t)
	r.agent(ada, "Ada Alt", desk.RoleAdmin)
	s := r.screen(browser.Phone())
	s.open("/console/silence")
	signIn(ada)(s.Tab)
	s.Tab.Do(chromedp.Focus(chromedp.CSS("input[name=actor]")))
	s.press("chess.example\t" + "its admins asked")
	s.leaves(kb.Enter)
	s.wants("main", "chess.example", "no first words to people of this server: its admins asked")
	s.calm()
	if n := s.Overflows(); n > 0 {
		t.Errorf("the page is %d pixels wider than the phone", n)
	}
	s.click("form[action$=release] button")
	if got := s.reads("main"); got == "" || s.is(`document.querySelector('main').innerText.includes('its admins asked')`) {
		t.Errorf("it is removed, and the page says %s", got)
	}
}

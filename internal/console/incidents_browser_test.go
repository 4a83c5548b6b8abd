package console

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
	"earshot/store"
)

// On a phone, by the keyboard alone: an incident of two marked issues, taken back,
// published, an update from the words to begin with, and a link by choosing. What a
// colleague changes shows at once.
func TestIncidentByKeyboard(t *testing.T) {
	r := newRoom(t)
	r.library()
	r.agent(cy, "Cy Cole", desk.RoleLead)
	r.report("ana", "My line is down")
	r.report("ben", "No light here")
	cem := r.report("cem", "Still nothing")
	s := r.screen(browser.Phone())
	s.open("/console/issues")
	signIn(cy)(s.Tab)
	s.Tab.Do(browser.Press("?"), chromedp.WaitVisible(chromedp.CSS("#palette")))
	s.wants("#palette", "New incident", "Link to an incident")
	s.press(kb.Escape)
	s.sees(`!document.querySelector('dialog[open], dialog :focus')`) // the keyboard leaves it a moment later
	s.press("jxjx")
	s.leaves("i")
	s.wants("main", "My line is down", "No light here", "2 issues are linked to it")
	s.tabTo("input[name=title]", 25)
	s.press("No internet")
	s.tabTo("button[value=publish]", 25)
	s.leaves(kb.Enter)
	s.wants("main", "goes out in", "2 voices")
	s.leaves("u")
	s.wants("main", "nobody outside sees it")
	s.tabTo("form[action$=publish] button", 30)
	s.leaves(kb.Enter)
	at, _, _ := strings.Cut(browser.Ask(s.Tab, chromedp.Location()), "?")
	id := desk.IncidentID(at[strings.LastIndex(at, "/")+1:])
	r.publish(r.incidentNow(id).Root, store.Tally{Delivered: 2})

	s.Go(at)
	s.tabTo("#composer select[name=status]", 30)
	s.press("c") // cause found
	s.tabTo("button[formaction$=words]", 4)
	s.leaves(kb.Enter)
	if got := browser.Eval[string](s.Tab, "document.querySelector('#text').value"); got != "We have found the cause and are working on it." {
		t.Errorf("the words to begin with are %q", got)
	}
	s.tabTo("#text", 35)
	s.Tab.Do(browser.Press(kb.End, chromedp.ModifierCtrl))
	s.press(" A cable.")
	s.tabTo(".send-public", 5)
	s.leaves(kb.Enter)
	s.wants("#incident-updates", "cause found", "working on it. A cable.")
	r.publish(r.incidentNow(id).Updates[0].Post, store.Tally{Delivered: 2})

	s.open("/console/issues/" + string(cem))
	s.leaves("l")
	s.wants("main", "No internet", "Still nothing")
	s.tabTo("button[name=incident]", 25)
	s.leaves(kb.Enter)
	s.wants("#beside", "No internet", "cause found")
	s.wants("#open-incidents", "1")
	if n := r.incidentNow(id).Voices; n != 3 {
		t.Errorf("%d voices, want 3", n)
	}

	s.Go(at)
	s.listening()
	other := must(r.app.OpenIncident(t.Context(), app.By{}, app.IncidentInput{Desk: "help", Title: "No mail", Publish: true, Now: true}))(t)
	r.publish(other.Root, store.Tally{})
	s.sees(`document.querySelector('#open-incidents').textContent === '2'`)
	title := "No internet in Ostviertel"
	must(r.app.EditIncident(t.Context(), app.By{}, id, app.IncidentEdit{Title: &title}))(t)
	s.sees(`document.querySelector('#incident-about').textContent.includes('Ostviertel')`)
	if n := s.Overflows(); n > 0 {
		t.Errorf("the page is %d pixels wider than the window", n)
	}
	s.calm()
}

// What may be one incident stands above the list a moment after the list.
func TestSuggestionAboveTheList(t *testing.T) {
	r := newRoom(t)
	r.agent(cy, "Cy Cole", desk.RoleLead)
	r.sayCrowd(0, 6)
	s := r.screen(browser.Phone())
	s.open("/console/issues")
	signIn(cy)(s.Tab)
	s.sees(`document.querySelector('#suggestions').textContent.includes('6 people since')`)
	s.tabTo(".suggestion .act", 30)
	s.leaves(kb.Enter)
	s.wants("main", "6 issues are linked to it")
	s.calm()
}

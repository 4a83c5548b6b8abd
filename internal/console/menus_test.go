package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

// Status and owner are changed by one key that opens the menu, and one that chooses.
func TestMenusByKeyboard(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent("cy@acme.example", "Cy Cole", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	s := r.screen(browser.View{})
	s.open("/console/issues/" + string(issue))
	signIn(bo)(s.Tab)
	s.press("s" + kb.ArrowDown)
	s.wants("#status-menu", "No post is sent")
	s.leaves(kb.Enter)
	s.wants("#toast", "status was changed")
	s.press("a" + kb.ArrowDown)
	if !s.is(`document.activeElement.textContent.includes('Cy Cole')`) {
		t.Errorf("the arrows lead to %q", s.reads("#owner-menu"))
	}
	s.press(kb.Escape)
	if !s.is(`document.activeElement.matches('#owner-menu summary') && !document.querySelector('#owner-menu .menu').open`) {
		t.Error("Escape does not close the menu")
	}
	s.press("a" + kb.ArrowDown)
	s.leaves(kb.Enter)
	s.wants("#owner-menu summary", "Cy Cole")
	i := must(r.app.ShowIssue(t.Context(), issue))(t).Issue
	if i.Status != desk.StatusInProgress || i.Assignee != "cy@acme.example" {
		t.Errorf("it is %s, of %q", i.Status, i.Assignee)
	}
	s.press("s")
	s.accessible()
	at := func(keys, want string) {
		t.Helper()
		s.press(keys)
		if !s.is(`document.activeElement.textContent.includes('` + want + `')`) {
			t.Errorf("%q does not lead to %q", keys, want)
		}
	}
	at(kb.Home, "acknowledged")
	at("w", "waiting")
	at("m", "waiting") // no choice begins with it, and it is no command there
	s.press(kb.End)
	if !s.is(`document.activeElement === [...document.querySelectorAll('#status-menu .menu button')].at(-1)`) {
		t.Error("End leads elsewhere than to the last choice")
	}
	at(kb.Home, "acknowledged")
	s.press(kb.Escape + kb.Enter + kb.ArrowUp)
	if !s.is(`document.activeElement === [...document.querySelectorAll('#status-menu button')].at(-1)`) {
		t.Error("ArrowUp leads from the head of the menu elsewhere than to its last choice")
	}
	if again := must(r.app.ShowIssue(t.Context(), issue))(t).Issue; again.Assignee != i.Assignee {
		t.Errorf("a letter in a menu gave it to %q", again.Assignee)
	}
	s.calm()
}

// Each choice of a menu is a form of its own; closing takes its reason from the button.
func TestMenuForms(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	at := "/console/issues/" + string(issue)
	b := r.signedIn(bo)
	page := b.get(at)
	page.wants(t, http.StatusOK, `name="reason" value="duplicate"`, `name="assignee" value="bo@acme.example"`)
	if strings.Contains(page.body, `name="reason" value="not_ours">`+"not ours") {
		t.Error("not ours is offered without a place to turn to")
	}
	b.post(at+"/status", url.Values{"status": {"closed"}, "reason": {"duplicate"}}).wants(t, http.StatusOK, "duplicate")
	if again := b.get(at).body; strings.Contains(again, `name="reason" value="duplicate"`) {
		t.Error("it can be closed again for the same reason")
	}
	b.post(at+"/status", url.Values{"status": {"closed"}, "reason": {"not_ours"}, "next": {"the water works"}}).wants(t, http.StatusOK, "the water works")
	twice := b.get(at).formOf(t, at+"/status")
	twice.Set("status", "acknowledged")
	for range 2 { // a double click is one change
		b.post(at+"/status", twice).wants(t, http.StatusOK, "The status was changed")
	}
}

// A link to another issue stays in sight beside folded changes. A history that was opened
// stays open when a change joins it: it is called by its oldest entry.
func TestHistoryKeepsItsNameAndLinks(t *testing.T) {
	change := func(id string, k desk.Kind) (e entry) {
		e.Event.ID, e.Event.Kind = desk.EventID(id), k
		return e
	}
	list := []entry{change("1", desk.KindStatus), change("2", desk.KindAssign), change("3", desk.KindLink)}
	rows := foldChanges(list)
	if len(rows) != 2 || len(rows[0].Changes) != 2 || rows[1].Event.Kind != desk.KindLink {
		t.Fatalf("%+v", rows)
	}
	more := foldChanges([]entry{list[0], list[1], change("4", desk.KindStatus)})
	if len(more) != 1 || more[0].Name() != rows[0].Name() {
		t.Errorf("the history is called %q, and with one more %q", rows[0].Name(), more[0].Name())
	}
}

// An issue is linked to an incident, or to another issue, from one list.
func TestLinkByKeyboard(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleLead)
	issue, other := r.report("ana", "My line is down"), r.report("ben", "No light here")
	incident := must(r.app.OpenIncident(t.Context(), app.By{Agent: bo}, app.IncidentInput{Desk: "help", Title: "Cut cable"}))(t)
	s := r.screen(browser.View{})
	s.open("/console/issues?view=all")
	signIn(bo)(s.Tab)
	s.press("j")
	s.leaves("l")
	s.wants("main", "Link or merge", "Cut cable")
	s.tabTo("button[name=incident]", 8)
	s.leaves(kb.Enter)
	s.wants("#about", "Cut cable")
	if i := must(r.app.ShowIssue(t.Context(), issue))(t).Issue; i.Incident != incident.ID {
		t.Errorf("it is linked to %q", i.Incident)
	}
	s.leaves("l")
	s.wants("main", "No light here")
	if s.is(`document.querySelector('button[name=incident]')`) {
		t.Error("an issue that is linked is offered another incident")
	}
	s.accessible()
	s.tabTo("button[name=other]", 8)
	s.leaves(kb.Enter)
	s.wants("#timeline", string(other))
	s.calm()
}

// The id or the address of an issue of another desk finds it, to be linked and not merged; a
// refusal shows the page again.
func TestLinkAcrossDesks(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleLead)
	issue, other := r.report("ana", "My line is down"), r.report("ben", "No light here")
	check(t, r.app.Update(t.Context(), func(tx *app.Tx) error {
		i, _, err := tx.Issues().Get(other)
		if err == nil {
			i.Desk = "sales"
			err = tx.Issues().Put(i)
		}
		return err
	}))
	at := "/console/issues/" + string(issue) + "/link"
	b := r.signedIn(bo)
	b.get(at).lacks(t, "No light here")
	b.get(at+"?find=light").lacks(t, "No light here")
	for _, find := range []string{string(other), r.app.Site().URL + "/console/issues/" + string(other) + "?view=all"} {
		page := b.get(at + "?find=" + url.QueryEscape(find))
		page.wants(t, http.StatusOK, "No light here", `name="other" value="`+string(other)+`"`, "sales")
		page.lacks(t, "/merge")
	}
	b.post(at, url.Values{"other": {string(issue)}}).wants(t, http.StatusUnprocessableEntity, "is not linked to itself", "Link or merge")
	b.post(at, url.Values{"other": {string(other)}}).wants(t, http.StatusOK, string(other))
}

// Changes that nobody can take back any more stand on one line, which a press opens.
func TestHistoryIsFolded(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent("cy@acme.example", "Cy Cole", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	for n, to := range []desk.Status{desk.StatusAcknowledged, desk.StatusInProgress, desk.StatusWaiting} {
		by := app.By{Agent: []desk.Email{bo, "cy@acme.example"}[n%2]}
		must(r.app.SetStatus(t.Context(), by, app.StatusInput{Issue: issue, Change: desk.StatusChange{To: to}}))(t)
		r.clock.Advance(time.Minute)
	}
	s := r.screen(browser.View{Scriptless: true})
	s.open("/console/issues/" + string(issue))
	signIn(bo)(s.Tab)
	s.wants("#timeline", "History: 2 changes", "Bo Berg, Cy Cole", "Undo")
	must(r.app.Comment(t.Context(), app.By{Agent: bo}, issue, "They will call back"))(t)
	r.clock.Advance(2 * time.Hour)
	must(r.app.Assign(t.Context(), app.By{Agent: bo}, issue, bo))(t)
	s.open("/console/issues/" + string(issue))
	s.wants("#timeline", "History: 3 changes", "They will call back", "to Bo Berg")
	if s.is(`document.querySelector('#timeline .history').innerText.includes('in progress')`) {
		t.Error("the history is not folded")
	}
	s.Tab.Do(chromedp.Click(chromedp.CSS("#timeline .history summary")))
	s.wants("#timeline .history", "acknowledged", "in progress", "waiting")
}

// accessible checks the page with axe-core, as it is now.
func (s *screen) accessible() {
	s.Helper()
	for _, f := range browser.LoadAxe(s.T).Check(s.Tab) {
		s.Errorf("%v", f)
	}
}

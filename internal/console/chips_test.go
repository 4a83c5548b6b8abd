package console

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

// What narrows a list stands above it, each with a link that takes it off. A wrong operator
// is said, and nothing is searched.
func TestChips(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.report("ana", "My line is down")
	r.report("ben", "My line is slow")
	b := r.signedIn(bo)
	page := b.get("/console/issues?view=open&q=line+from%3Aana&stands=new&since=2026-01-01")
	page.wants(t, http.StatusOK, "My line is down", `href="/console/issues?q=from%3Aana&amp;since=2026-01-01&amp;stands=new&amp;view=open"`, `href="/console/issues?q=line&amp;since=2026-01-01&amp;stands=new&amp;view=open"`,
		`href="/console/issues?q=line&#43;from%3Aana&amp;since=2026-01-01&amp;view=open"`, `href="/console/issues?q=line&#43;from%3Aana&amp;stands=new&amp;view=open"`, `id="clear" href="/console/issues?view=open"`, "is:unassigned")
	if strings.Contains(page.body, "My line is slow") {
		t.Error("it is not narrowed")
	}
	page = b.get("/console/issues?q=form%3Aana")
	page.wants(t, http.StatusUnprocessableEntity, "there is no operator form:", "put them in quotation marks", `value="form:ana"`, `id="clear"`)
	if strings.Contains(page.body, "My line") {
		t.Error("it is searched as a word")
	}
	b.get("/console/issues?q=is%3Amine").wants(t, http.StatusOK, "Nothing was found")
	if page = b.get("/console/issues"); strings.Contains(page.body, `id="clear"`) {
		t.Error("chips of nothing")
	}
}

// The search completes operators and what follows them, and c clears it.
func TestSearchCompletes(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.report("ana", "My line is down")
	s := r.screen(browser.View{})
	s.open("/console/issues")
	signIn(bo)(s.Tab)
	s.open("/console/issues")
	s.press("/")
	s.wants("#search-list", "from:")
	s.Tab.Do(chromedp.SendKeys("#search", "st"))
	s.wants("#search-list", "status:")
	s.accessible()
	s.press(kb.ArrowDown)
	s.press(kb.Enter)
	s.wants("#search-list", "status:waiting")
	s.Tab.Do(chromedp.SendKeys("#search", "ne"))
	s.press(kb.ArrowDown)
	s.press(kb.Tab)
	if !s.is(`document.querySelector('#search').value === 'status:new ' && !document.querySelector('#search-list')`) {
		t.Error("it is not completed")
	}
	s.Tab.Do(chromedp.SendKeys("#search", "fr"))
	s.press(kb.Escape)
	if !s.is(`!document.querySelector('#search-list') && document.activeElement.id === 'search'`) {
		t.Error("Escape does more than close the list")
	}
	s.Tab.Do(chromedp.SendKeys("#search", "om:ana"))
	s.leaves(kb.Enter)
	s.wants(".chips", "status:new")
	s.wants("#list", "My line is down")
	s.accessible()
	s.leaves("c")
	if s.is(`document.querySelector('#clear')`) {
		t.Error("c does not clear")
	}
	s.calm()
}

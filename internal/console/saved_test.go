package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

// What can be saved is what there is.
func TestViewListsAreTheViews(t *testing.T) {
	var names []string
	for _, v := range viewOrder {
		names = append(names, string(v))
	}
	lists := desk.ViewLists()
	slices.Sort(names)
	slices.Sort(lists)
	if !slices.Equal(names, lists) {
		t.Errorf("there are the views %v, and %v can be saved", names, lists)
	}
}

// An agent saves a list, sees it with its number, renames and removes it. What a lead saves
// for the desk all see, and only those who publish change it.
func TestSavedViews(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent("lena@acme.example", "Lena Lind", desk.RoleLead)
	r.report("ana", "My router is down")
	r.report("ben", "No router light")
	r.report("cem", "Wrong bill")
	b, lena := r.signedIn(bo), r.signedIn("lena@acme.example")
	b.post("/console/views", url.Values{"view": {"new"}, "q": {"router"}, "name": {"Routers"}}).wants(t, http.StatusOK, "The view is saved", `<span dir="auto">Routers</span> <span class="n">2</span>`, `aria-current="page"`)
	b.post("/console/views", url.Values{"view": {"open"}, "name": {"All"}, "for": {"help"}}).wants(t, http.StatusForbidden)
	if page := lena.get("/console/issues").body; strings.Contains(page, "Routers") {
		t.Error("a colleague sees an agent's own view")
	}
	lena.post("/console/views", url.Values{"view": {"open"}, "stands": {"new"}, "desk": {"help"}, "name": {"Unread"}, "for": {"help"}}).wants(t, http.StatusOK, `<span dir="auto">Unread</span> <span class="n">3</span>`)
	page := b.get("/console/issues")
	page.wants(t, http.StatusOK, "Routers", "Unread", "stands=new")
	if strings.Contains(page.body, `aria-label="Name of the view: Unread"`) {
		t.Error("an agent is offered to rename the view of a desk")
	}
	all := must(r.app.ViewsFor(t.Context(), bo, "help"))(t)
	if len(all) != 2 || all[1].Status != desk.StatusNew || all[1].At != "help" {
		t.Fatalf("saved: %+v", all)
	}
	id := string(all[1].ID)
	b.post("/console/views/change", url.Values{"id": {id}, "for": {"help"}, "do": {"remove"}}).wants(t, http.StatusForbidden)
	lena.post("/console/views/change", url.Values{"id": {id}, "for": {"help"}, "name": {"Untouched"}}).wants(t, http.StatusOK, "Untouched")
	lena.post("/console/views/change", url.Values{"id": {id}, "for": {"help"}, "do": {"remove"}}).wants(t, http.StatusOK, "Removed.")
	if left := must(r.app.ViewsFor(t.Context(), bo, ""))(t); len(left) != 1 {
		t.Errorf("left: %+v", left)
	}
}

// The same without scripts, and by keys with them.
func TestSavedViewsInABrowser(t *testing.T) {
	for name, tt := range map[string]struct{ scriptless bool }{"with scripts": {}, "without": {true}} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			r.agent(bo, "Bo Berg", desk.RoleLead)
			r.report("ana", "My router is down")
			s := r.screen(browser.View{Scriptless: tt.scriptless})
			s.open("/console/issues?q=router")
			signIn(bo)(s.Tab)
			s.Tab.Do(chromedp.Click(chromedp.CSS("#save-view summary")))
			if !tt.scriptless {
				s.accessible()
			}
			s.fill("#save-view input[name=name]", "Routers")
			s.click("#save-view button")
			s.wants(".saved", "Routers", "1")
			s.Tab.Do(chromedp.Click(chromedp.CSS("#saved-views summary")))
			if !tt.scriptless {
				s.accessible()
				s.open("/console/issues?view=done")
				s.leaves("g1")
				s.wants("#list", "My router is down")
				s.Tab.Do(chromedp.Click(chromedp.CSS("#saved-views summary")))
			}
			s.click("#saved-views button[value=remove]")
			s.wants("#toast", "Removed.")
			if s.is(`document.querySelector('.saved')`) {
				t.Error("it is still there")
			}
			s.calm()
		})
	}
}

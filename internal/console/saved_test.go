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
	b.post("/console/views", url.Values{"view": {"new"}, "q": {"router"}, "name": {"Routers"}}).wants(t, http.StatusOK, "The view is saved", `<span dir="auto">Routers</span> <span class="n"></span>`, `aria-current="page"`)
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
	all := must(r.app.ViewsFor(t.Context(), bo))(t)
	if len(all) != 2 || all[1].Status != desk.StatusNew || all[1].At != "help" {
		t.Fatalf("saved: %+v", all)
	}
	id := string(all[1].ID)
	b.post("/console/views/change", url.Values{"id": {id}, "for": {"help"}, "do": {"remove"}}).wants(t, http.StatusForbidden)
	lena.post("/console/views/change", url.Values{"id": {id}, "for": {"help"}, "name": {"Untouched"}}).wants(t, http.StatusOK, "Untouched")
	lena.post("/console/views/change", url.Values{"id": {id}, "for": {"help"}, "do": {"remove"}}).wants(t, http.StatusOK, "Removed.")
	if left := must(r.app.ViewsFor(t.Context(), bo))(t); len(left) != 1 {
		t.Errorf("left: %+v", left)
	}
}

// A refusal shows the list again with the name that was typed, and a double click is one view.
func TestSavedViewsAreRefusedInPlace(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.report("ana", "My router is down")
	b := r.signedIn(bo)
	page := b.get("/console/issues?q=" + strings.Repeat("router+", 10))
	page.wants(t, http.StatusOK, `maxlength="40" required value="`+strings.Repeat("router ", 10)[:desk.MaxViewName]+`"`)
	form := page.formOf(t, "/console/views")
	form.Set("name", "Routers")
	for range 2 {
		b.post("/console/views", form).wants(t, http.StatusOK, "The view is saved")
	}
	again := b.get("/console/issues?view=open").formOf(t, "/console/views")
	again.Set("name", "Routers")
	b.post("/console/views", again).wants(t, http.StatusConflict, `id="save-view" open`, "is saved already", `value="Routers"`, "My router is down")
	again.Set("name", "Today")
	b.post("/console/views", again).wants(t, http.StatusOK, "The view is saved")
	all := must(r.app.ViewsFor(t.Context(), bo))(t)
	if len(all) != 2 || all[0].List != "all" {
		t.Fatalf("%+v", all)
	}
	b.post("/console/views/change", url.Values{"id": {string(all[0].ID)}, "name": {"Today"}}).wants(t, http.StatusConflict, `id="saved-views" open`, "is saved already", `value="Today" aria-label="Name of the view: Routers"`)
	b.post("/console/views/change", url.Values{"id": {"gone"}, "name": {"x"}}).wants(t, http.StatusNotFound, "My router is down")
}

// The number of a saved view is that of the same list: with the piles above it. Saved views
// stay, in their order, at whatever desk one looks, and all are counted in one transaction.
func TestSavedViewsCountLikeTheirList(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.pile(24)
	r.report("alone", "My invoice is wrong")
	b := r.signedIn(bo)
	b.post("/console/views", url.Values{"view": {"new"}, "name": {"Fresh"}})
	b.post("/console/views", url.Values{"view": {"new"}, "desk": {"help"}, "name": {"Helped"}})
	number := func(page, before string) string {
		_, rest, _ := strings.Cut(page, before)
		n, _, _ := strings.Cut(rest, "<")
		return n
	}
	for _, at := range []string{"/console/issues", "/console/issues?desk=help"} {
		page := b.get(at).body
		fresh, helped := strings.Index(page, "Fresh</span>"), strings.Index(page, "Helped</span>")
		if fresh < 0 || helped < fresh {
			t.Errorf("%s shows the saved views elsewhere: %d, %d", at, fresh, helped)
		}
		if one, two := number(page, `Fresh</span> <span class="n">`), number(page, `Helped</span> <span class="n">`); one != two || one == "" {
			t.Errorf("%s counts %q and %q", at, one, two)
		} else if built := number(page, `New <span class="n">`); at == "/console/issues" && built != one {
			t.Errorf("the list has %q, the saved one %q", built, one)
		}
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
			s.wants(".saved", "Routers")
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

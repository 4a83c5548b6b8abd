package console

import (
	"net/http"
	"strings"
	"testing"

	"earshot/internal/desk"
)

// The pages about running the instance are in one menu, which marks the page one is on;
// those who do not run it have no such menu, and each page of the menu is one that opens.
func TestAdminMenu(t *testing.T) {
	r := newRoom(t)
	r.agent(ada, "Ada Alt", desk.RoleAdmin)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	b := r.signedIn(ada)
	for _, s := range sections {
		if !s.Runs {
			continue
		}
		page := b.get("/console/" + s.Name)
		page.wants(t, http.StatusOK)
		_, menu, there := strings.Cut(page.body, `<details class="menu running"><summary class="here">`)
		menu, _, _ = strings.Cut(menu, "</details>")
		if !there || strings.Count(menu, "<li>") != 10 || strings.Count(menu, `aria-current="page"`) != 1 || !strings.Contains(menu, `href="/console/`+s.Name+`" aria-current="page"`) {
			t.Errorf("the menu of %s: %s", s.Name, menu)
		}
	}
	b.get("/console/desks/help").wants(t, http.StatusOK, `href="/console/desks" aria-current="page"`, "<h1>@help</h1>", "Acme Help")
	b.get("/console/desks/none").wants(t, http.StatusNotFound)
	b.get("/console/issues").lacks(t, `<summary class="here">`)
	r.signedIn(bo).get("/console/issues").lacks(t, "menu running")
}

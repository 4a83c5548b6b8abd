package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// The button asks the suggested servers. Each has its own words beside its own button,
// as text; one that does not answer says so, and the page stays whole.
func TestAskSuggestedServers(t *testing.T) {
	r := newRoom(t)
	r.agent("ada@acme.example", "Ada Ahl", desk.RoleAdmin)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	names := []string{"acme", "akme"}
	must(r.app.EditDesk(r.Context(), app.By{}, "help", app.DeskEdit{Names: names}))(t)
	b := r.signedIn("ada@acme.example")
	page := b.get("/console/sources")
	page.wants(t, http.StatusOK, `action="/console/sources/suggestions"`, "https://mastodon.social", "https://misskey.io")
	page.lacks(t, "Be kind.")
	asked := b.post("/console/sources/suggestions", url.Values{})
	asked.wants(t, http.StatusOK, "Be kind. &lt;b&gt;", "https://misskey.io is out", "of its own people")
	asked.lacks(t, "Be kind. <b>", `action="/console/sources/suggestions"`)
	for _, line := range strings.Split(asked.body, "<li><form")[1:] {
		says := strings.Contains(line, "Be kind.")
		if asks := strings.Contains(line, `name="kind" value="timeline"`); says != asks {
			t.Errorf("says its rules %v: %.400s", says, line)
		}
	}
	if p := r.signedIn("bo@acme.example").post("/console/sources/suggestions", url.Values{}); p.status != http.StatusForbidden {
		t.Errorf("an agent who may not add a source asks: %d", p.status)
	}
}

package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// complain has a server complain about what of ours is listed.
func (r *room) complain(key, words string, about ...desk.ObjectID) {
	r.Helper()
	must(r.app.Flagged(r.Context(), app.HeardFlag{Key: key, Sender: "https://m.example/actor", About: about, Words: words}))(r.T)
}

// An admin reads complaints, and removes those that are dealt with.
func TestFlags(t *testing.T) {
	r := newRoom(t)
	r.agent("ada@acme.example", "Ada Alt", desk.RoleAdmin)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	b := r.signedIn("ada@acme.example")
	b.get("/console/flags").wants(t, http.StatusOK, "No complaints.")
	r.complain("1", "<b>rude</b> words", desk.ObjectID(r.app.Site().Desk("help")), desk.ObjectID(r.app.Site().Relay()))
	b.get("/console/flags").wants(t, http.StatusOK, "m.example", "&lt;b&gt;rude&lt;/b&gt; words", "@help", "the instance")
	flags := must(r.app.Flags(t.Context()))(t)
	agent := r.signedIn("bo@acme.example")
	if page := agent.get("/console/flags"); page.status != http.StatusForbidden || strings.Contains(page.body, "rude") {
		t.Errorf("an agent is answered %d", page.status)
	}
	form := url.Values{"flag": {string(flags[0].ID)}}
	if page := agent.post("/console/flags/remove", form); page.status != http.StatusForbidden {
		t.Errorf("an agent is answered %d", page.status)
	}
	b.post("/console/flags/remove", form).wants(t, http.StatusOK, "Removed.", "No complaints.")
	b.post("/console/flags/remove", form).wants(t, http.StatusNotFound, "there is no complaint")
}

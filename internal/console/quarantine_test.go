package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// Reports that are held back are released or dropped, one by one, or all of a person or a
// server at once.
func TestQuarantine(t *testing.T) {
	r := newRoom(t)
	r.agent("ada@acme.example", "Ada Alt", desk.RoleAdmin)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	aside := func(name, text string) {
		who := desk.ActorID("https://flood.example/users/" + name)
		object := desk.ObjectID("https://flood.example/o/" + name)
		check(t, r.app.Update(t.Context(), func(tx *app.Tx) error {
			return tx.Quarantine().Put(desk.Quarantined{Object: object, Author: desk.Actor{ID: who, Acct: name + "@flood.example", Name: name, Inbox: "https://flood.example/inbox"},
				Source: app.Inbox, Why: "too many reports", Since: tx.Now, Post: desk.Post{Object: object, Author: who, Text: text, HTML: text,
					Mentions: []desk.ActorID{r.app.Site().Desk("help")}, Visibility: desk.VisibilityPublic}})
		}))
	}
	aside("one", "My line is down")
	aside("two", "<b>Buy</b> this")
	aside("three", "No power here")
	aside("four", "And no heating")
	b := r.signedIn("ada@acme.example")
	b.get("/console/quarantine").wants(t, http.StatusOK, "My line is down", "&lt;b&gt;Buy&lt;/b&gt; this", "Release all from flood.example", "too many reports")
	if page := r.signedIn("bo@acme.example").get("/console/quarantine"); page.status != http.StatusOK || strings.Contains(page.body, "<button>Drop") {
		t.Errorf("an agent is offered what only an admin may do (%d)", page.status)
	}
	b.post("/console/quarantine/drop", url.Values{"object": {"https://flood.example/o/two"}}).wants(t, http.StatusOK, "Removed.")
	page := b.get("/console/quarantine")
	if i := strings.Index(page.body, `action="/console/quarantine/release"><input type="hidden" name="actor" value="https://flood.example/users/four"`); i < 0 {
		t.Error("all posts of one person cannot be released")
	}
	b.post("/console/quarantine/release", url.Values{"actor": {"https://flood.example/users/four"}}).wants(t, http.StatusOK, "Released.", "No power here")
	b.post("/console/quarantine/release", url.Values{"host": {"flood.example"}}).wants(t, http.StatusOK, "Released.", "No report is held back.")
	list := b.get("/console/issues?view=new")
	list.wants(t, http.StatusOK, "My line is down", "No power here", "And no heating")
	if strings.Contains(list.body, "Buy") {
		t.Error("what was dropped was heard")
	}
	b.post("/console/desks/keys", url.Values{"handle": {"help"}}).wants(t, http.StatusOK, "The desk has new keys.")
	b.post("/console/desks/keys", url.Values{"handle": {"relay"}}).wants(t, http.StatusOK, "own account, @relay")
}

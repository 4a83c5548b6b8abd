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

// Held-back reports stand in piles by their reason. An agent reads one, releases one report
// or those of its server, drops the others, and takes that back.
func TestHeldPileByForms(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	r.heldBack(5)
	b := r.signedIn("bo@acme.example")
	const page = "/console/piles/held-strangers"
	b.get("/console/quarantine").wants(t, http.StatusOK, "5 reports: mentions of strangers beside the desk", page, "on 2 servers", "No power here 0<")
	b.get(page).wants(t, http.StatusOK, "Held back", "5 reports: mentions", "No power here 4", "it mentions strangers beside the desk", "All that is held back")
	if list := b.get("/console/issues?view=new"); strings.Contains(list.body, "No power") || strings.Contains(list.body, "held-") {
		t.Error("held-back reports stand in the list")
	}
	act := func(key, do, with, object string) seen {
		return b.post(page, url.Values{"key": {key}, "do": {do}, "with": {with}, "object": {object}})
	}
	act("1", "release", "one", "https://s1.example/users/p1/1").wants(t, http.StatusOK, "4 reports: mentions", "Done with 1 report.")
	act("2", "spam", "server", "https://s0.example/users/p0/1").wants(t, http.StatusOK, "1 report: mentions", "Done with 3 reports.", "Undo")
	act("3", "undo", "", "").wants(t, http.StatusOK, "4 reports: mentions", "Taken back for 3 reports.")
	act("4", "spam", "one", "").wants(t, http.StatusUnprocessableEntity, "not held back in this pile any more")
	mine := act("5", "mine", "one", "https://s0.example/users/p2/1")
	mine.wants(t, http.StatusOK, "3 reports: mentions", "Done with 1 report.")
	mine.lacks(t, `value="undo"`)
	b.get("/console/issues?view=mine").wants(t, http.StatusOK, "No power here 2")
	i := must(r.app.OpenIncident(t.Context(), app.By{}, app.IncidentInput{Desk: "help", Title: "No power"}))(t)
	choose := act("6", "link", "server", "https://s1.example/users/p3/1")
	choose.wants(t, http.StatusOK, "No power here 3", "all of its server", "They are released first")
	form := choose.formOf(t, "/console/incidents/choose")
	form.Set("incident", string(i.ID))
	b.post("/console/incidents/choose", form).wants(t, http.StatusOK, "No power here 3", "1 voice")
	new := act("7", "incident", "one", "https://s0.example/users/p4/1")
	new.wants(t, http.StatusOK, "No power here 4", "this one")
	draft := new.formOf(t, "/console/incidents/new")
	draft.Set("title", "Dark")
	draft.Set("do", "draft")
	b.post("/console/incidents/new", draft).wants(t, http.StatusOK, "Dark", "No power here 4", "1 voice")
	act("8", "release", "", "").wants(t, http.StatusOK, "No report stands in this pile any more.", "Done with 1 report.")
	b.get("/console/issues?view=new").wants(t, http.StatusOK, "No power here 0")
	b.get("/console/quarantine").wants(t, http.StatusOK, "No report is held back.")
}

// The form of an incident says how many reports are held back. What was typed is kept if the
// report has gone meanwhile, and an empty pile says that it is empty.
func TestIncidentOfAHeldPile(t *testing.T) {
	r := newRoom(t)
	r.agent(cy, "Cy Cole", desk.RoleLead)
	r.heldBack(5)
	b := r.signedIn(cy)
	const pile, object = "held-strangers", "https://s1.example/users/p1/1"
	b.get("/console/incidents/choose?pile="+pile).wants(t, http.StatusOK, "5 reports that are held back")
	b.get("/console/incidents/new?pile="+pile).wants(t, http.StatusOK, "5 reports that are held back")
	form := b.get("/console/incidents/new?pile="+pile+"&with=one&object="+url.QueryEscape(object)).formOf(t, "/console/incidents/new")
	form.Set("text", "The words that were typed")
	form.Set("title", "")
	release := url.Values{"key": {"1"}, "do": {"release"}, "with": {"one"}, "object": {object}}
	b.post("/console/piles/"+pile, release).wants(t, http.StatusOK)
	b.post("/console/incidents/new", form).wants(t, http.StatusUnprocessableEntity, "The words that were typed")
	b.post("/console/piles/"+pile, url.Values{"key": {"2"}, "do": {"release"}}).wants(t, http.StatusOK)
	r.portions()
	if page := b.get("/console/incidents/choose?pile=" + pile); page.status == http.StatusOK || strings.Contains(page.body, "There is no issue") {
		t.Errorf("%d of an empty pile", page.status)
	}
}

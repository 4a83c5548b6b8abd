package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// An admin limits an agent to a desk at the invitation and on their page. No page shows that
// agent a word of the other desk, and an issue that is also shown on theirs has its page.
func TestPagesOfOneDesk(t *testing.T) {
	r := newRoom(t)
	must(r.app.AddDesk(t.Context(), app.By{}, desk.Desk{Handle: "bills", Name: "Bills", Names: []string{"acmebills"}}))(t)
	r.agent("ada@acme.example", "Ada Ash", desk.RoleAdmin)
	r.agent("bo@acme.example", "Bo Ek", desk.RoleLead)
	admin, bo := r.signedIn("ada@acme.example"), r.signedIn("bo@acme.example")
	form := url.Values{"email": {"bo@acme.example"}, "name": {"Bo Ek"}, "role": {"lead"}, "limits": {"1"}, "desk": {"help"}}
	if p := admin.post("/console/people/edit", form); p.status != http.StatusOK || !strings.Contains(p.body, `name="desk" value="help" checked`) {
		t.Fatalf("%d\n%s", p.status, p.body)
	}
	if p := admin.post("/console/people", url.Values{"email": {"cy@acme.example"}, "name": {"Cy Dorn"}, "role": {"agent"}, "limits": {"1"}, "desk": {"bills"}}); p.status != http.StatusOK {
		t.Fatalf("%d\n%s", p.status, p.body)
	}
	if a := must(r.app.Agent(t.Context(), "cy@acme.example"))(t); len(a.Desks) != 1 || a.Desks[0] != "bills" {
		t.Errorf("invited for %v", a.Desks)
	}
	by := app.By{Agent: "ada@acme.example"}
	own, both, foreign := r.report("ana", "a lamp"), r.report("cem", "a door"), r.report("velvet", "velvet words")
	must(r.app.MoveIssue(t.Context(), by, app.MoveInput{Issue: foreign, To: "bills"}))(t)
	check(t, r.app.Update(t.Context(), func(tx *app.Tx) error {
		i, _, err := tx.Issues().Get(both)
		i.Desk, i.Also = "bills", []desk.Handle{"help"}
		if err != nil {
			return err
		}
		return tx.Issues().Put(i)
	}))
	incident := must(r.app.OpenIncident(t.Context(), by, app.IncidentInput{Desk: "bills", Title: "velvet incident", Language: "en"}))(t)
	post := must(r.app.ShowIssue(t.Context(), foreign))(t).Issue.Post
	for _, page := range []string{"", "/issues/" + string(own), "/issues/" + string(both), "?view=all", "?view=all&desk=bills", "?view=done", "/incidents", "/incidents?desk=bills", "/today", "/you", "/broadcasts",
		"/quarantine", "/piles", "/notifications", "/issues/" + string(foreign), "/incidents/" + string(incident.ID), "/person?actor=https://m.example/users/velvet",
		"/issues/" + string(foreign) + "/link", "/incidents/new?issue=" + string(foreign), "/pictures/" + string(post) + "/0"} {
		p := bo.get("/console" + page)
		if p.status >= 500 || strings.Contains(p.body, "velvet words") || strings.Contains(p.body, "velvet incident") || strings.Contains(p.body, "velvet@") {
			t.Errorf("%s: %d\n%s", page, p.status, p.body)
		}
		if strings.Contains(page, string(own)) || strings.Contains(page, string(both)) {
			if p.status != http.StatusOK {
				t.Errorf("%s: %d", page, p.status)
			}
		} else if strings.HasPrefix(page, "/issues/") || strings.HasPrefix(page, "/incidents/0") {
			if p.status != http.StatusNotFound {
				t.Errorf("%s: %d", page, p.status)
			}
		}
	}
	if p := bo.get("/console?view=all"); !strings.Contains(p.body, "a lamp") || !strings.Contains(p.body, "a door") {
		t.Errorf("their own are not listed:\n%s", p.body)
	}
	if p := bo.post("/console/issues/"+string(foreign)+"/say", url.Values{"text": {"I look."}, "visibility": {"public"}}); p.status != http.StatusNotFound {
		t.Errorf("a reply: %d", p.status)
	}
	if p := bo.post("/console/issues/"+string(both)+"/say", url.Values{"text": {"I look."}, "visibility": {"public"}, "anyway": {"1"}}); p.status != http.StatusOK {
		t.Errorf("a reply on an issue that is shown on both: %d\n%s", p.status, p.body)
	}
}

package fed_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
)

// An incident reaches the followers on another server: its first post, pinned while
// it is open, an update below it, and the first line as it is now.
func TestIncidentAbroad(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.ok(s.town.Follow(ctx, "ana", s.desk.Site.Desk("help")))
	i, err := s.desk.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No internet", Text: "We are looking.", Language: "en", Publish: true, Now: true})
	s.ok(err)
	s.Settle()
	root := s.desk.Site.Post(i.Root)
	if home := s.town.Home("ana"); len(home) != 1 || !strings.HasPrefix(home[0].Text, "[investigating, ") {
		t.Fatalf("home: %+v", home)
	}
	if got := pinnedAt(t, string(s.desk.Site.Desk("help"))+"/featured?page=first"); len(got) != 1 || got[0] != string(root) {
		t.Errorf("featured: %v, want %s", got, root)
	}
	if _, err := s.desk.UpdateIncident(ctx, app.By{}, app.UpdateInput{Incident: i.ID, Text: "A cable was cut.", Status: desk.IncidentIdentified, Now: true}); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	home := s.town.Home("ana")
	if len(home) != 2 {
		t.Fatalf("home: %+v", home)
	}
	said := strings.Join([]string{home[0].Text, home[1].Text}, "|")
	if !strings.Contains(said, "[cause found, ") || !strings.Contains(said, "A cable was cut.") || strings.Contains(said, "[investigating") {
		t.Errorf("home says %q", said)
	}
	s.says("ana", town.PostInput{Text: s.mention() + " me too", InReplyTo: root})
	if one := s.desk.Only(); one.Issue.Incident != i.ID {
		t.Errorf("the answer's issue is %+v", one.Issue)
	}
	if _, err := s.desk.CloseIncident(ctx, app.By{}, app.CloseInput{Incident: i.ID, Text: "Over.", Now: true}); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	if got := pinnedAt(t, string(s.desk.Site.Desk("help"))+"/featured?page=first"); len(got) != 0 {
		t.Errorf("featured after the end: %v", got)
	}
}

// pinnedAt reads the ids of a collection's page.
func pinnedAt(t *testing.T, url string) (ids []string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/activity+json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var page struct {
		Items []string `json:"orderedItems"`
	}
	if err := json.Unmarshal(body, &page); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return page.Items
}

// The address of an incident leads servers to its first post, and people to its page. A
// draft is answered like an incident that does not exist.
func TestAddressOfAnIncident(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	i, err := s.desk.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No internet", Publish: true, Now: true})
	s.ok(err)
	draft, err := s.desk.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No mail"})
	s.ok(err)
	s.Settle()
	at := func(id desk.IncidentID) string { return s.desk.Site.URL + "/incidents/" + string(id) }
	got, header := ask(t, at(i.ID), document, nil)
	if got.status != http.StatusSeeOther || header.Get("Location") != string(s.desk.Site.Post(i.Root)) || !strings.Contains(got.vary, "Accept") {
		t.Errorf("a server: %+v, to %s", got, header.Get("Location"))
	}
	if got, _ := ask(t, header.Get("Location"), document, nil); got.status != http.StatusOK {
		t.Errorf("the first post: %+v", got)
	}
	if got, _ := ask(t, at(i.ID), "text/html", nil); got.status != http.StatusNotImplemented { // the pages of this test
		t.Errorf("a person: %+v", got)
	}
	for _, id := range []desk.IncidentID{draft.ID, "0190c7f0-0000-7000-8000-000000000000"} {
		if got, _ := ask(t, at(id), document, nil); got.status != http.StatusNotFound {
			t.Errorf("%s: %+v", id, got)
		}
	}
}

// One update answers every voice in its own thread on another server: once, quietly,
// to its author only; the edit and the deletion of the update follow to the reply.
func TestVoicesAbroad(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.says("ana", town.PostInput{Text: s.mention() + " no internet"})
	report := s.desk.Only().Issue
	i, err := s.desk.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No internet", Language: "en", Publish: true, Now: true})
	s.ok(err)
	s.Settle()
	_, err = s.desk.LinkVoices(ctx, app.By{}, i.ID, []desk.IssueID{report.ID})
	s.ok(err)
	_, err = s.desk.UpdateIncident(ctx, app.By{}, app.UpdateInput{Incident: i.ID, Text: "A cable was cut.", Status: desk.IncidentIdentified, Now: true, Tell: &app.TellInput{Count: 1}})
	s.ok(err)
	s.Settle()
	heard := func() (out []string) {
		for _, text := range s.texts("ana", report.Report) {
			if text != "" && !strings.Contains(text, "no internet") { // a deleted one has no words
				out = append(out, text)
			}
		}
		return out
	}
	if got := heard(); len(got) != 1 || !strings.Contains(got[0], "A cable was cut.") || !strings.Contains(got[0], "you wrote to us about it") {
		t.Fatalf("ana heard %q", got)
	}
	v, err := s.desk.ShowIncident(ctx, i.ID)
	s.ok(err)
	post := v.Incident.Updates[0].Post
	_, err = s.desk.EditPost(ctx, app.By{}, post, "Two cables were cut.")
	s.ok(err)
	s.Settle()
	if got := heard(); len(got) != 1 || !strings.Contains(got[0], "Two cables") {
		t.Errorf("after the edit ana has %q", got)
	}
	_, err = s.desk.RetractPost(ctx, app.By{}, post)
	s.ok(err)
	s.Settle()
	if got := heard(); len(got) != 0 {
		t.Errorf("after the deletion ana has %q", got)
	}
}

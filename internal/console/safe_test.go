package console

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// No page writes when it is only looked at (RFC 9110 §9.2.1): browsers fetch
// pages early, and again. That a session is in use is noted like a log entry,
// at most once in a while; here that was a moment ago.
func TestPagesDoNotWrite(t *testing.T) {
	r, server := withPictures(t, true), newGallery(t)
	_, shown := r.shows("lea", func(h *app.Heard) { h.Author.AvatarURL = server.URL + "/face.jpg" }, desk.Attachment{URL: server.URL + "/box.jpg", MediaType: "image/jpeg"})
	const ana = "ana@acme.example"
	r.agent(ana, "Ana Berg", desk.RoleAdmin)
	issue := r.report("kim", "My line is down")
	must(r.app.Comment(t.Context(), app.By{}, issue, "@ana, is this your cabinet?"))(t)
	incident := must(r.app.OpenIncident(t.Context(), app.By{}, app.IncidentInput{Desk: "help", Title: "No light"}))(t)
	pile := r.pile(30)
	b := r.signedIn(ana)
	file := slices.Sorted(maps.Keys(r.desks.assets.byName))[0]
	picture := must(r.app.Upload(t.Context(), app.By{Agent: ana}, "", []byte(lamp(t))))(t)
	visited := 0
	check(t, r.desks.routes().Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		methods, err := route.GetMethods()
		if err != nil || methods[0] != http.MethodGet {
			return err
		}
		path := must(route.GetPathTemplate())(t)
		visited++
		before := r.store.Updates()
		p := b.get(strings.NewReplacer("/icon/{file}", "/icon/1.svg", "/files/{file}", "/files/"+string(picture.ID), "{post}/{at:[0-9]{1,3}}", string(shown.ID)+"/0", "/faces", "/faces?of="+url.QueryEscape(string(shown.Author)), "/piles/{id}", "/piles/"+string(pile.ID), "/incidents/{id}", "/incidents/"+string(incident.ID), "/choose", "/choose?issue="+string(issue), "{id}", string(issue), "{email}", ana, "{handle}", "help", "{file}", file).Replace(path))
		if n := r.store.Updates() - before; n != 0 {
			t.Errorf("GET %s made %d write transactions", path, n)
		}
		if p.status != http.StatusOK && path != Root+"/welcome" && !strings.HasPrefix(path, Root+"/sign-in/openid") {
			t.Errorf("GET %s: %d", path, p.status)
		}
		return nil
	}))
	if visited < 15 {
		t.Errorf("only %d pages were visited", visited)
	}
}

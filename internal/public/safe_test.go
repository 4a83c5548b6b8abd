package public

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// No page writes when it is only looked at (RFC 9110 §9.2.1).
func TestPagesDoNotWrite(t *testing.T) {
	p := newPlace(t)
	issue := p.report(nil)
	open := p.incident(app.IncidentInput{Desk: "help", Title: "No internet", Publish: true})
	const mails = desk.DestinationID("mails")
	check(t, p.app.Update(t.Context(), func(tx *app.Tx) error {
		return tx.Destinations().Put(store.Destination{ID: mails, Agent: "bo@acme.example", Form: desk.FormMail, Created: tx.Now})
	}))
	face := p.picture("help", desk.PictureIcon, 100, 100)
	shown := p.upload()
	said := must(p.app.Broadcast(t.Context(), app.By{}, app.BroadcastInput{Desk: "help", Text: "This light", Files: []app.FileInput{{ID: shown}}}))(t)
	check(t, p.app.Update(t.Context(), func(tx *app.Tx) error { _, _, err := tx.PublishPost(said.ID); return err }))
	fill := strings.NewReplacer("/files/{id}", desk.FilePath(shown), "/off/{id}/{code}", "/off/"+string(mails)+"/"+p.app.OffCode(mails), "{id}", string(issue), "{id:[0-9a-f-]+}", string(open.ID), "{handle}", "help", "{role:icon|header}-{version}", "icon-"+face.Icon.Version, "{format:atom|json}", "atom", "{file}", p.pages.assets.style)
	visited := 0
	check(t, p.pages.routes().Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		methods, err := route.GetMethods()
		if err != nil || !slices.Contains(methods, http.MethodGet) {
			return err
		}
		path := fill.Replace(must(route.GetPathTemplate())(t))
		visited++
		before := p.store.Updates()
		w := p.get(path)
		if n := p.store.Updates() - before; n != 0 {
			t.Errorf("GET %s made %d write transactions", path, n)
		}
		if w.Code != http.StatusOK {
			t.Errorf("GET %s: %d", path, w.Code)
		}
		return nil
	}))
	if visited < 10 {
		t.Errorf("only %d pages were visited", visited)
	}
}

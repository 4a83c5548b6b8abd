package console

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// The page of sources shows how much each told of lately, in a picture and in words.
func TestPlot(t *testing.T) {
	r := newRoom(t)
	r.agent("ada@acme.example", "Ada Alt", "admin")
	const actor = "https://tags.example/users/acme"
	check(t, r.app.Update(t.Context(), func(tx *app.Tx) error {
		return tx.Sources().Put(store.Source{ID: "s", Kind: "tag-actor", Name: "tags #acme", Actor: actor, State: store.SourceAccepted, Created: tx.Now})
	}))
	for _, object := range []desk.ObjectID{"https://m.example/1", "https://m.example/2", "https://m.example/3"} {
		_, err := r.app.Announced(t.Context(), actor, object)
		check(t, err)
		r.clock.Advance(25 * time.Minute)
	}
	r.signedIn("ada@acme.example").get("/console/sources").wants(t, http.StatusOK,
		`aria-label="3 posts in the last 24 hours; 3 in the busiest hour"`, `<rect x="88" y="0" width="3" height="24"/>`)
}

// A form that made no source is shown again as it was filled in, with the mistake.
func TestSourceFormIsKept(t *testing.T) {
	r := newRoom(t)
	r.agent("ada@acme.example", "Ada Alt", "admin")
	page := r.signedIn("ada@acme.example").post("/console/sources", url.Values{"kind": {"misskey"}, "url": {"https://m.example"}, "tag": {"#acme #akme"}, "token": {"secret"}})
	page.wants(t, http.StatusNotFound, "there is no network here", `value="https://m.example"`, `value="#acme #akme"`, `<option value="misskey" selected=""`)
	page.lacks(t, "secret")
}

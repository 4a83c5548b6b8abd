package console

import (
	"net/http"
	"strings"
	"testing"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/locale"
)

// An admin sees what was not kept, without a desk that a stranger made up, and an
// agent does not.
func TestDrops(t *testing.T) {
	r := newRoom(t)
	r.agent("ada@acme.example", "Ada Alt", desk.RoleAdmin)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	b := r.signedIn("ada@acme.example")
	b.get("/console/drops").wants(t, http.StatusOK, "Nothing was dropped.", "Nothing that concerned us was dropped.")
	for range 3 {
		r.drops.Add(drop.Event{Reason: drop.Malformed, Type: "Create", Host: "m.example", Ours: true, Desks: []desk.Handle{"help", "made-up"}}, r.clock.Now())
	}
	r.drops.Add(drop.Event{Reason: drop.Signature, Host: "claimed.example", Claimed: true, Ours: true}, r.clock.Now())
	r.drops.Add(drop.Event{Reason: drop.NotAddressed, Host: "relay.example"}, r.clock.Now())
	page := b.get("/console/drops")
	page.wants(t, http.StatusOK, "m.example", "It could not be read, or contradicts itself.", "@help", "claimed.example", "says so itself", "It addresses no desk")
	for _, absent := range []string{"made-up", "relay.example"} {
		if strings.Contains(page.body, absent) {
			t.Errorf("the page shows %s", absent)
		}
	}
	if page := r.signedIn("bo@acme.example").get("/console/drops"); page.status != http.StatusForbidden {
		t.Errorf("an agent is answered %d", page.status)
	}
}

// Every reason has a sentence in every language.
func TestReasonsOfDropsAreTranslated(t *testing.T) {
	c := must(locale.Load())(t)
	for _, l := range c.Languages() {
		for _, r := range drop.Reasons() {
			if key := "console_drop." + string(r); l.T(key) == key {
				t.Errorf("%s: %s has no sentence", l.Code, r)
			}
		}
	}
}

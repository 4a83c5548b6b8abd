package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"earshot/internal/desk"
)

func TestAliasesOfADesk(t *testing.T) {
	r := newRoom(t)
	r.agent("ada@acme.example", "Ada Alt", desk.RoleAdmin)
	b := r.signedIn("ada@acme.example")
	alias := "http://acme.example/users/help"
	b.post("/console/desks/alias", url.Values{"handle": {"help"}, "address": {" " + alias + "/ "}}).wants(t, http.StatusOK, "Former addresses", alias+"</output>")
	b.post("/console/desks/alias", url.Values{"handle": {"help"}, "address": {"https://other.example/x"}}).wants(t, http.StatusBadRequest, "an alias is a former URL or handle on acme.example")
	if page := b.post("/console/desks/unalias", url.Values{"handle": {"help"}, "address": {alias}}); page.status != http.StatusOK || strings.Contains(page.body, alias) {
		t.Errorf("a removed alias is still there (%d)", page.status)
	}
}

package console

import (
	"net/http"
	"strings"
	"testing"

	"earshot/internal/desk"
)

// Every page tells an admin of a proxy that the settings do not name; an agent cannot
// change that, and is not told.
func TestProxyNotice(t *testing.T) {
	r := newRoom(t)
	r.agent("ada@acme.example", "Ada Alt", desk.RoleAdmin)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	admin, agent := r.signedIn("ada@acme.example"), r.signedIn("bo@acme.example")
	for _, c := range []struct {
		address string
		names   bool
		says    string
	}{
		{"", false, ""},
		{"10.0.0.9", true, "a proxy at 10.0.0.9 that trusted_proxies does not name"},
		{"10.0.0.9", false, "from 10.0.0.9 without X-Forwarded-For"},
	} {
		r.desks.proxy = func() (string, bool) { return c.address, c.names }
		for _, path := range []string{"/console/issues", "/console/drops"} {
			page := admin.get(path)
			page.wants(t, http.StatusOK, c.says)
			if told := strings.Contains(page.body, "trusted_proxies"); told != (c.says != "") {
				t.Errorf("%s with the proxy %q: told is %v", path, c.address, told)
			}
		}
		if page := agent.get("/console/issues"); strings.Contains(page.body, "trusted_proxies") {
			t.Errorf("an agent is told of the proxy %q", c.address)
		}
	}
}

package public

import (
	"strings"
	"testing"

	"earshot/internal/desk"
)

// If a pasted text counts as a handle or an address, its host has the one form
// in which hosts are compared.
func TestPasted(t *testing.T) {
	site := must(desk.NewSite("https://social.acme.example", "acme.example", false))(t)
	read := 0
	for _, s := range []string{"@help@acme.example", "acct:a@b.example", "https://b.example/@a@acme.example/1", "b.example/@a", "@@", "@help@аcme.example", "https://a:b@c.example/", "//x", "@a@[::1]:80"} {
		l, ok := readLink(s, site)
		if !ok {
			continue
		}
		read++
		if again, err := desk.CanonicalHost(string(l.host), "https"); err != nil || again != l.host {
			t.Errorf("%q: the host %q is %q in canonical form: %v", s, l.host, again, err)
		}
		if (l.user == "") == (l.path == "") || strings.Contains(l.user, "/") {
			t.Errorf("%q is neither a handle nor an address: %+v", s, l)
		}
		if shown, ok := l.inPath(site); ok && (shown.user != "a" || shown.host != "acme.example") {
			t.Errorf("%q: in its path is %+v", s, shown)
		}
	}
	if read != 6 {
		t.Errorf("%d of them were read", read)
	}
}

package desk_test

import (
	"testing"

	"earshot/internal/desk"
)

func TestDomain(t *testing.T) {
	for _, c := range []struct{ host, want string }{
		{"m.example", "m.example"},
		{"a.m.example", "m.example"},
		{"a.b.c.m.example:8443", "m.example"},
		{"a.example.co.uk", "example.co.uk"},
		{"example.co.uk", "example.co.uk"},
		{"co.uk", "co.uk"},                 // a public suffix itself
		{"ana.github.io", "ana.github.io"}, // its owner gives names away: each has another owner
		{"x.ana.github.io", "ana.github.io"},
		{"www.xn--bcher-kva.example", "xn--bcher-kva.example"},
		{"localhost:8080", "localhost:8080"}, // --dev only: each port is another server
		{"127.0.0.1:8080", "127.0.0.1:8080"},
		{"[::1]:8080", "[::1]:8080"},
		{"a.b.localhost:8080", "b.localhost"},
		{"192.0.2.1:8080", "192.0.2.1"},
		{"[2001:db8:1:2:3::4]:443", "2001:db8:1:2::/64"},
		{"[2001:db8:1:2:ffff::9]", "2001:db8:1:2::/64"},
		{"[::ffff:192.0.2.1]", "192.0.2.1"},
		{"", ""},
	} {
		if got := desk.Host(c.host).Domain(); string(got) != c.want {
			t.Errorf("%q: %q, want %q", c.host, got, c.want)
		}
	}
}

package safehttp

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"earshot/internal/desk"
	"earshot/internal/test/dns"
)

func TestParsePrivateHost(t *testing.T) {
	for in, want := range map[string]string{
		"social.intern.example":              "social.intern.example",
		" Social.Intern.Example. ":           "social.intern.example",
		"town.example  loopback":             "town.example loopback",
		"town.example:8443 loopback":         "town.example:8443 loopback",
		"town.example:443":                   "town.example:443",
		"münchen.intern":                     "xn--mnchen-3ya.intern",
		"localhost loopback":                 "localhost loopback",
		"":                                   "",
		"town.example private":               "",
		"town.example loopback loopback":     "",
		"https://town.example":               "",
		"*.intern.example":                   "",
		".intern.example":                    "",
		"user@town.example":                  "",
		"10.0.0.0/8":                         "",
		"10.0.0.1":                           "",
		"10.0.0.1:443":                       "",
		"0x7f000001":                         "",
		"0x7f.1":                             "",
		"2130706433":                         "",
		"::1":                                "",
		"[::1]":                              "",
		"[::1]:443":                          "",
		"[fd00::1]":                          "",
		"town.example:":                      "town.example",
		"town.example:no":                    "",
		"town.example:99999":                 "",
		strings.Repeat("a.", 400) + "intern": "",
	} {
		got, err := ParsePrivateHost(in)
		if (err == nil) != (want != "") || err == nil && got.String() != want {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
	}
}

// What a named host may be, and what it may not: loopback only where the
// setting says so, services of the cloud never.
func TestPrivateHostGuard(t *testing.T) {
	const public, private, loopback, never = "public", "private", "loopback", "never"
	for address, kind := range map[string]string{
		"9.9.9.9:443": public, "[2620:fe::fe]:443": public,
		"10.0.0.1:443": private, "172.31.0.1:8443": private, "192.168.1.1:443": private, "[fd00::1]:443": private,
		"127.0.0.1:443": loopback, "127.0.0.9:8443": loopback, "[::1]:443": loopback,
		"169.254.169.254:80": never, "168.63.129.16:80": never, "100.100.100.200:80": never, "[fd00:ec2::254]:80": never, "[fd20:ce::254]:80": never,
		"0.0.0.0:443": never, "[::ffff:10.0.0.1]:443": never, "[::ffff:127.0.0.1]:443": never, "[64:ff9b::a00:1]:443": never, "[fe80::1]:443": never, "100.64.0.1:443": never,
	} {
		network := "tcp4"
		if address[0] == '[' {
			network = "tcp6"
		}
		for _, p := range []PrivateHost{{Host: "a.example"}, {Host: "a.example", Loopback: true}} {
			err := p.check()(network, address, nil)
			want := kind == public || kind == private || kind == loopback && p.Loopback
			if (err == nil) != want || err != nil && (!errors.Is(err, ErrForbiddenAddress) || !Permanent(err)) {
				t.Errorf("%s, %s: %v", p, address, err)
			}
		}
	}
}

// A setting is for one name: no other name, address, port or redirect gets to a
// private address through it, however the name resolves.
func TestPrivateHosts(t *testing.T) {
	var asked []string
	server, _ := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Host+r.URL.Path)
		if to, is := strings.CutPrefix(r.URL.Path, "/to/"); is {
			w.Header().Set("Location", "https://"+to+"/x")
			w.WriteHeader(http.StatusFound)
			return
		}
		io.WriteString(w, "here")
	})
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	// The certificate of httptest is for this name and those below it.
	const name, other = "example.com", "www.example.com"
	loopback := []PrivateHost{{Host: name, Loopback: true}}
	for _, tt := range []struct {
		what  string
		hosts []PrivateHost
		ips   [][]string
		url   string
		want  error
	}{
		{"loopback is said", loopback, [][]string{{"127.0.0.1"}}, "https://" + name + ":" + port + "/x", nil},
		{"in other letters", loopback, [][]string{{"127.0.0.1"}}, "https://EXAMPLE.com.:" + port + "/x", nil},
		{"with its port", []PrivateHost{{Host: "example.com:" + "PORT", Loopback: true}}, [][]string{{"127.0.0.1"}}, "https://" + name + ":" + port + "/x", nil},
		{"another port is said", []PrivateHost{{Host: "example.com:443", Loopback: true}}, [][]string{{"127.0.0.1"}}, "https://" + name + ":" + port + "/x", ErrForbiddenAddress},
		{"loopback is not said", []PrivateHost{{Host: name}}, [][]string{{"127.0.0.1"}}, "https://" + name + ":" + port + "/x", ErrForbiddenAddress},
		{"nothing is said", nil, [][]string{{"127.0.0.1"}}, "https://" + name + ":" + port + "/x", ErrForbiddenAddress},
		{"a name below it", loopback, [][]string{{"127.0.0.1"}}, "https://" + other + ":" + port + "/x", ErrForbiddenAddress},
		{"a name above it", []PrivateHost{{Host: other, Loopback: true}}, [][]string{{"127.0.0.1"}}, "https://" + name + ":" + port + "/x", ErrForbiddenAddress},
		{"an address", loopback, [][]string{{"127.0.0.1"}}, "https://127.0.0.1:" + port + "/x", ErrForbiddenAddress},
		{"an address in IPv6", loopback, [][]string{{"127.0.0.1"}}, "https://[::1]:" + port + "/x", ErrForbiddenAddress},
		{"http", loopback, [][]string{{"127.0.0.1"}}, "http://" + name + ":" + port + "/x", ErrBadURL},
		{"another name that rebinds", loopback, [][]string{{"127.0.0.1"}}, "https://evil.example:" + port + "/x", ErrForbiddenAddress},
		{"the name rebinds to a metadata service", loopback, [][]string{{"169.254.169.254"}}, "https://" + name + ":" + port + "/x", ErrForbiddenAddress},
		{"a redirect to itself", loopback, [][]string{{"127.0.0.1"}}, "https://" + name + ":" + port + "/to/" + name + ":" + port, nil},
		{"a redirect to another name", loopback, [][]string{{"127.0.0.1"}}, "https://" + name + ":" + port + "/to/" + other + ":" + port, ErrForbiddenAddress},
		{"a redirect to an address", loopback, [][]string{{"127.0.0.1"}}, "https://" + name + ":" + port + "/to/127.0.0.1:" + port, ErrForbiddenAddress},
	} {
		t.Run(tt.what, func(t *testing.T) {
			asked = nil
			for n := range tt.hosts {
				tt.hosts[n].Host = desk.Host(strings.Replace(string(tt.hosts[n].Host), "PORT", port, 1))
			}
			c := New(Options{TLS: trusting(server), Resolver: dns.Names(t, tt.ips...), Private: tt.hosts})
			defer c.CloseIdle()
			got, err := c.Get(t.Context(), tt.url, nil)
			if !errors.Is(err, tt.want) || tt.want == nil && (err != nil || string(got.Body) != "here") {
				t.Errorf("%v, want %v", err, tt.want)
			}
			for _, a := range asked {
				if !strings.HasPrefix(a, name+":") {
					t.Errorf("%s was asked", a)
				}
			}
		})
	}
}

// A kept connection of the named host serves no other name.
func TestPrivateHostConnectionIsItsOwn(t *testing.T) {
	server, _ := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {})
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := New(Options{TLS: trusting(server), Resolver: dns.Names(t, []string{"127.0.0.1"}), Private: []PrivateHost{{Host: "example.com", Loopback: true}}})
	defer c.CloseIdle()
	if _, err := c.Get(t.Context(), "https://example.com:"+port+"/", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Post(t.Context(), "https://www.example.com:"+port+"/", nil, nil); !errors.Is(err, ErrForbiddenAddress) {
		t.Errorf("another name gets through: %v", err)
	}
}

package server

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"earshot/internal/admission"
	"earshot/internal/clock"
)

// A request counts for the client that a trusted proxy names. If none
// is declared and the peer has a local address, it counts for the client that the
// peer names last, or for the peer, which may stand for all.
func TestPeers(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for name, tc := range map[string]struct {
		trusted []netip.Prefix
		r       *http.Request
		want    string // accounts
		proxy   string // that the doctor tells of
	}{
		"direct":                          {nil, from("192.0.2.1:1"), "192.0.2.1/32", ""},
		"direct, forged":                  {nil, from("192.0.2.1:1", "198.51.100.1"), "192.0.2.1/32", ""},
		"direct, IPv6":                    {nil, from("[2001:db8::7]:1"), "2001:db8::/64", ""},
		"trusted proxy":                   {trusted, from("10.0.0.1:1", "198.51.100.1, 192.0.2.1"), "192.0.2.1/32", ""},
		"another proxy than the declared": {trusted, from("127.0.0.1:1", "192.0.2.1"), "127.0.0.1/32", "127.0.0.1 names"},
		"a stranger beside the declared":  {trusted, from("198.51.100.9:1", "192.0.2.1"), "198.51.100.9/32", ""},
		"a neighbour beside the declared": {trusted, from("127.0.0.1:1"), "127.0.0.1/32", ""},
		"undeclared proxy":                {nil, from("127.0.0.1:1", "198.51.100.1, 192.0.2.1"), "192.0.2.1/32 and 127.0.0.1/32 shared", "127.0.0.1 names"},
		"undeclared, two headers":         {nil, from("172.18.0.2:1", "198.51.100.1", "192.0.2.1"), "192.0.2.1/32 and 172.18.0.2/32 shared", "172.18.0.2 names"},
		"undeclared, IPv6":                {nil, from("[fd00::1]:1", "2001:db8::7"), "2001:db8::/64 and fd00::/64 shared", "fd00::1 names"},
		"undeclared, no name":             {nil, from("127.0.0.1:1"), "127.0.0.1/32 shared", "127.0.0.1"},
		"undeclared, rubbish":             {nil, from("127.0.0.1:1", "unknown"), "127.0.0.1/32 shared", "127.0.0.1"},
	} {
		log := &logged{}
		p := NewPeers(tc.trusted, slog.New(slog.NewTextHandler(log, nil)))
		var got []string
		for range 3 {
			got = nil
			for _, a := range p.accounts(tc.r) {
				got = append(got, a.Network.String()+map[bool]string{true: " shared"}[a.Shared])
			}
		}
		proxy, names := p.Undeclared()
		if names {
			proxy += " names"
		}
		if s := strings.Join(got, " and "); s != tc.want || proxy != tc.proxy {
			t.Errorf("%s: %s, proxy %q, want %s and %q", name, s, proxy, tc.want, tc.proxy)
		}
		if n := strings.Count(log.String(), "trusted_proxies"); (n == 1) != (tc.proxy != "") {
			t.Errorf("%s: warned %d times", name, n)
		}
	}
}

// Behind a proxy that is not declared one client's wrong signatures are its
// own, and names that it makes up have an end.
func TestFailuresBehindAnUndeclaredProxy(t *testing.T) {
	c := clock.NewFake(time.Unix(1e9, 0))
	f := NewFailures(c, NewPeers(nil, quiet()))
	bad, good := from("127.0.0.1:1", "192.0.2.1"), from("127.0.0.1:1", "192.0.2.2")
	for range failureBurst {
		f.Count(bad)
	}
	if f.Allowed(bad) || !f.Allowed(good) {
		t.Errorf("bad %t, good %t", f.Allowed(bad), f.Allowed(good))
	}
	for n := range sharedFailures * failureBurst {
		f.Count(from("127.0.0.1:1", netip.AddrFrom4([4]byte{198, 51, byte(n >> 8), byte(n)}).String()))
	}
	if f.Allowed(good) {
		t.Error("names without end")
	}
	c.Advance(failureEvery)
	if !f.Allowed(good) {
		t.Error("nothing is forgiven")
	}
}

// The share is counted by the same.
func TestShareBehindAnUndeclaredProxy(t *testing.T) {
	a := newPlaces(64, NewPeers(nil, quiet()))
	for range 100 {
		if _, err := a.pages.Enter(t.Context(), a.peers.Address(from("127.0.0.1:1", "192.0.2.1"))); err != nil {
			break
		}
	}
	if _, err := a.pages.Enter(t.Context(), a.peers.Address(from("127.0.0.1:1", "192.0.2.2"))); err != nil {
		t.Error(err)
	}
	if a.refusals[admission.Refusal{At: "pages", Reason: admission.OfAddress}] != 1 {
		t.Errorf("%v", a.refusals)
	}
}

// In development other servers are on this machine: one that names no client is no proxy to
// be warned of. One that names its clients is.
func TestLocalPeersAreNoProxies(t *testing.T) {
	log := &logged{}
	p := NewPeers(nil, slog.New(slog.NewTextHandler(log, nil))).Local()
	p.accounts(from("127.0.0.1:1"))
	if proxy, _ := p.Undeclared(); proxy != "" || log.String() != "" {
		t.Errorf("%s is a proxy, and warned of: %s", proxy, log)
	}
	p.accounts(from("127.0.0.1:1", "192.0.2.1"))
	if proxy, names := p.Undeclared(); proxy != "127.0.0.1" || !names {
		t.Errorf("the proxy %q, that names its clients: %v", proxy, names)
	}
}

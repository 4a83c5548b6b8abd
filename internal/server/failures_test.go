package server

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"earshot/federation/inbox"
	"earshot/internal/clock"
)

var _ inbox.FailureLimit = (*Failures)(nil)

func from(remote string, forwarded ...string) *http.Request {
	r := httptest.NewRequest("POST", "/inbox", nil)
	r.RemoteAddr = remote
	for _, f := range forwarded {
		r.Header.Add("X-Forwarded-For", f)
	}
	return r
}

func TestFailures(t *testing.T) {
	c := clock.NewFake(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	f := NewFailures(c, nil)
	bad, good := from("192.0.2.1:1000"), from("192.0.2.2:1000")
	for range failureBurst {
		if !f.Allowed(bad) {
			t.Fatal("refused too early")
		}
		f.Count(bad)
	}
	if f.Allowed(bad) || f.Allowed(from("192.0.2.1:2000")) {
		t.Error("an address that failed often is still allowed")
	}
	if !f.Allowed(good) {
		t.Error("another address is refused for it")
	}
	for range 10 * failureBurst { // asking is not failing
		f.Allowed(good)
	}
	if !f.Allowed(good) {
		t.Error("asking was counted")
	}
	c.Advance(failureEvery + time.Millisecond)
	if !f.Allowed(bad) {
		t.Error("nothing is forgiven")
	}
	c.Advance(failureBurst * failureEvery)
	f.Allowed(bad)
	if f.seen.Len() != 0 {
		t.Error("a forgiven address is not forgotten")
	}
}

func TestFailuresAreBounded(t *testing.T) {
	f := NewFailures(clock.System{}, nil)
	for n := range failureMemory + 100 {
		f.Count(from(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), 1).String()))
	}
	if n := f.seen.Len(); n > failureMemory {
		t.Errorf("%d addresses are remembered", n)
	}
}

func TestFailuresIPv6(t *testing.T) {
	f := NewFailures(clock.NewFake(time.Unix(0, 0)), nil)
	for range failureBurst {
		f.Count(from("[2001:db8::1]:1"))
	}
	if f.Allowed(from("[2001:db8::ffff]:1")) {
		t.Error("another address of the same /64 counts as another client")
	}
	if !f.Allowed(from("[2001:db8:0:1::1]:1")) {
		t.Error("the neighbouring /64 is refused")
	}
}

func TestClientAddr(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.1/32")}
	for name, tc := range map[string]struct {
		r    *http.Request
		want string
	}{
		"direct":                {from("192.0.2.1:1"), "192.0.2.1"},
		"forged":                {from("192.0.2.1:1", "198.51.100.1"), "192.0.2.1"},
		"proxied":               {from("10.0.0.1:1", "192.0.2.1"), "192.0.2.1"},
		"proxied, forged":       {from("10.0.0.1:1", "198.51.100.1, 192.0.2.1"), "192.0.2.1"},
		"two headers":           {from("10.0.0.1:1", "198.51.100.1", "192.0.2.1"), "192.0.2.1"},
		"two proxies":           {from("127.0.0.1:1", "198.51.100.1, 192.0.2.1, 10.9.9.9"), "192.0.2.1"},
		"proxy without header":  {from("10.0.0.1:1"), "10.0.0.1"},
		"rubbish":               {from("10.0.0.1:1", "192.0.2.1, unknown"), "10.0.0.1"},
		"with a port":           {from("10.0.0.1:1", "192.0.2.1:4711"), "192.0.2.1"},
		"IPv6 in brackets":      {from("10.0.0.1:1", "[2001:db8::1]"), "2001:db8::1"},
		"IPv6 with a port":      {from("10.0.0.1:1", "[2001:db8::1]:4711"), "2001:db8::1"},
		"IPv6":                  {from("10.0.0.1:1", "2001:db8::1"), "2001:db8::1"},
		"mapped IPv4":           {from("[::ffff:10.0.0.1]:1", "192.0.2.1"), "192.0.2.1"},
		"forged loopback first": {from("127.0.0.1:1", "127.0.0.1, 192.0.2.7"), "192.0.2.7"},
	} {
		if got := ClientAddr(tc.r, proxies); got.String() != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

package ratelimit

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	began = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	ten   = Rate{Burst: 10, Every: time.Minute}
)

func TestAllow(t *testing.T) {
	l := New[string](100)
	for n := range ten.Burst {
		if !l.Allow("a", ten, began) {
			t.Fatalf("event %d was refused", n+1)
		}
	}
	for _, c := range []struct {
		name string
		key  string
		at   time.Duration
		want bool
	}{
		{"one too many", "a", 0, false},
		{"another key", "b", 0, true},
		{"too early", "a", ten.Every - time.Second, false},
		{"one came back", "a", ten.Every, true},
		{"only one", "a", ten.Every, false},
	} {
		if got := l.Allow(c.key, ten, began.Add(c.at)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// First events that come together share one limiter.
func TestAllowAtOnce(t *testing.T) {
	for range 20 {
		l := New[string](100)
		var through atomic.Int32
		var all sync.WaitGroup
		for range 4 * ten.Burst {
			all.Go(func() {
				if l.Allow("a", ten, began) {
					through.Add(1)
				}
			})
		}
		all.Wait()
		if n := int(through.Load()); n != ten.Burst {
			t.Fatalf("%d events at once were allowed, want %d", n, ten.Burst)
		}
	}
}

func TestLeft(t *testing.T) {
	l := New[string](100)
	for range 3 * ten.Burst { // to ask is no event
		if !l.Left("a", began) {
			t.Fatal("to ask was counted")
		}
	}
	for range ten.Burst {
		l.Allow("a", ten, began)
	}
	if l.Left("a", began) {
		t.Error("nothing is left, and an event would be allowed")
	}
	if !l.Left("a", began.Add(ten.Every)) {
		t.Error("an event came back, and none would be allowed")
	}
	if l.Len() != 1 {
		t.Errorf("%d keys are remembered, want 1", l.Len())
	}
	if !l.Left("a", began.Add(10*ten.Every)) || l.Len() != 0 {
		t.Errorf("a whole limiter is remembered")
	}
}

func TestUnusedKeysAreForgotten(t *testing.T) {
	l := New[int](100)
	for n := range 250 {
		l.Allow(n, ten, began)
	}
	if l.Len() != 100 {
		t.Errorf("%d keys are remembered, want 100", l.Len())
	}
	for n := range 30 { // each event drops up to four that are whole again
		l.Allow(n, ten, began.Add(time.Hour))
	}
	if l.Len() != 30 {
		t.Errorf("%d keys are remembered an hour later, want 30", l.Len())
	}
}

// A key that stays in use is not forgotten in favour of newer ones.
func TestUsedKeysAreKept(t *testing.T) {
	l := New[int](10)
	for range ten.Burst {
		l.Allow(-1, ten, began)
	}
	for n := range 100 {
		l.Allow(n, ten, began)
		if l.Allow(-1, ten, began) {
			t.Fatalf("after %d other keys a used up one was allowed again", n+1)
		}
	}
}

func TestNetwork(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.1": "192.0.2.1/32", "::ffff:192.0.2.1": "192.0.2.1/32",
		"2001:db8::1": "2001:db8::/64", "2001:db8:0:0:ffff::1": "2001:db8::/64", "2001:db8:0:1::1": "2001:db8:0:1::/64", "fe80::1%eth0": "fe80::/64",
	} {
		if got := Network(netip.MustParseAddr(in)); got != netip.MustParsePrefix(want) {
			t.Errorf("%s: %v, want %s", in, got, want)
		}
	}
	if got := Network(netip.Addr{}); got != (netip.Prefix{}) {
		t.Errorf("no address: %v", got)
	}
}

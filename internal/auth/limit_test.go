package auth

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// However many first tries come at once, no more go through than one limit has.
func TestLimitsAtOnce(t *testing.T) {
	for range 20 {
		l := newLimits(func() time.Time { return began })
		var through atomic.Int32
		var all sync.WaitGroup
		for range 4 * perAccount {
			all.Go(func() {
				if l.try("ana@acme.example", netip.Addr{}) == nil {
					through.Add(1)
				}
			})
		}
		all.Wait()
		if n := through.Load(); n > perAccount {
			t.Fatalf("%d tries at once went through, %d may", n, perAccount)
		}
	}
}

// Somebody who goes on trying is not forgotten meanwhile, for hours.
func TestLimitsAreNotForgotten(t *testing.T) {
	now := began
	l := newLimits(func() time.Time { return now })
	const hours = 5 * time.Hour
	through := 0
	for ; now.Sub(began) < hours; now = now.Add(10 * time.Second) {
		if l.try("ana@acme.example", netip.Addr{}) == nil {
			through++
		}
	}
	if most := perAccount + int(hours/perAccountEvery); through > most {
		t.Errorf("%d tries went through, %d may", through, most)
	}
}

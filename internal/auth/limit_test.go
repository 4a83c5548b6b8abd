package auth

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"earshot/internal/desk"
)

// However many first tries come at once, no more go through than one limit has.
func TestLimitsHoldForConcurrentAttempts(t *testing.T) {
	for range 20 {
		l := newLimits(func() time.Time { return began })
		var through atomic.Int32
		var all sync.WaitGroup
		for range 4 * perAccount.Burst {
			all.Go(func() {
				if l.try("ana@acme.example", netip.Addr{}) == nil {
					through.Add(1)
				}
			})
		}
		all.Wait()
		if n := through.Load(); n > int32(perAccount.Burst) {
			t.Fatalf("%d tries at once went through, %d may", n, perAccount.Burst)
		}
	}
}

// One holds so many streams, and no fewer later for having held them.
func TestStreams(t *testing.T) {
	l := newLimits(func() time.Time { return began })
	ana, bo := Principal{grant: "a"}, Principal{grant: "b"}
	for range 2 {
		var ends []func()
		for range maxStreams {
			end, err := l.stream(ana)
			if err != nil {
				t.Fatal(err)
			}
			ends = append(ends, end)
		}
		_, err := l.stream(ana)
		wantCode(t, "one more", err, desk.CodeRateLimited)
		if end, err := l.stream(bo); err != nil {
			t.Errorf("another agent's: %v", err)
		} else {
			end()
		}
		for _, end := range ends {
			end()
		}
	}
	if len(l.streams) != 0 {
		t.Errorf("remembered: %v", l.streams)
	}
}

// A client that tries again for hours is not forgotten meanwhile.
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
	if most := perAccount.Burst + int(hours/perAccount.Every); through > most {
		t.Errorf("%d tries went through, %d may", through, most)
	}
}

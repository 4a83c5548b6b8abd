package inbox

import (
	"fmt"
	"testing"
	"time"

	"earshot/internal/desk"
)

// Every ration of a server is one of its registrable domain: 50 hosts below one
// domain have one share, two customers of a public suffix have one each, and a
// domain that has used up its share takes nothing from others.
func TestRationsAreOfDomains(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		take  func(*Budget, desk.ActorID) error
		share int
	}{
		"fetches": {func(b *Budget, who desk.ActorID) error { return b.fetch(who, now) }, fetchesOfDomain.Burst},
		"lookups": {func(b *Budget, who desk.ActorID) error { return b.lookup(who, now) }, lookupsOfDomain.Burst},
		"proofs":  {func(b *Budget, who desk.ActorID) error { return b.prove(who, now) }, proofsOfDomain.Burst},
		"flags":   {func(b *Budget, who desk.ActorID) error { return b.flag(who, now) }, flagsOfDomain.Burst},
		"writes":  {func(b *Budget, who desk.ActorID) error { return b.write(who, now) }, writesOfDomain.Burst},
	} {
		t.Run(name, func(t *testing.T) {
			b := NewBudget()
			taken := 0
			for n := range 2 * c.share { // each by a person of its own
				if c.take(b, desk.ActorID(fmt.Sprintf("https://s%d.evil.example/users/%d", n%50, n))) == nil {
					taken++
				}
			}
			if taken != c.share {
				t.Errorf("50 hosts of one domain took %d, their share is %d", taken, c.share)
			}
			taken = 0
			for n := range 2 * c.share {
				for _, customer := range []string{"ana", "ben"} {
					if c.take(b, desk.ActorID(fmt.Sprintf("https://%s.github.io/users/%d", customer, n))) == nil {
						taken++
					}
				}
			}
			if taken != 2*c.share {
				t.Errorf("two customers of a public suffix took %d, their shares are %d each", taken, c.share)
			}
			if err := c.take(b, "https://big.example/users/ana"); err != nil {
				t.Errorf("a person of a big server: %v", err)
			}
		})
	}
}

// Many hosts of one domain that refuse our signature are one server that does.
func TestRefusalsOfOneDomain(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var r refusals
	for n := range 50 {
		if r.record(desk.Host(fmt.Sprintf("s%d.evil.example", n)), now) {
			t.Fatalf("host %d of one domain raises the alarm", n)
		}
	}
	alarms := 0
	for n := range alarmDomains {
		if r.record(desk.Host(fmt.Sprintf("m%d.github.io", n)), now) {
			alarms++
		}
	}
	if alarms != 1 {
		t.Errorf("%d alarms after so many customers of a public suffix", alarms)
	}
}

package desk

import (
	"testing"
	"time"
)

func TestRate(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	r := Rate{Burst: 3, Every: 10 * time.Minute}
	var busy time.Time
	take := func(want bool) {
		t.Helper()
		next, ok := r.Take(busy, now)
		if ok != want || !ok && !next.Equal(busy) {
			t.Fatalf("at %v: %v", now, ok)
		}
		busy = next
	}
	take(true)
	take(true)
	take(true)
	take(false)
	now = now.Add(9 * time.Minute)
	take(false)
	now = now.Add(time.Minute)
	take(true)
	take(false)
	now = now.Add(24 * time.Hour) // rest is not saved up beyond the burst
	take(true)
	take(true)
	take(true)
	take(false)
}

// What an attacker can do makes no domain trusted; what a desk does makes it so.
func TestTrusted(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	old := now.Add(-4 * 24 * time.Hour)
	for _, tt := range []struct {
		name                         string
		s                            Standing
		isNew, known, trusted, spams bool
	}{
		{"never heard of", Standing{}, true, false, false, false},
		{"many people within hours: easy to fake", Standing{Since: now, People: 500}, true, false, false, false},
		{"old, but of one person", Standing{Since: old, People: 1}, true, false, false, false},
		{"three people, for days", Standing{Since: old, People: 3}, false, true, false, false},
		{"one of its issues was answered", Standing{Since: now, People: 20, Answered: 1}, false, false, true, false},
		{"released as a whole", Standing{Since: now, People: 20, Vouched: now}, false, true, true, false},
		{"two of its reports were dropped", Standing{Since: old, People: 9, Dropped: 2}, false, true, false, false},
		{"three of its reports were dropped", Standing{Since: old, People: 9, Dropped: 3}, false, true, false, true},
		{"they were dropped, but others are answered", Standing{Since: old, People: 9, Dropped: 300, Answered: 1}, false, true, true, false},
	} {
		if tt.s.New(now) != tt.isNew || tt.s.Known(now) != tt.known || tt.s.Trusted() != tt.trusted || tt.s.Spams() != tt.spams {
			t.Errorf("%s: new %v, known %v, trusted %v, spams %v", tt.name, tt.s.New(now), tt.s.Known(now), tt.s.Trusted(), tt.s.Spams())
		}
	}
}

// The room of one domain, and of all that nobody here has answered: the one with the
// most is refused first.
func TestRoom(t *testing.T) {
	r := Room{Issues: 100, Domain: 20}
	for _, tt := range []struct {
		name              string
		domain, strangers Standing
		fits              bool
	}{
		{"the first", Standing{}, Standing{}, true},
		{"the last of a domain", Standing{Open: 19}, Standing{Open: 19}, true},
		{"one more", Standing{Open: 20}, Standing{Open: 20}, false},
		{"its reports are long", Standing{Open: 5, OpenBytes: 20 * RoomBytes}, Standing{Open: 5, OpenBytes: 20 * RoomBytes}, false},
		{"it has as many as are free", Standing{Open: 15}, Standing{Open: 35}, false},
		{"another has fewer", Standing{Open: 14}, Standing{Open: 35}, true},
		{"all is full", Standing{}, Standing{Open: 50}, false},
		{"all is full of long reports", Standing{}, Standing{Open: 9, OpenBytes: 50 * RoomBytes}, false},
		{"all is full, but a domain was answered before", Standing{Open: 40, Answered: 1}, Standing{Open: 50}, true},
		{"half of the room is the most for any", Standing{Open: 50, Answered: 1}, Standing{}, false},
	} {
		if got := r.Fits(tt.domain, tt.strangers); got != tt.fits {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// Three attackers who each send as much as they can leave room for others.
func TestRoomIsShared(t *testing.T) {
	domains, all := [4]Standing{}, Standing{}
	for range 1000 {
		for n := range 3 {
			if (Room{Issues: 1000, Domain: 400}).Fits(domains[n], all) {
				domains[n].Open++
				all.Open++
			}
		}
	}
	if free := 500 - all.Open; free < 100 || domains[0].Open < 100 {
		t.Errorf("%d, %d and %d are open, %d are left", domains[0].Open, domains[1].Open, domains[2].Open, free)
	}
}

// Joined takes the better of both standings, and twice is as once.
func TestJoinedStanding(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC) }
	domain := Standing{Key: "m.example", Since: at(3), Busy: at(4), People: 1, Answered: 5, Expires: at(9)}
	host := Standing{Key: "www.m.example", Since: at(1), Busy: at(2), People: 8, Answered: 2, Vouched: at(2), Expires: at(5)}
	want := Standing{Key: "m.example", Since: at(1), Busy: at(4), People: 8, Answered: 5, Vouched: at(2), Expires: at(9)}
	if got := domain.Joined(host); got != want || got.Joined(host) != want {
		t.Errorf("%+v, then %+v", got, got.Joined(host))
	}
}

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

func TestHostRate(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	old := now.Add(-4 * 24 * time.Hour)
	for _, tt := range []struct {
		name  string
		s     Standing
		burst int
		isNew bool
	}{
		{"never heard of", Standing{}, 20, true},
		{"many people within hours: easy to fake", Standing{Since: now, People: 500}, 20, true},
		{"old, but of one person", Standing{Since: old, People: 1}, 20, true},
		{"two of its issues were answered", Standing{Since: now, People: 20, Answered: 2}, 60, false},
		{"three people, for days", Standing{Since: old, People: 3}, 150, false},
		{"released as a whole", Standing{Since: now, People: 20, Vouched: now}, 320, false},
		{"a big server", Standing{Since: old, People: 5000, Answered: 40}, 2000, false},
	} {
		if r := tt.s.HostRate(now); r != perHour(tt.burst) || tt.s.New(now) != tt.isNew {
			t.Errorf("%s: %+v, new %v", tt.name, r, tt.s.New(now))
		}
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

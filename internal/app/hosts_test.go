package app

import (
	"testing"
	"time"

	"earshot/store"
)

func TestBreaker(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	var h store.HostState
	for n := 1; n <= 5; n++ {
		h = hostFailed(h, "a.example", 502, time.Minute, now)
		if down := h.DownUntil.After(now); down != (n >= FailuresToDown) || h.Failures != n {
			t.Errorf("after %d failures: %+v", n, h)
		}
	}
	if h := hostFailed(h, "a.example", 0, 30*24*time.Hour, now); !h.DownUntil.Equal(now.Add(MaxHostPause)) {
		t.Errorf("down for %v", h.DownUntil.Sub(now))
	}
	if h := hostFailed(store.HostState{}, "a.example", 401, time.Hour, now); h.Failures != 0 || !h.DownUntil.IsZero() {
		t.Errorf("an answer counts as silence: %+v", h)
	}
	if h := hostFailed(store.HostState{}, "a.example", 429, time.Hour, now); !h.DownUntil.Equal(now.Add(time.Hour)) {
		t.Errorf("429 is not heeded for the host: %+v", h)
	}
}

func TestGivenUp(t *testing.T) {
	now := time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	for _, c := range []struct {
		name         string
		since, until time.Duration // before now
		host, want   bool
	}{
		{"an unknown host", 0, 0, false, false},
		{"silent for a day", day, 0, true, false},
		{"silent for a week", 7 * day, time.Hour, true, true},
		{"not tried for a week", 20 * day, 8 * day, true, false},
	} {
		var s store.HostState
		if c.host {
			s = store.HostState{DownSince: now.Add(-c.since), DownUntil: now.Add(-c.until)}
		}
		if got := isGivenUp(s, now); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

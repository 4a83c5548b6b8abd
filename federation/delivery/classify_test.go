package delivery

import (
	"testing"
	"time"

	"earshot/store"
)

func TestClassify(t *testing.T) {
	for status, want := range map[int]verdict{
		0: temporary, 200: delivered, 201: delivered, 202: delivered, 204: delivered,
		301: final, 307: final, 308: final,
		400: final, 401: refused, 403: final, 404: moved, 405: final, 406: final, 408: temporary, 410: final, 413: final, 415: final, 425: temporary, 429: temporary,
		500: temporary, 502: temporary, 503: temporary, 504: temporary,
	} {
		if got := classify(status); got != want {
			t.Errorf("classify(%d) = %d, want %d", status, got, want)
		}
	}
}

func TestBreaker(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	var h store.HostState
	for n := 1; n <= 5; n++ {
		h = failed(h, "a.example", 502, time.Minute, now)
		if down := h.DownUntil.After(now); down != (n >= failuresToDown) || h.Failures != n {
			t.Errorf("after %d failures: %+v", n, h)
		}
	}
	if h.DownUntil.Sub(now) > maxPause {
		t.Errorf("down for %v", h.DownUntil.Sub(now))
	}
	if h := failed(store.HostState{}, "a.example", 401, time.Hour, now); h.Failures != 0 || !h.DownUntil.IsZero() {
		t.Errorf("an answer counts as silence: %+v", h)
	}
	if h := failed(store.HostState{}, "a.example", 429, time.Hour, now); !h.DownUntil.Equal(now.Add(time.Hour)) {
		t.Errorf("429 is not heeded for the host: %+v", h)
	}
}

// About eight attempts in the first hour.
func TestSchedule(t *testing.T) {
	var at time.Duration
	tries := 0
	for n := 1; at < time.Hour; n++ {
		at += backoff.Next(n)
		tries++
	}
	if tries < 7 || tries > 10 {
		t.Errorf("%d attempts in the first hour", tries)
	}
}

package delivery

import (
	"testing"
	"time"
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

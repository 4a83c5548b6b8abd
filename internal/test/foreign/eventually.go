package foreign

import (
	"testing"
	"time"
)

// pollEvery is how often Eventually looks: often enough not to slow a test, seldom enough not to load the peer.
const pollEvery = 25 * time.Millisecond

// Eventually checks until done reports true, and fails the test after timeout with done's last message.
func Eventually(t testing.TB, timeout time.Duration, done func() (bool, string)) {
	t.Helper()
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		ok, waiting := done()
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatalf("the test ended while waiting for: %s", waiting)
		case <-deadline.C:
			if ok, waiting = done(); !ok {
				t.Fatalf("after %s still waiting for: %s", timeout, waiting)
			}
			return
		}
	}
}

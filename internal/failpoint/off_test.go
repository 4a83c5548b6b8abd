//go:build !failpoint

package failpoint_test

import (
	"context"
	"testing"
	"time"

	"earshot/internal/failpoint"
)

// In a program as it is delivered the environment changes nothing.
func TestOff(t *testing.T) {
	t.Setenv("EARSHOT_FAILPOINT", "here:1")
	t.Setenv("EARSHOT_FAILPOINT_LEASE", "1s")
	t.Setenv("EARSHOT_FAILPOINT_NIGHTS", "1s")
	t.Setenv("EARSHOT_FAILPOINT_CLOCK", "/nowhere")
	failpoint.Hit("here")
	if d := failpoint.Ahead(); d != 0 {
		t.Errorf("the clock is %s ahead", d)
	}
	if d := failpoint.Wait(time.Hour); d != time.Hour {
		t.Errorf("a wait of %s", d)
	}
	if d := failpoint.Lease(time.Minute); d != time.Minute {
		t.Errorf("a lease of %s", d)
	}
	if w := failpoint.Nights(func(context.Context) error { return nil }); len(w) != 0 {
		t.Errorf("nights by day: %v", w)
	}
	if n := testing.AllocsPerRun(100, func() { failpoint.Hit("here") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

package cost

import (
	"time"

	"golang.org/x/sys/unix"
)

// spent is the processor's time that this thread has had: others that are busy
// on the same machine do not count.
func spent() time.Duration {
	var at unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &at); err != nil {
		panic(err)
	}
	return time.Duration(at.Nano())
}

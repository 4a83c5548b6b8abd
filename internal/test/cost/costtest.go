// Package cost checks that the cost of parsers of remote bytes grows with n log
// n at most. A parser that is quadratic lets one request of a megabyte keep a
// processor busy for seconds.
//
// It compares two sizes in one process, never a time with a clock: a slow or
// busy machine changes both alike.
package cost

import (
	"math"
	"runtime"
	"testing"
	"time"
)

// Factor is how much larger the second input is.
const Factor = 16

const (
	// maxRatio lies between the ratio of n log n at Factor times the size (some 20,
	// and up to 60 where the small input fits into a cache) and that of n² (256).
	maxRatio    = 110
	least, most = 3, 8 // rounds, of which the cheapest of each size counts

	enough = 300 * time.Microsecond // a shorter run says nothing
	steady = 200 * time.Millisecond // a longer run says the same again
)

// NLogN fails the test if reading Factor·n bytes costs more than n log n allows,
// compared with n bytes. of makes an input of about n bytes, and returns a
// function that reads it. n is so large that constant costs do not matter.
func NLogN(t testing.TB, n int, of func(n int) (read func())) {
	t.Helper()
	if ratio := Ratio(n, of); ratio > maxRatio {
		t.Errorf("%d times the input (%d bytes) costs %.0f times as much: n log n costs some 20 times, n² 256 times", Factor, Factor*n/slower, ratio)
	}
}

// Ratio is how many times as much Factor·n bytes cost as n bytes, by the cheapest
// run of each.
func Ratio(n int, of func(n int) (read func())) float64 {
	runtime.LockOSThread() // time is counted by thread
	defer runtime.UnlockOSThread()
	n = max(n/slower, 128)
	few, many := of(n), of(Factor*n)
	often, oftenMany := runs(few), runs(many)
	small, large := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	ratio := 0.0
	for round := 1; round <= most; round++ {
		small, large = min(small, timed(few, often)), min(large, timed(many, oftenMany))
		ratio = float64(large) / float64(small) * float64(often) / float64(oftenMany)
		if large > 10*steady || round >= least && (ratio <= maxRatio || large > steady) {
			break
		}
	}
	return ratio
}

// runs is how often a function runs to be timed: the clock's own cost is no part of it.
func runs(read func()) int { return int(enough/max(timed(read, 1), 1)) + 1 }

// timed is the cost of reading so often.
func timed(read func(), often int) time.Duration {
	began := spent()
	for range often {
		read()
	}
	return spent() - began
}

// Bytes fails the test if reading an input of n bytes allocates more than perByte
// bytes for each of them: a small request must not take much memory.
func Bytes(t testing.TB, n, perByte int, of func(n int) (read func())) {
	t.Helper()
	n /= slower
	read := of(n)
	lowest := uint64(0)
	for range least { // other allocations of the process count too
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		read()
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; lowest == 0 || took < lowest {
			lowest = took
		}
	}
	if lowest > uint64(n)*uint64(perByte) {
		t.Errorf("reading %d bytes allocates %d: %d for each, more than %d", n, lowest, lowest/uint64(n), perByte)
	}
}

package cost

import (
	"slices"
	"testing"
)

var work int

// n² is found out, and n log n is not.
func TestRatio(t *testing.T) {
	input := func(n int) []int {
		list := make([]int, n)
		for i := range list {
			list[i] = (i * 7919) % n
		}
		return list
	}
	sorted := func(n int) func() {
		list := input(n)
		return func() { slices.Sort(slices.Clone(list)) }
	}
	squared := func(n int) func() {
		return func() {
			for i := range n {
				for j := range n {
					work += i ^ j
				}
			}
		}
	}
	NLogN(t, 2000, sorted)
	if ratio := Ratio(200, squared); ratio <= maxRatio {
		t.Errorf("n² costs %.0f times as much only", ratio)
	}
}

type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }

var sink []byte

func TestBytes(t *testing.T) {
	tenfold := func(n int) func() { return func() { sink = make([]byte, 10*n) } }
	for perByte, fails := range map[int]bool{5: true, 20: false} {
		r := &recorder{TB: t}
		if Bytes(r, 1<<16, perByte, tenfold); r.failed != fails {
			t.Errorf("%d for each byte: failed is %v", perByte, r.failed)
		}
	}
}

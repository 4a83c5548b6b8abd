package admission

import (
	"testing"

	"pgregory.net/rapid"

	"earshot/internal/clock"
)

// The used amounts never exceed a bound, in any order of calls, and come back.
func TestAmounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := NewHistory(clock.System{})
		s := NewShares(Bounds{Total: 100, Strangers: 60, Address: 30, Floor: 5, Most: 50, Unit: 2}, h)
		var held []*Holding
		t.Repeat(map[string]func(*rapid.T){
			"take": func(t *rapid.T) {
				if got, why := s.Take(addr(rapid.IntRange(1, 6).Draw(t, "address")), rapid.IntRange(1, 40).Draw(t, "n")); why == "" {
					held = append(held, got)
				}
			},
			"more": func(t *rapid.T) {
				if len(held) > 0 {
					one := rapid.SampledFrom(held).Draw(t, "one")
					one.More(rapid.IntRange(-one.held.amount, 10).Draw(t, "n"))
				}
			},
			"give":     func(*rapid.T) { give(&held, 1) },
			"verified": func(t *rapid.T) { h.Verified(addr(rapid.IntRange(1, 6).Draw(t, "address"))) },
			"failed":   func(t *rapid.T) { h.Failed(addr(rapid.IntRange(1, 6).Draw(t, "address"))) },
			"": func(t *rapid.T) {
				sum := 0
				for a, n := range s.t.of {
					if n <= 0 || n > 50 {
						t.Errorf("%v has %d", a, n)
					}
					sum += n
				}
				if sum != s.Used() || sum > 100 || s.t.strangers > 60 || s.t.strangers < 0 {
					t.Errorf("%d of %d are taken, %d by strangers", sum, s.Used(), s.t.strangers)
				}
			},
		})
		give(&held, len(held))
		if s.Used() != 0 || len(s.t.of) != 0 || s.t.strangers != 0 {
			t.Errorf("something did not come back: %+v", s.t)
		}
	})
}

func give(held *[]*Holding, n int) {
	for range min(n, len(*held)) {
		(*held)[0].Give()
		(*held)[0].Give()
		*held = (*held)[1:]
	}
}

// The memory is bounded, and a forgotten address is a stranger.
func TestHistoryIsBounded(t *testing.T) {
	h := NewHistory(clock.System{})
	h.Verified(addr(0))
	for n := range historyMemory {
		h.BadKey(addr(n + 1))
	}
	if h.Len() != historyMemory || h.Known(addr(0)) || h.Known(addr(1)) {
		t.Errorf("%d are remembered", h.Len())
	}
}

package store

import (
	"testing"
	"time"
)

func TestHours(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		heard []time.Duration // after start
		now   time.Duration
		want  map[int]int // by hours ago
	}{
		"nothing":                  {nil, 0, nil},
		"one":                      {[]time.Duration{0}, 0, map[int]int{0: 1}},
		"the same hour":            {[]time.Duration{0, 29 * time.Minute}, 0, map[int]int{0: 2}},
		"the next hour":            {[]time.Duration{0, 30 * time.Minute}, 30 * time.Minute, map[int]int{0: 1, 1: 1}},
		"later":                    {[]time.Duration{0}, 23 * time.Hour, map[int]int{23: 1}},
		"a day later":              {[]time.Duration{0}, 24 * time.Hour, nil},
		"a year later":             {[]time.Duration{0}, 8760 * time.Hour, nil},
		"after a gap":              {[]time.Duration{0, 30 * time.Hour}, 30 * time.Hour, map[int]int{0: 1}},
		"late":                     {[]time.Duration{5 * time.Hour, 0}, 5 * time.Hour, map[int]int{0: 1, 5: 1}},
		"too late":                 {[]time.Duration{30 * time.Hour, 0}, 30 * time.Hour, map[int]int{0: 1}},
		"seen by a clock set back": {[]time.Duration{2 * time.Hour}, 0, map[int]int{0: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			var h Hours
			for _, after := range c.heard {
				h = h.Count(start.Add(after), 1)
			}
			h = h.At(start.Add(c.now))
			for n, got := range h.Counts {
				if want := c.want[len(h.Counts)-1-n]; got != want {
					t.Errorf("%d hours ago: %d, want %d", len(h.Counts)-1-n, got, want)
				}
			}
		})
	}
}

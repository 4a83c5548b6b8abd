package store

import "time"

// Hours counts something for each of the last 24 hours.
type Hours struct {
	Newest time.Time `json:"newest"` // when the hour of the last count began
	Counts [24]int   `json:"counts"` // the newest last
}

// Count adds one at a time. A time before the first hour is not counted.
func (h Hours) Count(at time.Time) Hours {
	h = h.At(at)
	if n := len(h.Counts) - 1 - int(h.Newest.Sub(hourOf(at))/time.Hour); n >= 0 {
		h.Counts[n]++
	}
	return h
}

// At returns the counts at a later time: older hours have moved out. A clock
// that was set back moves nothing.
func (h Hours) At(now time.Time) Hours {
	hour := hourOf(now)
	if !hour.After(h.Newest) {
		return h
	}
	passed := len(h.Counts)
	if !h.Newest.IsZero() && hour.Sub(h.Newest) < time.Duration(passed)*time.Hour {
		passed = int(hour.Sub(h.Newest) / time.Hour)
	}
	out := Hours{Newest: hour}
	copy(out.Counts[:], h.Counts[passed:])
	return out
}

func hourOf(at time.Time) time.Time { return at.UTC().Truncate(time.Hour) }

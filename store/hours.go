package store

import "time"

// Hours counts something for each of the last 24 hours.
type Hours struct {
	Newest time.Time `json:"newest"` // when the hour of the last count began
	Counts [24]int   `json:"counts"` // the newest last
}

// Count adds some at a time. A time before the first hour is not counted.
func (h Hours) Count(at time.Time, some int) Hours {
	h = h.At(at)
	if n := len(h.Counts) - 1 - int(h.Newest.Sub(hourOf(at))/time.Hour); n >= 0 {
		h.Counts[n] += some
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

// Days counts something for each of the last 14 days, in UTC.
type Days struct {
	Newest time.Time `json:"newest"` // when the day of the last count began
	Counts [14]int   `json:"counts"` // the newest last
}

const day = 24 * time.Hour

// Count adds some at a time. A time before the first day is not counted.
func (d Days) Count(at time.Time, n int) Days {
	d = d.At(at)
	if i := len(d.Counts) - 1 - int(d.Newest.Sub(at.UTC().Truncate(day))/day); i >= 0 {
		d.Counts[i] += n
	}
	return d
}

// At returns the counts at a later time: older days have moved out. A clock that
// was set back moves nothing.
func (d Days) At(now time.Time) Days {
	today := now.UTC().Truncate(day)
	if !today.After(d.Newest) {
		return d
	}
	passed := len(d.Counts)
	if !d.Newest.IsZero() && today.Sub(d.Newest) < time.Duration(passed)*day {
		passed = int(today.Sub(d.Newest) / day)
	}
	out := Days{Newest: today}
	copy(out.Counts[:], d.Counts[passed:])
	return out
}

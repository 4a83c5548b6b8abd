package desk

import (
	"slices"
	"time"
)

// The figures of piles: docs/adr/0028 gives the reasons.
const (
	loadQuarter   = 15 * time.Minute
	loadFirst     = 20  // unread in a quarter of an hour, without a history
	loadLeast     = 10  // and with one, at least
	loadMost      = 200 // and at most
	loadUsual     = 3   // so many times the usual
	loadDays      = 28  // the history
	loadHistory   = 7   // fewer days are none
	loadOdd       = 50  // reports unlike the rest that stand on rows of their own
	loadRecent    = 60  // of the others, which are compared with new ones
	loadRemembers = loadMost + loadOdd + 50
	// PileGoesOn is how long after its last report a pile takes in further ones.
	PileGoesOn = time.Hour
)

// Load is how much has come to a desk lately, and how much usually does: when more unread
// reports come than usual, new ones stand in piles.
type Load struct {
	// Rows are unread reports on rows of the list: those of the last quarter of an
	// hour, and while there are too many those since that began.
	Rows []LoadRow `json:"rows,omitempty"`
	// Piled counts reports that came into piles, by the minute.
	Piled []LoadMinute `json:"piled,omitempty"`
	// Others are the last that came into the pile of others.
	Others []IssueID `json:"others,omitempty"`
	// Days has the most that were unread at a time, of each day with reports before
	// Day; Most is that of Day.
	Days []int     `json:"days,omitempty"`
	Day  time.Time `json:"day,omitzero"`
	Most int       `json:"most,omitempty"`
	// TooMany is when there were last too many.
	TooMany time.Time `json:"too_many,omitzero"`
	// Unlike counts reports that were like no pile since reports were last compared.
	Unlike int `json:"unlike,omitempty"`
}

// LoadRow is one unread report on a row.
type LoadRow struct {
	Issue IssueID   `json:"issue"`
	At    time.Time `json:"at"`
	// Stays: its reporter was known before, or answers us; it is in no pile ever.
	Stays bool `json:"stays,omitempty"`
	// Odd: it came while there were too many, and is unlike the others.
	Odd bool `json:"odd,omitempty"`
}

// LoadMinute is how many reports came into piles in a minute.
type LoadMinute struct {
	At time.Time `json:"at"`
	N  int       `json:"n"`
}

// Limit is how many unread reports of a quarter of an hour the desk can look at: some
// times the usual.
func (l Load) Limit() int {
	if len(l.Days) < loadHistory {
		return loadFirst
	}
	days := slices.Sorted(slices.Values(l.Days))
	return min(max(loadUsual*days[len(days)/2], loadLeast), loadMost)
}

// Pass brings the load to a time: old reports count no more.
func (l *Load) Pass(now time.Time) {
	if today := now.Truncate(24 * time.Hour); today.After(l.Day) {
		if l.Most > 0 {
			l.Days = append(l.Days, l.Most)
			l.Days = l.Days[max(0, len(l.Days)-loadDays):]
		}
		l.Day, l.Most = today, 0
	}
	l.Piled = slices.DeleteFunc(l.Piled, func(m LoadMinute) bool { return now.Sub(m.At) >= loadQuarter })
	if l.Lately(now) {
		return
	}
	l.Others, l.Unlike = nil, 0
	l.Rows = slices.DeleteFunc(l.Rows, func(r LoadRow) bool { return now.Sub(r.At) >= loadQuarter })
	for n := range l.Rows {
		l.Rows[n].Odd = false
	}
}

// Lately says whether there were too many within the time in which a pile goes on.
func (l Load) Lately(now time.Time) bool {
	return !l.TooMany.IsZero() && now.Sub(l.TooMany) < PileGoesOn
}

// Unread is how many unread reports came in the last quarter of an hour.
func (l Load) Unread(now time.Time) (n int) {
	for _, r := range l.Rows {
		if now.Sub(r.At) < loadQuarter {
			n++
		}
	}
	for _, m := range l.Piled {
		n += m.N
	}
	return n
}

// Full says whether one more would be more than the desk can look at, and remembers it.
func (l *Load) Full(now time.Time) bool {
	full := l.Unread(now) >= l.Limit()
	if full {
		l.TooMany = now
	}
	return full
}

// OddRoom says whether one more report unlike the others may stand on a row.
func (l Load) OddRoom() bool {
	n := 0
	for _, r := range l.Rows {
		if r.Odd {
			n++
		}
	}
	return n < loadOdd
}

// Stand notes that a report stands on a row. A busy desk remembers the newest ones.
func (l *Load) Stand(r LoadRow) {
	l.Rows = append(l.Rows, r)
	l.Rows = l.Rows[max(0, len(l.Rows)-loadRemembers):]
	rows := 0
	for _, other := range l.Rows {
		if r.At.Sub(other.At) < loadQuarter {
			rows++
		}
	}
	l.Most = max(l.Most, rows)
}

// Pile notes that a report came into a pile.
func (l *Load) Pile(at time.Time) {
	minute := at.Truncate(time.Minute)
	if n := len(l.Piled); n > 0 && l.Piled[n-1].At.Equal(minute) {
		l.Piled[n-1].N++
		return
	}
	l.Piled = append(l.Piled, LoadMinute{minute, 1})
}

// Other notes that a report came into the pile of others.
func (l *Load) Other(i IssueID) {
	l.Others = append(l.Others, i)
	l.Others = l.Others[max(0, len(l.Others)-loadRecent):]
}

// Leave notes that a report on a row was read, or went into a pile.
func (l *Load) Leave(i IssueID) (was LoadRow, ok bool) {
	n := slices.IndexFunc(l.Rows, func(r LoadRow) bool { return r.Issue == i })
	if n < 0 {
		return was, false
	}
	was = l.Rows[n]
	l.Rows = slices.Delete(l.Rows, n, n+1)
	return was, true
}

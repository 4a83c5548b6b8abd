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
	loadRemembers = loadMost + loadOdd + 50
	// PileRecent is how many of the others are compared with new reports.
	PileRecent = 60
	// PileGoesOn is how long after its last report a pile takes in further ones.
	PileGoesOn = time.Hour
)

// Load is how much has come to a desk lately, and how much usually does: when more unread
// reports come than usual, new ones stand in piles. It is written with every report, and
// so it is small; the reports themselves are in LoadRows.
type Load struct {
	// Minutes has the last quarter of an hour.
	Minutes []LoadMinute `json:"minutes,omitempty"`
	// Days has the most that were unread at a time, of each day with reports before
	// Day; Most is that of Day.
	Days []int     `json:"days,omitempty"`
	Day  time.Time `json:"day,omitzero"`
	Most int       `json:"most,omitempty"`
	// TooMany is when there were last too many, Begun when that began.
	TooMany time.Time `json:"too_many,omitzero"`
	Begun   time.Time `json:"begun,omitzero"`
	// Unlike counts reports that were like no pile since reports were last compared.
	Unlike int `json:"unlike,omitempty"`
	// Odd is how many of LoadRows are odd.
	Odd int `json:"odd,omitempty"`
}

// LoadMinute is how many reports came in a minute: those that are unread on rows, and
// those that came into piles.
type LoadMinute struct {
	At    int64 `json:"at"` // minutes since 1970
	Rows  int   `json:"rows,omitempty"`
	Piled int   `json:"piled,omitempty"`
}

// LoadRows are the unread reports on rows of the list that may come into a pile: those
// of the last quarter of an hour, and while there are too many those since that began.
type LoadRows []LoadRow

// LoadRow is one of them.
type LoadRow struct {
	Issue IssueID   `json:"issue"`
	At    time.Time `json:"at"`
	// Odd: it came while there were too many, and is unlike the others.
	Odd bool `json:"odd,omitempty"`
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
	first := minute(now) - int64(loadQuarter/time.Minute)
	l.Minutes = slices.DeleteFunc(l.Minutes, func(m LoadMinute) bool { return m.At <= first })
	if !l.Lately(now) {
		l.Unlike, l.Odd, l.Begun = 0, 0, time.Time{}
	}
}

func minute(at time.Time) int64 { return at.Unix() / 60 }

// since is the time from which reports on rows may come into a pile.
func (l Load) since(now time.Time) time.Time {
	if l.Lately(now) {
		now = l.Begun
	}
	return now.Add(-loadQuarter)
}

// Pass brings the rows to a time: those that came too early are left out.
func (r LoadRows) Pass(l Load, now time.Time) LoadRows {
	since := l.since(now)
	return slices.DeleteFunc(r, func(r LoadRow) bool { return !r.At.After(since) })
}

// Lately says whether there were too many within the time in which a pile goes on.
func (l Load) Lately(now time.Time) bool {
	return !l.TooMany.IsZero() && now.Sub(l.TooMany) < PileGoesOn
}

// Unread is how many unread reports came in the last quarter of an hour.
func (l Load) Unread() (n int) {
	for _, m := range l.Minutes {
		n += m.Rows + m.Piled
	}
	return n
}

// Full says whether one more would be more than the desk can look at, and remembers it.
func (l *Load) Full(now time.Time) bool {
	full := l.Unread() >= l.Limit()
	if full {
		if !l.Lately(now) {
			l.Begun = now
		}
		l.TooMany = now
	}
	return full
}

// OddRoom says whether one more report unlike the others may stand on a row.
func (l Load) OddRoom() bool { return l.Odd < loadOdd }

// Stand counts a report that stands unread on a row.
func (l *Load) Stand(at time.Time) {
	l.at(at).Rows++
	rows := 0
	for _, m := range l.Minutes {
		rows += m.Rows
	}
	l.Most = max(l.Most, min(rows, loadRemembers))
}

// Pile counts a report that came into a pile.
func (l *Load) Pile(at time.Time) { l.at(at).Piled++ }

// Unstand counts that a report was read, or left its row, if it came lately; Restand that
// it stands there unread again.
func (l *Load) Unstand(at time.Time) { l.stood(at, -1) }

// Restand: see Unstand.
func (l *Load) Restand(at time.Time) { l.stood(at, 1) }

func (l *Load) stood(at time.Time, n int) {
	for i, m := range l.Minutes {
		if m.At == minute(at) {
			l.Minutes[i].Rows = max(0, m.Rows+n)
		}
	}
}

// at is the minute of a time, which is not before the others.
func (l *Load) at(at time.Time) *LoadMinute {
	if n := len(l.Minutes); n == 0 || l.Minutes[n-1].At < minute(at) {
		l.Minutes = append(l.Minutes, LoadMinute{At: minute(at)})
	}
	return &l.Minutes[len(l.Minutes)-1]
}

// Add adds a report. A busy desk remembers the newest ones.
func (r LoadRows) Add(row LoadRow, l *Load) LoadRows {
	if r = append(r, row); row.Odd {
		l.Odd++
	}
	for len(r) > loadRemembers {
		r = r.leave(0, l)
	}
	return r
}

// Leave takes a report out that was read, or went into a pile.
func (r LoadRows) Leave(i IssueID, l *Load) (LoadRows, bool) {
	n := slices.IndexFunc(r, func(r LoadRow) bool { return r.Issue == i })
	if n < 0 {
		return r, false
	}
	return r.leave(n, l), true
}

func (r LoadRows) leave(n int, l *Load) LoadRows {
	if r[n].Odd {
		l.Odd = max(0, l.Odd-1)
	}
	return slices.Delete(r, n, n+1)
}

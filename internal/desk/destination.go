package desk

import (
	"slices"
	"time"
)

// DestinationForm is how a destination is notified.
type DestinationForm string

// The forms.
const (
	FormWebhook DestinationForm = "webhook" // a signed POST, as Standard Webhooks describes it
	FormNtfy    DestinationForm = "ntfy"    // a topic of an ntfy server
)

// NoticeReason is why an agent is notified of an event.
type NoticeReason string

// The reasons.
const (
	NoticeNew       NoticeReason = "new"       // a person reported something
	NoticeNeedsUs   NoticeReason = "needs_us"  // a reporter wrote again
	NoticeMentioned NoticeReason = "mentioned" // a colleague named this agent in a comment
	NoticeAssigned  NoticeReason = "assigned"  // an agent gave this agent an issue
)

// NoticeReasons lists every reason.
func NoticeReasons() []NoticeReason {
	return []NoticeReason{NoticeNew, NoticeNeedsUs, NoticeMentioned, NoticeAssigned}
}

// QuietHours is a time of the day in which an agent is not notified. From and To
// are minutes of the day in the time zone; both 0: there is no such time. Where
// From is later than To, the night lies between them.
type QuietHours struct {
	From int    `json:"from"`
	To   int    `json:"to"`
	Zone string `json:"zone,omitempty"` // IANA name; "" is UTC
}

// Over returns when the quiet hours end that a moment is in; the zero time if it
// is in none. location is the time zone's.
func (q QuietHours) Over(now time.Time, location *time.Location) time.Time {
	if q.From == q.To {
		return time.Time{}
	}
	local := now.In(location)
	minute := local.Hour()*60 + local.Minute()
	day := local.Day()
	switch {
	case q.From < q.To && minute >= q.From && minute < q.To:
	case q.From > q.To && minute < q.To:
	case q.From > q.To && minute >= q.From:
		day++
	default:
		return time.Time{}
	}
	return time.Date(local.Year(), local.Month(), day, 0, q.To, 0, 0, location)
}

// KnownReason says whether there is such a reason.
func KnownReason(r NoticeReason) bool { return slices.Contains(NoticeReasons(), r) }

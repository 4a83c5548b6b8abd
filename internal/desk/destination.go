package desk

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// DestinationForm is how a destination is notified.
type DestinationForm string

// The forms.
const (
	FormWebhook DestinationForm = "webhook" // a signed POST, as Standard Webhooks describes it
	FormNtfy    DestinationForm = "ntfy"    // a topic of an ntfy server
	FormPush    DestinationForm = "push"    // a browser of an agent, by Web Push
	FormMail    DestinationForm = "mail"    // the agent's e-mail address: one mail for several events
)

// NoticeReason is why an agent is notified of an event.
type NoticeReason string

// The reasons.
const (
	NoticeNew       NoticeReason = "new"       // a person reported something
	NoticeNeedsUs   NoticeReason = "needs_us"  // a reporter wrote again
	NoticeMentioned NoticeReason = "mentioned" // a colleague named this agent in a comment
	NoticeAssigned  NoticeReason = "assigned"  // an agent gave this agent an issue
	NoticeSurge     NoticeReason = "surge"     // many reports came at once
	NoticeTurn      NoticeReason = "turn"      // nobody took a new issue, and this agent is the next of the rota
)

// NoticeReasons lists every reason.
func NoticeReasons() []NoticeReason {
	return []NoticeReason{NoticeNew, NoticeNeedsUs, NoticeMentioned, NoticeAssigned, NoticeSurge, NoticeTurn}
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

// ParseQuietHours reads hours as people write them: "22:00-07:00"; "" is none.
func ParseQuietHours(hours, zone string) (QuietHours, error) {
	q := QuietHours{Zone: strings.TrimSpace(zone)}
	hours = strings.TrimSpace(hours)
	if hours == "" {
		return QuietHours{}, nil
	}
	from, to, ok := strings.Cut(hours, "-")
	begin, err1 := time.Parse("15:04", strings.TrimSpace(from))
	end, err2 := time.Parse("15:04", strings.TrimSpace(to))
	if !ok || err1 != nil || err2 != nil {
		return QuietHours{}, Invalid("quiet_hours", "quiet hours are written like 22:00-07:00, not %q", hours)
	}
	q.From, q.To = begin.Hour()*60+begin.Minute(), end.Hour()*60+end.Minute()
	return q, nil
}

// Hours writes them as ParseQuietHours reads them.
func (q QuietHours) Hours() string {
	if q.From == q.To {
		return ""
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", q.From/60, q.From%60, q.To/60, q.To%60)
}

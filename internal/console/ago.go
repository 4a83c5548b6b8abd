package console

import (
	"time"

	"earshot/internal/locale"
)

// ago says how long something has lasted, in the one unit that matters.
func ago(l *locale.Language, d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return l.T("console_ago.now")
	case d < time.Hour:
		return l.T("console_ago.minutes", "n", int(d/time.Minute))
	case d < 2*day:
		return l.T("console_ago.hours", "n", int(d/time.Hour))
	}
	return l.T("console_ago.days", "n", int(d/day))
}

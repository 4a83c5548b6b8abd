package httpsig

import (
	"net/http"
	"strings"
	"time"
)

// dateLayouts are the dates of RFC 5322 and 3339 that senders write for that of
// RFC 9110. "2" reads a day of one digit or two.
var dateLayouts = []string{
	"Mon, 2 Jan 2006 15:04:05 -0700",
	"Mon, 2 Jan 2006 15:04:05 -07:00",
	"2 Jan 2006 15:04:05 -0700",
	time.RFC3339,
}

const maxDateBytes = 64

// parseDate reads a Date header in every form that leaves no doubt about the
// time: java.time writes days of one digit, others +0000 or UTC for GMT. A name of
// another zone means nothing certain.
func parseDate(s string) (time.Time, error) {
	t, err := http.ParseTime(s)
	if err == nil || len(s) > maxDateBytes {
		return t, err
	}
	s = strings.TrimSpace(s)
	for _, zone := range []string{" GMT", " UTC", " UT", " Z"} {
		if before, ok := strings.CutSuffix(s, zone); ok {
			s = strings.TrimSpace(before) + " +0000"
			break
		}
	}
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, err
}

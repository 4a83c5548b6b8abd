package safehttp

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter is how long we let a peer tell us to stay away.
const maxRetryAfter = 24 * time.Hour

// RetryAfter reads a Retry-After header (RFC 9110, section 10.2.3), seconds or
// a date: how long to wait from now, 0 to 24 hours; 0 too if it says nothing.
func RetryAfter(header http.Header, now time.Time) time.Duration {
	s := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(s, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, maxRetryAfter)
	}
	if at, err := http.ParseTime(s); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	return 0
}

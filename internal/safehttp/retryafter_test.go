package safehttp

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, " 5 ": 5 * time.Second, "-3": 0, "soon": 0, "999999999": maxRetryAfter, "99999999999999999999": 0,
		"Thu, 01 Jan 2026 13:00:00 GMT": time.Hour, "Thu, 01 Jan 2026 11:00:00 GMT": 0, "Fri, 01 Jan 2027 12:00:00 GMT": maxRetryAfter,
	} {
		if got := RetryAfter(http.Header{"Retry-After": {in}}, now); got != want {
			t.Errorf("RetryAfter(%q) = %v, want %v", in, got, want)
		}
	}
}

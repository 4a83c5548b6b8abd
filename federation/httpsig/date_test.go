package httpsig

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/internal/test/cost"
)

func TestParseDate(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 5, 0, 0, time.UTC)
	for _, s := range []string{
		"Sun, 01 Mar 2026 09:05:00 GMT", "Sunday, 01-Mar-26 09:05:00 GMT", "Sun Mar  1 09:05:00 2026",
		"Sun, 1 Mar 2026 09:05:00 GMT", "Sun, 1 Mar 2026 09:05:00 UTC", "Sun, 01 Mar 2026 09:05:00 UT", "Sun, 01 Mar 2026 09:05:00 Z",
		"Sun, 1 Mar 2026 09:05:00 +0000", "Sun, 01 Mar 2026 09:05:00 -0000", "Sun, 01 Mar 2026 10:05:00 +0100", "Sun, 01 Mar 2026 04:05:00 -05:00",
		"1 Mar 2026 09:05:00 GMT", "2026-03-01T09:05:00Z", " Sun, 1 Mar 2026 09:05:00  GMT ",
	} {
		if got, err := parseDate(s); err != nil || !got.Equal(at) {
			t.Errorf("parseDate(%q) = %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "now", "Sun, 01 Mar 2026 09:05:00", "Sun, 01 Mar 2026 09:05:00 CET", "Sun, 01 Mar 2026 09:05:00 PST",
		"Sun, 32 Mar 2026 09:05:00 GMT", "Sun, 01 Mar 2026 09:05:00 GMT GMT", "1772355900", strings.Repeat(" ", 100) + "Sun, 1 Mar 2026 09:05:00 GMT"} {
		if got, err := parseDate(s); err == nil {
			t.Errorf("parseDate(%q) = %v", s, got)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"Sun, 1 Mar 2026 09:05:00 UTC", "2026-03-01T09:05:00Z", "1 Mar 2026 09:05:00 +0100"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseDate(s)
		if want, usual := http.ParseTime(s); usual == nil && (err != nil || !got.Equal(want)) {
			t.Errorf("parseDate(%q) = %v, %v; it is %v", s, got, err, want)
		}
	})
}

func TestCostOfDate(t *testing.T) {
	for name, piece := range map[string]string{"spaces": " ", "zones": " GMT", "digits": "1"} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 8<<10, func(n int) func() {
				s := "Sun, 1 Mar 2026 09:05:00" + strings.Repeat(piece, n/len(piece))
				return func() { _, _ = parseDate(s) }
			})
		})
	}
}

package instance

import (
	"fmt"
	"strings"
	"testing"

	"earshot/internal/test/cost"
)

// A server's answers about itself are read in a time that grows with their
// length.
func TestCost(t *testing.T) {
	letters := func(n int) string {
		out := make([]rune, n/3)
		for i := range out {
			out[i] = rune(0x4e00 + i*7919%20_000)
		}
		return string(out)
	}
	listed := func(n int, entry string) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, entry, i)
		}
		return b.String()
	}
	for name, of := range map[string]func(n int) string{
		"links": func(n int) string {
			return `{"links":[` + listed(n, `{"rel":"`+nodeInfoSchema+`0","href":"https://a.example/%d"}`) + `]}`
		},
		"empty links": func(n int) string { return `{"links":[` + strings.Repeat(`{},`, n/3) + `{}]}` },
		"a long host": func(n int) string {
			return `{"links":[{"rel":"` + nodeInfoSchema + `0","href":"https://` + letters(n) + `/"}]}`
		},
		"long relations": func(n int) string {
			return `{"links":[` + listed(n, `{"rel":"`+nodeInfoSchema+strings.Repeat("1", 1000)+`%d","href":"https://a.example/"}`) + `]}`
		},
		"keys": func(n int) string { return `{` + listed(n, `"k%d":1`) + `}` },
		"one key again": func(n int) string {
			return `{"metadata":{` + listed(n, `"maxNoteTextLength":%d`) + `},"max_toot_chars":1}`
		},
		"no number": func(n int) string { return `{"max_toot_chars":[` + listed(n, "%d") + `]}` },
		"a number": func(n int) string {
			return `{"metadata":{"maxNoteTextLength":1` + strings.Repeat("0", n) + `},"max_toot_chars":1` + strings.Repeat("0", n) + `}`
		},
		"levels": func(n int) string { return strings.Repeat(`{"metadata":`, n/13) + `1` + strings.Repeat(`}`, n/13) },
	} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 8<<10, func(n int) func() {
				body := []byte(of(n))
				return func() {
					readInstance(body)
					readNodeInfoLinks(body, "a.example")
					readNodeInfo(body)
				}
			})
		})
	}
}

package blocklist

import (
	"fmt"
	"strings"
	"testing"

	"earshot/internal/test/cost"
)

// A list comes from anywhere: its cost grows only with its length.
func TestCost(t *testing.T) {
	listed := func(n int, line string) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, line, i)
		}
		return b.String()
	}
	for name, of := range map[string]func(n int) string{
		"domains":        func(n int) string { return listed(n, "a%d.example,suspend\n") },
		"one domain":     func(n int) string { return strings.Repeat("a.example,suspend\n", n/18) },
		"no domains":     func(n int) string { return listed(n, "a*%d.example\n") },
		"columns":        func(n int) string { return listed(n, "c%d,") },
		"domain columns": func(n int) string { return strings.Repeat("domain,", n/7) + "\na.example\n" },
		"a comment": func(n int) string {
			return "domain,severity,public_comment\na.example,suspend," + strings.Repeat("é", n/2)
		},
		"open quotes":   func(n int) string { return `"` + strings.Repeat("a\n", n/2) },
		"quotes":        func(n int) string { return `"` + strings.Repeat(`""`, n/2) },
		"lazy quotes":   func(n int) string { return strings.Repeat(`a"b,`, n/4) },
		"empty lines":   func(n int) string { return strings.Repeat("\n", n) },
		"a long domain": func(n int) string { return strings.Repeat("語彙詞", n/9) + ".example\n" },
		"labels":        func(n int) string { return strings.Repeat("ü.", n/3) + "example\n" },
	} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 16<<10, func(n int) func() {
				s := of(n)
				return func() { _, _, _ = Read(strings.NewReader(s)) }
			})
		})
	}
}

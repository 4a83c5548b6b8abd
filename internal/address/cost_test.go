package address

import (
	"strings"
	"testing"

	"earshot/internal/test/cost"
)

// Strangers write addresses: what one costs grows with its length at most.
func TestCost(t *testing.T) {
	b := book()
	for name, of := range map[string]func(n int) string{
		"path":     func(n int) string { return host + strings.Repeat("/a", n/2) },
		"slashes":  func(n int) string { return host + strings.Repeat("/", n) },
		"encoded":  func(n int) string { return host + "/" + strings.Repeat("%40", n/3) },
		"percents": func(n int) string { return "acct:" + strings.Repeat("%25", n/3) + "@acme.example" },
		"query":    func(n int) string { return host + "/users/x?" + strings.Repeat("a=1&", n/4) },
		"host":     func(n int) string { return "https://" + strings.Repeat("ä.", n/3) + "acme.example/@help" },
		"at":       func(n int) string { return strings.Repeat("@", n) + "acme.example" },
		"user":     func(n int) string { return "@" + strings.Repeat("a", n) + "@acme.example" },
	} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 1<<10, func(n int) func() {
				s := of(n)
				return func() { b.Find(s) }
			})
		})
	}
}

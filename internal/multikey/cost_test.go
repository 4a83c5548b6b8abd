package multikey

import (
	"strings"
	"testing"

	"earshot/internal/test/cost"
)

// Base58 costs the square of its length, so the length is looked at first.
func TestCost(t *testing.T) {
	for name, digit := range map[string]string{"digits": "2", "zeros": "1", "no digits": "0"} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 1<<10, func(n int) func() {
				s := "z" + strings.Repeat(digit, n)
				return func() { _, _ = Parse(s) }
			})
		})
	}
}

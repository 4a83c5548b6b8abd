package locale

import (
	"strings"
	"testing"

	"earshot/internal/test/cost"
)

// Accept-Language is read with every page.
func TestCost(t *testing.T) {
	c := catalogue(t)
	for name, piece := range map[string]string{"commas": ",", "languages": "de-AT,", "subtags": "a-", "weights": "de;q=0.1,", "extensions": "u-"} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 4<<10, func(n int) func() {
				s := "de-" + strings.Repeat(piece, n/len(piece))
				return func() { c.Choose(s, s) }
			})
		})
	}
}

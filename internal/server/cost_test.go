package server

import (
	"net/netip"
	"strings"
	"testing"

	"earshot/internal/test/cost"
)

// X-Forwarded-For is read with every request, also where a proxy passes on all
// that a client made up.
func TestCost(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("10.0.0.0/8")}
	for name, piece := range map[string]string{"commas": ",", "proxies": "10.0.0.1, ", "spaces": " ", "none": "x,"} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 4<<10, func(n int) func() {
				one := from("192.0.2.1:1000", strings.Repeat(piece, n/len(piece)))
				many := from("192.0.2.1:1000", strings.SplitAfter(strings.Repeat(piece, n/len(piece)), ",")...)
				return func() { ClientAddr(one, trusted); ClientAddr(many, trusted) }
			})
		})
	}
}

package attacks

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"earshot/internal/test/program"
)

// attack is one class of published attacks.
type attack struct {
	class   int
	name    string // of the test, after its number
	ids     string // as published, or ""
	tried   string // the steps of the case
	defends string // the defence against it, as package or file
	// elsewhere names tests for cases that this one cannot prove: --dev allows
	// loopback addresses, without which no peer of a test could be reached.
	elsewhere []string
	strict    bool // against an instance without --dev
	last      bool // after all others: the instance puts strangers' reports aside from then on
	run       func(*site)
}

// TestAttacks runs every class, and prints the table.
func TestAttacks(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the program")
	}
	bin := program.Build(t)
	dev := serve(t, bin, "", "EARSHOT_TRUSTED_PROXIES=127.0.0.1", "EARSHOT_TAKE_BACK=1ms")
	// With trusted_proxies set, this machine is a client like others.
	strict := serve(t, bin, "https://earshot.example", "EARSHOT_TRUSTED_PROXIES=192.0.2.1")
	var table strings.Builder
	for _, a := range inOrder(classes()) {
		ok := t.Run(fmt.Sprintf("%02d_%s", a.class, a.name), func(t *testing.T) {
			on := dev
			if a.strict {
				on = strict
			}
			a.run(on.for_(t))
		})
		verdict := "ok"
		if !ok {
			verdict = "FAILED"
		}
		fmt.Fprintf(&table, "%-6s %2d  %-34s %-58s %s\n", verdict, a.class, a.name, a.ids, a.defends)
	}
	t.Logf("the table:\n%s", table.String())
}

// inOrder returns the classes as they are run.
func inOrder(all []attack) []attack {
	return slices.SortedStableFunc(slices.Values(all), func(a, b attack) int {
		switch {
		case a.last == b.last:
			return 0
		case a.last:
			return 1
		}
		return -1
	})
}

// classes is the table, in order.
func classes() []attack {
	var all []attack
	for _, part := range [][]attack{identity, spelling, fetching, exhaustion, content, erasing, cost, rations, silence, thirdPersons, late, staff} {
		all = append(all, part...)
	}
	return all
}

package doctor

import (
	"context"
	"fmt"
	"strings"
)

// destinationsNamed is how many are named.
const destinationsNamed = 5

// destinations says which webhooks, and destinations of agents, do not arrive.
func (e *examination) destinations(ctx context.Context) []Finding {
	failing, err := e.App.FailingDestinations(ctx)
	if err != nil {
		return problem("destinations", seeLog, "they cannot be listed: %v", err)
	}
	if len(failing) == 0 {
		return ok("destinations", "notifications arrive, or none are sent")
	}
	var names []string
	for _, d := range failing[:min(len(failing), destinationsNamed)] {
		how := "fails"
		if d.Gave {
			how = "is paused, it failed for days"
		}
		names = append(names, fmt.Sprintf("%s %s: %s", d.Name, how, d.Error))
	}
	return warning("destinations", "Webhooks in the console, or GET /api/v1/webhooks, shows them: mend or remove each, then resume it", "%d destinations are not reached: %s", len(failing), strings.Join(names, "; "))
}

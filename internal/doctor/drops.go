package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"earshot/internal/desk"
	"earshot/internal/drop"
)

const (
	dropsNamed = 6 // reasons, and servers, that are named
	dropsAlike = 3 // servers with the same fault are a sign that it is ours
)

// faults are the reasons that may come from a fault of ours, if several servers
// meet them.
var faults = []drop.Reason{drop.Malformed, drop.MediaType, drop.Signature, drop.NoAuthor, drop.NoInbox, drop.Unapproved, drop.UnknownType, drop.UnknownDesk}

func (e *examination) drops(ctx context.Context) []Finding {
	if e.Drops == nil {
		return note("drops", "no server runs, so nothing was counted")
	}
	exists, err := e.App.DeskExists(ctx)
	if err != nil {
		return problem("drops", seeLog, "the desks cannot be listed: %v", err)
	}
	s := e.Drops.Summary(exists)
	found := dropped(s)
	for _, n := range s.Counts {
		if n.Reason == drop.Unexplained {
			found = append(found, problem("drops", "report it as a bug, with the log of that time", "%d drops have no reason", n.All)...)
		}
	}
	for _, r := range faults {
		if hosts := hostsOf(s, r); len(hosts) >= dropsAlike {
			found = append(found, warning("drops", "look at the findings for clock, proxy and signature; then look at Not kept in the console, and report what these servers have in common",
				"%d servers were refused for the same reason (%s): %s", len(hosts), r, listed(hosts))...)
		}
	}
	return found
}

// dropped sums up what was not kept.
func dropped(s drop.Summary) []Finding {
	ours, all, reasons := 0, 0, []string{}
	for _, n := range s.Counts {
		ours, all = ours+n.Ours, all+n.All
		if n.Ours > 0 && len(reasons) < dropsNamed {
			reasons = append(reasons, fmt.Sprintf("%s %d", n.Reason, n.Ours))
		}
	}
	since := s.Since.UTC().Format("2006-01-02 15:04 UTC")
	if ours == 0 {
		return ok("drops", "nothing that concerned this instance was dropped since %s; of the rest, %d", since, all)
	}
	text := fmt.Sprintf("since %s, %d that concerned this instance were not kept: %s", since, ours, strings.Join(reasons, ", "))
	if hosts := s.Hosts(dropsNamed); len(hosts) > 0 {
		text += "; most from " + listed(hosts)
	}
	return []Finding{{Check: "drops", Level: Note, Text: fmt.Sprintf("%s; of the rest, %d", text, all-ours), Next: "Not kept in the console, or GET /api/v1/drops, lists the last of them; docs/operations/monitoring.md says what each reason means"}}
}

// hostsOf lists the servers in the tail with a reason.
func hostsOf(s drop.Summary, r drop.Reason) (hosts []desk.Host) {
	for _, e := range s.Tail {
		if e.Reason == r && e.Host != "" && !slices.Contains(hosts, e.Host) {
			hosts = append(hosts, e.Host)
		}
	}
	return hosts
}

func listed(hosts []desk.Host) string {
	var out []string
	for _, h := range hosts[:min(len(hosts), dropsNamed)] {
		out = append(out, string(h))
	}
	return strings.Join(out, ", ")
}

package console

import (
	"slices"

	"earshot/internal/desk"
)

// row is an entry of the timeline, or a run of changes that stands on one line.
type row struct {
	entry            // of a run: its newest
	Changes []entry  // two or more, the oldest first
	Who     []string // who of us made them, each once
}

// Name is that of the oldest: it stays when a change joins.
func (r row) Name() string { return "h-" + string(r.Changes[0].Event.ID) }

// folds are the kinds of change that say how the desk worked, and nothing to or of the
// reporter. A link stays in sight: it is the way to the other issue.
var folds = []desk.Kind{desk.KindStatus, desk.KindAssign, desk.KindMove, desk.KindSnooze, desk.KindSighting}

// foldChanges puts runs of changes on one line. One that can still be taken back stays in
// sight, as does what a third person did.
func foldChanges(entries []entry) (out []row) {
	for n := 0; n < len(entries); {
		run := n
		for run < len(entries) && entries[run].folds() {
			run++
		}
		if run-n < 2 {
			out, n = append(out, row{entry: entries[n]}), n+1
			continue
		}
		r := row{entry: entries[run-1], Changes: entries[n:run]}
		for _, e := range r.Changes {
			if e.By != "" && !slices.Contains(r.Who, e.By) {
				r.Who = append(r.Who, e.By)
			}
		}
		out, n = append(out, r), run
	}
	return out
}

func (e entry) folds() bool {
	return e.Post == nil && slices.Contains(folds, e.Event.Kind) && !e.Undo && !e.Resolves && !e.Event.Third
}

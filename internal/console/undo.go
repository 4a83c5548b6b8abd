package console

import (
	"slices"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// undo takes back a reply that has not gone out yet.
func (c *Console) undo(v *visit) error {
	if _, err := c.app.Undo(v.Context(), v.by(), v.PostFormValue("post")); err != nil {
		return c.outdated(v, err)
	}
	return v.back(v.issueID(), "undo")
}

// undoChange takes back a silent change of status, an assignment, a merge, a move or a snooze.
func (c *Console) undoChange(v *visit) error {
	in := app.UndoInput{Issue: v.issueID(), Kind: desk.Kind(v.PostFormValue("kind")), Entry: desk.EventID(v.PostFormValue("entry"))}
	if _, err := c.app.UndoChange(v.Context(), v.by(), in); err != nil {
		return c.outdated(v, err)
	}
	return v.back(in.Issue, "undone")
}

// undoOffered is how long the console offers to undo a change; later the agent
// sets the status again.
const undoOffered = time.Hour

// offerUndo marks the changes that can be taken back: the last of each kind, and
// every merge that stands.
func offerUndo(whole app.IssueView, entries []entry, now time.Time) {
	i := whole.Issue
	for n, e := range entries {
		for _, p := range whole.Parts {
			if e.Event.Note == desk.NoteMerged && p.Issue.MergedInto == e.Event.Issue && string(p.Issue.ID) == e.Event.With[0] && p.Issue.MergedAt.Equal(e.Event.At) {
				entries[n].Undo = true
			}
		}
	}
	for _, kind := range []desk.Kind{desk.KindStatus, desk.KindAssign, desk.KindMove, desk.KindSnooze} {
		for n := range slices.Backward(entries) {
			e := entries[n].Event
			if e.Kind != kind {
				continue
			}
			entries[n].Undo = i.CheckUndo(e) == nil && now.Sub(e.At) < undoOffered
			break
		}
	}
}

// undoable is the change that the toast offers to undo, if any.
type undoable struct {
	Entry *entry
	Act   string // the change of several issues
	*desktop
}

// justDone returns the change that the agent has just made, nil if it cannot be
// undone.
func (t *thread) justDone(said string) *entry {
	for n := range slices.Backward(t.Entries) {
		if e := &t.Entries[n]; e.Undo && string(e.Event.Kind) == said && e.Event.Agent == t.Me {
			return e
		}
	}
	return nil
}

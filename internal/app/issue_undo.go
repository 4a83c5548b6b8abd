package app

import (
	"context"
	"slices"

	"earshot/internal/desk"
	"earshot/store"
)

// UndoInput names a silent change that is to be taken back.
type UndoInput struct {
	Issue desk.IssueID
	// Kind is the kind of change: desk.KindStatus, KindAssign, KindMerge, KindMove or
	// KindSnooze.
	Kind desk.Kind
	// Entry is the change, in the issue's timeline; "" is the newest of its
	// kind, if the caller made it.
	Entry desk.EventID
	// merged: with it, merges are taken back, which end a snooze and say nothing of it.
	merged bool
}

// UndoChange takes back a silent change of status, or an assignment: the issue
// stands as before, and its timeline tells both. One that was made long ago can
// be taken back too, as long as it is the last of its kind and nobody outside
// was told. To undo a change again changes nothing.
func (a *App) UndoChange(ctx context.Context, by By, in UndoInput) (desk.Issue, error) {
	if !slices.Contains([]desk.Kind{desk.KindStatus, desk.KindAssign, desk.KindMerge, desk.KindMove, desk.KindSnooze}, in.Kind) {
		return desk.Issue{}, desk.Invalid("undo_kind", "a change of status, an assignment, a merge, a move or a snooze can be taken back, not %q", in.Kind)
	}
	return a.onceIssue(ctx, by, "issue."+string(in.Kind)+".undo", func(tx *Tx) (desk.Issue, error) {
		return tx.undoChange(by, in)
	})
}

func (t *Tx) undoChange(by By, in UndoInput) (desk.Issue, error) {
	if in.Kind == desk.KindMerge {
		return t.unmerge(by, in)
	}
	i, err := t.home(in.Issue)
	if err != nil {
		return i, err
	}
	in.Issue = i.ID
	e, done, err := t.undoableChange(by, in)
	if err != nil || done {
		return i, err
	}
	if err := i.CheckUndo(e); err != nil && (!in.merged || in.Kind != desk.KindSnooze || i.Snooze.On()) {
		return i, err
	}
	if err := t.checkSeen(by, i); err != nil {
		return i, err
	}
	if in.Kind == desk.KindMove {
		return t.moveTo(i, e.Was.Desk, desk.Event{Agent: by.Agent, Undoes: e.ID}.Says(desk.NoteDeskBack, string(i.Desk), string(e.Was.Desk)))
	}
	before := i
	i.Undo(e, t.Now)
	if err := t.Issues().Put(i); err != nil {
		return i, err
	}
	if err := t.event(undone(before, i, e, by)); err != nil {
		return i, err
	}
	return i, t.timersAgain(i, in.Kind)
}

// timersAgain arms the timers of what an undo brought back.
func (t *Tx) timersAgain(i desk.Issue, undone desk.Kind) error {
	switch {
	case undone == desk.KindSnooze:
		return t.snoozeTimer(i)
	case undone == desk.KindStatus && i.Status == desk.StatusFixed:
		return t.quietTimer(i)
	}
	return nil
}

// undone is the timeline entry of an undo.
func undone(before, now desk.Issue, e desk.Event, by By) desk.Event {
	out := desk.Event{Issue: now.ID, Kind: e.Kind, Agent: by.Agent, Undoes: e.ID}
	if e.Kind == desk.KindAssign {
		if out.Assignee = now.Assignee; out.Assignee == "" {
			return out.Says(desk.NoteUnassignedBack)
		}
		return out.Says(desk.NoteAssignedBack, string(out.Assignee))
	}
	if e.Kind == desk.KindSnooze {
		if now.Snooze.On() {
			return out.Says(desk.NoteSnoozeAgain)
		}
		return out.Says(desk.NoteSnoozeBack)
	}
	out.Status, out.Reason = now.Status, now.Reason
	return out.Says(desk.NoteStatusBack, string(before.Status), string(now.Status))
}

// undoableChange finds the change that is meant; done: it was taken back already.
func (t *Tx) undoableChange(by By, in UndoInput) (e desk.Event, done bool, err error) {
	newest, ok, err := t.newestEvent(in.Issue, in.Kind)
	switch {
	case err != nil:
		return e, false, err
	case !ok:
		return e, false, desk.Conflict("undo_nothing", "there is nothing to take back")
	case in.Entry == "" && newest.Agent != by.Agent:
		return e, false, desk.Conflict("undo_not_last", "the last to change this was %s, with the entry %s of the timeline: take that one back", changer(newest), newest.ID)
	case in.Entry == "" || in.Entry == newest.ID:
		return newest, in.Entry == "" && newest.Undoes != "", nil
	case in.Entry == newest.Undoes:
		return newest, true, nil
	}
	e, ok, err = t.Events().Get(in.Entry)
	if err != nil {
		return e, false, err
	}
	if !ok || e.Issue != in.Issue || e.Kind != in.Kind {
		return e, false, desk.NotFound("event_not_found", "there is no such entry %q in the timeline of %s", in.Entry, in.Issue)
	}
	return e, false, desk.Conflict("changed_since", "%s has changed this since: reload it and try again", changer(newest))
}

// onMachine names who acts without an agent's name.
const onMachine = "the admin on this machine"

// changer says who made a change.
func changer(e desk.Event) string {
	switch {
	case e.Agent != "":
		return string(e.Agent)
	case e.Was != nil || e.Undoes != "":
		return onMachine
	}
	return "another person or a timer" // the reporter by a post, a timer, or the admin by a reply
}

// newestEvent finds the last entry of a kind in an issue's timeline, of those that
// third persons cannot add.
func (t *Tx) newestEvent(id desk.IssueID, kind desk.Kind) (desk.Event, bool, error) {
	for e, err := range t.newestFirst(store.ThreadQuery{Issue: id, Part: store.ThreadMain, Bare: true}) {
		if err != nil || e.Event.Kind == kind {
			return e.Event, err == nil, err
		}
	}
	return desk.Event{}, false, nil
}

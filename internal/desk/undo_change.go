package desk

import "time"

// Snapshot is the part of an issue that a silent change can change.
type Snapshot struct {
	Status       Status    `json:"status,omitempty"`
	Reason       Reason    `json:"reason,omitempty"`
	Next         string    `json:"next,omitempty"`
	NeedsUs      bool      `json:"answered,omitempty"`
	Assignee     Email     `json:"assignee,omitempty"`
	Desk         Handle    `json:"desk,omitempty"` // before a move
	Replies      int       `json:"replies,omitempty"`
	WaitingSince time.Time `json:"waiting_since,omitzero"`
	FixedAt      time.Time `json:"fixed_at,omitzero"`
	Snooze       Snooze    `json:"snooze,omitzero"` // before a snooze, or its end
}

// Snapshot returns how the issue stands now.
func (i Issue) Snapshot() *Snapshot {
	return &Snapshot{Status: i.Status, Reason: i.Reason, Next: i.Next, NeedsUs: i.NeedsUs, Assignee: i.Assignee, Replies: i.Replies,
		WaitingSince: i.WaitingSince, FixedAt: i.FixedAt}
}

// CheckUndo says whether a change in the issue's timeline can be undone: it was
// silent, and its result has not changed since.
func (i Issue) CheckUndo(e Event) error {
	switch {
	case e.Undoes != "":
		return Conflict("undo_of_undo", "this is an undo itself: make the change again")
	case e.Was == nil && e.Kind == KindAssign:
		return Conflict("undo_assignee_unknown", "it is not known who had the issue before: assign it again")
	case e.Was == nil:
		return Conflict("undo_not_silent", "only a silent change of status by one of us can be taken back, and this one was told to the reporter or came about by itself: set the status again")
	case e.Kind == KindAssign:
		if i.Assignee != e.Assignee {
			return Conflict("undo_assigned_since", "it was assigned to another person since: assign it again")
		}
		return nil
	case e.Kind == KindMove:
		if len(e.With) < 2 || i.Desk != Handle(e.With[1]) {
			return Conflict("undo_moved_since", "it was moved to another desk since: move it again")
		}
		return nil
	case e.Kind == KindSnooze:
		return i.checkSnoozeUndo(e)
	}
	was := *e.Was
	spoke := i.NeedsUs && (was.Status == StatusWaiting || was.Status == StatusClosed)
	switch {
	case i.Status != e.Status || i.Reason != e.Reason:
		return Conflict("undo_status_moved", "the issue is %s by now: set the status again", i.Status)
	case i.Replies != was.Replies:
		return Conflict("undo_reply_sent", "a reply has gone out since, which may have told it: set the status again")
	case spoke:
		return Conflict("undo_reporter_spoke", "the reporter has spoken since, so it cannot be %s again: read what they say, then set the status again", was.Status)
	case i.Silenced == SilenceDeleted && was.Status.Category() != CategoryDone:
		return Conflict("undo_report_deleted", "the reporter has deleted the report: the issue stays %s", i.Status)
	}
	return nil
}

// checkSnoozeUndo: a snooze stands while the issue has it, and its end while the issue
// is not snoozed again and nothing has ended that snooze in another way.
func (i Issue) checkSnoozeUndo(e Event) error {
	stands := i.Snooze.Since.Equal(e.At)
	if e.Note == NoteAwake {
		stands = !i.Snooze.On() && !i.LastWord.After(e.At) && i.Status.Category() != CategoryDone
	}
	if !stands {
		return Conflict("undo_snoozed_since", "that has changed since: snooze the issue again")
	}
	return nil
}

// Undo takes back a change that CheckUndo allowed. A word of the reporter that
// came since stays marked.
func (i *Issue) Undo(e Event, at time.Time) {
	i.UpdatedAt = at
	was := *e.Was
	switch e.Kind {
	case KindAssign:
		i.Assignee = was.Assignee
		return
	case KindSnooze:
		if i.Snooze = was.Snooze; !i.Snooze.Until.IsZero() && !i.Snooze.Until.After(at) {
			i.Snooze = Snooze{} // its time has come meanwhile
		}
		return
	}
	i.Status, i.Reason, i.Next, i.FixedAt = was.Status, was.Reason, was.Next, was.FixedAt
	i.NeedsUs = i.NeedsUs || was.NeedsUs
	if !was.WaitingSince.IsZero() {
		i.WaitingSince = was.WaitingSince
	}
	if len(i.Merged) > 0 {
		i.Own.NeedsUs, i.Own.WaitingSince = i.NeedsUs, i.WaitingSince
	}
}

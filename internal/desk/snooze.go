package desk

import "time"

// MaxSnooze is for how long an issue can be snoozed: as long as words are kept.
const MaxSnooze = 90 * 24 * time.Hour

// Snooze keeps an issue off the lists of those to work on, until a time or until its
// reporter speaks, whichever comes first. The zero value: it is not snoozed.
type Snooze struct {
	Since time.Time `json:"since"`
	Until time.Time `json:"until,omitzero"` // zero: until the reporter speaks
	By    Email     `json:"by,omitempty"`
}

// On says whether the issue is snoozed.
func (s Snooze) On() bool { return !s.Since.IsZero() }

// CheckSnooze says whether the issue can be snoozed until a time, the zero time for
// until the reporter speaks.
func (i Issue) CheckSnooze(until, now time.Time) error {
	switch {
	case i.Status.Category() == CategoryDone:
		return Conflict("snooze_done", "the issue is %s, so it is on no list of issues to work on", i.Status)
	case until.IsZero():
	case !until.After(now):
		return Invalid("snooze_past", "this time is over: choose a later one")
	case until.After(now.Add(MaxSnooze)):
		return Invalid("snooze_far", "an issue can be snoozed for at most %d days", int(MaxSnooze/(24*time.Hour)))
	}
	return nil
}

// Doze snoozes it. While it is snoozed it stands in no pile.
func (i *Issue) Doze(s Snooze) { i.Snooze, i.UpdatedAt = s, s.Since }

// Wake ends the snooze. An issue that nobody waits for comes to the top of the others; an
// agent has acted on it, so it stands in no pile any more.
func (i *Issue) Wake(at time.Time) {
	i.Snooze, i.UpdatedAt = Snooze{}, at
	i.OutOfPile = i.OutOfPile || i.Pile != ""
}

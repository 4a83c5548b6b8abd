package desk

import (
	"slices"
	"time"
)

// MaxThreads is how many reports may be one issue.
const MaxThreads = 20

// CheckMerge says whether another issue may be merged into this one. Both are
// those that agents see: neither is merged into another.
func (i Issue) CheckMerge(from Issue, threads int) error {
	switch {
	case i.ID == from.ID:
		return Conflict("merge_one_already", "the two are one issue already")
	case i.Desk != from.Desk:
		return Conflict("merge_other_desk", "the two are at different desks, %s and %s, and a reporter is answered by one desk: move one of them first", i.Desk, from.Desk)
	case threads > MaxThreads:
		return Conflict("merge_too_many", "together that would be %d reports, and at most %d may be one issue: link the others", threads, MaxThreads)
	}
	return nil
}

// Needs are what one reporter of several waits for.
type Needs struct {
	NeedsUs      bool      `json:"needs_us,omitempty"`
	WaitingSince time.Time `json:"waiting_since,omitzero"`
	LastWord     time.Time `json:"last_word,omitzero"`
}

// spoke records a word of the reporter.
func (s *Needs) spoke(at time.Time) {
	s.NeedsUs, s.LastWord = true, at
	if s.WaitingSince.IsZero() {
		s.WaitingSince = at
	}
}

// replied records that a reply went out; a word that came meanwhile stays marked.
func (s *Needs) replied(p Post) {
	s.WaitingSince = time.Time{}
	if s.NeedsUs = s.NeedsUs && s.LastWord.After(p.Received); s.NeedsUs {
		s.WaitingSince = s.LastWord
	}
}

// reacted records that an agent set the status.
func (s *Needs) reacted(to Status) {
	s.NeedsUs = false
	switch to {
	case StatusWaiting, StatusFixed, StatusResolved, StatusClosed:
		s.WaitingSince = time.Time{}
	}
}

// Merge makes another issue a part of this one. What its reporter waits for, this
// one waits for from now on; its own record stays as it is.
func (i *Issue) Merge(from *Issue, at time.Time) {
	if len(i.Merged) == 0 {
		i.Own = Needs{i.NeedsUs, i.WaitingSince, i.LastWord}
	}
	from.MergedInto, from.MergedAt, from.Snooze = i.ID, at, Snooze{}
	i.Merged = append(slices.Clone(i.Merged), from.ID)
	i.UpdatedAt = at
	if i.Assignee == "" {
		i.Assignee = from.Assignee
	}
	for _, who := range from.Mentioned {
		i.MentionColleague(who)
	}
	i.add(*from)
	if !from.needs().WaitingSince.IsZero() { // a person who waits is not snoozed with it
		i.Snooze = Snooze{}
	}
	// Other than in the list of new ones, a new report is not noticed here.
	i.NeedsUs = i.NeedsUs || !from.needs().WaitingSince.IsZero() && i.Status != StatusNew
}

// Unmerge makes it an issue of its own again; Gather follows.
func (i *Issue) Unmerge(from *Issue, at time.Time) {
	i.Merged = slices.DeleteFunc(slices.Clone(i.Merged), func(id IssueID) bool { return id == from.ID })
	from.MergedInto, from.MergedAt = "", time.Time{}
	i.UpdatedAt, from.UpdatedAt = at, at
	if len(i.Merged) == 0 {
		i.NeedsUs, i.WaitingSince, i.LastWord, i.Own = i.Own.NeedsUs, i.Own.WaitingSince, i.Own.LastWord, Needs{}
	}
}

// Gather makes this issue wait for what its own reporter and those of its parts
// wait for.
func (i *Issue) Gather(parts []Issue) {
	if len(i.Merged) == 0 {
		return
	}
	i.NeedsUs, i.WaitingSince = i.needs().NeedsUs, i.needs().WaitingSince
	for _, part := range parts {
		i.add(part)
	}
}

// add adds what the reporter of a part waits for.
func (i *Issue) add(part Issue) {
	needs := part.needs()
	i.NeedsUs = i.NeedsUs || needs.NeedsUs
	if since := needs.WaitingSince; !since.IsZero() && (i.WaitingSince.IsZero() || since.Before(i.WaitingSince)) {
		i.WaitingSince = since
	}
}

// needs is what the issue's own reporter waits for. A person who wants no
// answer waits for none.
func (i Issue) needs() Needs {
	switch {
	case i.Silenced != "":
		return Needs{LastWord: i.Spoke()}
	case len(i.Merged) > 0:
		return i.Own
	}
	return Needs{i.NeedsUs, i.WaitingSince, i.LastWord}
}

// Spoke is when the issue's own reporter spoke or reacted last.
func (i Issue) Spoke() time.Time {
	if len(i.Merged) > 0 {
		return i.Own.LastWord
	}
	return i.LastWord
}

// RepliedElsewhere records that a reply reached the reporter in another thread of
// theirs.
func (i *Issue) RepliedElsewhere(p Post) {
	if len(i.Merged) > 0 {
		i.Own.replied(p)
		return
	}
	s := i.needs()
	s.replied(p)
	i.NeedsUs, i.WaitingSince = s.NeedsUs, s.WaitingSince
}

// PartSpoke records a word of the reporter of a part, as ReporterSpoke does.
func (i *Issue) PartSpoke(at time.Time) bool {
	own := i.Own
	changed := i.ReporterSpoke(at)
	i.Own = own
	return changed
}

// PartReacted records in a part that an agent set the status of the whole, which
// the part's own does not follow.
func (i *Issue) PartReacted(to Status) {
	s := Needs{i.NeedsUs, i.WaitingSince, i.LastWord}
	s.reacted(to)
	i.NeedsUs, i.WaitingSince = s.NeedsUs, s.WaitingSince
	i.Own.reacted(to)
}

// CheckMove says whether the issue may go to another desk.
func (i Issue) CheckMove(to Handle) error {
	if i.Desk == to {
		return Conflict("move_there_already", "the issue is at the desk %s already", to)
	}
	if i.Incident != "" {
		return Conflict("move_linked", "the issue is linked to an incident of the desk %s: end that link first", i.Desk)
	}
	return nil
}

// Move gives the issue to another desk, which has not snoozed it. What the old one said
// stays its own.
func (i *Issue) Move(to Handle, at time.Time) {
	i.Desk, i.UpdatedAt, i.Snooze = to, at, Snooze{}
	i.OutOfPile = i.OutOfPile || i.Pile != "" // which is of the other desk
	i.Also = slices.DeleteFunc(slices.Clone(i.Also), func(h Handle) bool { return h == to })
}

package desk

// Status is where an issue stands.
type Status string

// The statuses of an issue.
const (
	StatusNew          Status = "new"          // heard; nobody has read it
	StatusAcknowledged Status = "acknowledged" // an agent has read it and said so
	StatusInProgress   Status = "in_progress"  // we know enough and are on it
	StatusWaiting      Status = "waiting"      // we asked the reporter something
	StatusHandedOff    Status = "handed_off"   // another provider has accepted it
	StatusFixed        Status = "fixed"        // we believe it is fixed; not confirmed
	StatusResolved     Status = "resolved"     // the reporter said so, or three quiet days after fixed
	StatusClosed       Status = "closed"       // ended without a fix, with a reason
)

// Statuses lists every status, in the order in which an issue usually goes.
func Statuses() []Status {
	return []Status{StatusNew, StatusAcknowledged, StatusInProgress, StatusWaiting, StatusHandedOff, StatusFixed, StatusResolved, StatusClosed}
}

// Category groups statuses into who has to move.
type Category string

// The categories.
const (
	CategoryOpen   Category = "open"
	CategoryPaused Category = "paused"
	CategoryDone   Category = "done"
)

// Category returns the group a status is in, "" for an unknown status.
func (s Status) Category() Category {
	switch s {
	case StatusNew, StatusAcknowledged, StatusInProgress:
		return CategoryOpen
	case StatusWaiting, StatusHandedOff, StatusFixed:
		return CategoryPaused
	case StatusResolved, StatusClosed:
		return CategoryDone
	}
	return ""
}

// Reason says why an issue was closed without a fix.
type Reason string

// The reasons.
const (
	ReasonNotOurs   Reason = "not_ours" // names a next step
	ReasonCannot    Reason = "cannot"
	ReasonWillNot   Reason = "will_not"
	ReasonDuplicate Reason = "duplicate"
	ReasonNoAnswer  Reason = "no_answer"
	ReasonWithdrawn Reason = "withdrawn"
	ReasonNotACall  Reason = "not_a_call"
)

// Reasons lists every reason.
func Reasons() []Reason {
	return []Reason{ReasonNotOurs, ReasonCannot, ReasonWillNot, ReasonDuplicate, ReasonNoAnswer, ReasonWithdrawn, ReasonNotACall}
}

func (r Reason) valid() bool {
	for _, k := range Reasons() {
		if r == k {
			return true
		}
	}
	return false
}

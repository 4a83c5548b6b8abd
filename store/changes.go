package store

import (
	"time"

	"earshot/internal/desk"
)

// Position is a change's place in the log. Positions compare bytewise, and no
// change ever appears before one that has been listed. "" is before all.
type Position string

// ChangeKind is what kind of thing happened.
type ChangeKind string

// The kinds of changes.
const (
	ChangeOpened   ChangeKind = "opened"   // there is a new issue
	ChangeIssue    ChangeKind = "issue"    // something happened in an issue: see Entry
	ChangeDelivery ChangeKind = "delivery" // one of our posts arrived somewhere, or did not
	ChangePresence ChangeKind = "presence" // an agent looks at an issue, writes in it, or left
	ChangeIncident ChangeKind = "incident" // an incident was opened, or changed
	ChangeTurn     ChangeKind = "turn"     // it is an agent's turn, To, to look at an issue that nobody has taken; told to nobody else
	ChangeSurge    ChangeKind = "surge"    // more reports came to a desk than it can look at: new ones stand in piles
)

// ChangeKinds lists the kinds that any follower may ask for.
func ChangeKinds() []ChangeKind {
	return []ChangeKind{ChangeOpened, ChangeIssue, ChangeDelivery, ChangePresence, ChangeIncident, ChangeSurge}
}

// StateAlert is the state of a change of the kind incident: an alert made a new draft.
const StateAlert = "alert"

// StateFirst is the state of a turn that begins with the issue.
const StateFirst = "first"

// Change says that something happened, and where to look; it never quotes a
// text.
type Change struct {
	ID       string          `json:"id"` // UUIDv7
	Position Position        `json:"-"`  // the store's
	At       time.Time       `json:"at"`
	Kind     ChangeKind      `json:"kind"`
	Issue    desk.IssueID    `json:"issue,omitempty"`
	Incident desk.IncidentID `json:"incident,omitempty"`
	Desks    []desk.Handle   `json:"desks,omitempty"` // that show the issue, or whose incident it is
	Entry    desk.Kind       `json:"entry,omitempty"` // the kind of the timeline's entry
	Event    desk.EventID    `json:"event,omitempty"`
	Post     desk.PostID     `json:"post,omitempty"`
	Agent    desk.Email      `json:"agent,omitempty"` // of us, who did it
	To       desk.Email      `json:"to,omitempty"`    // of a turn: whose it is
	State    string          `json:"state,omitempty"` // of a delivery or a presence, or StateAlert or StateFirst
}

// Changes is a short log of changes, for followers. It is no record: backups
// and copies leave it out. After a commit that added to it, Watch calls with
// Changed.
type Changes interface {
	Add(Change) error
	// After lists at most limit changes after a position, oldest first. Changes
	// that are committed later come after the returned ones.
	After(p Position, limit int) ([]Change, error)
	// Get returns the change at a position, if it is still in the log.
	Get(Position) (Change, bool, error)
	// Last returns the newest change that After can list.
	Last() (Change, bool, error)
	// Expire forgets at most limit changes that are older than before.
	Expire(before time.Time, limit int) (forgotten int, err error)
}

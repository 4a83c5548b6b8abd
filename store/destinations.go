package store

import (
	"time"

	"earshot/internal/desk"
)

// Destination is a place outside that is notified of events: a webhook of the
// instance, or where an agent wants to be reached.
type Destination struct {
	ID    desk.DestinationID   `json:"id"`              // UUIDv7
	Agent desk.Email           `json:"agent,omitempty"` // "": the instance's
	Form  desk.DestinationForm `json:"form"`
	Name  string               `json:"name"`
	URL   string               `json:"url"`
	// ByAdmin: an admin set it, so it may lead to the private addresses that the
	// settings allow.
	ByAdmin bool                `json:"by_admin,omitempty"`
	Desks   []desk.Handle       `json:"desks,omitempty"`   // none: every desk
	Kinds   []ChangeKind        `json:"kinds,omitempty"`   // of the instance's; none: every kind but presence
	Reasons []desk.NoticeReason `json:"reasons,omitempty"` // of an agent's
	Quiet   desk.QuietHours     `json:"quiet,omitzero"`    // of an agent's
	// Language is that of the texts for an agent, "" English.
	Language string `json:"language,omitempty"`
	// Words: the first words of the post are sent too. Only to browsers, for which they
	// are encrypted.
	Words bool `json:"words,omitempty"`
	// Secrets are encrypted, the newest first. For a webhook each signs until its
	// end; for ntfy the first is the access token, for a browser its keys.
	Secrets []SealedSecret `json:"secrets,omitempty"`
	Created time.Time      `json:"created_at"`
	// After is the last change that was read for it: its position, a space, its id.
	After string `json:"after"`
	// Read is when After was stored.
	Read time.Time `json:"read_at"`
	// Waiting counts its notifications that are not at their end.
	Waiting int `json:"waiting"`
	// Gathering is the notification that gathers the events of quiet hours, or of the
	// next mail.
	Gathering      string    `json:"gathering,omitempty"`
	GatheringUntil time.Time `json:"gathering_until,omitzero"`
	Gathered       int       `json:"gathered,omitempty"`
	// Missed counts the times that events had left the log before they were read.
	Missed       int       `json:"missed,omitempty"`
	Delivered    time.Time `json:"delivered_at,omitzero"` // the last success
	Failures     int       `json:"failures,omitempty"`    // in a row
	FailingSince time.Time `json:"failing_since,omitzero"`
	Status       int       `json:"status,omitempty"` // of the last failure, 0: no answer
	Error        string    `json:"error,omitempty"`
	PausedAt     time.Time `json:"paused_at,omitzero"`
	// PausedBy is "" where we paused it because it failed for too long.
	PausedBy desk.Email `json:"paused_by,omitempty"`
	// Gave: we paused it by ourselves.
	Gave bool `json:"gave_up,omitempty"`
}

// Paused says whether nothing is sent.
func (d Destination) Paused() bool { return !d.PausedAt.IsZero() }

// SealedSecret is a secret that only the keyring can read.
type SealedSecret struct {
	Sealed []byte    `json:"sealed"`
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until,omitzero"` // zero: the current one
}

// NotificationState is how far a notification has come.
type NotificationState string

// The states of a notification.
const (
	NotificationQueued    NotificationState = "queued"
	NotificationDelivered NotificationState = "delivered"
	NotificationFailed    NotificationState = "failed" // given up
)

// Notification is one event on its way to one destination.
type Notification struct {
	Destination desk.DestinationID `json:"destination"`
	ID          string             `json:"id"` // the event's: the same in each attempt
	Kind        string             `json:"kind"`
	At          time.Time          `json:"at"` // when it happened
	State       NotificationState  `json:"state"`
	Attempts    int                `json:"attempts"`
	Status      int                `json:"status,omitempty"` // of the last attempt, 0: no answer
	Error       string             `json:"error,omitempty"`
	Last        time.Time          `json:"last_at,omitzero"` // the last attempt
	Body        []byte             `json:"body"`             // the same bytes in each attempt
}

// Destinations keeps the destinations. Their number is bounded by the caller.
type Destinations interface {
	Put(Destination) error
	Get(desk.DestinationID) (Destination, bool, error)
	Delete(desk.DestinationID) (deleted bool, err error)
	// List lists all, the oldest first.
	List(Page) (destinations []Destination, next string, err error)
	// Of lists those of an agent, or of the instance for "", the oldest first.
	Of(desk.Email, Page) (destinations []Destination, next string, err error)
	PutNotification(Notification) error
	Notification(d desk.DestinationID, id string) (Notification, bool, error)
	DeleteNotification(d desk.DestinationID, id string) (deleted bool, err error)
	// Notifications lists those of a destination, the newest events first.
	Notifications(desk.DestinationID, Page) (notifications []Notification, next string, err error)
}

package desk

import "time"

// FlagID is the id of a Flag that was received. Later ones sort after earlier ones.
type FlagID string

// Flag is a complaint of another server to the moderators here, about a desk, the
// instance, or posts of ours. Most servers send it as an account of their own, so
// that the person who complains is not named.
type Flag struct {
	ID     FlagID     `json:"id"`
	Sender ActorID    `json:"sender"`
	About  []ObjectID `json:"about"`           // ours, in the one spelling
	Issue  IssueID    `json:"issue,omitempty"` // of the first reply among them
	Words  string     `json:"words,omitempty"` // plain text
	At     time.Time  `json:"at"`
}

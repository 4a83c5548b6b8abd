package store

import (
	"time"

	"earshot/internal/desk"
)

// Draft is a text that an agent has not sent yet, with what they chose for it.
// There is one for an agent and a form.
type Draft struct {
	Agent desk.Email `json:"agent"`
	// On is what the form belongs to, as in an address: "issues/ID" the composer of an
	// issue, "posts/ID" a new text of one of our posts, "desks/HANDLE" a broadcast.
	On       string       `json:"on"`
	Text     string       `json:"text"`
	To       string       `json:"to,omitempty"` // who will read it, as the form names them
	Status   desk.Status  `json:"status,omitempty"`
	Reason   desk.Reason  `json:"reason,omitempty"`
	Next     string       `json:"next,omitempty"`
	Language string       `json:"language,omitempty"`
	Unwarned bool         `json:"unwarned,omitempty"` // without the warning of the answered post
	Only     desk.IssueID `json:"only,omitempty"`     // the part of a merged issue that it answers alone
	Warning  string       `json:"warning,omitempty"`  // of a broadcast: what stands before the words
	GoesOut  time.Time    `json:"goes_out,omitzero"`  // of a broadcast: its time
	At       time.Time    `json:"at"`                 // when it was last changed
	// Files are the pictures of the form, as they were described in it.
	Files []DraftFile `json:"files,omitempty"`
}

// DraftFile is what was typed of a picture in a form.
type DraftFile struct {
	ID   desk.FileID `json:"id"`
	Alt  string      `json:"alt,omitempty"`
	Drop bool        `json:"drop,omitempty"` // it is to be taken away
}

// Drafts keeps the drafts. The bounds are the caller's: see [earshot/internal/app].
type Drafts interface {
	Put(Draft) error
	Get(agent desk.Email, on string) (Draft, bool, error)
	Delete(agent desk.Email, on string) (found bool, err error)
	// List lists those of an agent, or all for "", in the order of agent and On.
	List(agent desk.Email, p Page) (drafts []Draft, next string, err error)
}

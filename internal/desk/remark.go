package desk

import (
	"strings"
	"time"
	"unicode/utf8"
)

// RemarkID is the UUIDv7 of a remark.
type RemarkID string

// Remark is what an agent notes about a person, for the other agents. It never leaves
// the instance, and is kept no longer than the person's words.
type Remark struct {
	ID    RemarkID  `json:"id"`
	About ActorID   `json:"about"`
	Text  string    `json:"text"`
	Agent Email     `json:"agent,omitempty"` // the author; "": the admin on this machine
	At    time.Time `json:"at"`
}

// MaxRemarks is how many remarks about one person there may be.
const MaxRemarks = 20

const maxRemarkLength = 500

// NewRemark checks and normalises the text of a remark.
func NewRemark(r Remark) (Remark, error) {
	r.Text = CleanName(r.Text)
	if r.Text == "" || utf8.RuneCountInString(r.Text) > maxRemarkLength || strings.ContainsRune(r.Text, utf8.RuneError) {
		return r, Invalid("person_remark_length", "a remark about a person has 1 to %d characters", maxRemarkLength)
	}
	return r, nil
}

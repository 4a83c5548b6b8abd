package desk

import (
	"strings"
	"time"
	"unicode/utf8"
)

// MaxDesks is how many desks one instance may have: matching looks at all.
const MaxDesks = 100

// Desk is a provider's account on the instance: one ActivityPub actor, the
// tags it answers to.
type Desk struct {
	Handle  Handle    `json:"handle"`
	Name    string    `json:"name"`
	Summary string    `json:"summary"` // plain text for the profile
	Names   []string  `json:"names"`   // tags that name the provider, normalised
	Calls   []string  `json:"calls"`   // tags that say something is wrong, normalised
	Order   int       `json:"order"`   // decides between desks that match alike, lowest first
	Created time.Time `json:"created_at"`
	// Edits counts the changes of the profile; each is told to the followers
	// under an id of its own.
	Edits int `json:"edits"`
}

// DefaultCalls are the calls of a desk that was given none.
func DefaultCalls() []string { return []string{"fail", "down", "broken", "help", "outage"} }

// NewDesk checks and normalises what an admin typed.
func NewDesk(d Desk) (Desk, error) {
	if _, err := ParseHandle(string(d.Handle)); err != nil {
		return Desk{}, err
	}
	d.Name = strings.TrimSpace(d.Name)
	if d.Name == "" {
		d.Name = string(d.Handle)
	}
	if utf8.RuneCountInString(d.Name) > 100 {
		return Desk{}, Invalid("desk_name_too_long", "a desk's name has at most 100 characters")
	}
	if utf8.RuneCountInString(d.Summary) > 2000 {
		return Desk{}, Invalid("desk_summary_too_long", "a desk's summary has at most 2,000 characters")
	}
	var err error
	if d.Names, err = NormalTags(d.Names); err != nil {
		return Desk{}, err
	}
	if len(d.Calls) == 0 {
		d.Calls = DefaultCalls()
	}
	if d.Calls, err = NormalTags(d.Calls); err != nil {
		return Desk{}, err
	}
	if len(d.Names) > 50 || len(d.Calls) > 100 {
		return Desk{}, Invalid("desk_keys_too_many", "a desk has at most 50 names and 100 calls")
	}
	return d, nil
}

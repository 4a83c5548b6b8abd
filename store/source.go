package store

import (
	"encoding/json"
	"time"

	"earshot/internal/desk"
)

// SourceState is how far we are with hearing through a source.
type SourceState string

// The states of a source.
const (
	SourceIdle      SourceState = "idle"      // added, and not tried yet
	SourcePending   SourceState = "pending"   // we asked to follow, and have no answer yet
	SourceAccepted  SourceState = "accepted"  // the other side said yes, and tells us; older records: "active"
	SourcePolling   SourceState = "polling"   // we ask, again and again
	SourceStreaming SourceState = "streaming" // a connection is open on which we are told
	SourceRejected  SourceState = "rejected"  // the other side refuses us
	SourceFailed    SourceState = "failed"    // it could not be reached several times in a row; we go on trying
	SourceClosed    SourceState = "closed"    // removed here; the Undo is on its way. Older records: "leaving"
)

// UnmarshalText reads a state, by its older name too.
func (s *SourceState) UnmarshalText(b []byte) error {
	switch v := SourceState(b); v {
	case "active":
		*s = SourceAccepted
	case "leaving":
		*s = SourceClosed
	default:
		*s = v
	}
	return nil
}

// Hears says whether posts that come through a source in this state count.
func (s SourceState) Hears() bool {
	return s == SourceAccepted || s == SourcePolling || s == SourceStreaming || s == SourceFailed
}

// Speaking chooses among the sources of one actor, the newest first, the one that the
// actor tells us through; false if there are none.
func Speaking(newest []Source) (Source, bool) {
	for _, s := range newest {
		if s.State.Hears() {
			return s, true
		}
	}
	if len(newest) == 0 {
		return Source{}, false
	}
	return newest[0], true
}

// Source is one way of hearing posts. Which members it has follows from its kind.
type Source struct {
	ID   desk.SourceID `json:"id"`
	Kind string        `json:"kind"` // "tag-actor", "timeline", …
	Name string        `json:"name"` // as people see it: "tag-actor fedibuzz #acme"
	URL  string        `json:"url,omitempty"`
	Tags []string      `json:"tags,omitempty"` // spellings of one tag, or of several; older records have one, as "tag"
	// Desk is the desk whose actor follows; "" is the instance's own.
	Desk  desk.Handle `json:"desk,omitempty"`
	Allow []desk.Host `json:"allow,omitempty"` // servers that may bring posts, where the source takes them from several

	Actor   desk.ActorID    `json:"actor,omitempty"`  // who tells us, or is followed
	Inbox   string          `json:"inbox,omitempty"`  // where a Follow goes
	Object  string          `json:"object,omitempty"` // what a Follow names; "": Actor
	Follow  desk.ActivityID `json:"follow,omitempty"` // our Follow, as an Accept names it
	Follows int             `json:"asked,omitempty"`  // how often we asked to follow; part of Follow's id

	Every time.Duration `json:"every,omitempty"` // between two polls
	Token []byte        `json:"token,omitempty"` // the access token, encrypted as keys are
	// Cursors say, for each tag, up to where a source was read.
	Cursors map[string]string `json:"cursors,omitempty"`
	Polls   int               `json:"polls,omitempty"` // that worked
	// Looked says, for each tag, when it was last looked back at for posts that came late.
	Looked map[string]time.Time `json:"looked,omitempty"`
	// Access says what of a server's posts it shows us: "all", or "local" for those of
	// its own people. It is asked for from time to time.
	Access   string    `json:"access,omitempty"`
	AccessAt time.Time `json:"access_at,omitzero"`
	Next     time.Time `json:"next,omitzero"` // when it is asked or tended again

	State    SourceState `json:"state"`
	Error    string      `json:"error,omitempty"` // the last thing that went wrong; "" once it works again
	ErrorAt  time.Time   `json:"error_at,omitzero"`
	Fails    int         `json:"fails,omitempty"` // in a row
	Created  time.Time   `json:"created_at"`
	Asked    time.Time   `json:"asked_at,omitzero"` // when we last asked to follow
	Accepted time.Time   `json:"accepted_at,omitzero"`

	Heard   int            `json:"heard"`            // posts it told us of
	Matched int            `json:"matched"`          // of those, the ones that were for us: its sightings
	Issues  int            `json:"issues,omitempty"` // of those, reports
	Alone   int            `json:"alone,omitempty"`  // of those, reports that came through nothing else
	Drops   map[string]int `json:"drops,omitempty"`  // the others, by reason
	HeardAt time.Time      `json:"heard_at,omitzero"`
	Hours   Hours          `json:"hours,omitzero"` // Heard, of the last day
	Days    Days           `json:"days,omitzero"`  // Heard, of the last fortnight
}

// UnmarshalJSON reads a source, in its older form too.
func (s *Source) UnmarshalJSON(b []byte) error {
	type plain Source
	in := struct {
		*plain
		Tag string `json:"tag"`
	}{plain: (*plain)(s)}
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	if in.Tag != "" && len(s.Tags) == 0 {
		s.Tags = []string{in.Tag}
	}
	return nil
}

// Tag is the first of the source's tags, "" without one.
func (s Source) Tag() string {
	if len(s.Tags) == 0 {
		return ""
	}
	return s.Tags[0]
}

// Sources keeps the sources.
type Sources interface {
	Put(Source) error
	Get(desk.SourceID) (Source, bool, error)
	// ByActor returns the source that an actor tells us through: the newest that
	// hears, or else the newest. Desks that follow one group have a source each.
	ByActor(desk.ActorID) (Source, bool, error)
	Delete(desk.SourceID) (deleted bool, err error)
	// List lists sources, oldest first.
	List(Page) (sources []Source, next string, err error)
}

// Sighting says that a post was seen through a source.
type Sighting struct {
	Object desk.ObjectID `json:"object"`
	Source string        `json:"source"` // a SourceID, or "inbox"
	At     time.Time     `json:"at"`
}

// Sightings keeps through which sources a report was heard. Only posts that
// matched have any.
type Sightings interface {
	// Add records the first sighting of an object through a source.
	Add(Sighting) (added bool, err error)
	// ByObject lists an object's sightings in order of time: one a source.
	ByObject(desk.ObjectID) ([]Sighting, error)
	DeleteByObject(desk.ObjectID) error
}

package store

import "earshot/internal/desk"

// Rounds keeps how the voices of incidents are told, and each voice's place.
type Rounds interface {
	Put(desk.Round) error
	// Get returns the round of a post of an incident.
	Get(desk.PostID) (desk.Round, bool, error)
	// List lists the rounds of an incident, by their posts, the newest first.
	List(desk.IncidentID, Page) (rounds []desk.Round, next string, err error)
	PutVoice(desk.RoundVoice) error
	Voice(desk.PostID, desk.IssueID) (desk.RoundVoice, bool, error)
	// Voices lists the voices of a round: by issue, or with a state or for those that
	// object by slot, then issue.
	Voices(VoiceFilter, Page) (voices []desk.RoundVoice, next string, err error)
}

// VoiceFilter names a list of the voices of a round.
type VoiceFilter struct {
	Round desk.PostID
	State desk.VoiceState // "": all
	// Objected: only those that object; not together with State.
	Objected bool
}

// Objecting is the list of those that object, beside the states.
const Objecting = "objecting"

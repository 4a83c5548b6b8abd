package desk

import "time"

// Round tells the voices of an incident one of its posts, each once and in its own
// thread. The id of each reply follows from the post's and the issue's, so that a
// portion that is written again says nothing again.
type Round struct {
	Post     PostID     `json:"post"` // whose words are told: the incident's first post, or an update
	Incident IncidentID `json:"incident"`
	Desk     Handle     `json:"desk"`
	Agent    Email      `json:"agent,omitempty"`
	At       time.Time  `json:"at"` // when it was decided
	State    RoundState `json:"state"`
	// Text is what the voices hear, signed, in Language; Versions are the same in other
	// languages, which the agent wrote.
	Text     string            `json:"text"`
	Language string            `json:"language,omitempty"`
	Versions map[string]string `json:"versions,omitempty"`
	// Status is what the voices' issues become: StatusInProgress, or StatusFixed when it
	// is over.
	Status Status `json:"status"`
	// Tags: those who were only heard by tags are told too.
	Tags bool `json:"tags,omitempty"`
	// Skip are voices that the agent left out, Take those that are told although they
	// are left out by default.
	Skip []IssueID `json:"skip,omitempty"`
	Take []IssueID `json:"take,omitempty"`

	// Planned: every voice has its place. A voice that is linked later gets one by planning again.
	Planned bool `json:"planned,omitempty"`
	// RestFrom is when those may follow who were only heard by tags and are not among the
	// first few; zero: those few have not all been told.
	RestFrom time.Time `json:"rest_from,omitzero"`
	// Step counts the portions and decisions: the job of an older step does nothing.
	Step int `json:"step"`
	// Edits is which version of the post the replies have, EditAfter how far the present
	// one has come, as Page.After; Editing, Retracting: not all have it.
	Edits      int    `json:"edits,omitempty"`
	EditAfter  string `json:"edit_after,omitempty"`
	Editing    bool   `json:"editing,omitempty"`
	Retracting bool   `json:"retracting,omitempty"`

	Voices     int `json:"voices"`               // that have a place
	Written    int `json:"written"`              // replies, of which few are still on their way
	Left       int `json:"left"`                 // voices that are not told
	Objections int `json:"objections,omitempty"` // voices that do not want it: blocks, "stop", complaints, refusals
	// FlaggedBy are the domains that complained, at most maxFlaggedBy.
	FlaggedBy []Domain `json:"flagged_by,omitempty"`
	// Seen are the figures that a lead has looked at and went on.
	Seen RoundFigures `json:"seen,omitzero"`
	// HeldAt is since when it is paused or halted.
	HeldAt time.Time `json:"held_at,omitzero"`
	EndAt  time.Time `json:"end_at,omitzero"`
}

// RoundFigures are the figures by which a round is halted.
type RoundFigures struct {
	Written    int `json:"written,omitempty"`
	Objections int `json:"objections,omitempty"`
	Flags      int `json:"flags,omitempty"` // domains
}

// RoundState is how far a round has come.
type RoundState string

// The states of a round.
const (
	RoundReady   RoundState = "ready"   // the post has not gone out
	RoundTelling RoundState = "telling" // voices are being told
	RoundPaused  RoundState = "paused"  // by an agent
	RoundHalted  RoundState = "halted"  // by objections: an agent decides
	RoundStopped RoundState = "stopped" // for good: by an agent, or because the post is gone
	RoundDone    RoundState = "done"    // every voice was told or left; later ones open it again
)

// Over says whether nothing more is told, whatever happens.
func (s RoundState) Over() bool { return s == RoundStopped }

// VoiceState is how a voice stands in a round.
type VoiceState string

// The states of a voice.
const (
	VoiceWaiting VoiceState = "waiting" // its place has not come
	VoiceWritten VoiceState = "written" // its reply is on its way
	VoiceTold    VoiceState = "told"    // its reply has gone out
	VoiceLeft    VoiceState = "left"    // it is not told: see Why
	VoiceFailed  VoiceState = "failed"  // its server did not take the reply: see Error
)

// VoiceWhy is why a voice is not told.
type VoiceWhy string

// The reasons.
const (
	VoiceByTags   VoiceWhy = "by_tags"    // only heard by tags, and those are not told
	VoiceSkipped  VoiceWhy = "skipped"    // an agent left it out
	VoiceOld      VoiceWhy = "old"        // it is from before the incident
	VoiceThird    VoiceWhy = "third"      // the report mentions third persons
	VoiceLetIn    VoiceWhy = "let_in"     // the report was held back as likely spam
	VoiceHeard    VoiceWhy = "once"       // it had its one reply: it hears only that it is over
	VoiceSilenced VoiceWhy = "left_alone" // the reporter wants, or may have, no further word
	VoiceGone     VoiceWhy = "gone"       // the server is blocked, or has been silent for a week
	VoiceDone     VoiceWhy = "done"       // the issue is resolved or closed
	VoiceApart    VoiceWhy = "apart"      // the reporter has a case of their own
	VoiceUnlinked VoiceWhy = "unlinked"   // the link to the incident was ended
	VoiceRefused  VoiceWhy = "refused"    // the author's choice, or the manners: see Error
)

// Objection is how a person or a server says that a reply was not wanted.
type Objection string

// The objections.
const (
	ObjectionBlock   Objection = "block"
	ObjectionStop    Objection = "stop"
	ObjectionFlag    Objection = "flag"
	ObjectionRefused Objection = "refused" // 403
)

// RoundVoice is one voice in a round.
type RoundVoice struct {
	Round PostID  `json:"round"`
	Issue IssueID `json:"issue"`
	Host  Host    `json:"host"`
	// Invited: the reporter has spoken to us, and is told first.
	Invited bool       `json:"invited,omitempty"`
	State   VoiceState `json:"state"`
	Why     VoiceWhy   `json:"why,omitempty"`
	Error   string     `json:"error,omitempty"`
	// Slot orders those who wait: SlotInvited, SlotFirst, or the second after RestFrom.
	Slot int `json:"slot"`
	// N is its number among those of its server who are only heard by tags.
	N         int       `json:"n,omitempty"`
	Post      PostID    `json:"post,omitempty"` // the reply
	Objection Objection `json:"objection,omitempty"`
	At        time.Time `json:"at"` // of the last change
}

// The slots before the rest.
const (
	SlotInvited = -2
	SlotFirst   = -1
)

// Pace says how fast those are told who are only heard by tags.
type Pace struct {
	First  int           // so many go out alone
	Look   time.Duration // how long after those the rest follows
	AtOnce int           // of one server at once; then one a second
	ADay   int           // of one server in a day
}

// DefaultPace is the pace of an instance that sets none.
var DefaultPace = Pace{First: 20, Look: 5 * time.Minute, AtOnce: 100, ADay: 1000}

// MaxByTags: those only heard by tags are told by default while no server has more.
const MaxByTags = 50

// MaxUncounted is how many voices are told without the agent naming their number.
const MaxUncounted = 200

// The limits of what an agent decides about a round.
const (
	MaxRoundChoices  = 2000 // issues that are skipped or taken
	MaxRoundVersions = 20   // languages
)

// Slot is the second at which the n-th of a server is told, from 0.
func (p Pace) Slot(n int) int {
	day, n := n/p.ADay, n%p.ADay
	return day*86_400 + max(0, n-p.AtOnce+1)
}

// When a round is halted: objections of more than haltPercent of at least haltFrom
// who were told, or complaints of haltServers servers.
const (
	haltFrom     = 50
	haltPercent  = 2
	haltServers  = 2
	maxFlaggedBy = 20
)

// Halts says whether the objections are too many to go on without an agent's word.
func (r Round) Halts() bool {
	if len(r.FlaggedBy)-r.Seen.Flags >= haltServers {
		return true
	}
	written, objections := r.Written-r.Seen.Written, r.Objections-r.Seen.Objections
	return written >= haltFrom && objections*100 > written*haltPercent
}

// Objects counts an objection to what a voice was told; by is the domain of a
// complaint. It reports whether the round must be halted now.
func (r *Round) Objects(v *RoundVoice, o Objection, by Domain) (halts bool) {
	if v.Objection == "" {
		v.Objection = o
		r.Objections++
	}
	if o == ObjectionFlag && len(r.FlaggedBy) < maxFlaggedBy {
		known := false
		for _, d := range r.FlaggedBy {
			known = known || d == by
		}
		if !known {
			r.FlaggedBy = append(r.FlaggedBy, by)
		}
	}
	return r.State == RoundTelling && r.Halts()
}

// Figures are those by which the round is halted, as they are now.
func (r Round) Figures() RoundFigures {
	return RoundFigures{Written: r.Written, Objections: r.Objections, Flags: len(r.FlaggedBy)}
}

// Waiting is how many voices have a place that has not come.
func (r Round) Waiting() int { return r.Voices - r.Written - r.Left }

// Hold pauses the round, halts or stops it.
func (r *Round) Hold(to RoundState, at time.Time) error {
	if r.State != RoundTelling && !(to == RoundStopped && !r.State.Over()) {
		return Conflict("round_state", "there is nothing to hold: telling the voices is %s", r.State)
	}
	if r.HeldAt.IsZero() {
		r.HeldAt = at
	}
	if r.State, r.Step = to, r.Step+1; to == RoundStopped {
		r.EndAt = at
	}
	return nil
}

// Resume goes on with a round that was paused or halted. The pace goes on where it
// was.
func (r *Round) Resume(at time.Time) error {
	if r.State != RoundPaused && r.State != RoundHalted {
		return Conflict("round_resume", "there is nothing to go on with: telling the voices is %s", r.State)
	}
	if !r.RestFrom.IsZero() {
		r.RestFrom = r.RestFrom.Add(at.Sub(r.HeldAt))
	}
	r.State, r.Seen, r.HeldAt = RoundTelling, r.Figures(), time.Time{}
	r.Step++
	return nil
}

// Again has a round tell those again whose servers did not take the reply. The figures
// by which it is halted begin at none once more, for the agent has looked at them.
func (r *Round) Again() error {
	if r.State != RoundTelling && r.State != RoundDone {
		return Conflict("round_retry", "nothing is sent again now: telling the voices is %s", r.State)
	}
	r.State, r.EndAt, r.Seen = RoundTelling, time.Time{}, r.Figures()
	r.Step++
	return nil
}

// Unwritten notes that a reply waits to be sent again.
func (r *Round) Unwritten() {
	r.Written--
	r.Seen.Written = max(0, r.Seen.Written-1)
}

// Begin starts a round, or opens it again for voices that were linked later.
func (r *Round) Begin() {
	if r.State == RoundReady || r.State == RoundDone {
		r.State, r.EndAt = RoundTelling, time.Time{}
	}
	r.Planned = false
	r.Step++
}

// Due is when a slot comes; false before that can be said.
func (r Round) Due(slot int) (time.Time, bool) {
	if slot < 0 {
		return r.At, true
	}
	return r.RestFrom.Add(time.Duration(slot) * time.Second), !r.RestFrom.IsZero()
}

// VoiceStatus is what the issues of voices become with a status of the incident.
func VoiceStatus(s IncidentStatus) Status {
	if s.Over() {
		return StatusFixed
	}
	return StatusInProgress
}

package desk

import "time"

// A new issue costs a person attention, and room. The limits are for floods:
// docs/adr/0025 says how they were chosen.

// Rate allows Burst at once, and one more after each Every.
type Rate struct {
	Burst int
	Every time.Duration
}

// perHour allows n at once, and n an hour.
func perHour(n int) Rate {
	return Rate{Burst: n, Every: (time.Hour / time.Duration(n)).Truncate(time.Microsecond)} // times are kept so
}

// Take uses one place of the rate. busy is the result of the last Take, the
// zero time at first; if no place is left, ok is false and busy does not
// change. (This is the generic cell rate algorithm: it remembers only the time
// at which all places are free again.)
func (r Rate) Take(busy, now time.Time) (next time.Time, ok bool) {
	if busy.Before(now) {
		busy = now
	}
	if busy.Sub(now) > time.Duration(r.Burst-1)*r.Every {
		return busy, false
	}
	return busy.Add(r.Every), true
}

// ActorRate is how many issues one person may open.
var ActorRate = Rate{Burst: 5, Every: 30 * time.Minute}

// What third persons add to issues is read by agents too, and costs the reporter
// their attention. The limits of one person in all issues, and of all in one issue;
// each is as new after a day.
var (
	ThirdRate     = Rate{Burst: 30, Every: 10 * time.Minute}
	ThirdsOfIssue = Rate{Burst: 200, Every: 7 * time.Minute}
)

// Strangers is the key of the standing that all domains share that are not Trusted.
const Strangers = "new hosts"

// The limit of what the people of a registrable domain add to the issues of others,
// and when a domain is known.
const (
	hostThirds   = 200                // an hour
	hostAnswered = 20                 // more for every issue of it that was answered
	hostMost     = 2000               // and never more
	knownPeople  = 3                  // so many people, and
	knownAfter   = 3 * 24 * time.Hour // so long ago: then a host is known
)

// Standing is our memory of a source of issues: an actor, a domain, or all
// Strangers together. Of a domain there may be older standings, of single hosts.
type Standing struct {
	Key      string    `json:"key"` // an ActorID, a Domain, Strangers, or a Host as was
	Since    time.Time `json:"since"`
	Busy     time.Time `json:"busy"`                // of its Rate
	People   int       `json:"people,omitempty"`    // of a host: how many different ones have opened issues
	Answered int       `json:"answered,omitempty"`  // of a host: how many issues were answered
	Vouched  time.Time `json:"vouched_at,omitzero"` // of a host: an agent released all of it
	Dropped  int       `json:"dropped,omitempty"`   // of a host: how many reports an agent dropped as spam since the last Vouched
	// Open and OpenBytes are the room that the open issues of a domain take; of
	// Strangers, those of all domains that are not Trusted.
	Open      int       `json:"open,omitempty"`
	OpenBytes int       `json:"open_bytes,omitempty"`
	Expires   time.Time `json:"expires_at"` // then it is forgotten
}

// Known says whether a host is no stranger any more: an agent said so, or
// several of its people have been heard for a while.
func (s Standing) Known(now time.Time) bool {
	return !s.Vouched.IsZero() || s.People >= knownPeople && now.Sub(s.Since) >= knownAfter
}

// Trusted says whether an agent has answered a person of a domain, or said that it
// is no source of spam. An attacker can reach neither.
func (s Standing) Trusted() bool { return s.Answered > 0 || !s.Vouched.IsZero() }

// droppedBefore is how many dropped reports make a domain one that sends spam: a
// big server has a few who do.
const droppedBefore = 3

// Spams says whether an agent dropped reports of a domain, and answered none.
func (s Standing) Spams() bool { return !s.Trusted() && s.Dropped >= droppedBefore }

// ThirdRate is how much the people of a host may add to others' issues.
func (s Standing) ThirdRate() Rate { return perHour(min(hostThirds+hostAnswered*s.Answered, hostMost)) }

// What the people of a domain may make us write in a day, in bytes: docs/adr/0019.
const (
	DayBytes         = 256 << 20
	dayBytesKnown    = 256 << 20 // more for one that is known
	dayBytesAnswered = 4 << 20   // more for every issue of it that was answered
	dayBytesMost     = 2 << 30   // and never more
)

// DayBytes is how much the people of a host may make us write in a day.
func (s Standing) DayBytes(now time.Time) int {
	n := DayBytes + dayBytesAnswered*min(s.Answered, dayBytesMost/dayBytesAnswered)
	if s.Known(now) {
		n += dayBytesKnown
	}
	return min(n, dayBytesMost)
}

// Joined is the standing of a domain with what was remembered of one of its hosts,
// before standings were of domains: the better of both, each time the same.
func (s Standing) Joined(of Standing) Standing {
	if of.Since.Before(s.Since) {
		s.Since = of.Since
	}
	if of.Vouched.After(s.Vouched) {
		s.Vouched = of.Vouched
	}
	if of.Busy.After(s.Busy) {
		s.Busy = of.Busy
	}
	s.People, s.Answered = max(s.People, of.People), max(s.Answered, of.Answered)
	return s
}

// New says whether a host counts among the new ones.
func (s Standing) New(now time.Time) bool { return !s.Known(now) && s.Answered == 0 }

// Quarantined is a report that is held back until an agent decides: it is likely
// spam, or one of too many of one person.
type Quarantined struct {
	Object    ObjectID  `json:"object"`
	Author    Actor     `json:"author"`
	Post      Post      `json:"post"`
	Addressed []ActorID `json:"addressed,omitempty"`
	IsVote    bool      `json:"is_vote,omitempty"`
	// Above are the posts above it in the thread, oldest first; of these only
	// Author, Post and Addressed count.
	Above []Quarantined `json:"above,omitempty"`
	// Missing is the post above those, if it is fetched when this one is released.
	Missing ObjectID  `json:"missing,omitempty"`
	Source  string    `json:"source"`          // through which it was heard
	Why     string    `json:"why"`             // it is here, in English
	Flood   Flood     `json:"flood,omitempty"` // the same; "" if it was held back before floods had names
	Since   time.Time `json:"since"`
	// Dropped: an agent dropped it, with a pile. It is on no list any more, and can be
	// taken back for a while.
	Dropped *HeldDrop `json:"dropped,omitempty"`
}

// HeldDrop is with which act on a pile a report was dropped.
type HeldDrop struct {
	Act string    `json:"act"`
	At  time.Time `json:"at"`
}

// Flood says why a report is held back.
type Flood string

// The reasons. FloodOfHost and FloodOfNewHosts are of earlier versions.
const (
	FloodOfPerson   Flood = "person"         // its author's reports were too many
	FloodOfHost     Flood = "host"           // those of its author's server
	FloodOfNewHosts Flood = "new_hosts"      // those of all servers never heard of before
	SpamCopies      Flood = "copies"         // many accounts send this text
	SpamStrangers   Flood = "strangers"      // it mentions strangers beside the desk
	SpamNothing     Flood = "nothing_said"   // only mentions and a link
	SpamDropped     Flood = "dropped_before" // reports of its server were dropped before
)

// Words is the reason in English.
func (f Flood) Words() string {
	switch f {
	case SpamCopies:
		return "many accounts send this text"
	case SpamStrangers:
		return "it mentions strangers beside the desk"
	case SpamNothing:
		return "it says nothing but mentions and a link"
	case SpamDropped:
		return "earlier reports from this server were dropped"
	}
	return "more new issues than usual from this person"
}

// Floods are the reasons, those of which piles are listed first.
func Floods() []Flood {
	return []Flood{SpamStrangers, SpamCopies, SpamNothing, SpamDropped, FloodOfPerson, FloodOfHost, FloodOfNewHosts}
}

// Host is its author's.
func (q Quarantined) Host() Host { return q.Author.ID.Host() }

// Stands is since when it is where it is: held back, or dropped.
func (q Quarantined) Stands() time.Time {
	if q.Dropped != nil {
		return q.Dropped.At
	}
	return q.Since
}

// Reason is why it is held back, also if that was before floods had names.
func (q Quarantined) Reason() Flood {
	if q.Flood == "" {
		return FloodOfPerson
	}
	return q.Flood
}

// maxLanguage is the longest name of a language that is counted.
const maxLanguage = 35

// Language is that of its words, "" if they do not say.
func (q Quarantined) Language() string {
	if len(q.Post.Language) > maxLanguage {
		return ""
	}
	return q.Post.Language
}

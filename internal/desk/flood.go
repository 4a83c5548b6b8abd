package desk

import "time"

// A new issue costs a person attention, so new issues are limited. The limits
// are for floods: docs/adr/0014 says how they were chosen.

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

// The limits of one person, and of all domains together that nobody here has had
// to do with.
var (
	ActorRate    = Rate{Burst: 5, Every: 30 * time.Minute}
	NewHostsRate = perHour(100)
)

// What third persons add to issues is read by agents too, and costs the reporter
// their attention. The limits of one person in all issues, and of all in one issue;
// each is as new after a day.
var (
	ThirdRate     = Rate{Burst: 30, Every: 10 * time.Minute}
	ThirdsOfIssue = Rate{Burst: 200, Every: 7 * time.Minute}
)

// NewHosts is the key of the standing that all new hosts share.
const NewHosts = "new hosts"

// The limit of a registrable domain, with all its hosts, is higher if we know it
// better.
const (
	hostBase     = 20                 // an hour, of a host never heard of
	hostAnswered = 20                 // more for every issue of it that was answered
	hostKnown    = 100                // more for one that is known
	hostThirds   = 200                // an hour, to the issues of others
	hostPerson   = 10                 // more for each of its people, if it is known
	hostMost     = 2000               // and never more
	knownPeople  = 3                  // so many people, and
	knownAfter   = 3 * 24 * time.Hour // so long ago: then a host is known
)

// Standing is our memory of a source of issues: an actor, a domain, or all new
// domains together. Of a domain there may be older standings, of single hosts.
type Standing struct {
	Key      string    `json:"key"` // an ActorID, a Domain, NewHosts, or a Host as was
	Since    time.Time `json:"since"`
	Busy     time.Time `json:"busy"`                // of its Rate
	People   int       `json:"people,omitempty"`    // of a host: how many different ones have opened issues
	Answered int       `json:"answered,omitempty"`  // of a host: how many issues were answered
	Vouched  time.Time `json:"vouched_at,omitzero"` // of a host: an agent released all of it
	Expires  time.Time `json:"expires_at"`          // then it is forgotten
}

// Known says whether a host is no stranger any more: an agent said so, or
// several of its people have been heard for a while.
func (s Standing) Known(now time.Time) bool {
	return !s.Vouched.IsZero() || s.People >= knownPeople && now.Sub(s.Since) >= knownAfter
}

// HostRate is how many issues may be opened from a host.
func (s Standing) HostRate(now time.Time) Rate {
	n := hostBase + hostAnswered*s.Answered
	if s.Known(now) {
		n += hostKnown + hostPerson*s.People
	}
	return perHour(min(n, hostMost))
}

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

// Changed changes our knowledge of a host. The number of places that it has
// used stays the same: a higher limit counts at once.
func (s Standing) Changed(now time.Time, change func(*Standing)) Standing {
	before := s.HostRate(now)
	change(&s)
	if ahead := s.Busy.Sub(now); ahead > 0 {
		s.Busy = now.Add(time.Duration(float64(ahead) * float64(s.HostRate(now).Every) / float64(before.Every))).Truncate(time.Microsecond)
	}
	return s
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

// Quarantined is a post that would have opened an issue, but came in a flood:
// it is held back until an agent decides.
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
}

// Flood says whose posts were too many.
type Flood string

// The floods.
const (
	FloodOfPerson   Flood = "person"    // its author's
	FloodOfHost     Flood = "host"      // those of its author's server
	FloodOfNewHosts Flood = "new_hosts" // those of all servers never heard of before
)

// Host is its author's.
func (q Quarantined) Host() Host { return q.Author.ID.Host() }

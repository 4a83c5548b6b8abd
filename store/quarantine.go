package store

import (
	"time"

	"earshot/internal/desk"
)

// Quarantine keeps reports that are held back, one an object. Of those that are dropped
// only Get, CountActor and the lists that say so know.
type Quarantine interface {
	Put(desk.Quarantined) error
	Get(desk.ObjectID) (desk.Quarantined, bool, error)
	Delete(desk.ObjectID) (deleted bool, err error)
	// List lists the posts that are held back, the oldest first.
	List(QuarantineFilter, Page) (posts []desk.Quarantined, next string, err error)
	// Count counts all.
	Count() (int, error)
	// CountActor counts those of a person.
	CountActor(desk.ActorID) (int, error)
	// HeldBack sums those that are held back for a reason.
	HeldBack(desk.Flood) (HeldSum, error)
	// Hosts counts those of each host that has any. It reads as many entries as there
	// are hosts.
	Hosts() (map[desk.Host]int, error)
}

// QuarantineFilter narrows a list. A zero field does not; of several the last one
// counts. Dropped ones are listed with Dropped and with Actor.
type QuarantineFilter struct {
	Host    desk.Host
	Flood   desk.Flood
	Dropped desk.Flood // dropped ones, which were held back for this
	Actor   desk.ActorID
}

// HeldSum sums the reports that are held back for a reason.
type HeldSum struct {
	People      int
	Since, Last time.Time
	Servers     map[desk.Host]int
	Languages   map[string]int
}

// Add counts so many of a host and language, the first of which came at since.
func (s *HeldSum) Add(since time.Time, h desk.Host, language string, n int) {
	if s.People == 0 || since.Before(s.Since) {
		s.Since = since
	}
	if since.After(s.Last) {
		s.Last = since
	}
	s.People += n
	s.Servers[h] += n
	s.Languages[language] += n
}

// Standings keeps our memory of the sources of issues.
type Standings interface {
	Put(desk.Standing) error
	Get(key string) (desk.Standing, bool, error)
	// Expire forgets at most limit whose time has come.
	Expire(now time.Time, limit int) (forgotten int, err error)
}

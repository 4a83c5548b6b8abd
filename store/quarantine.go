package store

import (
	"time"

	"earshot/internal/desk"
)

// Quarantine keeps reports that are held back, one an object.
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
	// Hosts counts those of each host that has any. It reads as many entries as there
	// are hosts.
	Hosts() (map[desk.Host]int, error)
}

// QuarantineFilter narrows a list. A zero field does not; of both the actor counts.
type QuarantineFilter struct {
	Host  desk.Host
	Actor desk.ActorID
}

// Standings keeps our memory of the sources of issues.
type Standings interface {
	Put(desk.Standing) error
	Get(key string) (desk.Standing, bool, error)
	// Expire forgets at most limit whose time has come.
	Expire(now time.Time, limit int) (forgotten int, err error)
}

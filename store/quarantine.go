package store

import (
	"time"

	"earshot/internal/desk"
)

// Quarantine keeps posts that came in a flood, one an object.
type Quarantine interface {
	Put(desk.Quarantined) error
	Get(desk.ObjectID) (desk.Quarantined, bool, error)
	Delete(desk.ObjectID) (deleted bool, err error)
	// List lists the posts that are held back, the oldest first.
	List(QuarantineFilter, Page) (posts []desk.Quarantined, next string, err error)
	// Count counts those of a host, or all for "".
	Count(desk.Host) (int, error)
	// CountDomain counts those of all hosts of a registrable domain. It reads as
	// many entries as there are hosts.
	CountDomain(desk.Domain) (int, error)
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

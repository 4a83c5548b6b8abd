package store

import "time"

// Withdrawal remembers that something was taken back which has not arrived:
// a Delete before its Create, an Undo before its Follow, Like or Announce.
type Withdrawal struct {
	Hash    string    `json:"hash"`   // of what was taken back, keyed: it names nobody
	Domain  string    `json:"domain"` // of the one who took it back, for the bound; a keyed hash too
	At      time.Time `json:"at"`
	Expires time.Time `json:"expires"`
}

// Withdrawals keeps withdrawals, one a hash. The bounds are the caller's:
// see [earshot/internal/app].
type Withdrawals interface {
	Put(Withdrawal) error
	Get(hash string) (Withdrawal, bool, error)
	// Take forgets one, and says whether it was there.
	Take(hash string) (found bool, err error)
	// List lists those of a domain, or all for "", the oldest first.
	List(domain string, p Page) (withdrawals []Withdrawal, next string, err error)
	// Count counts those of a domain, or all for "".
	Count(domain string) (int, error)
	// Expire forgets at most limit whose time has come.
	Expire(now time.Time, limit int) (forgotten int, err error)
}

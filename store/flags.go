package store

import "earshot/internal/desk"

// Flags keeps the complaints of other servers. The bounds are the caller's: see
// [earshot/internal/app].
type Flags interface {
	Put(desk.Flag) error
	Get(desk.FlagID) (desk.Flag, bool, error)
	Delete(desk.FlagID) (found bool, err error)
	// List lists those of a sender, or all for "", by id: the oldest first.
	List(sender desk.ActorID, p Page) (flags []desk.Flag, next string, err error)
}

package store

import "earshot/internal/desk"

// Views keeps the saved views of agents and desks. The bounds are the caller's: see
// [earshot/internal/app].
type Views interface {
	Put(desk.SavedView) error
	Get(of desk.ViewOwner, id desk.SavedViewID) (desk.SavedView, bool, error)
	Delete(of desk.ViewOwner, id desk.SavedViewID) (found bool, err error)
	// List lists those of an agent or a desk, or all for "", by owner and id: the oldest first.
	List(of desk.ViewOwner, p Page) (views []desk.SavedView, next string, err error)
}

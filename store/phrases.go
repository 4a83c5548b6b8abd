package store

import "earshot/internal/desk"

// Phrases keeps the phrases of desks. The bounds are the caller's: see
// [earshot/internal/app].
type Phrases interface {
	Put(desk.Phrase) error
	Get(of desk.Handle, id desk.PhraseID) (desk.Phrase, bool, error)
	Delete(of desk.Handle, id desk.PhraseID) (found bool, err error)
	// List lists those of a desk, or all for "", by desk and id: the oldest first.
	List(of desk.Handle, p Page) (phrases []desk.Phrase, next string, err error)
}

// Remarks keeps what agents note about people. The bounds are the caller's: see
// [earshot/internal/app].
type Remarks interface {
	Put(desk.Remark) error
	Get(about desk.ActorID, id desk.RemarkID) (desk.Remark, bool, error)
	Delete(about desk.ActorID, id desk.RemarkID) (found bool, err error)
	// List lists those about a person, or all for "", by person and id: the oldest first.
	List(about desk.ActorID, p Page) (remarks []desk.Remark, next string, err error)
}

package store

import "earshot/internal/desk"

// Pictures keeps the bytes of the pictures of desks, one for each role.
type Pictures interface {
	Put(desk.PictureFile) error
	Get(of desk.Handle, role desk.PictureRole) (desk.PictureFile, bool, error)
	Delete(of desk.Handle, role desk.PictureRole) (found bool, err error)
}

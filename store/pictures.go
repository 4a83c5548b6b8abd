package store

import "earshot/internal/desk"

// Pictures keeps the bytes of the pictures of desks, one for each role.
type Pictures interface {
	Put(desk.PictureFile) error
	Get(of desk.Handle, role desk.PictureRole) (desk.PictureFile, bool, error)
	Delete(of desk.Handle, role desk.PictureRole) (found bool, err error)
}

// Files keeps the files of our posts, and those that agents have not sent yet. The bounds
// are the caller's: see [earshot/internal/app].
type Files interface {
	// Add stores a file with its bytes, of which there is one at least; its size follows from
	// them. The bytes must not change afterwards.
	Add(f desk.File, bytes []byte) error
	// Put changes a file and leaves its bytes.
	Put(desk.File) error
	Get(desk.FileID) (desk.File, bool, error)
	// Bytes reads the bytes of a file.
	Bytes(desk.FileID) ([]byte, bool, error)
	// Delete deletes a file and its bytes.
	Delete(desk.FileID) (found bool, err error)

	PutUpload(desk.Upload) error
	GetUpload(agent desk.Email, id desk.FileID) (desk.Upload, bool, error)
	DeleteUpload(agent desk.Email, id desk.FileID) (found bool, err error)
	// Uploads lists those of an agent, UploadsOfAll all, in the order of agent and id.
	Uploads(agent desk.Email, p Page) (uploads []desk.Upload, next string, err error)
	UploadsOfAll(p Page) (uploads []desk.Upload, next string, err error)
}

package bolt

import (
	"earshot/internal/desk"
	"earshot/store"
)

var (
	filesTable   = table[desk.File]{name: "files", key: func(f *desk.File) key { return key(nil).text(string(f.ID)) }}
	uploadsTable = table[desk.Upload]{name: "uploads", key: func(u *desk.Upload) key { return emailKey(u.Agent).text(string(u.ID)) }}
)

type files struct{ *tx }

func (s files) Put(f desk.File) error { return filesTable.put(s.tx, &f) }

func (s files) Get(id desk.FileID) (desk.File, bool, error) {
	return filesTable.get(s.tx, key(nil).text(string(id)))
}

func (s files) Delete(id desk.FileID) (bool, error) {
	return filesTable.delete(s.tx, key(nil).text(string(id)))
}

func (s files) PutUpload(u desk.Upload) error { return uploadsTable.put(s.tx, &u) }

func (s files) GetUpload(agent desk.Email, id desk.FileID) (desk.Upload, bool, error) {
	return uploadsTable.get(s.tx, emailKey(agent).text(string(id)))
}

func (s files) DeleteUpload(agent desk.Email, id desk.FileID) (bool, error) {
	return uploadsTable.delete(s.tx, emailKey(agent).text(string(id)))
}

func (s files) Uploads(agent desk.Email, p store.Page) ([]desk.Upload, string, error) {
	return uploadsTable.list(s.tx, emailKey(agent), p)
}

func (s files) UploadsOfAll(p store.Page) ([]desk.Upload, string, error) {
	return uploadsTable.list(s.tx, nil, p)
}

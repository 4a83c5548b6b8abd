package postgres

import (
	"earshot/internal/desk"
	"earshot/store"
)

var (
	filesTable = define(table[desk.File]{
		name: "files", keys: []string{"id"},
		key: func(f *desk.File) []any { return []any{ordered(f.ID)} },
	})
	uploadsTable = define(table[desk.Upload]{
		name: "uploads", keys: []string{"agent", "id"},
		key: func(u *desk.Upload) []any { return []any{ordered(u.Agent), ordered(u.ID)} },
	})
)

type ourFiles struct{ *tx }

func (s ourFiles) Put(f desk.File) error { return filesTable.put(s.tx, &f) }

func (s ourFiles) Get(id desk.FileID) (desk.File, bool, error) {
	return filesTable.get(s.tx, ordered(id))
}

func (s ourFiles) Delete(id desk.FileID) (bool, error) { return filesTable.delete(s.tx, ordered(id)) }

func (s ourFiles) PutUpload(u desk.Upload) error { return uploadsTable.put(s.tx, &u) }

func (s ourFiles) GetUpload(agent desk.Email, id desk.FileID) (desk.Upload, bool, error) {
	return uploadsTable.get(s.tx, ordered(agent), ordered(id))
}

func (s ourFiles) DeleteUpload(agent desk.Email, id desk.FileID) (bool, error) {
	return uploadsTable.delete(s.tx, ordered(agent), ordered(id))
}

func (s ourFiles) Uploads(agent desk.Email, p store.Page) ([]desk.Upload, string, error) {
	return page(s.tx, uploadsTable, listing{name: "uploads of agent", table: "uploads", where: []string{"agent"}, is: []any{ordered(agent)}, order: []string{"id"}}, p)
}

func (s ourFiles) UploadsOfAll(p store.Page) ([]desk.Upload, string, error) {
	return page(s.tx, uploadsTable, listing{name: "uploads", table: "uploads", order: []string{"agent", "id"}}, p)
}

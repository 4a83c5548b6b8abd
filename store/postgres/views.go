package postgres

import (
	"earshot/internal/desk"
	"earshot/store"
)

var viewsTable = define(table[desk.SavedView]{
	name: "views", keys: []string{"owner", "id"},
	key: func(v *desk.SavedView) []any { return []any{ordered(v.Owner), ordered(v.ID)} },
})

type views struct{ *tx }

func (s views) Put(v desk.SavedView) error { return viewsTable.put(s.tx, &v) }

func (s views) Get(of desk.ViewOwner, id desk.SavedViewID) (desk.SavedView, bool, error) {
	return viewsTable.get(s.tx, ordered(of), ordered(id))
}

func (s views) Delete(of desk.ViewOwner, id desk.SavedViewID) (bool, error) {
	return viewsTable.delete(s.tx, ordered(of), ordered(id))
}

func (s views) List(of desk.ViewOwner, p store.Page) ([]desk.SavedView, string, error) {
	l := listing{name: "views", table: "views", order: []string{"owner", "id"}}
	if of != "" {
		l.name, l.where, l.is, l.order = "views of owner", []string{"owner"}, []any{ordered(of)}, []string{"id"}
	}
	return page(s.tx, viewsTable, l, p)
}

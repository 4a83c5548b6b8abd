package bolt

import (
	"earshot/internal/desk"
	"earshot/store"
)

var viewsTable = table[desk.SavedView]{name: "views", key: func(v *desk.SavedView) key { return ownerKey(v.Owner).text(string(v.ID)) }}

func ownerKey(o desk.ViewOwner) key { return key(nil).text(string(o)) }

type views struct{ *tx }

func (s views) Put(v desk.SavedView) error { return viewsTable.put(s.tx, &v) }

func (s views) Get(of desk.ViewOwner, id desk.SavedViewID) (desk.SavedView, bool, error) {
	return viewsTable.get(s.tx, ownerKey(of).text(string(id)))
}

func (s views) Delete(of desk.ViewOwner, id desk.SavedViewID) (bool, error) {
	return viewsTable.delete(s.tx, ownerKey(of).text(string(id)))
}

func (s views) List(of desk.ViewOwner, p store.Page) ([]desk.SavedView, string, error) {
	if of == "" {
		return viewsTable.list(s.tx, nil, p)
	}
	return viewsTable.list(s.tx, ownerKey(of), p)
}

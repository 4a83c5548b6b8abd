package bolt

import (
	"earshot/internal/desk"
	"earshot/store"
)

var followsTable = table[store.Follow]{
	name:   "follows",
	key:    func(f *store.Follow) key { return followKey(f.Local, f.Actor) },
	counts: func(f *store.Follow) []key { return []key{deskKey(f.Local)} },
}

func followKey(local desk.Handle, a desk.ActorID) key { return deskKey(local).text(string(a)) }

type follows struct{ *tx }

func (s follows) Put(f store.Follow) error { return followsTable.put(s.tx, &f) }

func (s follows) Get(local desk.Handle, a desk.ActorID) (store.Follow, bool, error) {
	return followsTable.get(s.tx, followKey(local, a))
}

func (s follows) Delete(local desk.Handle, a desk.ActorID) (bool, error) {
	return followsTable.delete(s.tx, followKey(local, a))
}

func (s follows) List(local desk.Handle, p store.Page) ([]store.Follow, string, error) {
	return followsTable.list(s.tx, deskKey(local), p)
}

func (s follows) Count(local desk.Handle) (int, error) {
	return followsTable.count(s.tx, deskKey(local))
}

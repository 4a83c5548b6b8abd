package bolt

import (
	"earshot/internal/desk"
	"earshot/store"
)

var flagsTable = table[desk.Flag]{name: "flags", key: func(f *desk.Flag) key { return key(nil).text(string(f.ID)) }}

type flags struct{ *tx }

func (s flags) Put(f desk.Flag) error { return flagsTable.put(s.tx, &f) }

func (s flags) Get(id desk.FlagID) (desk.Flag, bool, error) {
	return flagsTable.get(s.tx, key(nil).text(string(id)))
}

func (s flags) Delete(id desk.FlagID) (bool, error) {
	return flagsTable.delete(s.tx, key(nil).text(string(id)))
}

func (s flags) List(p store.Page) ([]desk.Flag, string, error) {
	return flagsTable.list(s.tx, nil, p)
}

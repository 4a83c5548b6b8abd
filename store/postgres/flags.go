package postgres

import (
	"earshot/internal/desk"
	"earshot/store"
)

var flagsTable = define(table[desk.Flag]{name: "flags", keys: []string{"id"}, key: func(f *desk.Flag) []any { return []any{ordered(f.ID)} }})

type flags struct{ *tx }

func (s flags) Put(f desk.Flag) error { return flagsTable.put(s.tx, &f) }

func (s flags) Get(id desk.FlagID) (desk.Flag, bool, error) {
	return flagsTable.get(s.tx, ordered(id))
}

func (s flags) Delete(id desk.FlagID) (bool, error) { return flagsTable.delete(s.tx, ordered(id)) }

func (s flags) List(p store.Page) ([]desk.Flag, string, error) {
	return page(s.tx, flagsTable, listing{name: "flags", table: "flags", order: []string{"id"}}, p)
}

package postgres

import (
	"earshot/internal/desk"
	"earshot/store"
)

var flagsTable = define(table[desk.Flag]{
	name: "flags", keys: []string{"id"}, columns: []string{"sender"},
	key:    func(f *desk.Flag) []any { return []any{ordered(f.ID)} },
	values: func(f *desk.Flag) []any { return []any{ordered(f.Sender)} },
})

type flags struct{ *tx }

func (s flags) Put(f desk.Flag) error { return flagsTable.put(s.tx, &f) }

func (s flags) Get(id desk.FlagID) (desk.Flag, bool, error) {
	return flagsTable.get(s.tx, ordered(id))
}

func (s flags) Delete(id desk.FlagID) (bool, error) { return flagsTable.delete(s.tx, ordered(id)) }

func (s flags) List(sender desk.ActorID, p store.Page) ([]desk.Flag, string, error) {
	l := listing{name: "flags", table: "flags", order: []string{"id"}}
	if sender != "" {
		l.name, l.where, l.is = "flags of sender", []string{"sender"}, []any{ordered(sender)}
	}
	return page(s.tx, flagsTable, l, p)
}

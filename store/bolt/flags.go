package bolt

import (
	"earshot/internal/desk"
	"earshot/store"
)

var flagsTable = table[desk.Flag]{
	name:    "flags",
	key:     func(f *desk.Flag) key { return key(nil).text(string(f.ID)) },
	indexes: []*index[desk.Flag]{flagsBySender},
}

var flagsBySender = &index[desk.Flag]{name: "flags.sender", keys: func(f *desk.Flag) []key {
	return []key{actorKey(f.Sender).text(string(f.ID))}
}}

type flags struct{ *tx }

func (s flags) Put(f desk.Flag) error { return flagsTable.put(s.tx, &f) }

func (s flags) Get(id desk.FlagID) (desk.Flag, bool, error) {
	return flagsTable.get(s.tx, key(nil).text(string(id)))
}

func (s flags) Delete(id desk.FlagID) (bool, error) {
	return flagsTable.delete(s.tx, key(nil).text(string(id)))
}

func (s flags) List(sender desk.ActorID, p store.Page) ([]desk.Flag, string, error) {
	if sender != "" {
		return flagsTable.listBy(s.tx, flagsBySender, actorKey(sender), p)
	}
	return flagsTable.list(s.tx, nil, p)
}

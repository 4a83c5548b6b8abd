package postgres

import (
	"earshot/internal/desk"
	"earshot/store"
)

var draftsTable = define(table[store.Draft]{
	name: "drafts", keys: []string{"agent", "place"},
	key: func(d *store.Draft) []any { return []any{ordered(d.Agent), ordered(d.On)} },
})

type drafts struct{ *tx }

func (s drafts) Put(d store.Draft) error { return draftsTable.put(s.tx, &d) }

func (s drafts) Get(agent desk.Email, on string) (store.Draft, bool, error) {
	return draftsTable.get(s.tx, ordered(agent), ordered(on))
}

func (s drafts) Delete(agent desk.Email, on string) (bool, error) {
	return draftsTable.delete(s.tx, ordered(agent), ordered(on))
}

func (s drafts) List(agent desk.Email, p store.Page) ([]store.Draft, string, error) {
	l := listing{name: "drafts", table: "drafts", order: []string{"agent", "place"}}
	if agent != "" {
		l.name, l.where, l.is, l.order = "drafts of agent", []string{"agent"}, []any{ordered(agent)}, []string{"place"}
	}
	return page(s.tx, draftsTable, l, p)
}

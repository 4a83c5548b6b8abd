package postgres

import (
	"earshot/internal/desk"
	"earshot/store"
)

var pilesTable = define(table[desk.Pile]{
	name: "piles", keys: []string{"id"}, columns: []string{"desk", "standing", "opened"},
	key:    func(p *desk.Pile) []any { return []any{ordered(p.ID)} },
	values: func(p *desk.Pile) []any { return []any{ordered(p.Desk), p.People > 0, p.Since} },
})

type piles struct{ *tx }

func (s piles) Put(p desk.Pile) error { return pilesTable.put(s.tx, &p) }

func (s piles) Get(id desk.PileID) (desk.Pile, bool, error) {
	return pilesTable.get(s.tx, ordered(id))
}

func (s piles) Delete(id desk.PileID) (bool, error) { return pilesTable.delete(s.tx, ordered(id)) }

func (s piles) List(f store.PileFilter, p store.Page) ([]desk.Pile, string, error) {
	l := listing{name: "piles", table: "piles", order: []string{"opened", "id"}, desc: true}
	if f.Desk != "" {
		l.name, l.where, l.is = l.name+" of desk", append(l.where, "desk"), append(l.is, ordered(f.Desk))
	}
	if f.Standing {
		l.name, l.where, l.is = l.name+" standing", append(l.where, "standing"), append(l.is, true)
	}
	return page(s.tx, pilesTable, l, p)
}

package postgres

import (
	"earshot/internal/desk"
	"earshot/store"
)

var phrasesTable = define(table[desk.Phrase]{
	name: "phrases", keys: []string{"desk", "id"},
	key: func(p *desk.Phrase) []any { return []any{ordered(p.Desk), ordered(p.ID)} },
})

type phrases struct{ *tx }

func (s phrases) Put(p desk.Phrase) error { return phrasesTable.put(s.tx, &p) }

func (s phrases) Get(of desk.Handle, id desk.PhraseID) (desk.Phrase, bool, error) {
	return phrasesTable.get(s.tx, ordered(of), ordered(id))
}

func (s phrases) Delete(of desk.Handle, id desk.PhraseID) (bool, error) {
	return phrasesTable.delete(s.tx, ordered(of), ordered(id))
}

func (s phrases) List(of desk.Handle, p store.Page) ([]desk.Phrase, string, error) {
	l := listing{name: "phrases", table: "phrases", order: []string{"desk", "id"}}
	if of != "" {
		l.name, l.where, l.is, l.order = "phrases of desk", []string{"desk"}, []any{ordered(of)}, []string{"id"}
	}
	return page(s.tx, phrasesTable, l, p)
}

var remarksTable = define(table[desk.Remark]{
	name: "remarks", keys: []string{"about", "id"},
	key: func(r *desk.Remark) []any { return []any{ordered(r.About), ordered(r.ID)} },
})

type remarks struct{ *tx }

func (s remarks) Put(r desk.Remark) error { return remarksTable.put(s.tx, &r) }

func (s remarks) Get(about desk.ActorID, id desk.RemarkID) (desk.Remark, bool, error) {
	return remarksTable.get(s.tx, ordered(about), ordered(id))
}

func (s remarks) Delete(about desk.ActorID, id desk.RemarkID) (bool, error) {
	return remarksTable.delete(s.tx, ordered(about), ordered(id))
}

func (s remarks) List(about desk.ActorID, p store.Page) ([]desk.Remark, string, error) {
	l := listing{name: "remarks", table: "remarks", order: []string{"about", "id"}}
	if about != "" {
		l.name, l.where, l.is, l.order = "remarks about person", []string{"about"}, []any{ordered(about)}, []string{"id"}
	}
	return page(s.tx, remarksTable, l, p)
}

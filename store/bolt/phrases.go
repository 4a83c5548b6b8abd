package bolt

import (
	"earshot/internal/desk"
	"earshot/store"
)

var phrasesTable = table[desk.Phrase]{name: "phrases", key: func(p *desk.Phrase) key { return deskKey(p.Desk).text(string(p.ID)) }}

type phrases struct{ *tx }

func (s phrases) Put(p desk.Phrase) error { return phrasesTable.put(s.tx, &p) }

func (s phrases) Get(of desk.Handle, id desk.PhraseID) (desk.Phrase, bool, error) {
	return phrasesTable.get(s.tx, deskKey(of).text(string(id)))
}

func (s phrases) Delete(of desk.Handle, id desk.PhraseID) (bool, error) {
	return phrasesTable.delete(s.tx, deskKey(of).text(string(id)))
}

func (s phrases) List(of desk.Handle, p store.Page) ([]desk.Phrase, string, error) {
	if of == "" {
		return phrasesTable.list(s.tx, nil, p)
	}
	return phrasesTable.list(s.tx, deskKey(of), p)
}

var remarksTable = table[desk.Remark]{name: "remarks", key: func(r *desk.Remark) key { return actorKey(r.About).text(string(r.ID)) }}

type remarks struct{ *tx }

func (s remarks) Put(r desk.Remark) error { return remarksTable.put(s.tx, &r) }

func (s remarks) Get(about desk.ActorID, id desk.RemarkID) (desk.Remark, bool, error) {
	return remarksTable.get(s.tx, actorKey(about).text(string(id)))
}

func (s remarks) Delete(about desk.ActorID, id desk.RemarkID) (bool, error) {
	return remarksTable.delete(s.tx, actorKey(about).text(string(id)))
}

func (s remarks) List(about desk.ActorID, p store.Page) ([]desk.Remark, string, error) {
	if about == "" {
		return remarksTable.list(s.tx, nil, p)
	}
	return remarksTable.list(s.tx, actorKey(about), p)
}

package bolt

import (
	"earshot/internal/desk"
	"earshot/store"
)

var draftsTable = table[store.Draft]{name: "drafts", key: func(d *store.Draft) key { return emailKey(d.Agent).text(d.On) }}

type drafts struct{ *tx }

func (s drafts) Put(d store.Draft) error { return draftsTable.put(s.tx, &d) }

func (s drafts) Get(agent desk.Email, on string) (store.Draft, bool, error) {
	return draftsTable.get(s.tx, emailKey(agent).text(on))
}

func (s drafts) Delete(agent desk.Email, on string) (bool, error) {
	return draftsTable.delete(s.tx, emailKey(agent).text(on))
}

func (s drafts) List(agent desk.Email, p store.Page) ([]store.Draft, string, error) {
	if agent == "" {
		return draftsTable.list(s.tx, nil, p)
	}
	return draftsTable.list(s.tx, emailKey(agent), p)
}

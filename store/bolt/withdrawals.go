package bolt

import (
	"time"

	"earshot/store"
)

var withdrawalsTable = table[store.Withdrawal]{
	name:    "withdrawals",
	key:     func(w *store.Withdrawal) key { return key(nil).text(w.Hash) },
	indexes: []*index[store.Withdrawal]{withdrawalsByAge, withdrawalsByDomain, withdrawalsByExpiry},
	counts:  func(w *store.Withdrawal) []key { return []key{key(nil).text(""), key(nil).text(w.Domain)} },
}

var (
	withdrawalsByAge = &index[store.Withdrawal]{name: "withdrawals.at", keys: func(w *store.Withdrawal) []key {
		return []key{key(nil).time(w.At).text(w.Hash)}
	}}
	withdrawalsByDomain = &index[store.Withdrawal]{name: "withdrawals.domain", keys: func(w *store.Withdrawal) []key {
		return []key{key(nil).text(w.Domain).time(w.At).text(w.Hash)}
	}}
	withdrawalsByExpiry = &index[store.Withdrawal]{name: "withdrawals.expires", keys: func(w *store.Withdrawal) []key {
		return []key{key(nil).time(w.Expires).text(w.Hash)}
	}}
)

type withdrawals struct{ *tx }

func (s withdrawals) Put(w store.Withdrawal) error { return withdrawalsTable.put(s.tx, &w) }

func (s withdrawals) Get(hash string) (store.Withdrawal, bool, error) {
	return withdrawalsTable.get(s.tx, key(nil).text(hash))
}

func (s withdrawals) Take(hash string) (bool, error) {
	return withdrawalsTable.delete(s.tx, key(nil).text(hash))
}

func (s withdrawals) List(domain string, p store.Page) ([]store.Withdrawal, string, error) {
	if domain == "" {
		return withdrawalsTable.listBy(s.tx, withdrawalsByAge, nil, p)
	}
	return withdrawalsTable.listBy(s.tx, withdrawalsByDomain, key(nil).text(domain), p)
}

func (s withdrawals) Count(domain string) (int, error) {
	return withdrawalsTable.count(s.tx, key(nil).text(domain))
}

func (s withdrawals) Expire(now time.Time, limit int) (forgotten int, err error) {
	return expire(s.tx, &withdrawalsTable, withdrawalsByExpiry, now, limit)
}

package postgres

import (
	"time"

	"earshot/store"
)

var withdrawalsTable = define(table[store.Withdrawal]{
	name: "withdrawals", keys: []string{"hash"}, columns: []string{"domain", "at", "expires"},
	key:    func(w *store.Withdrawal) []any { return []any{ordered(w.Hash)} },
	values: func(w *store.Withdrawal) []any { return []any{ordered(w.Domain), w.At, w.Expires} },
})

type withdrawals struct{ *tx }

func (s withdrawals) Put(w store.Withdrawal) error { return withdrawalsTable.put(s.tx, &w) }

func (s withdrawals) Get(hash string) (store.Withdrawal, bool, error) {
	return withdrawalsTable.get(s.tx, ordered(hash))
}

func (s withdrawals) Take(hash string) (bool, error) {
	return withdrawalsTable.delete(s.tx, ordered(hash))
}

func (s withdrawals) List(domain string, p store.Page) ([]store.Withdrawal, string, error) {
	l := listing{name: "withdrawals", table: "withdrawals", order: []string{"at", "hash"}}
	if domain != "" {
		l.name, l.where, l.is = "withdrawals of domain", []string{"domain"}, []any{ordered(domain)}
	}
	return page(s.tx, withdrawalsTable, l, p)
}

func (s withdrawals) Count(domain string) (n int, err error) {
	if domain == "" {
		_, err = s.one("select count(*) from withdrawals", nil, &n)
		return n, err
	}
	_, err = s.one("select count(*) from withdrawals where domain = $1", []any{ordered(domain)}, &n)
	return n, err
}

func (s withdrawals) Expire(now time.Time, limit int) (int, error) {
	n, err := s.exec("delete from withdrawals where hash in (select hash from withdrawals where expires <= $1 order by expires limit $2)", now, max(limit, 0))
	return int(n), err
}

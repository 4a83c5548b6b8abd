package postgres

import (
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/internal/desk"
	"earshot/store"
)

var quarantineTable = define(table[desk.Quarantined]{
	name: "quarantine", keys: []string{"object"}, columns: []string{"host", "actor", "at", "flood", "language", "dropped"},
	key: func(q *desk.Quarantined) []any { return []any{ordered(q.Object)} },
	values: func(q *desk.Quarantined) []any {
		return []any{ordered(q.Host()), ordered(q.Author.ID), q.Stands(), ordered(q.Reason()), ordered(q.Language()), q.Dropped != nil}
	},
})

type quarantine struct{ *tx }

func (s quarantine) Put(q desk.Quarantined) error { return quarantineTable.put(s.tx, &q) }
func (s quarantine) Get(o desk.ObjectID) (desk.Quarantined, bool, error) {
	return quarantineTable.get(s.tx, ordered(o))
}
func (s quarantine) Delete(o desk.ObjectID) (bool, error) {
	return quarantineTable.delete(s.tx, ordered(o))
}
func (s quarantine) List(f store.QuarantineFilter, p store.Page) ([]desk.Quarantined, string, error) {
	l := listing{name: "quarantine", table: "quarantine", order: []string{"at", "object"}}
	l.where, l.is = []string{"dropped"}, []any{f.Dropped != ""}
	switch {
	case f.Actor != "":
		l.name, l.where, l.is = "quarantine of actor", []string{"actor"}, []any{ordered(f.Actor)}
	case f.Dropped != "":
		l.name, l.where, l.is = "quarantine dropped", append(l.where, "flood"), append(l.is, ordered(f.Dropped))
	case f.Flood != "":
		l.name, l.where, l.is = "quarantine for", append(l.where, "flood"), append(l.is, ordered(f.Flood))
	case f.Host != "":
		l.name, l.where, l.is = "quarantine of host", append(l.where, "host"), append(l.is, ordered(f.Host))
	}
	return page(s.tx, quarantineTable, l, p)
}
func (s quarantine) Count() (n int, err error) {
	_, err = s.one("select count(*) from quarantine where not dropped", nil, &n)
	return n, err
}

func (s quarantine) CountActor(who desk.ActorID) (n int, err error) {
	_, err = s.one("select count(*) from quarantine where actor = $1", []any{ordered(who)}, &n)
	return n, err
}

func (s quarantine) HeldBack(f desk.Flood) (store.HeldSum, error) {
	sum := store.HeldSum{Servers: map[desk.Host]int{}, Languages: map[string]int{}}
	err := s.each("select host, language, count(*), min(at), max(at) from quarantine where not dropped and flood = $1 group by host, language", []any{ordered(f)}, func(rows pgx.Rows) error {
		var host, language []byte
		var n int
		var first, last time.Time
		if err := rows.Scan(&host, &language, &n, &first, &last); err != nil {
			return err
		}
		sum.Add(last.UTC(), desk.Host(host), string(language), 0)
		sum.Add(first.UTC(), desk.Host(host), string(language), n)
		return nil
	})
	return sum, err
}

func (s quarantine) Hosts() (map[desk.Host]int, error) {
	out := map[desk.Host]int{}
	err := s.each("select host, count(*) from quarantine where not dropped group by host", nil, func(rows pgx.Rows) error {
		var host []byte
		var n int
		if err := rows.Scan(&host, &n); err != nil {
			return err
		}
		out[desk.Host(host)] = n
		return nil
	})
	return out, err
}

var standingsTable = define(table[desk.Standing]{
	name: "standings", keys: []string{"key"}, columns: []string{"expires"},
	key:    func(s *desk.Standing) []any { return []any{ordered(s.Key)} },
	values: func(s *desk.Standing) []any { return []any{s.Expires} },
})

type standings struct{ *tx }

func (s standings) Put(r desk.Standing) error { return standingsTable.put(s.tx, &r) }
func (s standings) Get(name string) (desk.Standing, bool, error) {
	return standingsTable.get(s.tx, ordered(name))
}
func (s standings) Expire(now time.Time, limit int) (int, error) {
	n, err := s.exec("delete from standings where key in (select key from standings where expires <= $1 order by expires limit $2)", now, max(limit, 0))
	return int(n), err
}

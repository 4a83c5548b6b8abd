package postgres

import (
	"time"

	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

var eventsTable = define(table[desk.Event]{
	name: "events", keys: []string{"id"}, columns: []string{"issue", "at", "third", "reply", "speaker"},
	key: func(e *desk.Event) []any { return []any{ordered(e.ID)} },
	values: func(e *desk.Event) []any {
		var speaker []byte // of a third person's words, to count accounts
		if e.Third {
			speaker = ordered(e.Actor)
		}
		return []any{ordered(e.Issue), e.At, e.Third, e.Kind == desk.KindReply, speaker}
	},
})

type events struct{ *tx }

// Add replaces an event that has this id.
func (s events) Add(e desk.Event) error { return eventsTable.put(s.tx, &e) }
func (s events) Get(id desk.EventID) (desk.Event, bool, error) {
	return eventsTable.get(s.tx, ordered(id))
}
func (s events) ByIssue(i desk.IssueID, p store.Page) ([]desk.Event, string, error) {
	return page(s.tx, eventsTable, listing{
		name: "events", table: "events", where: []string{"issue"}, is: []any{ordered(i)}, order: []string{"at", "id"},
	}, p)
}

var onceTable = define(table[layout.Once]{
	name: "once", keys: []string{"key"}, columns: []string{"expires"},
	key:    func(o *layout.Once) []any { return []any{ordered(o.Key)} },
	values: func(o *layout.Once) []any { return []any{o.Expires} },
})

type once struct{ *tx }

func (s once) Put(name string, value []byte, expires time.Time) (kept []byte, added bool, err error) {
	args, err := onceTable.row(&layout.Once{Key: name, Value: value, Expires: expires})
	if err != nil {
		return nil, false, err
	}
	n, err := s.exec("insert into once (key, expires, record) values ($1, $2, $3) on conflict do nothing", args...)
	if err != nil || n > 0 {
		return value, err == nil, err
	}
	kept, _, err = s.Get(name)
	return kept, false, err
}

func (s once) Set(name string, value []byte, expires time.Time) error {
	return onceTable.put(s.tx, &layout.Once{Key: name, Value: value, Expires: expires})
}

func (s once) Get(name string) ([]byte, bool, error) {
	r, ok, err := onceTable.get(s.tx, ordered(name))
	return r.Value, ok, err
}

func (s once) Delete(name string) (bool, error) { return onceTable.delete(s.tx, ordered(name)) }

func (s once) Expire(now time.Time, limit int) (int, error) {
	n, err := s.exec("delete from once where key in (select key from once where expires <= $1 order by expires limit $2)", now, max(limit, 0))
	return int(n), err
}

package postgres

import (
	"slices"

	"github.com/jackc/pgx/v5"

	"earshot/internal/desk"
	"earshot/store"
)

var followsTable = define(table[store.Follow]{name: "follows", keys: []string{"local", "actor"}, key: func(f *store.Follow) []any {
	return []any{ordered(f.Local), ordered(f.Actor)}
}})

type follows struct{ *tx }

func (s follows) Put(f store.Follow) error { return followsTable.put(s.tx, &f) }
func (s follows) Get(local desk.Handle, a desk.ActorID) (store.Follow, bool, error) {
	return followsTable.get(s.tx, ordered(local), ordered(a))
}
func (s follows) Delete(local desk.Handle, a desk.ActorID) (bool, error) {
	return followsTable.delete(s.tx, ordered(local), ordered(a))
}
func (s follows) List(local desk.Handle, p store.Page) ([]store.Follow, string, error) {
	return page(s.tx, followsTable, listing{
		name: "follows", table: "follows", where: []string{"local"}, is: []any{ordered(local)}, order: []string{"actor"},
	}, p)
}
func (s follows) Count(local desk.Handle) (n int, err error) {
	_, err = s.one("select count(*) from follows where local = $1", []any{ordered(local)}, &n)
	return n, err
}

var deliveriesTable = define(table[store.Delivery]{
	name: "deliveries", keys: []string{"activity", "inbox"}, columns: []string{"state"},
	key:    func(d *store.Delivery) []any { return []any{ordered(d.Activity), ordered(d.Inbox)} },
	values: func(d *store.Delivery) []any { return []any{string(d.State)} },
})

type deliveries struct{ *tx }

func (s deliveries) Put(d store.Delivery) error { return deliveriesTable.put(s.tx, &d) }
func (s deliveries) Get(a desk.ActivityID, inbox string) (store.Delivery, bool, error) {
	return deliveriesTable.get(s.tx, ordered(a), ordered(inbox))
}
func (s deliveries) ByActivity(a desk.ActivityID, p store.Page) ([]store.Delivery, string, error) {
	return page(s.tx, deliveriesTable, listing{
		name: "deliveries", table: "deliveries", where: []string{"activity"}, is: []any{ordered(a)}, order: []string{"inbox"},
	}, p)
}
func (s deliveries) Tally(a desk.ActivityID) (t store.Tally, err error) {
	counts := map[store.DeliveryState]*int{
		store.DeliveryQueued: &t.Queued, store.DeliveryDelivered: &t.Delivered, store.DeliveryFailed: &t.Failed,
	}
	err = s.each("select state, count(*) from deliveries where activity = $1 group by state", []any{ordered(a)}, func(rows pgx.Rows) error {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return s.failed(wrap(err))
		}
		if count := counts[store.DeliveryState(state)]; count != nil {
			*count = n
		}
		return nil
	})
	return t, err
}

var sourcesTable = define(table[store.Source]{
	name: "sources", keys: []string{"id"}, columns: []string{"actor", "created"},
	key:    func(s *store.Source) []any { return []any{ordered(s.ID)} },
	values: func(s *store.Source) []any { return []any{optional(ordered, s.Actor), s.Created} },
})

type sources struct{ *tx }

func (s sources) Put(r store.Source) error { return sourcesTable.put(s.tx, &r) }
func (s sources) Get(id desk.SourceID) (store.Source, bool, error) {
	return sourcesTable.get(s.tx, ordered(id))
}

func (s sources) ByActor(a desk.ActorID) (store.Source, bool, error) {
	all, err := sourcesTable.all(s.tx, "select record from sources where actor = $1 order by created desc, id desc", ordered(a))
	if err != nil {
		return store.Source{}, false, err
	}
	r, ok := store.Speaking(all)
	return r, ok, nil
}
func (s sources) Delete(id desk.SourceID) (bool, error) {
	return sourcesTable.delete(s.tx, ordered(id))
}
func (s sources) List(p store.Page) ([]store.Source, string, error) {
	return page(s.tx, sourcesTable, listing{name: "sources", table: "sources", order: []string{"created", "id"}}, p)
}

var sightingsTable = define(table[store.Sighting]{name: "sightings", keys: []string{"object", "source"}, key: func(s *store.Sighting) []any {
	return []any{ordered(s.Object), ordered(s.Source)}
}})

type sightings struct{ *tx }

func (s sightings) Add(r store.Sighting) (added bool, err error) {
	args, err := sightingsTable.row(&r)
	if err != nil {
		return false, err
	}
	n, err := s.exec("insert into sightings (object, source, record) values ($1, $2, $3) on conflict do nothing", args...)
	return n > 0, err
}
func (s sightings) ByObject(o desk.ObjectID) ([]store.Sighting, error) {
	all, err := sightingsTable.all(s.tx, "select record from sightings where object = $1 order by source", ordered(o))
	slices.SortStableFunc(all, func(a, b store.Sighting) int { return a.At.Compare(b.At) })
	return all, err
}
func (s sightings) DeleteByObject(o desk.ObjectID) error {
	_, err := s.exec("delete from sightings where object = $1", ordered(o))
	return err
}

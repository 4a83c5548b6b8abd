package postgres

import (
	"earshot/internal/desk"
	"earshot/store"
)

var destinationsTable = define(table[store.Destination]{
	name: "destinations", keys: []string{"id"}, columns: []string{"agent"},
	key:    func(d *store.Destination) []any { return []any{ordered(d.ID)} },
	values: func(d *store.Destination) []any { return []any{ordered(d.Agent)} },
})

var notificationsTable = define(table[store.Notification]{
	name: "notifications", keys: []string{"destination", "id"},
	key: func(n *store.Notification) []any { return []any{ordered(n.Destination), ordered(n.ID)} },
})

type destinations struct{ *tx }

func (s destinations) Put(d store.Destination) error { return destinationsTable.put(s.tx, &d) }

func (s destinations) Get(d desk.DestinationID) (store.Destination, bool, error) {
	return destinationsTable.get(s.tx, ordered(d))
}

func (s destinations) Delete(d desk.DestinationID) (bool, error) {
	return destinationsTable.delete(s.tx, ordered(d))
}

func (s destinations) List(p store.Page) ([]store.Destination, string, error) {
	return page(s.tx, destinationsTable, listing{name: "destinations", table: "destinations", order: []string{"id"}}, p)
}

func (s destinations) Of(agent desk.Email, p store.Page) ([]store.Destination, string, error) {
	return page(s.tx, destinationsTable, listing{name: "destinations of agent", table: "destinations", where: []string{"agent"}, is: []any{ordered(agent)}, order: []string{"id"}}, p)
}

func (s destinations) PutNotification(n store.Notification) error {
	return notificationsTable.put(s.tx, &n)
}

func (s destinations) Notification(d desk.DestinationID, id string) (store.Notification, bool, error) {
	return notificationsTable.get(s.tx, ordered(d), ordered(id))
}

func (s destinations) DeleteNotification(d desk.DestinationID, id string) (bool, error) {
	return notificationsTable.delete(s.tx, ordered(d), ordered(id))
}

func (s destinations) Notifications(d desk.DestinationID, p store.Page) ([]store.Notification, string, error) {
	return page(s.tx, notificationsTable, listing{name: "notifications", table: "notifications", where: []string{"destination"}, is: []any{ordered(d)}, order: []string{"id"}, desc: true}, p)
}

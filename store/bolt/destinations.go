package bolt

import (
	"earshot/internal/desk"
	"earshot/store"
)

var destinationsTable = table[store.Destination]{
	name:    "destinations",
	key:     func(d *store.Destination) key { return destinationKey(d.ID) },
	indexes: []*index[store.Destination]{destinationsByAgent},
}

var destinationsByAgent = &index[store.Destination]{name: "destinations.agent", keys: func(d *store.Destination) []key {
	return []key{emailKey(d.Agent).text(string(d.ID))}
}}

var notificationsTable = table[store.Notification]{
	name: "notifications",
	key:  func(n *store.Notification) key { return notificationKey(n.Destination, n.ID) },
}

func destinationKey(d desk.DestinationID) key { return key(nil).text(string(d)) }

// notificationKey sorts the newest ids first.
func notificationKey(d desk.DestinationID, id string) key {
	return destinationKey(d).rawDesc(key(nil).text(id))
}

type destinations struct{ *tx }

func (s destinations) Put(d store.Destination) error { return destinationsTable.put(s.tx, &d) }

func (s destinations) Get(d desk.DestinationID) (store.Destination, bool, error) {
	return destinationsTable.get(s.tx, destinationKey(d))
}

func (s destinations) Delete(d desk.DestinationID) (bool, error) {
	return destinationsTable.delete(s.tx, destinationKey(d))
}

func (s destinations) List(p store.Page) ([]store.Destination, string, error) {
	return destinationsTable.list(s.tx, nil, p)
}

func (s destinations) Of(agent desk.Email, p store.Page) ([]store.Destination, string, error) {
	return destinationsTable.listBy(s.tx, destinationsByAgent, emailKey(agent), p)
}

func (s destinations) PutNotification(n store.Notification) error {
	return notificationsTable.put(s.tx, &n)
}

func (s destinations) Notification(d desk.DestinationID, id string) (store.Notification, bool, error) {
	return notificationsTable.get(s.tx, notificationKey(d, id))
}

func (s destinations) DeleteNotification(d desk.DestinationID, id string) (bool, error) {
	return notificationsTable.delete(s.tx, notificationKey(d, id))
}

func (s destinations) Notifications(d desk.DestinationID, p store.Page) ([]store.Notification, string, error) {
	return notificationsTable.list(s.tx, destinationKey(d), p)
}

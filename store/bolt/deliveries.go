package bolt

import (
	"earshot/internal/desk"
	"earshot/store"
)

var deliveriesTable = table[store.Delivery]{
	name:   "deliveries",
	key:    func(d *store.Delivery) key { return activityKey(d.Activity).text(d.Inbox) },
	counts: func(d *store.Delivery) []key { return []key{tallyKey(d.Activity, d.State)} },
}

func activityKey(a desk.ActivityID) key { return key(nil).text(string(a)) }

func tallyKey(a desk.ActivityID, s store.DeliveryState) key { return activityKey(a).text(string(s)) }

type deliveries struct{ *tx }

func (s deliveries) Put(d store.Delivery) error { return deliveriesTable.put(s.tx, &d) }

func (s deliveries) Get(a desk.ActivityID, inbox string) (store.Delivery, bool, error) {
	return deliveriesTable.get(s.tx, activityKey(a).text(inbox))
}

func (s deliveries) ByActivity(a desk.ActivityID, p store.Page) ([]store.Delivery, string, error) {
	return deliveriesTable.list(s.tx, activityKey(a), p)
}

func (s deliveries) Tally(a desk.ActivityID) (t store.Tally, err error) {
	for state, n := range map[store.DeliveryState]*int{
		store.DeliveryQueued: &t.Queued, store.DeliveryDelivered: &t.Delivered, store.DeliveryFailed: &t.Failed,
	} {
		if *n, err = deliveriesTable.count(s.tx, tallyKey(a, state)); err != nil {
			return store.Tally{}, err
		}
	}
	return t, nil
}

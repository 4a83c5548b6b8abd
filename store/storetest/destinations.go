package storetest

import (
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

func destination(id desk.DestinationID, agent desk.Email) store.Destination {
	return store.Destination{ID: id, Agent: agent, Form: desk.FormWebhook, Name: "n8n", URL: "https://n8n.example/hook", Kinds: []store.ChangeKind{store.ChangeOpened},
		Secrets: []store.SealedSecret{{Sealed: []byte{0, 1, 255}, Since: t0}}, Created: t0, Read: t0}
}

func notification(d desk.DestinationID, id string) store.Notification {
	return store.Notification{Destination: d, ID: id, Kind: "opened", At: t0, State: store.NotificationQueued, Body: []byte("{}\xff")}
}

func testDestinations(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error {
		for _, d := range []store.Destination{destination("3", ""), destination("1", "bo@a.example"), destination("2", ""), destination("4", "bo@a.example.org")} {
			noError(t, tx.Destinations().Put(d))
		}
		for _, n := range []store.Notification{notification("2", "a"), notification("2", "ab"), notification("2", "c"), notification("23", "b"), notification("3", "z")} {
			noError(t, tx.Destinations().PutNotification(n))
		}
		moved := destination("3", "bo@a.example") // it changes lists
		moved.Name = "mine"
		return tx.Destinations().Put(moved)
	})
	id := func(d store.Destination) string { return string(d.ID) }
	of := func(tx store.Tx, agent desk.Email) []string {
		return names(all(t, func(p store.Page) ([]store.Destination, string, error) { return tx.Destinations().Of(agent, p) }), id)
	}
	sent := func(tx store.Tx, d desk.DestinationID) []string {
		return names(all(t, func(p store.Page) ([]store.Notification, string, error) { return tx.Destinations().Notifications(d, p) }),
			func(n store.Notification) string { return n.ID })
	}
	view(t, s, func(tx store.Tx) error {
		same(t, "all", names(all(t, tx.Destinations().List), id), []string{"1", "2", "3", "4"})
		same(t, "of the instance", of(tx, ""), []string{"2"})
		same(t, "of an agent", of(tx, "bo@a.example"), []string{"1", "3"})
		same(t, "the newest first", sent(tx, "2"), []string{"c", "ab", "a"})
		got, ok, err := tx.Destinations().Get("2")
		noError(t, err)
		same(t, "found", ok, true)
		same(t, "destination", got, destination("2", ""))
		n, ok, err := tx.Destinations().Notification("2", "ab")
		noError(t, err)
		same(t, "found", ok, true)
		same(t, "notification", n, notification("2", "ab"))
		_, ok, err = tx.Destinations().Notification("3", "ab")
		noError(t, err)
		same(t, "found", ok, false)
		return nil
	})
	for _, want := range []bool{true, false} {
		update(t, s, func(tx store.Tx) error {
			deleted, err := tx.Destinations().Delete("3")
			noError(t, err)
			same(t, "deleted", deleted, want)
			deleted, err = tx.Destinations().DeleteNotification("2", "ab")
			same(t, "deleted", deleted, want)
			return err
		})
	}
	view(t, s, func(tx store.Tx) error {
		same(t, "of an agent", of(tx, "bo@a.example"), []string{"1"})
		same(t, "kept", sent(tx, "2"), []string{"c", "a"})
		return nil
	})
}

package storetest

import (
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

func testFlags(t *testing.T, s store.Store) {
	f := func(id desk.FlagID, words string) desk.Flag {
		return desk.Flag{ID: id, Sender: ana, About: []desk.ObjectID{"https://help.example/relay"}, Words: words, At: t0}
	}
	update(t, s, func(tx store.Tx) error {
		for _, one := range []desk.Flag{f("c", "3"), f("a", "old"), f("b", "2"), f("a", "1")} { // an id is there once
			noError(t, tx.Flags().Put(one))
		}
		return nil
	})
	list := func(tx store.Tx, sender desk.ActorID) []desk.Flag {
		return all(t, func(p store.Page) ([]desk.Flag, string, error) { return tx.Flags().List(sender, p) })
	}
	other := desk.Flag{ID: "bb", Sender: ana + "2", Words: "of another", At: t0}
	update(t, s, func(tx store.Tx) error { return tx.Flags().Put(other) })
	view(t, s, func(tx store.Tx) error {
		same(t, "all", list(tx, ""), []desk.Flag{f("a", "1"), f("b", "2"), other, f("c", "3")})
		same(t, "of a sender", list(tx, ana), []desk.Flag{f("a", "1"), f("b", "2"), f("c", "3")})
		same(t, "of another", list(tx, ana+"2"), []desk.Flag{other})
		same(t, "of nobody", len(list(tx, "https://nobody.example/u")), 0)
		got, ok, err := tx.Flags().Get("b")
		noError(t, err)
		same(t, "found", ok, true)
		same(t, "flag", got, f("b", "2"))
		_, ok, err = tx.Flags().Get("d")
		noError(t, err)
		same(t, "found", ok, false)
		return nil
	})
	for _, want := range []bool{true, false} {
		update(t, s, func(tx store.Tx) error {
			found, err := tx.Flags().Delete("b")
			same(t, "deleted", found, want)
			return err
		})
	}
	view(t, s, func(tx store.Tx) error {
		same(t, "kept", list(tx, ""), []desk.Flag{f("a", "1"), other, f("c", "3")})
		same(t, "kept of a sender", list(tx, ana), []desk.Flag{f("a", "1"), f("c", "3")})
		return nil
	})
}

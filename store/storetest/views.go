package storetest

import (
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

func testViews(t *testing.T, s store.Store) {
	bo, help := desk.ViewsOfAgent("bo@acme.example"), desk.ViewsOfDesk("help")
	v := func(of desk.ViewOwner, id desk.SavedViewID, name string) desk.SavedView {
		return desk.SavedView{ID: id, Owner: of, Name: name, List: "open", At: "help", Status: desk.StatusNew, Search: "router", Changed: t0}
	}
	update(t, s, func(tx store.Tx) error {
		for _, one := range []desk.SavedView{v(help, "2", "b"), v(help, "1", "old"), v(bo, "1", "mine"), v(help, "1", "a"), v(desk.ViewsOfDesk("helpers"), "1", "others")} {
			noError(t, tx.Views().Put(one))
		}
		return nil
	})
	list := func(tx store.Tx, of desk.ViewOwner) []string {
		vs := all(t, func(p store.Page) ([]desk.SavedView, string, error) { return tx.Views().List(of, p) })
		return names(vs, func(v desk.SavedView) string { return v.Name })
	}
	view(t, s, func(tx store.Tx) error {
		same(t, "all", list(tx, ""), []string{"mine", "a", "b", "others"})
		same(t, "of a desk", list(tx, help), []string{"a", "b"})
		got, ok, err := tx.Views().Get(help, "1")
		noError(t, err)
		same(t, "found", ok, true)
		same(t, "view", got, v(help, "1", "a"))
		_, ok, err = tx.Views().Get(bo, "2")
		noError(t, err)
		same(t, "found", ok, false)
		return nil
	})
	for _, want := range []bool{true, false} {
		update(t, s, func(tx store.Tx) error {
			found, err := tx.Views().Delete(help, "1")
			same(t, "deleted", found, want)
			return err
		})
	}
	view(t, s, func(tx store.Tx) error {
		same(t, "kept", list(tx, ""), []string{"mine", "b", "others"})
		return nil
	})
}

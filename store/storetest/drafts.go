package storetest

import (
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

func testDrafts(t *testing.T, s store.Store) {
	d := func(agent desk.Email, on, text string) store.Draft {
		return store.Draft{Agent: agent, On: on, Text: text, At: t0}
	}
	update(t, s, func(tx store.Tx) error {
		for _, one := range []store.Draft{d("bo@a.example", "posts/1", "2"), d("bo@a.example", "issues/1", "old"), d("ann@a.example", "issues/1", "hers"),
			d("bo@a.example", "issues/1", "1"), d("bo@a.example.org", "issues/1", "another's")} { // there is one for an agent and a form
			noError(t, tx.Drafts().Put(one))
		}
		return nil
	})
	list := func(tx store.Tx, agent desk.Email) []string {
		ds := all(t, func(p store.Page) ([]store.Draft, string, error) { return tx.Drafts().List(agent, p) })
		return names(ds, func(d store.Draft) string { return d.Text })
	}
	view(t, s, func(tx store.Tx) error {
		same(t, "all", list(tx, ""), []string{"hers", "1", "2", "another's"})
		same(t, "of an agent", list(tx, "bo@a.example"), []string{"1", "2"})
		got, ok, err := tx.Drafts().Get("bo@a.example", "issues/1")
		noError(t, err)
		same(t, "found", ok, true)
		same(t, "draft", got, d("bo@a.example", "issues/1", "1"))
		_, ok, err = tx.Drafts().Get("ann@a.example", "posts/1")
		noError(t, err)
		same(t, "found", ok, false)
		return nil
	})
	for _, want := range []bool{true, false} {
		update(t, s, func(tx store.Tx) error {
			found, err := tx.Drafts().Delete("bo@a.example", "issues/1")
			same(t, "deleted", found, want)
			return err
		})
	}
	view(t, s, func(tx store.Tx) error {
		same(t, "kept", list(tx, ""), []string{"hers", "2", "another's"})
		return nil
	})
}

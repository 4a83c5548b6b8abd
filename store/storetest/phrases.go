package storetest

import (
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

func testPhrases(t *testing.T, s store.Store) {
	p := func(of desk.Handle, id desk.PhraseID, text string) desk.Phrase {
		return desk.Phrase{ID: id, Desk: of, Language: "en", Name: string(id), Text: text, Changed: t0}
	}
	update(t, s, func(tx store.Tx) error {
		for _, one := range []desk.Phrase{p("help", "2", "b"), p("help", "1", "old"), p("ask", "1", "theirs"), p("help", "1", "a"), p("helpers", "1", "others")} {
			noError(t, tx.Phrases().Put(one))
		}
		return nil
	})
	list := func(tx store.Tx, of desk.Handle) []string {
		ps := all(t, func(p store.Page) ([]desk.Phrase, string, error) { return tx.Phrases().List(of, p) })
		return names(ps, func(p desk.Phrase) string { return p.Text })
	}
	view(t, s, func(tx store.Tx) error {
		same(t, "all", list(tx, ""), []string{"theirs", "a", "b", "others"})
		same(t, "of a desk", list(tx, "help"), []string{"a", "b"})
		got, ok, err := tx.Phrases().Get("help", "1")
		noError(t, err)
		same(t, "found", ok, true)
		same(t, "phrase", got, p("help", "1", "a"))
		_, ok, err = tx.Phrases().Get("ask", "2")
		noError(t, err)
		same(t, "found", ok, false)
		return nil
	})
	for _, want := range []bool{true, false} {
		update(t, s, func(tx store.Tx) error {
			found, err := tx.Phrases().Delete("help", "1")
			same(t, "deleted", found, want)
			return err
		})
	}
	view(t, s, func(tx store.Tx) error {
		same(t, "kept", list(tx, ""), []string{"theirs", "b", "others"})
		return nil
	})
}

func testRemarks(t *testing.T, s store.Store) {
	const ana, bea desk.ActorID = "https://m.example/users/ana", "https://m.example/users/anabel"
	r := func(about desk.ActorID, id desk.RemarkID, text string) desk.Remark {
		return desk.Remark{ID: id, About: about, Text: text, Agent: "bo@acme.example", At: t0}
	}
	update(t, s, func(tx store.Tx) error {
		for _, one := range []desk.Remark{r(bea, "1", "hers"), r(ana, "2", "b"), r(ana, "1", "old"), r(ana, "1", "a")} {
			noError(t, tx.Remarks().Put(one))
		}
		return nil
	})
	list := func(tx store.Tx, about desk.ActorID) []string {
		rs := all(t, func(p store.Page) ([]desk.Remark, string, error) { return tx.Remarks().List(about, p) })
		return names(rs, func(r desk.Remark) string { return r.Text })
	}
	view(t, s, func(tx store.Tx) error {
		same(t, "all", list(tx, ""), []string{"a", "b", "hers"})
		same(t, "about a person", list(tx, ana), []string{"a", "b"})
		got, ok, err := tx.Remarks().Get(ana, "1")
		noError(t, err)
		same(t, "found", ok, true)
		same(t, "remark", got, r(ana, "1", "a"))
		return nil
	})
	for _, want := range []bool{true, false} {
		update(t, s, func(tx store.Tx) error {
			found, err := tx.Remarks().Delete(ana, "2")
			same(t, "deleted", found, want)
			return err
		})
	}
	view(t, s, func(tx store.Tx) error {
		same(t, "kept", list(tx, ""), []string{"a", "hers"})
		return nil
	})
}

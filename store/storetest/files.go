package storetest

import (
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

func upload(agent desk.Email, id desk.FileID, on string) desk.Upload {
	return desk.Upload{Agent: agent, ID: id, On: on, Type: "image/jpeg", Width: 3, Height: 2, Alt: "a red light " + string(id), At: t0}
}

func testFiles(t *testing.T, s store.Store) {
	file := func(id desk.FileID, post desk.PostID) desk.File {
		return desk.File{ID: id, Post: post, Type: "image/png", Bytes: []byte("\x00\xff" + id)}
	}
	update(t, s, func(tx store.Tx) error {
		for _, f := range []desk.File{file("a", ""), file("b", "p1"), file("a", "p2")} { // the second a is in the place of the first
			noError(t, tx.Files().Put(f))
		}
		for _, u := range []desk.Upload{upload("bo@a.example", "b", "issues/i1"), upload("ana@a.example", "z", ""), upload("bo@a.example", "a", ""), upload("", "m", ""), upload("bo@a.examples", "c", "")} {
			noError(t, tx.Files().PutUpload(u))
		}
		return nil
	})
	check := func(id desk.FileID, want desk.File, there bool) {
		t.Helper()
		view(t, s, func(tx store.Tx) error {
			got, ok, err := tx.Files().Get(id)
			same(t, "found", ok, there)
			same(t, "file", got, want)
			return err
		})
	}
	check("a", file("a", "p2"), true)
	check("b", file("b", "p1"), true)
	check("c", desk.File{}, false)
	lists := func(want []desk.FileID, list func(store.Files, store.Page) ([]desk.Upload, string, error)) {
		t.Helper()
		view(t, s, func(tx store.Tx) error {
			all := paged(t, 2, func(p store.Page) ([]desk.Upload, string, error) { return list(tx.Files(), p) })
			var ids []desk.FileID
			for _, u := range all {
				ids = append(ids, u.ID)
				same(t, "upload", u, upload(u.Agent, u.ID, u.On))
			}
			same(t, "uploads", ids, want)
			return nil
		})
	}
	of := func(agent desk.Email) func(store.Files, store.Page) ([]desk.Upload, string, error) {
		return func(f store.Files, p store.Page) ([]desk.Upload, string, error) { return f.Uploads(agent, p) }
	}
	lists([]desk.FileID{"m", "z", "a", "b", "c"}, store.Files.UploadsOfAll)
	lists([]desk.FileID{"a", "b"}, of("bo@a.example"))
	lists([]desk.FileID{"m"}, of("")) // the admin on this machine, not all
	view(t, s, func(tx store.Tx) error {
		_, ok, err := tx.Files().GetUpload("ana@a.example", "a")
		same(t, "another agent's", ok, false)
		noError(t, err)
		got, ok, err := tx.Files().GetUpload("bo@a.example", "b")
		same(t, "found", ok, true)
		same(t, "upload", got, upload("bo@a.example", "b", "issues/i1"))
		return err
	})
	for _, want := range []bool{true, false} {
		update(t, s, func(tx store.Tx) error {
			found, err := tx.Files().Delete("a")
			same(t, "deleted", found, want)
			noError(t, err)
			found, err = tx.Files().DeleteUpload("bo@a.example", "a")
			same(t, "deleted", found, want)
			return err
		})
	}
	check("a", desk.File{}, false)
	lists([]desk.FileID{"m", "z", "b", "c"}, store.Files.UploadsOfAll)
}

package storetest

import (
	"bytes"
	"encoding/base64"
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

func upload(agent desk.Email, id desk.FileID, on string) desk.Upload {
	return desk.Upload{Agent: agent, ID: id, On: on, Type: "image/jpeg", Width: 3, Height: 2, Alt: "a red light " + string(id), At: t0}
}

func testFiles(t *testing.T, s store.Store) {
	file := func(id desk.FileID, post desk.PostID) desk.File {
		return desk.File{ID: id, Post: post, Type: "image/png", Size: 2 + len(id)}
	}
	update(t, s, func(tx store.Tx) error {
		for _, f := range []desk.File{file("a", ""), file("b", "p1")} {
			noError(t, tx.Files().Add(desk.File{ID: f.ID, Post: f.Post, Type: f.Type}, []byte("\x00\xff"+f.ID)))
		}
		noError(t, tx.Files().Put(file("a", "p2"))) // in the place of the first, with its bytes
		if err := tx.Files().Add(file("c", ""), nil); err == nil {
			t.Error("a file without bytes was stored")
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
			noError(t, err)
			b, ok, err := tx.Files().Bytes(id)
			same(t, "its bytes are found", ok, there)
			if there {
				same(t, "bytes", string(b), "\x00\xff"+string(id))
			}
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

// FilesBefore are the records of files before their bytes had a place of their own.
func FilesBefore() map[desk.FileID]string {
	return map[desk.FileID]string{
		"f1": `{"id":"f1","post":"p1","type":"image/png","bytes":"` + base64.StdEncoding.EncodeToString(old("f1")) + `"}`,
		"f2": `{"id":"f2","type":"image/jpeg","bytes":"` + base64.StdEncoding.EncodeToString(old("f2")) + `"}`,
	}
}

// old are the bytes of a file, with each that there is.
func old(id desk.FileID) []byte {
	b := []byte(id)
	for n := range 300_000 {
		b = append(b, byte(n))
	}
	return b
}

// RunFiles verifies that a store has what FilesBefore describes, and loads a copy of before.
func RunFiles(t *testing.T, s store.Store) {
	has := func(id desk.FileID, post desk.PostID, kind string) {
		t.Helper()
		view(t, s, func(tx store.Tx) error {
			f, _, err := tx.Files().Get(id)
			noError(t, err)
			same(t, "file", f, desk.File{ID: id, Post: post, Type: kind, Size: len(old(id))})
			b, _, err := tx.Files().Bytes(id)
			same(t, "bytes", bytes.Equal(b, old(id)), true)
			return err
		})
	}
	has("f1", "p1", "image/png")
	has("f2", "", "image/jpeg")
	update(t, s, func(tx store.Tx) error {
		_, err := tx.Files().Delete("f1")
		noError(t, err)
		return tx.Records().Put(store.Record{Kind: store.RecordFile, JSON: []byte(FilesBefore()["f1"])})
	})
	has("f1", "p1", "image/png")
}

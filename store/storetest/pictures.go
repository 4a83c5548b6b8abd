package storetest

import (
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

func testPictures(t *testing.T, s store.Store) {
	p := func(of desk.Handle, role desk.PictureRole, version string) desk.PictureFile {
		return desk.PictureFile{Desk: of, Role: role, Picture: desk.Picture{Version: version, Type: "image/png", Width: 3, Height: 2}, Bytes: []byte("\x00\xff" + version)}
	}
	update(t, s, func(tx store.Tx) error {
		for _, one := range []desk.PictureFile{p("help", desk.PictureIcon, "old"), p("help", desk.PictureHeader, "wide"), p("help", desk.PictureIcon, "new"), p("ask", desk.PictureIcon, "theirs")} {
			noError(t, tx.Pictures().Put(one))
		}
		return nil
	})
	check := func(of desk.Handle, role desk.PictureRole, want desk.PictureFile, there bool) {
		t.Helper()
		view(t, s, func(tx store.Tx) error {
			got, ok, err := tx.Pictures().Get(of, role)
			same(t, "found", ok, there)
			same(t, "picture", got, want)
			return err
		})
	}
	check("help", desk.PictureIcon, p("help", desk.PictureIcon, "new"), true)
	check("help", desk.PictureHeader, p("help", desk.PictureHeader, "wide"), true)
	check("ask", desk.PictureHeader, desk.PictureFile{}, false)
	for _, want := range []bool{true, false} {
		update(t, s, func(tx store.Tx) error {
			found, err := tx.Pictures().Delete("help", desk.PictureIcon)
			same(t, "deleted", found, want)
			return err
		})
	}
	check("help", desk.PictureIcon, desk.PictureFile{}, false)
	check("ask", desk.PictureIcon, p("ask", desk.PictureIcon, "theirs"), true)
}

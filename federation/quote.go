package federation

import (
	"net/http"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// quoteAuthorization says that a post may quote one of ours, while ours exists
// and the quoting author is not blocked.
func (f *Federation) quoteAuthorization(w http.ResponseWriter, r *http.Request) error {
	var there bool
	err := f.d.App.View(r.Context(), func(tx *app.Tx) error {
		_, ok, err := tx.PublicPost(desk.PostID(mux.Vars(r)["id"]))
		if err != nil || !ok {
			return err
		}
		doc, ok, err := tx.Documents().Get(f.d.App.Site().URL + r.URL.Path)
		if err != nil || !ok || len(doc.Addressed) == 0 {
			return err
		}
		blocked, err := tx.Blocked(doc.Addressed[0], doc.Addressed[0].Host())
		there = !blocked
		return err
	})
	if err != nil {
		return err
	}
	if !there {
		return errNothing
	}
	return f.document(w, r)
}

package federation

import (
	"encoding/json"
	"net/http"

	"github.com/gorilla/mux"

	"earshot/federation/as"
	"earshot/federation/as/build"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// thread lists the ids of an issue's public posts: the context of its thread
// (FEP-7888, FEP-f228). An issue whose report is not public has none.
func (f *Federation) thread(w http.ResponseWriter, r *http.Request) error {
	id := desk.IssueID(mux.Vars(r)["id"])
	if !as.PrefersActivityPub(r.Header.Values("Accept")...) {
		w.Header().Add("Vary", "Accept")
		http.Redirect(w, r, "/issues/"+string(id), http.StatusSeeOther)
		return nil
	}
	cache, err := f.admit(w, r)
	if err != nil {
		return err
	}
	var issue desk.Issue
	var public bool
	home := id
	err = f.d.App.View(r.Context(), func(tx *app.Tx) error {
		public, home = false, id
		i, ok, err := tx.Issues().Get(id)
		if err != nil || !ok {
			return err
		}
		report, ok, err := tx.Posts().Get(i.Post)
		issue, public = i, ok && report.Visibility.IsPublic() && !report.Deleted
		if err == nil && public {
			home, err = tx.HomeOf(i)
		}
		return err
	})
	if err != nil {
		return err
	}
	if !public {
		return errNothing
	}
	if home != id {
		w.Header().Set("Cache-Control", cache)
		http.Redirect(w, r, f.d.App.Site().Thread(home), http.StatusMovedPermanently)
		return nil
	}
	list := func(tx *app.Tx, p store.Page) ([]json.RawMessage, string, error) {
		posts, next, err := tx.Posts().ByIssue(id, p)
		if err != nil {
			return nil, "", err
		}
		var ids []desk.ObjectID
		for _, p := range posts {
			shown, err := inThread(tx, issue, p)
			if err != nil {
				return nil, "", err
			}
			if shown {
				ids = append(ids, p.Object)
			}
		}
		return build.IDs(ids...), next, nil
	}
	return f.page(w, r, cache, f.d.App.Site().Desk(issue.Desk), counted(list), list)
}

// inThread says whether everyone may see a post in the thread: it is public and
// exists, and if another person wrote it, they have not asked to be left alone.
func inThread(tx *app.Tx, i desk.Issue, p desk.Post) (bool, error) {
	if p.Object == "" || p.Deleted || !p.Visibility.IsPublic() {
		return false, nil
	}
	if p.Ours() {
		return p.State == desk.PostPublished, nil
	}
	if p.Author == i.Reporter && i.Silenced != "" {
		return false, nil
	}
	out, ok, err := tx.OptOuts().Get(p.Author)
	return err == nil && !(ok && out.Active(tx.Now)), err
}

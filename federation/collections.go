package federation

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/mux"

	"earshot/federation/as/build"
	"earshot/federation/webfinger"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// pageSize is how many items a page of a collection has.
const pageSize = 40

// items returns one page of a collection.
type items func(tx *app.Tx, p store.Page) (page []json.RawMessage, next string, err error)

// collection serves a paged collection to readers who may see it: without ?page= the count and the
// first page's address, with it the items.
func (f *Federation) collection(w http.ResponseWriter, r *http.Request, count func(*app.Tx) (int, error), list items) error {
	cache, err := f.admit(w, r)
	if err != nil {
		return err
	}
	return f.page(w, r, cache, "", count, list)
}

// page answers with a collection or one page of it. owner is its maker, "" if
// the id names it.
func (f *Federation) page(w http.ResponseWriter, r *http.Request, cache string, owner desk.ActorID, count func(*app.Tx) (int, error), list items) error {
	id := f.d.App.Site().URL + r.URL.Path
	at, paged := pageOf(id), r.URL.Query().Has("page")
	var body []byte
	err := f.d.App.View(r.Context(), func(tx *app.Tx) error {
		if !paged {
			n, err := count(tx)
			if err != nil {
				return err
			}
			body, err = build.Collection(id, owner, n, at("first"))
			return err
		}
		after := r.URL.Query().Get("page")
		here := after
		if after == "first" {
			after = ""
		}
		page, next, err := list(tx, store.Page{After: after, Limit: pageSize})
		if err != nil {
			return err
		}
		if next != "" {
			next = at(next)
		}
		body, err = build.CollectionPage(at(here), id, next, "", page)
		return err
	})
	if err != nil {
		return cursorError(err)
	}
	write(w, http.StatusOK, body, cache)
	return nil
}

func pageOf(id string) func(string) string {
	return func(cursor string) string { return id + "?page=" + url.QueryEscape(cursor) }
}

// outboxCollection lists the Creates of what a desk said in public.
func (f *Federation) outboxCollection(w http.ResponseWriter, r *http.Request) error {
	h, err := f.deskOf(r)
	if err != nil {
		return err
	}
	site := f.d.App.Site()
	count := func(tx *app.Tx) (int, error) { return tx.Posts().OutboxCount(h) }
	return f.collection(w, r, count, func(tx *app.Tx, p store.Page) (out []json.RawMessage, next string, err error) {
		posts, next, err := tx.Posts().Outbox(h, p)
		for _, p := range posts {
			doc, ok, err := tx.Documents().Get(string(app.CreateID(site, p.ID)))
			if err != nil {
				return nil, "", err
			}
			if ok && doc.Public && !doc.Gone {
				out = append(out, doc.JSON)
			}
		}
		return out, next, err
	})
}

// followersCollection says how many follow a desk, not who: that is theirs to tell.
func (f *Federation) followersCollection(w http.ResponseWriter, r *http.Request) error {
	h, err := f.deskOf(r)
	if err != nil {
		return err
	}
	count := func(tx *app.Tx) (int, error) { return tx.Follows().Count(h) }
	return f.collection(w, r, count, none)
}

// featuredCollection lists the first posts of a desk's open incidents, by id.
func (f *Federation) featuredCollection(w http.ResponseWriter, r *http.Request) error {
	h, err := f.deskOf(r)
	if err != nil {
		return err
	}
	list := func(tx *app.Tx, p store.Page) ([]json.RawMessage, string, error) {
		posts, next, err := tx.Pinned(h, p)
		ids := make([]desk.ObjectID, len(posts))
		for n, p := range posts {
			ids[n] = p.Object
		}
		return build.IDs(ids...), next, err
	}
	return f.collection(w, r, counted(list), list)
}

// emptyCollection is a desk's following: desks follow nobody.
func (f *Federation) emptyCollection(w http.ResponseWriter, r *http.Request) error {
	if _, err := f.deskOf(r); err != nil {
		return err
	}
	return f.collection(w, r, zero, none)
}

// relayCollection is empty: the sources that the instance's own actor follows
// are on a page of their own, and it has no posts. That is for everybody, like
// the actor.
func (f *Federation) relayCollection(w http.ResponseWriter, r *http.Request) error {
	return f.page(w, r, forAll, "", zero, none)
}

func zero(*app.Tx) (int, error) { return 0, nil }

func none(*app.Tx, store.Page) ([]json.RawMessage, string, error) { return nil, "", nil }

// repliesCollection lists the public answers to a public post of ours, by id.
func (f *Federation) repliesCollection(w http.ResponseWriter, r *http.Request) error {
	id := desk.PostID(mux.Vars(r)["id"])
	p, ok, err := f.publicPost(r.Context(), id)
	if err != nil {
		return err
	}
	if !ok {
		return errNothing
	}
	list := func(tx *app.Tx, page store.Page) (out []json.RawMessage, next string, err error) {
		posts, next, err := tx.Posts().Replies(p.Object, page)
		var ids []desk.ObjectID
		for _, a := range posts {
			published := !a.Ours() || a.State == desk.PostPublished
			if a.Visibility.IsPublic() && !a.Deleted && published && a.Role != desk.RoleComment {
				ids = append(ids, a.Object)
			}
		}
		return build.IDs(ids...), next, err
	}
	return f.collection(w, r, counted(list), list)
}

// maxCounted bounds how many pages of a list one GET makes us read. The total
// of a longer list is the number of the items read.
const maxCounted = 20

// counted counts the shown items of a list, page by page: the number must not
// reveal hidden items.
func counted(list items) func(*app.Tx) (int, error) {
	return func(tx *app.Tx) (n int, err error) {
		after := ""
		for range maxCounted {
			page, next, err := list(tx, store.Page{After: after})
			n += len(page)
			if err != nil || next == "" {
				return n, err
			}
			after = next
		}
		return n, nil
	}
}

func (f *Federation) publicPost(ctx context.Context, id desk.PostID) (p desk.Post, ok bool, err error) {
	err = f.d.App.View(ctx, func(tx *app.Tx) error {
		p, ok, err = tx.PublicPost(id)
		return err
	})
	return p, ok, err
}

// usage counts for NodeInfo.
func (f *Federation) usage(ctx context.Context) (u webfinger.Usage, err error) {
	now := f.d.Clock.Now()
	err = f.d.App.View(ctx, func(tx *app.Tx) error {
		u = webfinger.Usage{}
		desks, err := tx.Desks().All()
		if err != nil {
			return err
		}
		u.Desks = len(desks)
		for _, d := range desks {
			n, err := tx.Posts().OutboxCount(d.Handle)
			if err != nil {
				return err
			}
			u.Posts += n
			last, _, err := tx.Posts().Outbox(d.Handle, store.Page{Limit: 1})
			if err != nil {
				return err
			}
			if len(last) == 1 {
				age := now.Sub(last[0].PublishedAt)
				u.ActiveMonth += within(age, 30)
				u.ActiveHalfyear += within(age, 180)
			}
		}
		return nil
	})
	return u, err
}

func within(age time.Duration, days int) int {
	if age <= time.Duration(days)*24*time.Hour {
		return 1
	}
	return 0
}

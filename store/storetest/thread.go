package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

// threadOf fills a timeline: the main part is m1 to m4, of which m2 and m4 are
// replies, and bob and eve add t1 to t3.
func threadOf(t *testing.T, s store.Store, words string) {
	t.Helper()
	event := func(id string, n int, kind desk.Kind, actor desk.ActorID) desk.Event {
		return desk.Event{ID: desk.EventID(id), Issue: "i", Kind: kind, At: at(n), Post: desk.PostID("p" + id), Actor: actor}
	}
	third := func(e desk.Event) desk.Event { e.Third = true; return e }
	update(t, s, func(tx store.Tx) error {
		for _, e := range []desk.Event{
			event("m1", 1, desk.KindReport, "ana"), third(event("t1", 2, desk.KindPost, "bob")), event("m2", 3, desk.KindReply, ""),
			third(event("t2", 4, desk.KindPost, "eve")), event("m3", 5, desk.KindPost, "ana"), third(event("t3", 5, desk.KindEdit, "bob")),
			event("m4", 6, desk.KindReply, ""), {ID: "other", Issue: "i2", Kind: desk.KindReport, At: at(3), Post: "pm1"},
		} {
			noError(t, tx.Events().Add(e))
			noError(t, tx.Posts().Put(desk.Post{ID: e.Post, Issue: "i", Object: desk.ObjectID(e.Post), Text: words}))
		}
		return nil
	})
}

// ids reads a part of a timeline, and says where there is more.
func ids(t *testing.T, tx store.Tx, q store.ThreadQuery) string {
	t.Helper()
	q.Issue = "i"
	entries, older, err := tx.Events().Thread(q)
	noError(t, err)
	var out []string
	for _, e := range entries {
		out = append(out, string(e.Event.ID))
		if q.Bare != (e.Post == nil) && e.Event.Post != "" || e.Post != nil && e.Post.ID != e.Event.Post {
			t.Errorf("%s has the post %v, bare: %v", e.Event.ID, e.Post, q.Bare)
		}
	}
	if older {
		out = append(out, "…")
	}
	return strings.Join(out, " ")
}

// testThread: each part is listed by itself, the newest first, before an entry
// of any part.
func testThread(t *testing.T, s store.Store) {
	threadOf(t, s, "words")
	main, third, replies := store.ThreadMain, store.ThreadThird, store.ThreadReplies
	view(t, s, func(tx store.Tx) error {
		for _, c := range []struct {
			store.ThreadQuery
			want string
		}{
			{store.ThreadQuery{Part: main}, "m4 m3 m2 m1"},
			{store.ThreadQuery{Part: main, Bare: true}, "m4 m3 m2 m1"},
			{store.ThreadQuery{Part: main, Limit: 2}, "m4 m3 …"},
			{store.ThreadQuery{Part: main, Limit: 2, Before: "m3"}, "m2 m1"},
			{store.ThreadQuery{Part: main, Limit: 1, Before: "m3"}, "m2 …"},
			{store.ThreadQuery{Part: main, Before: "t2"}, "m2 m1"},
			{store.ThreadQuery{Part: main, Before: "m1"}, ""},
			{store.ThreadQuery{Part: third}, "t3 t2 t1"},
			{store.ThreadQuery{Part: third, Before: "m4"}, "t3 t2 t1"},
			{store.ThreadQuery{Part: third, Before: "t3", Limit: 1}, "t2 …"},
			{store.ThreadQuery{Part: third, Before: "m3"}, "t2 t1"},
			{store.ThreadQuery{Part: replies}, "m4 m2"},
			{store.ThreadQuery{Part: replies, Before: "m4", Limit: 1}, "m2"},
		} {
			same(t, fmt.Sprintf("%+v", c.ThreadQuery), ids(t, tx, c.ThreadQuery), c.want)
		}
		_, _, err := tx.Events().Thread(store.ThreadQuery{Issue: "i", Part: main, Before: "nothing"})
		same(t, "before an unknown entry", errors.Is(err, store.ErrCursor), true)
		none, older, err := tx.Events().Thread(store.ThreadQuery{Issue: "none", Part: main})
		same(t, "of no issue", len(none), 0)
		same(t, "older of no issue", older, false)
		return err
	})
	update(t, s, func(tx store.Tx) error { // bob moved into another issue, and a reply changed
		e, _, err := tx.Events().Get("t1")
		noError(t, err)
		e.Issue, e.Third = "i2", false
		noError(t, tx.Events().Add(e))
		e, _, err = tx.Events().Get("m4")
		e.Kind = desk.KindNotice
		noError(t, tx.Events().Add(e))
		return err
	})
	view(t, s, func(tx store.Tx) error {
		same(t, "third", ids(t, tx, store.ThreadQuery{Part: third}), "t3 t2")
		same(t, "replies", ids(t, tx, store.ThreadQuery{Part: replies}), "m2")
		same(t, "main", ids(t, tx, store.ThreadQuery{Part: main}), "m4 m3 m2 m1")
		return nil
	})
}

// testThreadBytes: a page is as long as it may be, and has one entry at least.
func testThreadBytes(t *testing.T, s store.Store) {
	threadOf(t, s, strings.Repeat("long ", 2000)) // 10 kB
	view(t, s, func(tx store.Tx) error {
		for bytes, want := range map[int]string{1: "m4 …", 15_000: "m4 …", 25_000: "m4 m3 …", 35_000: "m4 m3 m2 …", 60_000: "m4 m3 m2 m1", 0: "m4 m3 m2 m1"} {
			same(t, fmt.Sprint(bytes, " bytes"), ids(t, tx, store.ThreadQuery{Part: store.ThreadMain, Bytes: bytes}), want)
		}
		same(t, "bare", ids(t, tx, store.ThreadQuery{Part: store.ThreadMain, Bytes: 5000, Bare: true}), "m4 m3 m2 m1")
		return nil
	})
}

// testCountThread: entries and accounts are counted, up to a bound.
func testCountThread(t *testing.T, s store.Store) {
	threadOf(t, s, "words")
	count := func(q store.ThreadQuery) store.ThreadCount {
		t.Helper()
		q.Issue = "i"
		var n store.ThreadCount
		view(t, s, func(tx store.Tx) (err error) { n, err = tx.Events().CountThread(q); return err })
		return n
	}
	same(t, "main", count(store.ThreadQuery{Part: store.ThreadMain}), store.ThreadCount{Entries: 4})
	same(t, "main before m3", count(store.ThreadQuery{Part: store.ThreadMain, Before: "m3"}), store.ThreadCount{Entries: 2})
	same(t, "third", count(store.ThreadQuery{Part: store.ThreadThird}), store.ThreadCount{Entries: 3, Accounts: 2})
	same(t, "third before t2", count(store.ThreadQuery{Part: store.ThreadThird, Before: "t2"}), store.ThreadCount{Entries: 1, Accounts: 1})
}

func testManyEntries(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error {
		for n := range store.MaxCounted + 5 {
			e := desk.Event{ID: desk.EventID(fmt.Sprintf("e%04d", n)), Issue: "i", Kind: desk.KindPost, At: t0, Third: true, Actor: desk.ActorID(fmt.Sprint(n % 7))}
			if err := tx.Events().Add(e); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, s, func(tx store.Tx) error {
		n, err := tx.Events().CountThread(store.ThreadQuery{Issue: "i", Part: store.ThreadThird})
		same(t, "counted", n, store.ThreadCount{Entries: store.MaxCounted, Accounts: 7})
		noError(t, err)
		entries, older, err := tx.Events().Thread(store.ThreadQuery{Issue: "i", Part: store.ThreadThird})
		same(t, "listed", len(entries), store.MaxLimit)
		same(t, "older", older, true)
		return err
	})
}

// testPageBytes: a page of long records ends early, and nothing is left out.
func testPageBytes(t *testing.T, s store.Store) {
	const posts = 9
	long := strings.Repeat("x", store.MaxBytes/4)
	for n := range posts {
		update(t, s, func(tx store.Tx) error {
			return tx.Posts().Put(desk.Post{ID: desk.PostID(fmt.Sprint(n)), Issue: "i", Received: at(n), Text: long})
		})
	}
	huge := strings.Repeat("x", store.MaxBytes+1)
	update(t, s, func(tx store.Tx) error {
		return tx.Posts().Put(desk.Post{ID: "huge", Issue: "i", Received: at(posts), Text: huge})
	})
	for name, list := range map[string]func(store.Tx, store.Page) (int, string, error){
		"posts": func(tx store.Tx, p store.Page) (int, string, error) {
			list, next, err := tx.Posts().ByIssue("i", p)
			return len(list), next, err
		},
		"records": func(tx store.Tx, p store.Page) (int, string, error) {
			list, next, err := tx.Records().List(store.RecordPost, p)
			return len(list), next, err
		},
	} {
		view(t, s, func(tx store.Tx) error {
			found := 0
			for p := (store.Page{}); ; {
				n, next, err := list(tx, p)
				noError(t, err)
				if n == 0 || n > 3 {
					t.Errorf("%s: a page of %d long records", name, n)
				}
				if found += n; next == "" {
					break
				}
				p.After = next
			}
			same(t, name, found, posts+1)
			return nil
		})
	}
}

func testAllActors(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error {
		for _, id := range []desk.ActorID{"a", "b"} {
			noError(t, tx.Actors().Put(desk.Actor{ID: id, Name: "name of " + string(id)}))
		}
		return nil
	})
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Actors().GetAll([]desk.ActorID{"b", "none", "a", "b"})
		same(t, "those that are kept", got, map[desk.ActorID]desk.Actor{"a": {ID: "a", Name: "name of a"}, "b": {ID: "b", Name: "name of b"}})
		noError(t, err)
		got, err = tx.Actors().GetAll(nil)
		same(t, "of nobody", len(got), 0)
		return err
	})
}

// EarlierThread is an issue with its timeline from before parts of timelines were
// told apart: the reporter brought a post along, and has moved since.
func EarlierThread() (desk.Issue, []desk.Event) {
	i := desk.Issue{ID: "i", Reporter: "new ana", OpenedAt: at(1)}
	e := func(id string, n int, kind desk.Kind, actor desk.ActorID) desk.Event {
		return desk.Event{ID: desk.EventID(id), Issue: "i", Kind: kind, At: at(n), Actor: actor}
	}
	moved := desk.Event{ID: "m4", Issue: "i", Kind: desk.KindNotice, At: at(4)}.Says(desk.NoteMoved, "@new@ana")
	return i, []desk.Event{e("m1", 1, desk.KindPost, "bob"), e("m2", 1, desk.KindReport, "ana"), e("m3", 3, desk.KindPost, "ana"), moved,
		e("m5", 5, desk.KindPost, "new ana"), e("t1", 6, desk.KindPost, "bob"), e("t2", 7, desk.KindEdit, "bob"), e("t3", 8, desk.KindPost, "eve"),
		{ID: "m6", Issue: "i", Kind: desk.KindReply, At: at(9), Agent: "bo@acme.example"}}
}

// CheckEarlierThread verifies a store that had EarlierThread before it was migrated.
func CheckEarlierThread(t *testing.T, s store.Store) {
	t.Helper()
	view(t, s, func(tx store.Tx) error {
		for part, want := range map[store.ThreadPart]string{store.ThreadMain: "m6 m5 m4 m3 m2 m1", store.ThreadThird: "t3 t2 t1", store.ThreadReplies: "m6"} {
			same(t, string(part), ids(t, tx, store.ThreadQuery{Part: part, Bare: true}), want)
		}
		n, err := tx.Events().CountThread(store.ThreadQuery{Issue: "i", Part: store.ThreadThird})
		same(t, "counted", n, store.ThreadCount{Entries: 3, Accounts: 2})
		noError(t, err)
		e, _, err := tx.Events().Get("t1")
		same(t, "the record", e.Third, true)
		return err
	})
}

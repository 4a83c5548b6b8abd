package storetest

import (
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

func testFollows(t *testing.T, s store.Store) {
	f := func(local desk.Handle, a desk.ActorID) store.Follow {
		return store.Follow{Local: local, Actor: a, Activity: "act", Inbox: "in", Shared: "sh", Since: t0}
	}
	update(t, s, func(tx store.Tx) error {
		for _, x := range []store.Follow{f("help", "b"), f("help", "a/b"), f("help", "a"), f("help", "B"), f("help2", "c"), f("hel", "d"), f("help", "b")} {
			noError(t, tx.Follows().Put(x))
		}
		return nil
	})
	count := func(want int) {
		t.Helper()
		view(t, s, func(tx store.Tx) error {
			n, err := tx.Follows().Count("help")
			same(t, "count", n, want)
			got := all(t, func(p store.Page) ([]store.Follow, string, error) { return tx.Follows().List("help", p) })
			same(t, "length", len(got), want)
			return err
		})
	}
	count(4)
	view(t, s, func(tx store.Tx) error {
		got := all(t, func(p store.Page) ([]store.Follow, string, error) { return tx.Follows().List("help", p) })
		same(t, "bytewise by actor", got, []store.Follow{f("help", "B"), f("help", "a"), f("help", "a/b"), f("help", "b")})
		_, ok, err := tx.Follows().Get("help", "c")
		same(t, "another desk's", ok, false)
		return err
	})
	for _, want := range []bool{true, false} {
		update(t, s, func(tx store.Tx) error {
			deleted, err := tx.Follows().Delete("help", "a")
			same(t, "deleted", deleted, want)
			return err
		})
	}
	count(3)
}

func testDeliveries(t *testing.T, s store.Store) {
	d := func(inbox string, state store.DeliveryState) store.Delivery {
		return store.Delivery{Activity: "act", Inbox: inbox, Post: "p", State: state, Status: 202, Error: "e", At: t0}
	}
	update(t, s, func(tx store.Tx) error {
		for _, inbox := range []string{"c", "a", "b", "d"} {
			noError(t, tx.Deliveries().Put(d(inbox, store.DeliveryQueued)))
		}
		return tx.Deliveries().Put(store.Delivery{Activity: "act2", Inbox: "a", State: store.DeliveryFailed})
	})
	update(t, s, func(tx store.Tx) error {
		noError(t, tx.Deliveries().Put(d("a", store.DeliveryFailed)))
		noError(t, tx.Deliveries().Put(d("a", store.DeliveryDelivered)))
		noError(t, tx.Deliveries().Put(d("b", store.DeliveryQueued)))
		return tx.Deliveries().Put(d("c", store.DeliveryFailed))
	})
	view(t, s, func(tx store.Tx) error {
		tally, err := tx.Deliveries().Tally("act")
		noError(t, err)
		same(t, "tally", tally, store.Tally{Queued: 2, Delivered: 1, Failed: 1})
		none, err := tx.Deliveries().Tally("none")
		noError(t, err)
		same(t, "no tally", none, store.Tally{})
		got := all(t, func(p store.Page) ([]store.Delivery, string, error) { return tx.Deliveries().ByActivity("act", p) })
		same(t, "list", got, []store.Delivery{d("a", store.DeliveryDelivered), d("b", store.DeliveryQueued), d("c", store.DeliveryFailed), d("d", store.DeliveryQueued)})
		one, ok, err := tx.Deliveries().Get("act", "c")
		same(t, "found", ok, true)
		same(t, "one", one, d("c", store.DeliveryFailed))
		return err
	})
}

func testSources(t *testing.T, s store.Store) {
	src := func(id string, created int, actor desk.ActorID) store.Source {
		return store.Source{ID: desk.SourceID(id), Kind: "tag-actor", Name: "n", Actor: actor, State: store.SourcePending, Created: at(created), Heard: 2}
	}
	update(t, s, func(tx store.Tx) error {
		noError(t, tx.Sources().Put(src("1", 2, "x")))
		noError(t, tx.Sources().Put(src("2", 1, "y")))
		hears, waits := src("4", 4, "y"), src("5", 5, "y")
		hears.State, waits.State = store.SourceAccepted, store.SourcePending
		noError(t, tx.Sources().Put(hears))
		noError(t, tx.Sources().Put(waits))
		return tx.Sources().Put(src("3", 3, "x"))
	})
	view(t, s, func(tx store.Tx) error {
		got := all(t, tx.Sources().List)
		same(t, "oldest first", got[:3], []store.Source{src("2", 1, "y"), src("1", 2, "x"), src("3", 3, "x")})
		one, ok, err := tx.Sources().Get("2")
		noError(t, err)
		same(t, "found", ok, true)
		same(t, "one", one, src("2", 1, "y"))
		one, ok, err = tx.Sources().ByActor("x")
		noError(t, err)
		same(t, "the newest of an actor", string(one.ID)+ifFound(ok), "3")
		one, ok, err = tx.Sources().ByActor("y")
		noError(t, err)
		same(t, "the newest that hears", string(one.ID)+ifFound(ok), "4")
		_, ok, err = tx.Sources().ByActor("z")
		same(t, "none", ok, false)
		return err
	})
	for _, want := range []bool{true, false} {
		update(t, s, func(tx store.Tx) error {
			deleted, err := tx.Sources().Delete("3")
			same(t, "deleted", deleted, want)
			return err
		})
	}
	view(t, s, func(tx store.Tx) error {
		one, ok, err := tx.Sources().ByActor("x")
		same(t, "the one left", string(one.ID)+ifFound(ok), "1")
		return err
	})
}

func testSightings(t *testing.T, s store.Store) {
	si := func(source string, n int) store.Sighting {
		return store.Sighting{Object: "o", Source: source, At: at(n)}
	}
	add := func(x store.Sighting, want bool) {
		t.Helper()
		update(t, s, func(tx store.Tx) error {
			added, err := tx.Sightings().Add(x)
			same(t, "added", added, want)
			return err
		})
	}
	add(si("inbox", 3), true)
	add(si("s1", 1), true)
	add(si("inbox", 0), false)
	add(store.Sighting{Object: "o2", Source: "inbox", At: t0}, true)
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Sightings().ByObject("o")
		same(t, "by time", got, []store.Sighting{si("s1", 1), si("inbox", 3)})
		return err
	})
	update(t, s, func(tx store.Tx) error { return tx.Sightings().DeleteByObject("o") })
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Sightings().ByObject("o")
		same(t, "deleted", len(got), 0)
		noError(t, err)
		got, err = tx.Sightings().ByObject("o2")
		same(t, "the other's", len(got), 1)
		return err
	})
}

func testEvents(t *testing.T, s store.Store) {
	e := func(id string, n int) desk.Event {
		return desk.Event{ID: desk.EventID(id), Issue: "i", Kind: desk.KindStatus, At: at(n), Status: desk.StatusFixed}
	}
	update(t, s, func(tx store.Tx) error {
		for _, x := range []desk.Event{e("c", 1), e("a", 2), e("b", 1), {ID: "x", Issue: "i2"}} {
			noError(t, tx.Events().Add(x))
		}
		return nil
	})
	view(t, s, func(tx store.Tx) error {
		got := all(t, func(p store.Page) ([]desk.Event, string, error) { return tx.Events().ByIssue("i", p) })
		same(t, "timeline", got, []desk.Event{e("b", 1), e("c", 1), e("a", 2)})
		one, ok, err := tx.Events().Get("a")
		same(t, "found", ok, true)
		same(t, "one", one, e("a", 2))
		return err
	})
}

// testOnce: the first value is kept until its time has come.
func testOnce(t *testing.T, s store.Store) {
	put := func(key, value string, expires int, wantKept string, wantAdded bool) {
		t.Helper()
		update(t, s, func(tx store.Tx) error {
			kept, added, err := tx.Once().Put(key, []byte(value), at(expires))
			same(t, "added", added, wantAdded)
			same(t, "kept", string(kept), wantKept)
			return err
		})
	}
	put("a", "\x00\xff", 1, "\x00\xff", true)
	put("a", "second", 9, "\x00\xff", false)
	put("b", "", 2, "", true)
	put("c", "c", 2, "c", true)
	put("d", "d", 3, "d", true)
	expire := func(now, limit, want int) {
		t.Helper()
		update(t, s, func(tx store.Tx) error {
			n, err := tx.Once().Expire(at(now), limit)
			same(t, "forgotten", n, want)
			return err
		})
	}
	expire(0, 10, 0)
	expire(2, 2, 2) // a, and one of b and c
	expire(2, 0, 0)
	expire(2, 10, 1)
	view(t, s, func(tx store.Tx) error {
		for key, want := range map[string]bool{"a": false, "b": false, "c": false, "d": true} {
			_, ok, err := tx.Once().Get(key)
			noError(t, err)
			same(t, key, ok, want)
		}
		return nil
	})
	put("a", "again", 9, "again", true)
	remove := func(key string, want bool) {
		t.Helper()
		update(t, s, func(tx store.Tx) error {
			deleted, err := tx.Once().Delete(key)
			same(t, "deleted", deleted, want)
			return err
		})
	}
	remove("a", true)
	remove("a", false)
	put("a", "once more", 9, "once more", true)
	set := func(key, value string, expires int) {
		t.Helper()
		update(t, s, func(tx store.Tx) error { return tx.Once().Set(key, []byte(value), at(expires)) })
		view(t, s, func(tx store.Tx) error {
			got, ok, err := tx.Once().Get(key)
			same(t, key, string(got), value)
			same(t, "there", ok, true)
			return err
		})
	}
	set("a", "instead", 9)
	set("a", "later", 12)
	set("e", "new", 5)
	expire(10, 10, 2) // d and e
	expire(12, 10, 1)
}

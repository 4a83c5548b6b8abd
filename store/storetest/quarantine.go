package storetest

import (
	"errors"
	"strings"
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

func quarantined(object, author string, minute int) desk.Quarantined {
	return desk.Quarantined{Object: desk.ObjectID(object), Author: desk.Actor{ID: desk.ActorID(author), Name: "A"},
		Post: desk.Post{Object: desk.ObjectID(object), Text: "down", Received: at(minute)}, Addressed: []desk.ActorID{ana}, Source: "inbox", Why: "flood", Since: at(minute)}
}

func testQuarantine(t *testing.T, s store.Store) {
	all4 := []desk.Quarantined{
		quarantined("https://a.example/3", "https://a.example/u/1", 1), quarantined("https://b.example/1", "https://b.example/u/1", 1),
		quarantined("https://a.example/1", "https://a.example/u/2", 2), quarantined("https://a.example/2", "https://a.example/u/1", 3),
	}
	update(t, s, func(tx store.Tx) error {
		for n := range all4 {
			noError(t, tx.Quarantine().Put(desk.Quarantined{Object: all4[n].Object, Author: desk.Actor{ID: "https://other.example/"}, Since: at(9)}))
			noError(t, tx.Quarantine().Put(all4[n]))
		}
		return nil
	})
	list := func(tx store.Tx, f store.QuarantineFilter) []desk.Quarantined {
		return all(t, func(p store.Page) ([]desk.Quarantined, string, error) { return tx.Quarantine().List(f, p) })
	}
	count := func(tx store.Tx, want int) {
		n, err := tx.Quarantine().Count()
		noError(t, err)
		same(t, "count", n, want)
	}
	countActor := func(tx store.Tx, a desk.ActorID, want int) {
		n, err := tx.Quarantine().CountActor(a)
		noError(t, err)
		same(t, "count of "+string(a), n, want)
	}
	hosts := func(tx store.Tx, want map[desk.Host]int) {
		got, err := tx.Quarantine().Hosts()
		noError(t, err)
		same(t, "hosts", got, want)
	}
	view(t, s, func(tx store.Tx) error {
		got, ok, err := tx.Quarantine().Get(all4[2].Object)
		same(t, "found", ok, true)
		same(t, "post", got, all4[2])
		noError(t, err)
		same(t, "all", list(tx, store.QuarantineFilter{}), all4)
		same(t, "of a host", list(tx, store.QuarantineFilter{Host: "a.example"}), []desk.Quarantined{all4[0], all4[2], all4[3]})
		same(t, "of an actor", list(tx, store.QuarantineFilter{Host: "b.example", Actor: "https://a.example/u/1"}), []desk.Quarantined{all4[0], all4[3]})
		count(tx, 4)
		countActor(tx, "https://a.example/u/1", 2)
		countActor(tx, "https://a.example/u/", 0)
		hosts(tx, map[desk.Host]int{"a.example": 3, "b.example": 1})
		return nil
	})
	for _, want := range []bool{true, false} {
		update(t, s, func(tx store.Tx) error {
			deleted, err := tx.Quarantine().Delete(all4[0].Object)
			same(t, "deleted", deleted, want)
			return err
		})
	}
	update(t, s, func(tx store.Tx) error { // a host that has none any more is none
		deleted, err := tx.Quarantine().Delete(all4[1].Object)
		same(t, "deleted", deleted, true)
		noError(t, err)
		hosts(tx, map[desk.Host]int{"a.example": 2})
		return tx.Quarantine().Put(all4[1])
	})
	view(t, s, func(tx store.Tx) error {
		count(tx, 3)
		countActor(tx, "https://a.example/u/1", 1)
		hosts(tx, map[desk.Host]int{"a.example": 2, "b.example": 1})
		same(t, "of an actor", list(tx, store.QuarantineFilter{Actor: "https://a.example/u/1"}), []desk.Quarantined{all4[3]})
		return nil
	})
}

// testHeldBack: held-back reports are summed and listed by their reason, and dropped ones
// are in no sum.
func testHeldBack(t *testing.T, s store.Store) {
	put := func(object, author string, minute int, change func(*desk.Quarantined)) desk.Quarantined {
		q := quarantined(object, author, minute)
		q.Flood = desk.SpamStrangers
		change(&q)
		update(t, s, func(tx store.Tx) error { return tx.Quarantine().Put(q) })
		return q
	}
	speaks := func(l string) func(*desk.Quarantined) { return func(q *desk.Quarantined) { q.Post.Language = l } }
	one := put("https://a.example/1", "https://a.example/u/1", 3, speaks("de"))
	two := put("https://b.example/1", "https://b.example/u/1", 1, speaks("de"))
	three := put("https://a.example/2", "https://a.example/u/2", 2, speaks(strings.Repeat("x", 36)))
	four := put("https://a.example/3", "https://a.example/u/3", 2, func(q *desk.Quarantined) { q.Flood = "" }) // as before floods had names
	drop := func(q *desk.Quarantined) { q.Dropped = &desk.HeldDrop{Act: "act", At: at(5)} }
	out := put("https://c.example/1", "https://a.example/u/1", 1, drop)
	late := put("https://b.example/2", "https://b.example/u/1", 0, func(q *desk.Quarantined) { drop(q); q.Dropped.At = at(4) })
	list := func(tx store.Tx, f store.QuarantineFilter) []desk.Quarantined {
		return all(t, func(p store.Page) ([]desk.Quarantined, string, error) { return tx.Quarantine().List(f, p) })
	}
	held := func(tx store.Tx, f desk.Flood, want store.HeldSum) {
		got, err := tx.Quarantine().HeldBack(f)
		noError(t, err)
		same(t, "sum of "+string(f), got, want)
	}
	view(t, s, func(tx store.Tx) error {
		same(t, "of a reason", list(tx, store.QuarantineFilter{Flood: desk.SpamStrangers}), []desk.Quarantined{two, three, one})
		same(t, "of one person's", list(tx, store.QuarantineFilter{Flood: desk.FloodOfPerson}), []desk.Quarantined{four})
		same(t, "dropped", list(tx, store.QuarantineFilter{Dropped: desk.SpamStrangers}), []desk.Quarantined{late, out})
		same(t, "all", list(tx, store.QuarantineFilter{}), []desk.Quarantined{two, three, four, one})
		same(t, "of a host", list(tx, store.QuarantineFilter{Host: "b.example"}), []desk.Quarantined{two})
		same(t, "of an actor, dropped or not", list(tx, store.QuarantineFilter{Actor: "https://a.example/u/1"}), []desk.Quarantined{one, out})
		held(tx, desk.SpamStrangers, store.HeldSum{People: 3, Since: at(1), Last: at(3), Servers: map[desk.Host]int{"a.example": 2, "b.example": 1}, Languages: map[string]int{"": 1, "de": 2}})
		held(tx, desk.SpamCopies, store.HeldSum{Servers: map[desk.Host]int{}, Languages: map[string]int{}})
		n, err := tx.Quarantine().Count()
		same(t, "count", n, 4)
		hosts, err2 := tx.Quarantine().Hosts()
		same(t, "hosts", hosts, map[desk.Host]int{"a.example": 3, "b.example": 1})
		return errors.Join(err, err2)
	})
	update(t, s, func(tx store.Tx) error { // one is taken back, one goes
		out.Dropped = nil
		noError(t, tx.Quarantine().Put(out))
		_, err := tx.Quarantine().Delete(two.Object)
		return err
	})
	view(t, s, func(tx store.Tx) error {
		same(t, "of a reason", list(tx, store.QuarantineFilter{Flood: desk.SpamStrangers}), []desk.Quarantined{out, three, one})
		same(t, "dropped", list(tx, store.QuarantineFilter{Dropped: desk.SpamStrangers}), []desk.Quarantined{late})
		held(tx, desk.SpamStrangers, store.HeldSum{People: 3, Since: at(1), Last: at(3), Servers: map[desk.Host]int{"a.example": 3}, Languages: map[string]int{"": 2, "de": 1}})
		return nil
	})
}

func testStandings(t *testing.T, s store.Store) {
	host := desk.Standing{Key: "a.example", Since: t0, Busy: at(2), People: 3, Answered: 1, Vouched: at(1), Dropped: 2, Open: 7, OpenBytes: 900, Expires: at(5)}
	update(t, s, func(tx store.Tx) error {
		noError(t, tx.Standings().Put(desk.Standing{Key: "a.example", Expires: at(1)}))
		noError(t, tx.Standings().Put(host))
		noError(t, tx.Standings().Put(desk.Standing{Key: "b.example", Expires: at(2)}))
		return tx.Standings().Put(desk.Standing{Key: string(ana), Expires: at(1)})
	})
	view(t, s, func(tx store.Tx) error {
		got, ok, err := tx.Standings().Get("a.example")
		same(t, "found", ok, true)
		same(t, "standing", got, host)
		return err
	})
	for _, c := range []struct{ minute, limit, want int }{{0, 9, 0}, {4, 1, 1}, {4, 9, 1}, {4, 9, 0}} {
		update(t, s, func(tx store.Tx) error {
			n, err := tx.Standings().Expire(at(c.minute), c.limit)
			same(t, "expired", n, c.want)
			return err
		})
	}
	view(t, s, func(tx store.Tx) error {
		_, ok, err := tx.Standings().Get("a.example")
		same(t, "kept", ok, true)
		noError(t, err)
		_, ok, err = tx.Standings().Get(string(ana))
		same(t, "forgotten", ok, false)
		return err
	})
}

// HeldBackBefore is what a store of a format without reasons in it may hold back, the
// oldest first.
func HeldBackBefore() []desk.Quarantined {
	one, two, three := quarantined("https://a.example/1", "https://a.example/u/1", 1), quarantined("https://b.example/1", "https://b.example/u/1", 2), quarantined("https://a.example/2", "https://a.example/u/2", 3)
	one.Flood, one.Post.Language = desk.SpamCopies, "de"
	two.Post.Language = strings.Repeat("x", 36)
	three.Flood = desk.FloodOfHost
	return []desk.Quarantined{one, two, three}
}

// RunHeldBack verifies that a store which held that back holds it back, by its reasons.
func RunHeldBack(t *testing.T, s store.Store, old []desk.Quarantined) {
	view(t, s, func(tx store.Tx) error {
		list := func(f store.QuarantineFilter) []desk.Quarantined {
			return all(t, func(p store.Page) ([]desk.Quarantined, string, error) { return tx.Quarantine().List(f, p) })
		}
		same(t, "all", list(store.QuarantineFilter{}), old)
		for n, f := range []desk.Flood{desk.SpamCopies, desk.FloodOfPerson, desk.FloodOfHost} {
			same(t, string(f), list(store.QuarantineFilter{Flood: f}), old[n:n+1])
			sum, err := tx.Quarantine().HeldBack(f)
			noError(t, err)
			same(t, "people of "+string(f), sum.People, 1)
			same(t, "languages of "+string(f), sum.Languages, map[string]int{[]string{"de", "", ""}[n]: 1})
		}
		return nil
	})
	update(t, s, func(tx store.Tx) error { _, err := tx.Quarantine().Delete(old[0].Object); return err })
}

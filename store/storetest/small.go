package storetest

import (
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

func testMeta(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error { return tx.Meta().Put("url", "one") })
	update(t, s, func(tx store.Tx) error { return tx.Meta().Put("url", "two") })
	view(t, s, func(tx store.Tx) error {
		v, ok, err := tx.Meta().Get("url")
		same(t, "value", v+ifFound(ok), "two")
		noError(t, err)
		_, ok, err = tx.Meta().Get("other")
		same(t, "not there", ok, false)
		return err
	})
}

func testDesks(t *testing.T, s store.Store) {
	ds := []desk.Desk{
		{Handle: "b", Order: 1, Name: "B", Names: []string{"acme"}, Aliases: []string{"@support@acme.example", "https://acme.example/users/b"}, Created: t0}, {Handle: "c", Order: 1}, {Handle: "a", Order: 2, Edits: 3}, {Handle: "d", Order: -1},
	}
	update(t, s, func(tx store.Tx) error {
		for _, d := range ds {
			noError(t, tx.Desks().Put(desk.Desk{Handle: d.Handle, Name: "before"}))
			noError(t, tx.Desks().Put(d))
		}
		return nil
	})
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Desks().All()
		same(t, "all", got, []desk.Desk{ds[3], ds[0], ds[1], ds[2]})
		noError(t, err)
		d, ok, err := tx.Desks().Get("b")
		noError(t, err)
		same(t, "found", ok, true)
		same(t, "one", d, ds[0])
		_, ok, err = tx.Desks().Get("e")
		same(t, "none", ok, false)
		return err
	})
}

func testKeys(t *testing.T, s store.Store) {
	old := store.Key{Owner: "help", Fragment: "main-key", Algorithm: "rsa", Private: []byte{0, 255, 1}, PublicPEM: "pem", Created: t0}
	newer := store.Key{Owner: "help", Fragment: "ed", Algorithm: "ed25519", Private: []byte{1}, Created: at(1)}
	update(t, s, func(tx store.Tx) error {
		noError(t, tx.Keys().Put(newer))
		noError(t, tx.Keys().Put(old))
		return tx.Keys().Put(store.Key{Owner: "help2", Fragment: "main-key"})
	})
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Keys().List("help")
		same(t, "newest first", got, []store.Key{newer, old})
		return err
	})
	old.Retired = at(2)
	update(t, s, func(tx store.Tx) error { return tx.Keys().Put(old) })
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Keys().List("help")
		same(t, "changed", got, []store.Key{newer, old})
		return err
	})
}

func testActors(t *testing.T, s store.Store) {
	a := desk.Actor{ID: ana, Acct: "ana@m.example", Name: "Ana", Bot: true, Fetched: t0}
	update(t, s, func(tx store.Tx) error { return tx.Actors().Put(a) })
	view(t, s, func(tx store.Tx) error {
		got, ok, err := tx.Actors().Get(ana)
		same(t, "found", ok, true)
		same(t, "actor", got, a)
		return err
	})
	update(t, s, func(tx store.Tx) error {
		noError(t, tx.Actors().Delete(ana+"x"))
		return tx.Actors().Delete(ana)
	})
	view(t, s, func(tx store.Tx) error {
		_, ok, err := tx.Actors().Get(ana)
		same(t, "deleted", ok, false)
		return err
	})
}

func testDocuments(t *testing.T, s store.Store) {
	d := store.Document{ID: "https://help.example/posts/1", Post: "1", JSON: []byte(`{"a":"<\u0000>"}` + "\n"), Public: true, Addressed: []desk.ActorID{ana}, At: t0}
	update(t, s, func(tx store.Tx) error { return tx.Documents().Put(d) })
	d.Gone = true
	update(t, s, func(tx store.Tx) error { return tx.Documents().Put(d) })
	view(t, s, func(tx store.Tx) error {
		got, ok, err := tx.Documents().Get(d.ID)
		same(t, "found", ok, true)
		same(t, "document", got, d)
		return err
	})
}

func testBlocks(t *testing.T, s store.Store) {
	b := desk.Block{Target: "bad.example", Reason: "spam", Since: t0, Agent: "ab"}
	update(t, s, func(tx store.Tx) error { return tx.Blocks().Put(b) })
	view(t, s, func(tx store.Tx) error {
		got, ok, err := tx.Blocks().Get(b.Target)
		same(t, "found", ok, true)
		same(t, "block", got, b)
		noError(t, err)
		_, ok, err = tx.Blocks().Get("bad.example.org")
		same(t, "another", ok, false)
		noError(t, err)
		first, ok, err := tx.Blocks().First("good.example", "bad.example", "worse.example")
		same(t, "one of three", ok, true)
		same(t, "the first that is blocked", first, b)
		noError(t, err)
		_, ok, err = tx.Blocks().First("good.example", "bad.example.org")
		same(t, "none of two", ok, false)
		return err
	})
	for _, want := range []bool{true, false} {
		update(t, s, func(tx store.Tx) error {
			deleted, err := tx.Blocks().Delete(b.Target)
			same(t, "deleted", deleted, want)
			return err
		})
	}
}

func testOptOuts(t *testing.T, s store.Store) {
	o := desk.OptOut{Actor: ana, Cause: desk.OptOutRefused, Since: t0, Until: at(1)}
	p := desk.OptOut{Actor: ana + "2", Cause: desk.OptOutStop, Since: t0, Remark: "stop"}
	update(t, s, func(tx store.Tx) error {
		noError(t, tx.OptOuts().Put(p))
		return tx.OptOuts().Put(o)
	})
	view(t, s, func(tx store.Tx) error {
		got, ok, err := tx.OptOuts().Get(ana)
		same(t, "found", ok, true)
		same(t, "opt-out", got, o)
		noError(t, err)
		both, err := tx.OptOuts().Of(ana+"2", "nobody", ana)
		same(t, "in the order of the names", both, []desk.OptOut{p, o})
		noError(t, err)
		none, err := tx.OptOuts().Of("nobody")
		same(t, "nobody's", len(none), 0)
		same(t, "list", all(t, tx.OptOuts().List), []desk.OptOut{o, p})
		return err
	})
	for _, want := range []bool{true, false} {
		update(t, s, func(tx store.Tx) error {
			deleted, err := tx.OptOuts().Delete(ana)
			same(t, "deleted", deleted, want)
			return err
		})
	}
}

func testHosts(t *testing.T, s store.Store) {
	h := store.HostState{Host: "m.example", Failures: 2, DownUntil: at(3), DownSince: t0, Scheme: "cavage", MaxCharacters: 5000, MaxCharactersAt: at(4)}
	update(t, s, func(tx store.Tx) error {
		noError(t, tx.Hosts().Put(store.HostState{Host: "z.example", Delivered: t0}))
		noError(t, tx.Hosts().Put(store.HostState{Host: "default.example", Failures: 1}))
		noError(t, tx.Hosts().Put(store.HostState{Host: "default.example"}))
		return tx.Hosts().Put(h)
	})
	view(t, s, func(tx store.Tx) error {
		got, ok, err := tx.Hosts().Get("m.example")
		same(t, "found", ok, true)
		same(t, "host", got, h)
		list := all(t, tx.Hosts().List)
		same(t, "list: the default state is deleted", names(list, func(h store.HostState) string { return string(h.Host) }), []string{"m.example", "z.example"})
		return err
	})
	update(t, s, func(tx store.Tx) error { return tx.Hosts().Delete("m.example") })
	view(t, s, func(tx store.Tx) error {
		_, ok, err := tx.Hosts().Get("m.example")
		same(t, "deleted", ok, false)
		return err
	})
}

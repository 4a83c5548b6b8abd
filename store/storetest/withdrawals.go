package storetest

import (
	"testing"

	"earshot/store"
)

func testWithdrawals(t *testing.T, s store.Store) {
	w := func(hash, domain string, minute int) store.Withdrawal {
		return store.Withdrawal{Hash: hash, Domain: domain, At: at(minute), Expires: at(minute + 10)}
	}
	four := []store.Withdrawal{w("c", "a", 1), w("b", "b", 1), w("a", "a", 2), w("d", "a", 3)}
	byAge := []store.Withdrawal{four[1], four[0], four[2], four[3]} // of the same moment by hash
	update(t, s, func(tx store.Tx) error {
		for _, one := range four {
			noError(t, tx.Withdrawals().Put(w(one.Hash, "other", 9))) // a hash is there once
			noError(t, tx.Withdrawals().Put(one))
		}
		return nil
	})
	list := func(tx store.Tx, domain string) []store.Withdrawal {
		return all(t, func(p store.Page) ([]store.Withdrawal, string, error) { return tx.Withdrawals().List(domain, p) })
	}
	count := func(tx store.Tx, domain string, want int) {
		n, err := tx.Withdrawals().Count(domain)
		noError(t, err)
		same(t, "count of "+domain, n, want)
	}
	view(t, s, func(tx store.Tx) error {
		got, ok, err := tx.Withdrawals().Get("a")
		noError(t, err)
		same(t, "found", ok, true)
		same(t, "withdrawal", got, four[2])
		same(t, "all", list(tx, ""), byAge)
		same(t, "of a domain", list(tx, "a"), []store.Withdrawal{four[0], four[2], four[3]})
		count(tx, "", 4)
		count(tx, "a", 3)
		count(tx, "other", 0)
		return nil
	})
	for _, want := range []bool{true, false} { // the first who takes one uses it up
		update(t, s, func(tx store.Tx) error {
			found, err := tx.Withdrawals().Take("c")
			same(t, "taken", found, want)
			return err
		})
	}
	for _, c := range []struct{ minute, limit, want int }{{10, 9, 0}, {12, 1, 1}, {12, 9, 1}, {12, 9, 0}} {
		update(t, s, func(tx store.Tx) error {
			n, err := tx.Withdrawals().Expire(at(c.minute), c.limit)
			same(t, "expired", n, c.want)
			return err
		})
	}
	view(t, s, func(tx store.Tx) error {
		same(t, "kept", list(tx, ""), []store.Withdrawal{four[3]})
		count(tx, "", 1)
		count(tx, "a", 1)
		count(tx, "b", 0)
		return nil
	})
}

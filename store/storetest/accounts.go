package storetest

import (
	"fmt"
	"testing"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

func testAgents(t *testing.T, s store.Store) {
	bo := desk.Agent{Email: "bo@acme.example", ID: "7", Name: "Bo Ek", Role: desk.RoleLead, Signature: "BE", Created: t0}
	ana := desk.Agent{Email: "ana@acme.example", ID: "9", Name: "Ana", Role: desk.RoleAdmin, Created: at(1), Disabled: at(2)}
	update(t, s, func(tx store.Tx) error {
		early := bo
		early.Role = desk.RoleAgent
		noError(t, tx.Agents().Put(early))
		noError(t, tx.Agents().Put(ana))
		return tx.Agents().Put(bo)
	})
	view(t, s, func(tx store.Tx) error {
		got, ok, err := tx.Agents().Get("bo@acme.example")
		noError(t, err)
		same(t, "found", ok, true)
		same(t, "agent", got, bo)
		got, ok, err = tx.Agents().ByID("9")
		noError(t, err)
		same(t, "found by id", ok, true)
		same(t, "agent by id", got, ana)
		_, ok, err = tx.Agents().ByID("8")
		same(t, "no such id", ok, false)
		same(t, "list", all(t, tx.Agents().List), []desk.Agent{ana, bo})
		return err
	})
}

func testCredentials(t *testing.T, s store.Store) {
	password := store.Credential{Agent: "bo@acme.example", ID: "password", Kind: store.CredentialPassword, Secret: []byte("hash"), Created: at(3)}
	key := store.Credential{Agent: "bo@acme.example", ID: "AAE", Kind: store.CredentialPasskey, Name: "Phone", Secret: []byte{0, 255}, Created: t0, Used: at(4)}
	update(t, s, func(tx store.Tx) error {
		noError(t, tx.Credentials().Put(password))
		noError(t, tx.Credentials().Put(store.Credential{Agent: "bo@acme.example.org", ID: "password"}))
		return tx.Credentials().Put(key)
	})
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Credentials().ByAgent("bo@acme.example")
		noError(t, err)
		same(t, "oldest first", got, []store.Credential{key, password})
		one, ok, err := tx.Credentials().Get("bo@acme.example", "AAE")
		same(t, "found", ok, true)
		same(t, "one", one, key)
		return err
	})
	for _, want := range []bool{true, false} {
		update(t, s, func(tx store.Tx) error {
			deleted, err := tx.Credentials().Delete("bo@acme.example", "password")
			same(t, "deleted", deleted, want)
			return err
		})
	}
}

func grantHash(g store.Grant) string { return g.Hash }

func testGrants(t *testing.T, s store.Store) {
	gs := []store.Grant{
		{Hash: "d", Kind: store.GrantSession, Agent: "bo@acme.example", Name: "Firefox", Created: at(0), Used: at(5), Expires: at(10)},
		{Hash: "a", Kind: store.GrantSession, Agent: "ana@acme.example", Created: at(1), Expires: at(11)},
		{Hash: "c", Kind: store.GrantSession, Agent: "bo@acme.example", Created: at(1), Expires: at(12)},
		{Hash: "b", Kind: store.GrantToken, Agent: "bo@acme.example", Name: "hook", Scopes: []desk.Scope{desk.ScopeRead}, Created: at(2)},
		{Hash: "e", Kind: store.GrantCeremony, Data: []byte{0, 255}, Created: at(2), Expires: at(10)},
	}
	update(t, s, func(tx store.Tx) error {
		for _, g := range gs {
			early := g
			early.Kind, early.Agent, early.Created, early.Expires = store.GrantLink, "x@acme.example", at(9), at(1)
			noError(t, tx.Grants().Put(early))
			noError(t, tx.Grants().Put(g))
		}
		return nil
	})
	list := func(tx store.Tx, f store.GrantFilter) []string {
		return names(all(t, func(p store.Page) ([]store.Grant, string, error) { return tx.Grants().List(f, p) }), grantHash)
	}
	view(t, s, func(tx store.Tx) error {
		same(t, "sessions", list(tx, store.GrantFilter{Kind: store.GrantSession}), []string{"d", "a", "c"})
		same(t, "one's sessions", list(tx, store.GrantFilter{Kind: store.GrantSession, Agent: "bo@acme.example"}), []string{"d", "c"})
		same(t, "one's tokens", list(tx, store.GrantFilter{Kind: store.GrantToken, Agent: "bo@acme.example"}), []string{"b"})
		same(t, "what they were", list(tx, store.GrantFilter{Kind: store.GrantLink}), []string{})
		g, ok, err := tx.Grants().Get("e")
		same(t, "found", ok, true)
		same(t, "grant", g, gs[4])
		return err
	})
	for n, want := range []int{0, 1, 1, 0} { // at most one, then none is left
		update(t, s, func(tx store.Tx) error {
			got, err := tx.Grants().Expire(at([]int{9, 10, 10, 10}[n]), 1)
			same(t, fmt.Sprint("expired ", n), got, want)
			return err
		})
	}
	update(t, s, func(tx store.Tx) error {
		deleted, err := tx.Grants().Delete("a")
		noError(t, err)
		same(t, "deleted", deleted, true)
		deleted, err = tx.Grants().Delete("a")
		same(t, "deleted again", deleted, false)
		return err
	})
	view(t, s, func(tx store.Tx) error {
		same(t, "left", list(tx, store.GrantFilter{Kind: store.GrantSession}), []string{"c"})
		same(t, "what never expires", list(tx, store.GrantFilter{Kind: store.GrantToken}), []string{"b"})
		return nil
	})
}

func testActs(t *testing.T, s store.Store) {
	var as []store.AuditEntry // newest first
	for n := range 6 {
		a := store.AuditEntry{ID: fmt.Sprint(9 - n), At: at(9 - n/2), Via: store.ViaMachine, What: "issue.reply", On: fmt.Sprint("issues/", n%3)}
		if n%2 == 0 {
			a.Agent, a.Via, a.Token, a.Note = "bo@acme.example", store.ViaToken, "hook", "<b>"
		}
		as = append(as, a)
	}
	update(t, s, func(tx store.Tx) error {
		for n := range as {
			noError(t, tx.AuditLog().Add(as[(n*5)%6]))
		}
		return nil
	})
	list := func(tx store.Tx, f store.AuditFilter) []store.AuditEntry {
		return all(t, func(p store.Page) ([]store.AuditEntry, string, error) { return tx.AuditLog().List(f, p) })
	}
	view(t, s, func(tx store.Tx) error {
		same(t, "all", list(tx, store.AuditFilter{}), as)
		same(t, "one's", list(tx, store.AuditFilter{Agent: "bo@acme.example"}), []store.AuditEntry{as[0], as[2], as[4]})
		same(t, "on one thing", list(tx, store.AuditFilter{On: "issues/1"}), []store.AuditEntry{as[1], as[4]})
		same(t, "both", list(tx, store.AuditFilter{Agent: "bo@acme.example", On: "issues/1"}), []store.AuditEntry{as[4]})
		same(t, "before", list(tx, store.AuditFilter{Before: as[1].At}), as[2:])
		same(t, "one's before", list(tx, store.AuditFilter{Agent: "bo@acme.example", Before: as[0].At}), []store.AuditEntry{as[2], as[4]})
		same(t, "on one thing before", list(tx, store.AuditFilter{On: "issues/1", Before: as[1].At}), []store.AuditEntry{as[4]})
		same(t, "before the first", len(list(tx, store.AuditFilter{Before: as[5].At})), 0)
		same(t, "before tomorrow", list(tx, store.AuditFilter{Before: as[0].At.Add(time.Hour)}), as)
		return nil
	})
	for n, want := range []int{0, 3, 1, 0} {
		update(t, s, func(tx store.Tx) error {
			got, err := tx.AuditLog().Expire(at([]int{7, 9, 9, 9}[n]), 3)
			same(t, fmt.Sprint("expired ", n), got, want)
			return err
		})
	}
	view(t, s, func(tx store.Tx) error { same(t, "left", list(tx, store.AuditFilter{}), as[:2]); return nil })
}

func changeID(c store.Change) string { return c.ID }

// after reads the log from a position, some at a time. A committed change may
// take a moment to be listed while others still write.
func after(t *testing.T, s store.Store, p store.Position, want ...string) (last store.Position) {
	t.Helper()
	var got []string
	for deadline := time.Now().Add(10 * time.Second); len(got) < len(want) && time.Now().Before(deadline); {
		view(t, s, func(tx store.Tx) error {
			cs, err := tx.Changes().After(p, 2)
			noError(t, err)
			for _, c := range cs {
				if c.Position <= p {
					t.Errorf("%s is not after %s", c.Position, p)
				}
				p = c.Position
			}
			got = append(got, names(cs, changeID)...)
			return nil
		})
	}
	same(t, "changes", got, want)
	return p
}

func testChanges(t *testing.T, s store.Store) {
	told := make(chan store.Queue, 10)
	defer s.Watch(func(q store.Queue) { told <- q })()
	c := store.Change{ID: "1", At: t0, Kind: store.ChangeIssue, Issue: "i", Incident: "n", Desks: []desk.Handle{"help"}, Entry: desk.KindReply, Post: "p", Agent: "bo@acme.example"}
	add := func(n int) {
		t.Helper()
		update(t, s, func(tx store.Tx) error {
			one := c
			one.ID, one.At = fmt.Sprint(n), at(n)
			noError(t, tx.Changes().Add(one))
			one.ID, one.At = fmt.Sprint(n+1), at(n+1)
			return tx.Changes().Add(one)
		})
	}
	view(t, s, func(tx store.Tx) error {
		_, ok, err := tx.Changes().Last()
		same(t, "nothing yet", ok, false)
		return err
	})
	add(1)
	same(t, "told", <-told, store.Changed)
	middle := after(t, s, "", "1", "2")
	add(3)
	add(5)
	last := after(t, s, middle, "3", "4", "5", "6")
	after(t, s, last)
	view(t, s, func(tx store.Tx) error {
		got, ok, err := tx.Changes().Get(middle)
		noError(t, err)
		same(t, "found", ok, true)
		want := c
		want.ID, want.At, want.Position = "2", at(2), middle
		same(t, "change", got, want)
		newest, ok, err := tx.Changes().Last()
		noError(t, err)
		same(t, "newest", newest.ID+ifFound(ok), "6")
		same(t, "newest's position", newest.Position, last)
		for _, none := range []store.Position{"", "x", last + "0", store.Position("zz") + last[2:]} {
			_, ok, err := tx.Changes().Get(none)
			noError(t, err)
			same(t, "at no position", ok, false)
		}
		if _, err := tx.Changes().After("x", 1); err == nil {
			t.Error("after a text that is no position")
		}
		counts, err := tx.Records().Counts()
		same(t, "records", len(counts), 0)
		return err
	})
	for n, want := range []int{0, 2, 1, 0} {
		update(t, s, func(tx store.Tx) error {
			got, err := tx.Changes().Expire(at([]int{1, 4, 4, 4}[n]), 2)
			same(t, fmt.Sprint("expired ", n), got, want)
			return err
		})
	}
	after(t, s, "", "4", "5", "6")
	after(t, s, middle, "4", "5", "6")
}

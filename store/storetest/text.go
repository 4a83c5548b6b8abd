package storetest

import (
	"errors"
	"strings"
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

// testText: text that is not UTF-8, or has a NUL, is refused in every field,
// and nothing is stored; any other text comes back unchanged.
func testText(t *testing.T, s store.Store) {
	for _, bad := range []string{"a\xffb", "a\x00b", "\x00", "\xed\xa0\x80"} {
		for name, write := range map[string]func(store.Tx) error{
			"meta key":   func(tx store.Tx) error { return tx.Meta().Put(bad, "x") },
			"meta value": func(tx store.Tx) error { return tx.Meta().Put("k", bad) },
			"desk":       func(tx store.Tx) error { return tx.Desks().Put(desk.Desk{Handle: "h", Names: []string{"a", bad}}) },
			"key":        func(tx store.Tx) error { return tx.Keys().Put(store.Key{Owner: "h", PublicPEM: bad}) },
			"actor":      func(tx store.Tx) error { return tx.Actors().Put(desk.Actor{ID: "a", Name: bad}) },
			"issue": func(tx store.Tx) error {
				i := issue("1")
				i.Why = bad
				return second(tx.Issues().Add(i))
			},
			"post": func(tx store.Tx) error { return tx.Posts().Put(desk.Post{ID: "p", Text: bad}) },
			"attachment": func(tx store.Tx) error {
				return tx.Posts().Put(desk.Post{ID: "p", Attachments: []desk.Attachment{{Alt: bad}}})
			},
			"event":    func(tx store.Tx) error { return tx.Events().Add(desk.Event{ID: "e", Text: bad}) },
			"terms":    func(tx store.Tx) error { return tx.Terms().Set("p", "i", []string{"good", bad}) },
			"follow":   func(tx store.Tx) error { return tx.Follows().Put(store.Follow{Local: "h", Actor: desk.ActorID(bad)}) },
			"document": func(tx store.Tx) error { return tx.Documents().Put(store.Document{ID: bad}) },
			"delivery": func(tx store.Tx) error { return tx.Deliveries().Put(store.Delivery{Activity: "a", Error: bad}) },
			"job": func(tx store.Tx) error {
				return second(tx.Jobs().Add(store.Job{ID: "j", Queue: store.QueueFetch, Lane: bad}))
			},
			"once":       func(tx store.Tx) error { _, _, err := tx.Once().Put(bad, nil, t0); return err },
			"source":     func(tx store.Tx) error { return tx.Sources().Put(store.Source{ID: "s", Name: bad}) },
			"sighting":   func(tx store.Tx) error { return second(tx.Sightings().Add(store.Sighting{Object: "o", Source: bad})) },
			"block":      func(tx store.Tx) error { return tx.Blocks().Put(desk.Block{Target: bad}) },
			"opt-out":    func(tx store.Tx) error { return tx.OptOuts().Put(desk.OptOut{Actor: "a", Remark: bad}) },
			"agent":      func(tx store.Tx) error { return tx.Agents().Put(desk.Agent{Email: "a", Name: bad}) },
			"credential": func(tx store.Tx) error { return tx.Credentials().Put(store.Credential{Agent: "a", Name: bad}) },
			"grant":      func(tx store.Tx) error { return tx.Grants().Put(store.Grant{Hash: "h", Name: bad}) },
			"act":        func(tx store.Tx) error { return tx.AuditLog().Add(store.AuditEntry{ID: "i", Note: bad}) },
			"change":     func(tx store.Tx) error { return tx.Changes().Add(store.Change{ID: "i", State: bad}) },
			"host":       func(tx store.Tx) error { return tx.Hosts().Put(store.HostState{Host: desk.Host(bad), Failures: 1}) },
		} {
			update(t, s, func(tx store.Tx) error {
				if err := write(tx); !errors.Is(err, store.ErrText) {
					t.Errorf("%s %q: %v", name, bad, err)
				}
				return nil
			})
		}
	}
	view(t, s, func(tx store.Tx) error {
		counts, err := tx.Jobs().Counts()
		same(t, "jobs left behind", counts[store.QueueFetch], store.QueueCount{})
		_, found, lookup := tx.Meta().Get("k")
		same(t, "meta left behind", found, false)
		return errors.Join(err, lookup)
	})
	good := []string{"", " ", "<b>&amp;</b>\u2028\r\n\t\x7f\x01", "\ufffd\ufeff\u200b", "🥐 née né", `\ufffd \u0000 "`}
	update(t, s, func(tx store.Tx) error {
		for _, text := range good {
			noError(t, tx.Meta().Put(text, text))
			noError(t, tx.Documents().Put(store.Document{ID: text, JSON: []byte("bytes: \x00\xff")}))
		}
		return nil
	})
	view(t, s, func(tx store.Tx) error {
		for _, text := range good {
			got, ok, err := tx.Meta().Get(text)
			if got != text || !ok || err != nil {
				t.Errorf("%q came back as %q, %v, %v", text, got, ok, err)
			}
			d, _, err := tx.Documents().Get(text)
			noError(t, err)
			same(t, "bytes", string(d.JSON), "bytes: \x00\xff")
		}
		return nil
	})
}

// second drops the first of two results.
func second[T any](_ T, err error) error { return err }

// testBadLookups: a text that cannot be stored is not found.
func testBadLookups(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error {
		noError(t, tx.Meta().Put("a", "x"))
		noError(t, tx.Terms().Set("p", "i", []string{"a"}))
		for _, bad := range []string{"a\x00", "\xff", "a\x00\x01"} {
			_, ok, err := tx.Meta().Get(bad)
			noError(t, err)
			_, ok2, err := tx.Posts().ByObject(desk.ObjectID(bad))
			noError(t, err)
			_, ok3, err := tx.Once().Get(bad)
			noError(t, err)
			deleted, err := tx.Blocks().Delete(bad)
			noError(t, err)
			found, _, err := tx.Terms().Search([]string{bad}, store.Page{})
			noError(t, err)
			if ok || ok2 || ok3 || deleted || len(found) > 0 {
				t.Errorf("%q was found", bad)
			}
		}
		return nil
	})
}

// testLongKeys: ids of any length are told apart, at whatever place they
// differ.
func testLongKeys(t *testing.T, s store.Store) {
	var ids []string
	for _, n := range []int{100, 1023, 1024, 1025, 2000, 40000} {
		long := "https://m.example/" + strings.Repeat("ä", n)
		ids = append(ids, long, long+"1", long+"2", "x"+long)
	}
	update(t, s, func(tx store.Tx) error {
		for n, id := range ids {
			i := issue(id)
			i.Reporter = desk.ActorID(id)
			added, err := tx.Issues().Add(i)
			noError(t, err)
			same(t, "added", added, true)
			noError(t, tx.Posts().Put(desk.Post{ID: desk.PostID(id), Object: desk.ObjectID(id), Issue: desk.IssueID(id), Context: id, Author: desk.ActorID(id), InReplyTo: desk.ObjectID(id)}))
			noError(t, tx.Follows().Put(store.Follow{Local: "help", Actor: desk.ActorID(id), Inbox: id}))
			noError(t, tx.Deliveries().Put(store.Delivery{Activity: "a", Inbox: id, State: store.DeliveryQueued}))
			_, err = tx.Jobs().Add(store.Job{ID: id, Queue: store.QueueFetch, Lane: id, Due: at(n)})
			noError(t, err)
			_, _, err = tx.Once().Put(id, []byte(id), t0)
			noError(t, err)
			_, err = tx.Sightings().Add(store.Sighting{Object: desk.ObjectID(id), Source: "inbox"})
			noError(t, err)
		}
		return nil
	})
	update(t, s, func(tx store.Tx) error {
		for _, id := range ids {
			i, ok, err := tx.Issues().ByReport(desk.ObjectID("https://m.example/" + id))
			noError(t, err)
			same(t, "by report", string(i)+ifFound(ok), id)
			p, ok, err := tx.Posts().ByObject(desk.ObjectID(id))
			noError(t, err)
			same(t, "by object", string(p.ID)+ifFound(ok), id)
			i, ok, err = tx.Posts().ByContext(id, desk.ActorID(id))
			noError(t, err)
			same(t, "by context", string(i)+ifFound(ok), id)
			f, ok, err := tx.Follows().Get("help", desk.ActorID(id))
			noError(t, err)
			same(t, "follow", f.Inbox+ifFound(ok), id)
			v, ok, err := tx.Once().Get(id)
			noError(t, err)
			same(t, "once", string(v)+ifFound(ok), id)
			is := all(t, func(p store.Page) ([]desk.Issue, string, error) { return tx.Issues().ByReporter(desk.ActorID(id), p) })
			same(t, "by reporter", names(is, issueID), []string{id})
			ps := all(t, func(p store.Page) ([]desk.Post, string, error) { return tx.Posts().Replies(desk.ObjectID(id), p) })
			same(t, "answers", names(ps, postID), []string{id})
			ss, err := tx.Sightings().ByObject(desk.ObjectID(id))
			noError(t, err)
			same(t, "sightings", len(ss), 1)
		}
		js, err := tx.Jobs().Lease(store.QueueFetch, at(1000), at(2000), 100)
		noError(t, err)
		same(t, "leased", names(js, jobID), ids)
		n := len(all(t, func(p store.Page) ([]store.Follow, string, error) { return tx.Follows().List("help", p) }))
		same(t, "follows", n, len(ids))
		n = len(all(t, func(p store.Page) ([]store.Delivery, string, error) { return tx.Deliveries().ByActivity("a", p) }))
		same(t, "deliveries", n, len(ids))
		forgotten, err := tx.Once().Expire(t0, 1000)
		noError(t, err)
		same(t, "forgotten", forgotten, len(ids))
		return nil
	})
}

func ifFound(ok bool) string {
	if ok {
		return ""
	}
	return " (not found)"
}

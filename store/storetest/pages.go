package storetest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

func blockN(n int) desk.Block {
	return desk.Block{Target: fmt.Sprintf("host%03d.example", n), Since: t0}
}

func putBlocks(t *testing.T, s store.Store, ns ...int) {
	t.Helper()
	update(t, s, func(tx store.Tx) error {
		for _, n := range ns {
			if err := tx.Blocks().Put(blockN(n)); err != nil {
				return err
			}
		}
		return nil
	})
}

func target(b desk.Block) string { return b.Target }

// testPages: every page but the last is full and says where to go on; the end
// is known without an empty page.
func testPages(t *testing.T, s store.Store) {
	view(t, s, func(tx store.Tx) error {
		none, next, err := tx.Blocks().List(store.Page{})
		same(t, "of nothing", len(none), 0)
		same(t, "next of nothing", next, "")
		return err
	})
	putBlocks(t, s, 4, 2, 6, 1, 3, 5)
	view(t, s, func(tx store.Tx) error {
		got := names(all(t, tx.Blocks().List), target)
		same(t, "list", got, names([]desk.Block{blockN(1), blockN(2), blockN(3), blockN(4), blockN(5), blockN(6)}, target))
		three, next, err := tx.Blocks().List(store.Page{Limit: 3})
		noError(t, err)
		rest, end, err := tx.Blocks().List(store.Page{After: next, Limit: 3})
		same(t, "3 and 3", len(three)+len(rest), 6)
		same(t, "next after the last", end, "")
		return err
	})
}

// testStablePages: a record that comes or goes between two pages moves no
// other.
func testStablePages(t *testing.T, s store.Store) {
	putBlocks(t, s, 10, 20, 30, 40)
	var next string
	view(t, s, func(tx store.Tx) (err error) {
		var first []desk.Block
		first, next, err = tx.Blocks().List(store.Page{Limit: 2})
		same(t, "first page", names(first, target), names([]desk.Block{blockN(10), blockN(20)}, target))
		return err
	})
	putBlocks(t, s, 5, 15, 25)
	update(t, s, func(tx store.Tx) error { // the entry at the cursor too
		return second(tx.Blocks().Delete(blockN(20).Target))
	})
	view(t, s, func(tx store.Tx) error {
		second, end, err := tx.Blocks().List(store.Page{After: next})
		same(t, "second page", names(second, target), names([]desk.Block{blockN(25), blockN(30), blockN(40)}, target))
		same(t, "next", end, "")
		return err
	})
}

// testForeignCursors: only a list's own cursors are accepted.
func testForeignCursors(t *testing.T, s store.Store) {
	putBlocks(t, s, 1, 2, 3)
	update(t, s, func(tx store.Tx) error {
		for _, id := range []string{"1", "2", "3"} {
			i := issue(id)
			i.Also = []desk.Handle{"other"}
			noError(t, second(tx.Issues().Add(i)))
			noError(t, tx.Terms().Set(desk.PostID(id), desk.IssueID(id), []string{"line", "down"}))
			noError(t, tx.Follows().Put(store.Follow{Local: "help", Actor: desk.ActorID(id)}))
			noError(t, tx.Follows().Put(store.Follow{Local: "other", Actor: desk.ActorID(id)}))
			noError(t, second(tx.Jobs().Add(store.Job{ID: id, Queue: store.QueueFetch})))
		}
		return nil
	})
	lists := map[string]func(store.Tx, store.Page) (string, error){}
	for name, f := range map[string]store.IssueFilter{
		"issues": {}, "desk": {Desk: "help"}, "also": {Desk: "other"}, "status": {Status: desk.StatusNew}, "open": {Category: desk.CategoryOpen},
	} {
		lists[name] = func(tx store.Tx, p store.Page) (string, error) {
			_, next, err := tx.Issues().List(f, p)
			return next, err
		}
	}
	for _, h := range []desk.Handle{"help", "other"} {
		lists["follows "+string(h)] = func(tx store.Tx, p store.Page) (string, error) {
			_, next, err := tx.Follows().List(h, p)
			return next, err
		}
	}
	for _, word := range []string{"line", "down"} {
		lists["search "+word] = func(tx store.Tx, p store.Page) (string, error) {
			_, next, err := tx.Terms().Search([]string{word}, p)
			return next, err
		}
	}
	lists["blocks"] = func(tx store.Tx, p store.Page) (string, error) { _, next, err := tx.Blocks().List(p); return next, err }
	lists["jobs"] = func(tx store.Tx, p store.Page) (string, error) {
		_, next, err := tx.Jobs().List(store.JobFilter{}, p)
		return next, err
	}
	lists["fetch"] = func(tx store.Tx, p store.Page) (string, error) {
		_, next, err := tx.Jobs().List(store.JobFilter{Queue: store.QueueFetch}, p)
		return next, err
	}
	view(t, s, func(tx store.Tx) error {
		for name, list := range lists {
			cursor, err := list(tx, store.Page{Limit: 1})
			if err != nil || cursor == "" {
				t.Fatalf("%s: %q, %v", name, cursor, err)
			}
			if _, err := base64.RawURLEncoding.DecodeString(cursor); err != nil {
				t.Errorf("%s: a cursor must pass through a URL: %q", name, cursor)
			}
			for other, otherList := range lists {
				if _, err := otherList(tx, store.Page{After: cursor}); (other == name) != (err == nil) || (err != nil && !errors.Is(err, store.ErrCursor)) {
					t.Errorf("%s with a cursor of %s: %v", other, name, err)
				}
			}
			for _, bad := range []string{"x", "####", cursor[:len(cursor)/3], "\x00", " " + cursor, "A" + cursor} {
				if _, err := list(tx, store.Page{After: bad}); !errors.Is(err, store.ErrCursor) {
					t.Errorf("%s with cursor %q: %v", name, bad, err)
				}
			}
		}
		return nil
	})
}

// testLimit: no page is larger than MaxLimit.
func testLimit(t *testing.T, s store.Store) {
	var ns []int
	for n := range store.MaxLimit + 1 {
		ns = append(ns, n)
	}
	putBlocks(t, s, ns...)
	view(t, s, func(tx store.Tx) error {
		for _, limit := range []int{0, -1, store.MaxLimit, store.MaxLimit + 1, 1 << 40} {
			page, next, err := tx.Blocks().List(store.Page{Limit: limit})
			noError(t, err)
			if len(page) != store.MaxLimit || next == "" {
				t.Errorf("limit %d: a page of %d, next %q", limit, len(page), next)
			}
		}
		return nil
	})
}

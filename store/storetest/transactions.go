package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"earshot/store"
)

var errMine = errors.New("mine")

func metaOf(t testing.TB, s store.Store, key string) (value string) {
	t.Helper()
	view(t, s, func(tx store.Tx) (err error) {
		value, _, err = tx.Meta().Get(key)
		return err
	})
	return value
}

// testUpdate: kept when nil is returned, as if it had never been otherwise;
// the function sees its own writes.
func testUpdate(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error { return tx.Meta().Put("a", "1") })
	err := s.Update(t.Context(), newOp(), func(tx store.Tx) error {
		noError(t, tx.Meta().Put("a", "2"))
		noError(t, tx.Meta().Put("b", "2"))
		got, ok, err := tx.Meta().Get("a")
		if got != "2" || !ok || err != nil {
			t.Errorf("own write: %q, %v, %v", got, ok, err)
		}
		return errMine
	})
	if !errors.Is(err, errMine) {
		t.Fatalf("the function's error was not returned: %v", err)
	}
	same(t, "after a failure", []string{metaOf(t, s, "a"), metaOf(t, s, "b")}, []string{"1", ""})
	func() {
		defer func() {
			if recover() == nil {
				t.Log("the backend returns a panic as an error")
			}
		}()
		if err := s.Update(t.Context(), newOp(), func(tx store.Tx) error {
			noError(t, tx.Meta().Put("a", "3"))
			panic("mine")
		}); err == nil {
			t.Error("a panic was swallowed")
		}
	}()
	same(t, "after a panic", metaOf(t, s, "a"), "1")
}

// testErrorIsolation: many at once, a third of which fail; each that was
// answered with nil is there, nothing of the others is.
func testErrorIsolation(t *testing.T, s store.Store) {
	const n = 60
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			errs[i] = s.Update(context.Background(), store.Op(fmt.Sprint(i)), func(tx store.Tx) error {
				count, _, err := tx.Meta().Get("count")
				if err != nil {
					return err
				}
				if err := tx.Meta().Put("count", count+"x"); err != nil {
					return err
				}
				if err := tx.Meta().Put(fmt.Sprintf("key%d", i), "x"); err != nil {
					return err
				}
				if i%3 == 0 {
					return errMine
				}
				return nil
			})
		})
	}
	wg.Wait()
	for i, err := range errs {
		failed := i%3 == 0
		if errors.Is(err, errMine) != failed || (err == nil) == failed {
			t.Errorf("update %d: %v", i, err)
		}
		if there := metaOf(t, s, fmt.Sprintf("key%d", i)) != ""; there == failed {
			t.Errorf("update %d: written: %v", i, there)
		}
	}
	if got := len(metaOf(t, s, "count")); got != n*2/3 {
		t.Errorf("%d updates counted: they do not see one another", got)
	}
}

// testSnapshot: a View does not see later commits.
func testSnapshot(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error { return tx.Meta().Put("a", "old") })
	view(t, s, func(tx store.Tx) error {
		done := make(chan error)
		go func() {
			done <- s.Update(context.Background(), newOp(), func(tx store.Tx) error { return tx.Meta().Put("a", "new") })
		}()
		noError(t, <-done)
		got, _, err := tx.Meta().Get("a")
		same(t, "in the snapshot", got, "old")
		return err
	})
	same(t, "afterwards", metaOf(t, s, "a"), "new")
	err := s.View(t.Context(), func(tx store.Tx) error { return tx.Meta().Put("a", "written") })
	if err == nil {
		t.Error("a View may write")
	}
	same(t, "after a write in a View", metaOf(t, s, "a"), "new")
	if err := s.View(t.Context(), func(store.Tx) error { return errMine }); !errors.Is(err, errMine) {
		t.Errorf("View returns %v", err)
	}
}

// testContext: a context that has ended keeps the function from running.
func testContext(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	never := func(store.Tx) error { t.Error("run"); return nil }
	if err := s.Update(ctx, newOp(), never); !errors.Is(err, context.Canceled) {
		t.Errorf("Update: %v", err)
	}
	if err := s.View(ctx, never); !errors.Is(err, context.Canceled) {
		t.Errorf("View: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	err := s.(twice).Store.Update(ctx, newOp(), func(tx store.Tx) error {
		cancel()
		return tx.Meta().Put("a", "1")
	})
	if err != nil || metaOf(t, s, "a") != "1" {
		t.Errorf("once running, it commits: %v", err)
	}
}

func testClosed(t *testing.T, s store.Store) {
	noError(t, s.Close())
	nothing := func(store.Tx) error { return nil }
	if err := s.Update(t.Context(), newOp(), nothing); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Update: %v", err)
	}
	if err := s.View(t.Context(), nothing); !errors.Is(err, store.ErrClosed) {
		t.Errorf("View: %v", err)
	}
}

// testOver: a Tx is of no use after its function.
func testOver(t *testing.T, s store.Store) {
	var kept store.Tx
	update(t, s, func(tx store.Tx) error { kept = tx; return nil })
	if err := kept.Meta().Put("a", "1"); err == nil {
		t.Error("written after the end")
	}
	if _, _, err := kept.Meta().Get("a"); err == nil {
		t.Error("read after the end")
	}
}

// testWatch: told after commit only, once a queue, until cancelled.
func testWatch(t *testing.T, s store.Store) {
	told := make(chan store.Queue, 100)
	cancel := s.Watch(func(q store.Queue) { told <- q })
	drain := func() map[store.Queue]int {
		got := map[store.Queue]int{}
		for len(told) > 0 {
			got[<-told]++
		}
		return got
	}
	update(t, s, func(tx store.Tx) error {
		for _, j := range []store.Job{
			{ID: "1", Queue: store.QueueFetch, Lane: "l", Due: t0}, {ID: "2", Queue: store.QueueFetch, Lane: "l", Due: t0},
			{ID: "3", Queue: store.QueueTimer, Due: t0},
		} {
			if _, err := tx.Jobs().Add(j); err != nil {
				return err
			}
		}
		return nil
	})
	got := map[store.Queue]int{}
	for len(got) < 2 { // a backend may tell a little later
		got[<-told]++
	}
	for q, n := range drain() {
		got[q] += n
	}
	same(t, "told of", got, map[store.Queue]int{store.QueueFetch: 1, store.QueueTimer: 1})

	update(t, s, func(tx store.Tx) error {
		js, err := tx.Jobs().Lease(store.QueueFetch, t0, at(1), 1)
		if err != nil {
			return err
		}
		_, err = tx.Jobs().Done(js[0].ID, js[0].Lease)
		return err
	})
	if q := <-told; q != store.QueueFetch {
		t.Errorf("told of %q: the next of the lane may run", q)
	}
	cancel()
	drain()
	update(t, s, func(tx store.Tx) error {
		_, err := tx.Jobs().Add(store.Job{ID: "4", Queue: store.QueueFetch, Due: t0})
		return err
	})
	if n := len(told); n != 0 {
		t.Errorf("told %d times after cancel", n)
	}
}

package bolt

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"earshot/internal/desk"
	"earshot/store"
)

var errMine = errors.New("mine")

func put(name, value string) func(store.Tx) error {
	return func(tx store.Tx) error { return tx.Meta().Put(name, value) }
}

func value(t testing.TB, s *Store, name string) (v string) {
	t.Helper()
	if err := s.View(context.Background(), func(tx store.Tx) (err error) { v, _, err = tx.Meta().Get(name); return err }); err != nil {
		t.Fatal(err)
	}
	return v
}

// gathered runs functions as one batch: the first holds the transaction until
// all the others wait for it. It returns the outcome of each Update.
func gathered(s *Store, fs ...func(store.Tx) error) []string {
	outcomes := make([]string, len(fs))
	var wg sync.WaitGroup
	started := make(chan struct{})
	hold := make(chan struct{})
	run := func(i int, f func(store.Tx) error) {
		defer func() {
			if p := recover(); p != nil {
				outcomes[i] = fmt.Sprint("panic: ", p)
			}
		}()
		outcomes[i] = "exit"
		outcomes[i] = fmt.Sprint(s.Update(context.Background(), "op", f))
	}
	wg.Go(func() {
		run(0, func(tx store.Tx) error { close(started); <-hold; return fs[0](tx) })
	})
	<-started
	var coming atomic.Int32
	for i := 1; i < len(fs); i++ {
		wg.Go(func() { coming.Add(1); run(i, fs[i]) })
	}
	for int(coming.Load()) < len(fs)-1 {
		runtime.Gosched()
	}
	for range 1000 { // those that are coming get to the channel
		runtime.Gosched()
	}
	close(hold)
	wg.Wait()
	return outcomes
}

// TestIsolation: an error, a panic or a Goexit in a batch is its own caller's
// alone.
func TestIsolation(t *testing.T) {
	s := opened(t, Options{})
	outcomes := gathered(s,
		put("a", "1"),
		func(tx store.Tx) error { _ = tx.Meta().Put("b", "1"); return errMine },
		func(tx store.Tx) error { _ = tx.Meta().Put("c", "1"); panic("oops") },
		func(tx store.Tx) error { _ = tx.Meta().Put("d", "1"); runtime.Goexit(); return nil },
		put("e", "1"),
	)
	want := []string{"<nil>", "mine", "panic: oops", "exit", "<nil>"}
	if fmt.Sprint(outcomes) != fmt.Sprint(want) {
		t.Errorf("outcomes %q, want %q", outcomes, want)
	}
	got := ""
	for _, k := range []string{"a", "b", "c", "d", "e"} {
		got += k + value(t, s, k) + " "
	}
	if got != "a1 b c d e1 " {
		t.Errorf("kept: %s", got)
	}
}

// TestBatching: those that wait share a commit.
func TestBatching(t *testing.T) {
	s := opened(t, Options{})
	before := s.txid(t)
	var fs []func(store.Tx) error
	for i := range 50 {
		fs = append(fs, put(fmt.Sprint(i), "x"))
	}
	for _, o := range gathered(s, fs...) {
		if o != "<nil>" {
			t.Fatal(o)
		}
	}
	if n := s.txid(t) - before; n > 10 {
		t.Errorf("%d commits for 50 updates", n)
	}
}

// txid counts commits.
func (s *Store) txid(t testing.TB) (id int) {
	if err := s.db.View(func(tx *bbolt.Tx) error { id = tx.ID(); return nil }); err != nil {
		t.Fatal(err)
	}
	return id
}

// TestNothingWritten: an update that writes nothing costs no commit.
func TestNothingWritten(t *testing.T) {
	s := opened(t, Options{})
	before := s.txid(t)
	err := s.Update(t.Context(), "op", func(tx store.Tx) error {
		_, err := tx.Jobs().Lease(store.QueueFetch, desk.Desk{}.Created, desk.Desk{}.Created, 5)
		return err
	})
	if err != nil || s.txid(t) != before {
		t.Errorf("%v, %d commits", err, s.txid(t)-before)
	}
}

// TestContextInQueue: an update whose caller stops waiting is not run.
func TestContextInQueue(t *testing.T) {
	s := opened(t, Options{})
	started, hold := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = s.Update(context.Background(), "op", func(store.Tx) error { close(started); <-hold; return nil })
	})
	<-started
	ctx, cancel := context.WithCancel(t.Context())
	wg.Go(func() {
		if err := s.Update(ctx, "op", put("a", "1")); !errors.Is(err, context.Canceled) {
			t.Errorf("waiting: %v", err)
		}
	})
	cancel()
	runtime.Gosched()
	close(hold)
	wg.Wait()
	if v := value(t, s, "a"); v != "" {
		t.Error("run in spite of the context")
	}
}

// TestCloseWaits: Close waits for the update under way, which commits.
func TestCloseWaits(t *testing.T) {
	path := t.TempDir() + "/db"
	s := openAt(t, path, Options{})
	started, hold := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		err := s.Update(context.Background(), "op", func(tx store.Tx) error { close(started); <-hold; return tx.Meta().Put("a", "1") })
		if err != nil {
			t.Errorf("under way: %v", err)
		}
	})
	<-started
	wg.Go(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	<-s.stop
	if err := s.Update(t.Context(), "op", put("b", "1")); !errors.Is(err, store.ErrClosed) {
		t.Errorf("late: %v", err)
	}
	close(hold)
	wg.Wait()
	s = openAt(t, path, Options{})
	defer s.Close()
	if value(t, s, "a") != "1" || value(t, s, "b") != "" {
		t.Error("lost, or kept what was refused")
	}
}

// dump reads every bucket.
func dump(t fatal, x *bbolt.Tx) map[string]string {
	all := map[string]string{}
	err := x.ForEach(func(name []byte, b *bbolt.Bucket) error {
		return b.ForEach(func(k, v []byte) error { all[string(name)+"\x00"+string(k)] = string(v); return nil })
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return all
}

type fatal interface{ Fatalf(string, ...any) }

// TestExactRollback: after a rollback every byte of every bucket is as before,
// also behind others' writes in the same transaction.
func TestExactRollback(t *testing.T) {
	s := opened(t, Options{})
	rapid.Check(t, func(t *rapid.T) {
		b, err := s.db.Begin(true)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = b.Rollback() }()
		mess(t, &tx{db: b})
		before := dump(t, b)
		x := &tx{db: b}
		mess(t, x)
		if err := x.rollback(); err != nil {
			t.Fatal(err)
		}
		if after := dump(t, b); !maps.Equal(before, after) {
			t.Fatalf("%d entries before, %d after", len(before), len(after))
		}
	})
}

// mess writes at random, and overwrites its own writes.
func mess(t *rapid.T, x *tx) {
	small := rapid.SampledFrom([]string{"a", "b", "c"})
	for range rapid.IntRange(1, 20).Draw(t, "writes") {
		id := small.Draw(t, "id")
		var err error
		switch rapid.IntRange(0, 5).Draw(t, "what") {
		case 0:
			_, err = x.Issues().Add(desk.Issue{ID: desk.IssueID(id), Report: desk.ObjectID(id), Status: desk.StatusNew, Also: []desk.Handle{"x", "x"}})
		case 1:
			err = x.Posts().Put(desk.Post{ID: desk.PostID(id), Object: desk.ObjectID(id), Role: desk.RoleReply, Outgoing: desk.Outgoing{State: desk.PostPublished}, Visibility: desk.VisibilityQuiet, Text: small.Draw(t, "text")})
		case 2:
			_, err = x.Jobs().Add(store.Job{ID: id, Queue: "q", Lane: small.Draw(t, "lane"), Payload: []byte(id)})
		case 3:
			_, err = x.Jobs().Drop(id, desk.Desk{}.Created)
		case 4:
			_, err = x.Jobs().Lease("q", desk.Desk{}.Created, desk.Desk{}.Created.AddDate(1, 0, 0), 2)
		case 5:
			err = x.Terms().Set(desk.PostID(id), "i", strings.Split(small.Draw(t, "terms")+" x y", " "))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

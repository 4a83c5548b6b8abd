package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"earshot/internal/desk"
	"earshot/internal/test/pg"
	"earshot/store"
)

// fill writes some of the records that Check reads.
func fill(tx store.Tx) error {
	_, err := tx.Issues().Add(desk.Issue{ID: "i", Report: "r", Desk: "help", Reporter: "ana", Status: desk.StatusNew})
	_, err2 := tx.Jobs().Add(store.Job{ID: "j", Queue: store.QueueDeliver, Lane: "l", Due: noon})
	return errors.Join(err, err2, tx.Meta().Put("k", "v"), tx.Events().Add(desk.Event{ID: "e", Issue: "i", At: noon}), tx.Terms().Set("p", "i", []string{"word"}))
}

// TestLostAnswer: when the connection breaks at the commit, the update is made
// once, whether the server had got the commit or not.
func TestLostAnswer(t *testing.T) {
	server := pg.Start(t)
	p := pg.StartProxy(t, server)
	s := opened(t, p.URL(server.DatabaseName(t)), Options{})
	told := make(chan store.Queue, 100)
	defer s.Watch(func(q store.Queue) { told <- q })()
	for name, c := range map[string]struct {
		fate pg.Fate
		runs int
	}{"before": {pg.CutBefore, 2}, "after": {pg.CutAfter, 1}, "not": {pg.Pass, 1}} {
		t.Run(name, func(t *testing.T) {
			for n := range 5 {
				id := fmt.Sprint(name, n)
				commits, runs, added := 0, 0, false
				p.AtCommit(func() pg.Fate {
					if commits++; commits == 1 {
						return c.fate
					}
					return pg.Pass
				})
				write(t, s, func(tx store.Tx) (err error) {
					runs++
					added, err = tx.Jobs().Add(store.Job{ID: id, Queue: store.QueueDeliver, Due: noon})
					return err
				})
				p.AtCommit(nil)
				if runs != c.runs || !added || commits == 0 {
					t.Errorf("%d runs, added %v, %d commits", runs, added, commits)
				}
				<-told
				write(t, s, func(tx store.Tx) error {
					_, there, err := tx.Jobs().Get(id)
					if !there {
						t.Error("not made")
					}
					return err
				})
			}
		})
	}
}

// TestSameOperation: an update that was made is not made again.
func TestSameOperation(t *testing.T) {
	s := opened(t, pg.Start(t).Database(t), Options{})
	for range 2 {
		err := s.Update(t.Context(), "the same", func(tx store.Tx) error {
			v, _, err := tx.Meta().Get("k")
			return errors.Join(err, tx.Meta().Put("k", v+"x"))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	write(t, s, func(tx store.Tx) error {
		if v, _, err := tx.Meta().Get("k"); v != "x" || err != nil {
			t.Errorf("%q, %v", v, err)
		}
		return nil
	})
}

// TestRestart: the server stops, crashes and comes back while two nodes write.
// Whatever was answered with nil is there, once.
func TestRestart(t *testing.T) {
	server := pg.StartOwn(t)
	dsn := server.DSN("postgres")
	nodes := []*Store{opened(t, dsn, Options{}), opened(t, dsn, Options{})}
	var made, failed atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var counted [6]int
	for n := range counted {
		s, key := nodes[n%2], fmt.Sprint("count", n)
		wg.Go(func() {
			for ctx.Err() == nil {
				// Not the test's context: an update is finished, or known to have failed.
				err := s.Update(context.WithoutCancel(ctx), store.Op(uuid.NewString()), func(tx store.Tx) error {
					v, _, err := tx.Meta().Get(key)
					if err != nil {
						return err
					}
					return tx.Meta().Put(key, v+"x")
				})
				switch {
				case err == nil:
					counted[n]++
					made.Add(1)
				case errors.Is(err, store.ErrUnavailable):
					failed.Add(1)
				default:
					t.Errorf("update: %v", err)
					return
				}
			}
		})
	}
	more := func() {
		t.Helper()
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		late := time.After(2 * time.Minute)
		for n := made.Load(); made.Load() < n+50; {
			select {
			case <-tick.C:
			case <-late:
				t.Fatal("no updates any more")
			}
		}
	}
	more()
	for _, end := range []func(testing.TB){server.Stop, server.Kill} {
		end(t)
		server.Restart(t)
		more()
	}
	stop()
	wg.Wait()
	for n, want := range counted {
		var v string
		err := nodes[0].View(t.Context(), func(tx store.Tx) (err error) {
			v, _, err = tx.Meta().Get(fmt.Sprint("count", n))
			return err
		})
		if err != nil || len(v) != want {
			t.Errorf("counter %d: %d instead of %d: %v", n, len(v), want, err)
		}
	}
	t.Logf("%d made, %d unavailable", made.Load(), failed.Load())
	// The listener comes back too.
	told := make(chan store.Queue, 100)
	defer nodes[1].Watch(func(q store.Queue) { told <- q })()
	add(t, nodes[0], store.Job{ID: "a", Queue: store.QueueDeliver, Due: noon})
	<-told
}

// whoWaits are the connections that wait for a standby.
const whoWaits = "from pg_stat_activity where wait_event = 'SyncRep'"

// withoutStandby makes a server wait for a missing standby, and returns a
// function that ends all waits.
func withoutStandby(t *testing.T, server *pg.Server) (there func()) {
	t.Helper()
	set := func(statement string) {
		server.Exec(t, "alter system "+statement)
		server.Exec(t, "select pg_reload_conf()")
	}
	set("set synchronous_standby_names = '*'")
	there = func() { set("reset synchronous_standby_names") }
	t.Cleanup(there) // and nothing waits if the test has failed
	return there
}

// waiting returns true when so many wait for a standby, and false if one of
// them is answered before.
func waiting(t *testing.T, dsn string, n int, answers <-chan bool) bool {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for query(t, dsn, "select count(*) "+whoWaits) < n {
		select {
		case <-answers:
			return false
		case <-tick.C:
		}
	}
	return true
}

// posting writes posts into a store, until one waits for the standby, and
// returns its name: a server takes its time to read its settings.
func posting(t *testing.T, dsn string, post func(name string), answers <-chan bool) (name string) {
	t.Helper()
	for n := 0; ; n++ {
		name = fmt.Sprint("post", n)
		go post(name)
		if waiting(t, dsn, 1, answers) {
			return name
		}
	}
}

// TestLostStandby: an update whose commit the primary has made, but whose wait
// for the standby was broken off, is not answered before the standby has it;
// nor is one that finds it made and has nothing to write.
func TestLostStandby(t *testing.T) {
	for name, end := range map[string]string{
		"the connection broke":   "select pg_terminate_backend(pid, 30000) " + whoWaits,
		"the wait was cancelled": "select pg_cancel_backend(pid) " + whoWaits,
	} {
		t.Run(name, func(t *testing.T) {
			server := pg.StartOwn(t)
			dsn := server.DSN("postgres")
			s := opened(t, dsn, Options{})
			there := withoutStandby(t, server)
			answers := make(chan bool, 2) // whether the post was new
			post := func(name string) {
				var added bool
				err := s.Update(t.Context(), "", func(tx store.Tx) (err error) {
					_, added, err = tx.Once().Put(name, nil, noon)
					return err
				})
				if err != nil {
					t.Error(err)
				}
				answers <- added
			}
			name := posting(t, dsn, post, answers)
			server.Exec(t, end)
			for query(t, dsn, "select count(*) from once where key = convert_to('"+name+"', 'UTF8')") == 0 {
				runtime.Gosched() // the wait is ending
			}
			if !waiting(t, dsn, 1, answers) {
				t.Fatal("when its wait had ended it was answered, and no standby has it")
			}
			go post(name)
			if !waiting(t, dsn, 2, answers) {
				t.Fatal("when it was repeated it was answered, and no standby has it")
			}
			there()
			if a, b := <-answers, <-answers; a == b {
				t.Errorf("new: %v and %v", a, b)
			}
		})
	}
}

// TestCloseWhileWaiting: a store can be left while an update waits for a standby
// that is away.
func TestCloseWhileWaiting(t *testing.T) {
	server := pg.StartOwn(t)
	dsn := server.DSN("postgres")
	s, err := Open(t.Context(), dsn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	withoutStandby(t, server)
	answers, failed, closed := make(chan bool, 1), make(chan error, 1), make(chan error, 1)
	posting(t, dsn, func(name string) {
		err := s.Update(t.Context(), "", func(tx store.Tx) error { return tx.Meta().Put(name, "") })
		if err == nil {
			answers <- true
			return
		}
		failed <- err
	}, answers)
	go func() { closed <- s.Close() }()
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(maxAttempt / 2): // it would wait for as long as an attempt may take
		t.Fatal("it does not close")
	}
	select {
	case err := <-failed:
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("what was not waited for: %v", err)
		}
	case <-answers:
		t.Error("it was answered, and no standby has it")
	}
}

// A refused commit is known to be not made, in every language of the server;
// one that ended with the connection may have been made.
func TestRefused(t *testing.T) {
	for severity, want := range map[string]bool{"ERROR": true, "FATAL": false, "PANIC": false} {
		if got := refused(wrap(&pgconn.PgError{Severity: "auf Deutsch", SeverityUnlocalized: severity, Code: "40001"})); got != want {
			t.Errorf("%s: %v", severity, got)
		}
	}
	if refused(io.ErrUnexpectedEOF) {
		t.Error("no answer")
	}
}

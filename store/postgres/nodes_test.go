package postgres

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"earshot/internal/test/pg"
	"earshot/store"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func write(t testing.TB, s store.Store, f func(store.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), store.Op(uuid.NewString()), f); err != nil {
		t.Fatal(err)
	}
}

func add(t testing.TB, s store.Store, js ...store.Job) {
	t.Helper()
	write(t, s, func(tx store.Tx) error {
		for _, j := range js {
			if _, err := tx.Jobs().Add(j); err != nil {
				return err
			}
		}
		return nil
	})
}

func lease(t testing.TB, s store.Store, now time.Time, limit int) (js []store.Job) {
	t.Helper()
	write(t, s, func(tx store.Tx) (err error) {
		js, err = tx.Jobs().Lease(store.QueueDeliver, now, now.Add(time.Minute), limit)
		return err
	})
	return js
}

// TestShared: workers of two nodes do each job once, those of a lane in order.
func TestShared(t *testing.T) {
	dsn := pg.Start(t).Database(t)
	nodes := []*Store{opened(t, dsn, Options{}), opened(t, dsn, Options{})}
	const jobs, lanes, workers = 240, 12, 4
	for n := 0; n < jobs; n += 40 {
		var js []store.Job
		for i := n; i < n+40; i++ {
			j := store.Job{ID: fmt.Sprintf("job %03d", i), Queue: store.QueueDeliver, Due: noon}
			if i%2 == 0 {
				j.Lane = fmt.Sprint("lane ", i%(2*lanes))
			}
			js = append(js, j)
		}
		add(t, nodes[n/40%2], js...)
	}
	var mu sync.Mutex
	done := map[string]int{}
	lastOf := map[string]string{}
	var wg sync.WaitGroup
	for n := range 2 * workers {
		s := nodes[n%2]
		wg.Go(func() {
			for {
				js := lease(t, s, noon, 3)
				if len(js) == 0 {
					left := 0
					if err := s.View(t.Context(), func(tx store.Tx) error {
						counts, err := tx.Jobs().Counts()
						left = counts[store.QueueDeliver].Waiting
						return err
					}); err != nil || left == 0 {
						return
					}
					continue
				}
				for _, j := range js {
					mu.Lock()
					done[j.ID]++
					if j.Lane != "" && lastOf[j.Lane] >= j.ID {
						t.Errorf("%s after %s in %s", j.ID, lastOf[j.Lane], j.Lane)
					}
					lastOf[j.Lane] = j.ID
					mu.Unlock()
					write(t, s, func(tx store.Tx) error {
						held, err := tx.Jobs().Done(j.ID, j.Lease)
						if err == nil && !held {
							err = errors.New("lost a lease that had not run out")
						}
						return err
					})
				}
			}
		})
	}
	wg.Wait()
	for id, n := range done {
		if n != 1 {
			t.Errorf("%s was done %d times", id, n)
		}
	}
	if len(done) != jobs {
		t.Errorf("%d of %d jobs done", len(done), jobs)
	}
	t.Logf("conflicts: %d and %d", nodes[0].Conflicts(), nodes[1].Conflicts())
}

// TestTakeover: another node gets a dead node's jobs when the lease has run
// out; a node that was only slow can do nothing with them any more.
func TestTakeover(t *testing.T) {
	dsn := pg.Start(t).Database(t)
	slow, other := opened(t, dsn, Options{}), opened(t, dsn, Options{})
	add(t, slow, store.Job{ID: "a", Queue: store.QueueDeliver, Lane: "l", Due: noon}, store.Job{ID: "b", Queue: store.QueueDeliver, Lane: "l", Due: noon})
	mine := lease(t, slow, noon, 10)
	if len(mine) != 1 {
		t.Fatalf("leased %v", mine)
	}
	if js := lease(t, other, noon.Add(59*time.Second), 10); len(js) != 0 {
		t.Errorf("taken over before its time: %v", js)
	}
	theirs := lease(t, other, noon.Add(time.Minute), 10)
	if len(theirs) != 1 || theirs[0].ID != "a" || theirs[0].Lease <= mine[0].Lease {
		t.Fatalf("not taken over: %v", theirs)
	}
	errFenced := errors.New("fenced")
	err := slow.Update(t.Context(), "", func(tx store.Tx) error {
		if err := tx.Meta().Put("said", "twice"); err != nil {
			return err
		}
		held, err := tx.Jobs().Done("a", mine[0].Lease)
		if err == nil && !held {
			err = errFenced
		}
		return err
	})
	if !errors.Is(err, errFenced) {
		t.Errorf("the slow node could commit: %v", err)
	}
	write(t, other, func(tx store.Tx) error {
		held, err := tx.Jobs().Done("a", theirs[0].Lease)
		if _, said, _ := tx.Meta().Get("said"); !held || said {
			t.Errorf("held %v, said %v", held, said)
		}
		return err
	})
}

// TestAddWhileDone: a job joins a lane whose only job is meanwhile renewed by a
// claim, and ended. Whichever counts as the first, the new one can be leased.
func TestAddWhileDone(t *testing.T) {
	dsn := pg.Start(t).Database(t)
	a, b := opened(t, dsn, Options{}), opened(t, dsn, Options{})
	add(t, a, store.Job{ID: "first", Queue: store.QueueDeliver, Lane: "l", Due: noon})
	mine := lease(t, b, noon, 1)
	var once sync.Once
	ended := make(chan error, 1)
	write(t, a, func(tx store.Tx) error {
		if _, err := tx.Jobs().Add(store.Job{ID: "second", Queue: store.QueueDeliver, Lane: "l", Due: noon}); err != nil {
			return err
		}
		once.Do(func() {
			go func() {
				ended <- errors.Join(
					b.Update(t.Context(), "", func(tx store.Tx) error {
						_, err := tx.Jobs().Extend("first", mine[0].Lease, noon.Add(time.Hour))
						return err
					}),
					b.Update(t.Context(), "", func(tx store.Tx) error {
						_, err := tx.Jobs().Done("first", mine[0].Lease)
						return err
					}))
			}()
			// They end, or wait for this one.
			tick := time.NewTicker(5 * time.Millisecond)
			defer tick.Stop()
			for len(ended) == 0 && query(t, dsn, "select count(*) from pg_locks where not granted") == 0 {
				<-tick.C
			}
		})
		return nil
	})
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if js := lease(t, a, noon, 10); len(js) != 1 || js[0].ID != "second" {
		t.Errorf("leased %v", js)
	}
}

// TestCounting: updates that read the writes of others lose nothing, on two
// nodes.
func TestCounting(t *testing.T) {
	dsn := pg.Start(t).Database(t)
	nodes := []*Store{opened(t, dsn, Options{}), opened(t, dsn, Options{})}
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for range 20 {
				write(t, nodes[n%2], func(tx store.Tx) error {
					count, _, err := tx.Meta().Get("count")
					if err != nil {
						return err
					}
					return tx.Meta().Put("count", count+"x")
				})
			}
		})
	}
	wg.Wait()
	write(t, nodes[0], func(tx store.Tx) error {
		count, _, err := tx.Meta().Get("count")
		if len(count) != 160 {
			t.Errorf("counted %d", len(count))
		}
		return err
	})
	if nodes[0].Conflicts()+nodes[1].Conflicts() == 0 {
		t.Error("no update had to run again: this test shows nothing")
	}
}

// TestWriteSkew: records that two updates read but do not change count too.
func TestWriteSkew(t *testing.T) {
	dsn := pg.Start(t).Database(t)
	a, b := opened(t, dsn, Options{}), opened(t, dsn, Options{})
	for round := range 20 {
		var wg sync.WaitGroup
		for n, s := range []*Store{a, b} {
			mine, theirs := fmt.Sprint(round, "-", n), fmt.Sprint(round, "-", 1-n)
			wg.Go(func() {
				write(t, s, func(tx store.Tx) error {
					_, taken, err := tx.Meta().Get(theirs)
					if err != nil || taken {
						return err
					}
					return tx.Meta().Put(mine, "on call")
				})
			})
		}
		wg.Wait()
		write(t, a, func(tx store.Tx) error {
			_, one, err := tx.Meta().Get(fmt.Sprint(round, "-0"))
			_, two, err2 := tx.Meta().Get(fmt.Sprint(round, "-1"))
			if one == two {
				t.Errorf("round %d: both or none: %v", round, one)
			}
			return errors.Join(err, err2)
		})
	}
}

// TestUpdateThatOutgrowsAClaimRunsAgain: an update that begins with a lease and goes on with something
// else runs again, and is made once.
func TestUpdateThatOutgrowsAClaimRunsAgain(t *testing.T) {
	s := opened(t, pg.Start(t).Database(t), Options{})
	add(t, s, store.Job{ID: "a", Queue: store.QueueDeliver, Due: noon})
	runs := 0
	write(t, s, func(tx store.Tx) error {
		runs++
		js, err := tx.Jobs().Lease(store.QueueDeliver, noon, noon.Add(time.Minute), 1)
		if err != nil || len(js) != 1 {
			return fmt.Errorf("leased %v: %w", js, err)
		}
		_ = tx.Meta().Put("holder", js[0].ID) // its error, if any, is the transaction's
		return nil
	})
	if runs != 2 {
		t.Errorf("%d runs", runs)
	}
	write(t, s, func(tx store.Tx) error {
		if v, _, err := tx.Meta().Get("holder"); v != "a" || err != nil {
			t.Errorf("%q, %v", v, err)
		}
		return nil
	})
}

// TestNotify: another node hears of a job at once.
func TestNotify(t *testing.T) {
	dsn := pg.Start(t).Database(t)
	a, b := opened(t, dsn, Options{Poll: time.Hour}), opened(t, dsn, Options{Poll: time.Hour})
	told := make(chan store.Queue, 10)
	defer b.Watch(func(q store.Queue) { told <- q })()
	add(t, a, store.Job{ID: "a", Queue: store.QueueDeliver, Due: noon})
	select {
	case q := <-told:
		if q != store.QueueDeliver {
			t.Errorf("told of %q", q)
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("not told")
	}
}

// TestPoll: a job that nobody tells of is found.
func TestPoll(t *testing.T) {
	dsn := pg.Start(t).Database(t)
	s := opened(t, dsn, Options{Poll: 10 * time.Millisecond})
	told := make(chan store.Queue, 100)
	defer s.Watch(func(q store.Queue) { told <- q })()
	sql(t, dsn, `insert into jobs (key, id, queue, head, due, added, attempts, error, host, lease, dead)
		values ('a', 'a', 'deliver', true, now(), now(), 0, '', '', 0, false)`)
	select {
	case <-told:
	case <-time.After(2 * time.Minute):
		t.Fatal("not found")
	}
}

// TestOpenTogether: nodes that start at the same time migrate once.
func TestOpenTogether(t *testing.T) {
	dsn := pg.Start(t).Database(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := Open(t.Context(), dsn, Options{})
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestNoServer: says that the database cannot be reached.
func TestNoServer(t *testing.T) {
	_, err := Open(t.Context(), "host="+t.TempDir()+" user=postgres", Options{})
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("%v", err)
	}
}

func TestCheckFindsDamage(t *testing.T) {
	for name, damage := range map[string]string{
		"column": "update events set at = now()", "list": "delete from issue_lists where desk = 'help'", "word": "delete from words",
		"head": "update jobs set head = false", "key": `update meta set key = 'other'`,
	} {
		t.Run(name, func(t *testing.T) {
			dsn := pg.Start(t).Database(t)
			s := openAt(t, dsn, Options{})
			defer s.Close()
			write(t, s, func(tx store.Tx) error { return fill(tx) })
			if err := s.Check(); err != nil {
				t.Fatal(err)
			}
			sql(t, dsn, damage)
			if err := s.Check(); err == nil {
				t.Error("not found")
			}
		})
	}
}

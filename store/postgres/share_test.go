package postgres

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"earshot/internal/test/pg"
	"earshot/store"
)

// Updates that come together share a transaction. What one of them wrote before it failed,
// panicked or ended its goroutine is taken back; what the others wrote is there.
func TestSharedTransaction(t *testing.T) {
	dsn := pg.Start(t).Database(t)
	s := opened(t, dsn, Options{})
	const updates = 60
	failure := errors.New("it does not want to")
	// They wait behind one that has its turn, and so come together.
	turn, proceed := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		write(t, s, func(tx store.Tx) error {
			err := tx.Meta().Put("first", "1")
			close(turn)
			<-proceed
			return err
		})
	})
	<-turn
	for n := range updates {
		key := fmt.Sprint("k", n)
		wg.Go(func() {
			defer func() {
				if r := recover(); (r != nil) != (n%5 == 1) {
					t.Errorf("update %d panicked with %v", n, r)
				}
			}()
			err := s.Update(t.Context(), "", func(tx store.Tx) error {
				if _, there, err := tx.Meta().Get(key); there || err != nil {
					t.Errorf("update %d finds %v, %v", n, there, err)
				}
				if err := tx.Meta().Put(key, "v"); err != nil {
					return err
				}
				if v, there, err := tx.Meta().Get(key); v != "v" || !there || err != nil {
					t.Errorf("update %d does not find what it wrote: %q, %v, %v", n, v, there, err)
				}
				switch n % 5 {
				case 0:
					return failure
				case 1:
					panic("no")
				case 2:
					runtime.Goexit()
				}
				return nil
			})
			if want := map[bool]error{true: failure}[n%5 == 0]; !errors.Is(err, want) {
				t.Errorf("update %d: %v", n, err)
			}
		})
	}
	close(proceed)
	wg.Wait()
	err := s.View(t.Context(), func(tx store.Tx) error {
		for n := range updates {
			if _, there, err := tx.Meta().Get(fmt.Sprint("k", n)); err != nil || there != (n%5 > 2) {
				t.Errorf("of update %d: %v, %v", n, there, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d conflicts", s.Conflicts())
	if s.Conflicts() > 0 {
		t.Error("updates of one node were in each other's way")
	}
	if ops := query(t, dsn, "select count(distinct xmin::text) from ops"); ops > updates/5 {
		t.Errorf("%d transactions for %d updates that wrote", ops, 1+2*updates/5)
	}
}

// An update that does not end stops no other: those behind it go alone.
func TestUpdateThatHangs(t *testing.T) {
	s := opened(t, pg.Start(t).Database(t), Options{})
	turn, end := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		write(t, s, func(tx store.Tx) error {
			_, _, err := tx.Meta().Get("other")
			select {
			case turn <- struct{}{}:
			default: // it runs again, if it comes to that
			}
			<-end
			return errors.Join(err, tx.Meta().Put("hangs", "1"))
		})
	})
	<-turn
	write(t, s, func(tx store.Tx) error { return tx.Meta().Put("passes", "1") })
	close(end)
	wg.Wait()
	for _, key := range []string{"hangs", "passes"} {
		write(t, s, func(tx store.Tx) error {
			if _, there, err := tx.Meta().Get(key); !there || err != nil {
				t.Errorf("%s: %v, %v", key, there, err)
			}
			return nil
		})
	}
}

// An update whose question the database cannot answer ends the transaction that it shares.
// It alone fails: the others run again.
func TestSharedTransactionIsSpoiled(t *testing.T) {
	s := opened(t, pg.Start(t).Database(t), Options{})
	turn, proceed := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	var once sync.Once
	wg.Go(func() {
		write(t, s, func(x store.Tx) error {
			err := x.Meta().Put("first", "1")
			once.Do(func() { close(turn) })
			<-proceed
			return err
		})
	})
	<-turn
	const updates = 30
	for n := range updates {
		wg.Go(func() {
			err := s.Update(t.Context(), "", func(x store.Tx) error {
				if n%10 == 5 {
					_, err := x.(*tx).one("select 1/0", nil, new(int))
					return err
				}
				return x.Meta().Put(fmt.Sprint("k", n), "v")
			})
			if (err != nil) != (n%10 == 5) {
				t.Errorf("update %d: %v", n, err)
			}
		})
	}
	close(proceed)
	wg.Wait()
	write(t, s, func(x store.Tx) error {
		for n := range updates {
			if _, there, err := x.Meta().Get(fmt.Sprint("k", n)); err != nil || there != (n%10 != 5) {
				t.Errorf("of update %d: %v, %v", n, there, err)
			}
		}
		return nil
	})
}

package postgres

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/internal/test/pg"
	"earshot/store"
)

// later is the present format and some that are to come.
func later(more ...step) []step { return append(steps[:len(steps):len(steps)], more...) }

var (
	additive = step{name: "more", sql: "alter table meta add column note text", additive: true}
	breaking = step{name: "other", sql: "alter table meta rename column note to remark"}
)

// program is an earshot that knows some formats.
func program(t testing.TB, dsn string, knows []step, fatal func(error)) (*Store, error) {
	return Open(t.Context(), dsn, Options{steps: knows, Fatal: fatal, Poll: 10 * time.Millisecond, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
}

func mustOpen(t testing.TB, dsn string, knows []step, fatal func(error)) *Store {
	t.Helper()
	s, err := program(t, dsn, knows, fatal)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func writes(t testing.TB, s *Store, value string) error {
	return s.Update(t.Context(), "", func(tx store.Tx) error { return tx.Meta().Put("k", value) })
}

// TestRollingUpgrade: an additive step leaves running nodes at work, and lets
// them start again; one that is not ends them before they can write.
func TestRollingUpgrade(t *testing.T) {
	dsn := pg.Start(t).Database(t)
	ended, idleEnded := make(chan error, 2), make(chan error, 2)
	old := mustOpen(t, dsn, steps, func(err error) { ended <- err })
	idle := mustOpen(t, dsn, steps, func(err error) { idleEnded <- err })

	middle := mustOpen(t, dsn, later(additive), nil)
	for n, s := range []*Store{old, middle, mustOpen(t, dsn, steps, nil)} { // the third is an old one, started again
		if err := writes(t, s, fmt.Sprint(n)); err != nil {
			t.Errorf("%d: %v", n, err)
		}
	}

	newest := mustOpen(t, dsn, later(additive, breaking), nil)
	for name, s := range map[string]*Store{"old": old, "middle": middle} {
		if err := writes(t, s, name); !errors.Is(err, store.ErrClosed) {
			t.Errorf("the %s program wrote into a format it does not know: %v", name, err)
		}
		if err := s.View(t.Context(), func(store.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
			t.Errorf("the %s program reads a format it does not know: %v", name, err)
		}
	}
	for name, told := range map[string]chan error{"one that writes": ended, "one that is idle": idleEnded} {
		if err := <-told; !strings.Contains(err.Error(), fmt.Sprintf("it knows up to %d", len(steps))) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := writes(t, idle, "x"); !errors.Is(err, store.ErrClosed) {
		t.Errorf("an idle node goes on: %v", err)
	}
	if err := writes(t, newest, "new"); err != nil {
		t.Error(err)
	}
	if s, err := program(t, dsn, steps, nil); err == nil || !strings.Contains(err.Error(), "newer earshot") {
		t.Errorf("an old program opened it: %v", err)
		if s != nil {
			_ = s.Close()
		}
	}
	if err := newest.Check(); err != nil {
		t.Error(err)
	}
}

// TestMigrationUnderLoad: while nodes write, another one migrates. Every write
// that the old nodes confirmed is there, and they wrote nothing afterwards.
func TestMigrationUnderLoad(t *testing.T) {
	dsn := pg.Start(t).Database(t)
	old := mustOpen(t, dsn, steps, nil)
	const writers = 4
	under := make(chan struct{}, writers)
	var wrote [writers]int // last, as they were told
	var ended sync.WaitGroup
	for w := range writers {
		ended.Go(func() {
			for n := 0; ; n++ {
				err := old.Update(t.Context(), "", func(tx store.Tx) error { return tx.Meta().Put(fmt.Sprint("w", w), fmt.Sprint(n)) })
				if err != nil {
					if !errors.Is(err, store.ErrClosed) {
						t.Error(err)
					}
					return
				}
				if wrote[w] = n; n == 20 {
					under <- struct{}{}
				}
			}
		})
	}
	for range writers {
		<-under
	}
	// A step that copies the old programs' writes up to that moment.
	newer := mustOpen(t, dsn, later(step{name: "keep", sql: "create table kept as select * from meta"}), nil)
	ended.Wait()
	err := newer.View(t.Context(), func(tx store.Tx) error {
		for w, n := range wrote {
			if v, _, err := tx.Meta().Get(fmt.Sprint("w", w)); v != fmt.Sprint(n) || err != nil {
				t.Errorf("writer %d was told of %d, and %q is there: %v", w, n, v, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	var differ int
	err = newer.pool.QueryRow(t.Context(), "select count(*) from meta full join kept using (key) where meta.record::text is distinct from kept.record::text").Scan(&differ)
	if err != nil || differ != 0 {
		t.Errorf("%d of what old programs wrote came after the migration: %v", differ, err)
	}
}

// TestMigrationInTheWay: a migration does not wait for ever for a reader.
func TestMigrationInTheWay(t *testing.T) {
	dsn := pg.Start(t).Database(t)
	old := mustOpen(t, dsn, steps, nil)
	err := old.View(t.Context(), func(tx store.Tx) error {
		if _, _, err := tx.Meta().Get("k"); err != nil {
			return err
		}
		impatient := step{name: "x", sql: "set local lock_timeout = '50ms'; alter table meta add column note text"}
		s, err := program(t, dsn, later(impatient), nil)
		if err == nil {
			return errors.Join(errors.New("it migrated under a reader"), s.Close())
		}
		if !strings.Contains(err.Error(), "start again") {
			return err
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := writes(t, old, "still"); err != nil { // nothing is left of the attempt
		t.Error(err)
	}
}

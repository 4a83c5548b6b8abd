package storecopy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"testing"
	"time"

	"earshot/internal/desk"
	"earshot/internal/test/pg"
	"earshot/store"
	"earshot/store/bolt"
	"earshot/store/postgres"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func openBolt(t *testing.T) store.Store {
	t.Helper()
	s, err := bolt.Open(t.Context(), filepath.Join(t.TempDir(), "earshot.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func openPostgres(t *testing.T) store.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), pg.Start(t).Database(t), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func fill(t *testing.T, s store.Store) {
	t.Helper()
	err := s.Update(t.Context(), "fill", func(tx store.Tx) error {
		errs := []error{tx.Meta().Put("url", "https://help.example"), tx.Desks().Put(desk.Desk{Handle: "help", Created: noon})}
		for n := range 3*pageSize + 7 {
			name := fmt.Sprint(n)
			_, err := tx.Issues().Add(desk.Issue{ID: desk.IssueID(name), Report: desk.ObjectID(name), Desk: "help", Status: desk.StatusNew, UpdatedAt: noon})
			_, err2 := tx.Jobs().Add(store.Job{ID: name, Queue: store.QueueDeliver, Lane: fmt.Sprint("lane ", n%5), Due: noon, Payload: []byte(name)})
			errs = append(errs, err, err2)
		}
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCopyFromBackendToBackend: bolt, PostgreSQL, bolt: everything is the same.
func TestCopyFromBackendToBackend(t *testing.T) {
	first, second, third := openBolt(t), openPostgres(t), openBolt(t)
	fill(t, first)
	pages := 0
	there, err := Copy(t.Context(), first, second, func(p Progress) {
		if pages++; p.Copied > p.Total {
			t.Errorf("%+v", p)
		}
	})
	if err != nil || pages < 10 {
		t.Fatalf("%d pages: %v", pages, err)
	}
	back, err := Copy(t.Context(), second, third, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(there, back) || there[store.RecordJob].Records != 3*pageSize+7 {
		t.Errorf("there %v\nback %v", there, back)
	}
	for _, to := range []store.Store{first, second} {
		if _, err := Copy(t.Context(), third, to, nil); !errors.Is(err, ErrNotEmpty) {
			t.Errorf("copied over something: %v", err)
		}
	}
}

// TestInterrupted: a copy goes on where it was.
func TestInterrupted(t *testing.T) {
	from, to := openBolt(t), openBolt(t)
	fill(t, from)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Copy(ctx, from, to, func(p Progress) {
		if p.Kind == store.RecordIssue && p.Copied >= 2*pageSize {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	copied := 0
	if _, err := Copy(t.Context(), from, to, func(p Progress) {
		if p.Kind == store.RecordMeta {
			t.Error("from the beginning")
		}
		if p.Kind == store.RecordIssue {
			copied = p.Copied
		}
	}); err != nil {
		t.Fatal(err)
	}
	if copied != pageSize+7 {
		t.Errorf("%d issues the second time", copied)
	}
}

// TestChanged: a target that differs from its source is found.
func TestChanged(t *testing.T) {
	from, to := openBolt(t), openBolt(t)
	fill(t, from)
	_, err := Copy(t.Context(), from, to, func(p Progress) {
		if p.Kind == store.RecordHost {
			if err := to.Update(t.Context(), "x", func(tx store.Tx) error { return tx.Blocks().Put(desk.Block{Target: "x"}) }); err != nil {
				t.Error(err)
			}
		}
	})
	if err == nil {
		t.Error("not found")
	}
}

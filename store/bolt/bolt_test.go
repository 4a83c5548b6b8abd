package bolt

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/storetest"
)

func openAt(t testing.TB, path string, opts Options) *Store {
	t.Helper()
	s, err := Open(context.Background(), path, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// opened opens a fresh store that is checked and closed at the end.
func opened(t testing.TB, opts Options) *Store {
	t.Helper()
	s := openAt(t, filepath.Join(t.TempDir(), "earshot.db"), opts)
	t.Cleanup(func() {
		if s.alive(context.Background()) == nil {
			if err := s.Check(); err != nil {
				t.Errorf("check: %v", err)
			}
		}
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// TestWaiting: keys of indexes that a transaction has looked at.
func TestWaiting(t *testing.T) {
	open := func(t testing.TB) store.Store { return openAt(t, filepath.Join(t.TempDir(), "waiting.db"), Options{}) }
	storetest.Waiting(t, open, func(_ testing.TB, x store.Tx) int { return x.(*tx).walked })
}

func TestConformance(t *testing.T) {
	n := 0
	dir := t.TempDir()
	storetest.Run(t, func(t testing.TB) store.Store {
		n++
		return openAt(t, filepath.Join(dir, fmt.Sprintf("%d.db", n)), Options{})
	})
}

// Desks are remembered as they were decoded; a change is seen at once, one that was
// taken back never, and what a caller does to its copy by nobody.
func TestDesksAreRemembered(t *testing.T) {
	s := opened(t, Options{})
	ctx := t.Context()
	put := func(fail error, names ...string) error {
		return s.Update(ctx, "op", func(tx store.Tx) error {
			if err := tx.Desks().Put(desk.Desk{Handle: "help", Names: names}); err != nil {
				return err
			}
			if all, err := tx.Desks().All(); err != nil || len(all) != 1 || !slices.Equal(all[0].Names, names) {
				t.Errorf("within: %v, %v", all, err)
			}
			return fail
		})
	}
	see := func(want string) {
		t.Helper()
		err := s.View(ctx, func(tx store.Tx) error {
			all, err := tx.Desks().All()
			if err != nil || len(all) != 1 || all[0].Names[0] != want {
				t.Errorf("%v, %v, want %q", all, err, want)
				return err
			}
			all[0].Names[0] = "mine"
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if err := put(nil, "acme"); err != nil {
		t.Fatal(err)
	}
	see("acme")
	see("acme")
	if err := put(errors.New("taken back"), "umbra"); err == nil {
		t.Fatal("no error")
	}
	see("acme")
	if err := put(nil, "other"); err != nil {
		t.Fatal(err)
	}
	see("other")
}

package bolt

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

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

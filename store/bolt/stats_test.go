package bolt

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"earshot/store"
)

// Commits are reported with the number of their updates and their outcome;
// removals add to the file's free pages.
func TestStats(t *testing.T) {
	var told []Commit
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "db"), Options{MaxSize: 4 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.Observe(func(c Commit) { told = append(told, c) })
	put := func(n int) error {
		return s.Update(context.Background(), "op", func(tx store.Tx) error { return tx.Meta().Put("large", strings.Repeat("x", n)) })
	}
	if err := put(1 << 20); err != nil {
		t.Fatal(err)
	}
	before, err := s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for n := range 2 { // pages become free one commit after they were left
		if err := put(1 + n); err != nil {
			t.Fatal(err)
		}
	}
	after, err := s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if after.Size < 1<<20 || after.Free+after.Pending < before.Free+before.Pending+1<<20 {
		t.Errorf("%+v, and a MiB less %+v", before, after)
	}
	if err := put(8 << 20); !errors.Is(err, store.ErrFull) {
		t.Fatalf("8 MiB in 4: %v", err)
	}
	if len(told) != 4 || told[0].Updates != 1 || told[0].Bytes < 1<<20 || told[0].Took <= 0 || told[0].Err != nil || !errors.Is(told[3].Err, store.ErrFull) {
		t.Errorf("told %+v", told)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stats(t.Context()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"earshot/internal/test/pg"
	"earshot/store"
)

// TestRestoring: a database that is being restored opens for nothing else, and
// what a restore left that did not come to its end is removed by the next.
func TestRestoring(t *testing.T) {
	dsn := pg.Start(t).Database(t)
	half := openAt(t, dsn, Options{Restoring: true})
	write(t, half, fill)
	refused := func(why string, o Options) {
		t.Helper()
		s, err := Open(t.Context(), dsn, o)
		if err == nil {
			_ = s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%v, want %q", err, why)
		}
	}
	refused("not come to its end", Options{})
	refused("under way", Options{Restoring: true})
	if err := half.Close(); err != nil {
		t.Fatal(err)
	}
	refused("not come to its end", Options{})

	again := openAt(t, dsn, Options{Restoring: true})
	if err := again.View(t.Context(), func(tx store.Tx) error {
		n, err := tx.Records().Counts()
		if len(n) > 0 {
			t.Errorf("of the first attempt there is %v", n)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	write(t, again, fill)
	if err := errors.Join(again.Restored(t.Context()), again.Check(), again.Close()); err != nil {
		t.Fatal(err)
	}
	opened(t, dsn, Options{})
	if s, err := Open(t.Context(), dsn, Options{Restoring: true}); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("restored over something: %v", err)
		if s != nil {
			_ = s.Close()
		}
	}
}

// TestContentTables: every table of a migration is checked before a restore,
// and emptied by one.
func TestContentTables(t *testing.T) {
	s := opened(t, pg.Start(t).Database(t), Options{})
	rows, err := s.pool.Query(context.Background(), "select tablename from pg_tables where schemaname = current_schema()")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	want := append(contentTables(), "earshot", s.updateLock)
	slices.Sort(want)
	var got []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		got = append(got, name)
	}
	slices.Sort(got)
	if err := rows.Err(); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v\n got %v\nwant %v", err, got, want)
	}
}

package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"earshot/internal/test/pg"
	"earshot/store"
	"earshot/store/bolt"
	"earshot/store/storetest"
)

func openAt(t testing.TB, dsn string, opts Options) *Store {
	t.Helper()
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	s, err := Open(t.Context(), dsn, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// opened opens a node, which is checked and closed at the end.
func opened(t testing.TB, dsn string, opts Options) *Store {
	t.Helper()
	s := openAt(t, dsn, opts)
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

// schemas returns a function that opens empty stores, each in a schema of its own.
func schemas(t testing.TB) func(testing.TB) store.Store { return schemasOf(t, pg.Start(t)) }

// schemasOf is schemas in a database of a server.
func schemasOf(t testing.TB, server *pg.Server) func(testing.TB) store.Store {
	dsn := server.Database(t)
	var n atomic.Int64
	return func(t testing.TB) store.Store {
		t.Helper()
		schema := fmt.Sprintf("s%d", n.Add(1))
		sql(t, dsn, "create schema "+schema)
		return openAt(t, dsn+" search_path="+schema, Options{MaxConns: 8, Logger: slog.New(slog.DiscardHandler)})
	}
}

// sql runs a statement beside the store.
func sql(t testing.TB, dsn, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// query reads one number beside the store.
func query(t testing.TB, dsn, statement string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), statement).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestConformance(t *testing.T) { storetest.Run(t, schemas(t)) }

// TestWaiting: rows of the table that a transaction has read, and entries of its
// indexes, when the planner knows the table.
func TestWaiting(t *testing.T) {
	// Its own server: an open transaction of another test keeps earlier versions
	// of rows, and so does autovacuum.
	server := pg.StartOwn(t)
	server.Exec(t, "alter system set autovacuum = off")
	server.Exec(t, "select pg_reload_conf()")
	claiming := false
	storetest.Waiting(t, schemasOf(t, server), func(t testing.TB, x store.Tx) (n int) {
		if claiming = !claiming; claiming { // as autovacuum does at any time
			if _, err := x.(*tx).exec("analyze jobs"); err != nil {
				t.Fatal(err)
			}
		}
		_, err := x.(*tx).one(`select pg_stat_get_xact_tuples_returned('jobs'::regclass) + (
			select sum(pg_stat_get_xact_tuples_returned(indexrelid)) from pg_index where indrelid = 'jobs'::regclass)`, nil, &n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	})
}

// TestMove: every record moves from one backend to the other, byte for byte.
func TestMove(t *testing.T) {
	file := func(t testing.TB) store.Store {
		t.Helper()
		s, err := bolt.Open(t.Context(), filepath.Join(t.TempDir(), "earshot.db"), bolt.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	database := schemas(t)
	t.Run("bolt to PostgreSQL", func(t *testing.T) { storetest.Move(t, file, database) })
	t.Run("PostgreSQL to bolt", func(t *testing.T) { storetest.Move(t, database, file) })
}

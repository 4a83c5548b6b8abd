package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrNotEmpty: a restore needs an empty database.
var ErrNotEmpty = errors.New("postgres: there is something in this database already")

// besideTables are those that no kind of record lives in.
var besideTables = []string{"file_bytes", "issue_lists", "round_lists", "words", "ops", "changes"}

// While the table "restoring" is there, a restore has not come to its end: the
// database opens for nothing else. The one who restores holds an advisory lock
// on its connection, so that there are not two.
const (
	restoringThere = "select to_regclass(format('%I.restoring', current_schema())) is not null"
	restoringLock  = "select pg_try_advisory_lock(hashtext('earshot restore ' || current_schema()))"
)

// refuseUnfinished refuses a database that a restore has not come to its end in.
func refuseUnfinished(ctx context.Context, conn *pgxpool.Conn) error {
	var there bool
	if err := conn.QueryRow(ctx, restoringThere).Scan(&there); err != nil {
		return wrap(err)
	}
	if there {
		return errors.New("postgres: a restore into this database has not come to its end: let it end, or run `earshot restore` again")
	}
	return nil
}

// beginRestore makes sure of an empty database that nobody else opens. The
// remains of an unfinished restore are removed.
func (s *Store) beginRestore(ctx context.Context, conn *pgxpool.Conn) error {
	var alone, again bool
	if err := conn.QueryRow(ctx, restoringLock).Scan(&alone); err != nil {
		return wrap(err)
	}
	if !alone {
		return errors.New("postgres: another restore into this database is under way")
	}
	if err := conn.QueryRow(ctx, restoringThere).Scan(&again); err != nil {
		return wrap(err)
	}
	if again {
		_, err := conn.Exec(ctx, "truncate "+strings.Join(contentTables(), ", "))
		return wrap(err)
	}
	// Other writers wait, and then find the restored data.
	tx, err := conn.Begin(ctx)
	if err != nil {
		return wrap(err)
	}
	defer func() { _ = tx.Rollback(ctx) }() // nothing is left of it after a commit
	if err := stopUpdates(ctx, tx, s.updateLock); err != nil {
		return err
	}
	for _, t := range contentTables() {
		var some bool
		if err := tx.QueryRow(ctx, "select exists (select from "+t+")").Scan(&some); err != nil {
			return wrap(err)
		}
		if some {
			return fmt.Errorf("%w (%s)", ErrNotEmpty, t)
		}
	}
	if _, err := tx.Exec(ctx, "create table restoring ()"); err != nil {
		return wrap(err)
	}
	return wrap(tx.Commit(ctx))
}

// contentTables are the tables that are empty in an empty store.
func contentTables() []string {
	tables := slices.Clone(besideTables)
	for _, c := range kinds {
		tables = append(tables, c.table())
	}
	slices.Sort(tables)
	return slices.Compact(tables)
}

// Restored says that a store opened with Options.Restoring holds everything.
// From now on the database can be opened.
func (s *Store) Restored(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, "drop table restoring")
	return wrap(err)
}

package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

//go:embed migrations/*.sql
var files embed.FS

// step brings a database to one version from the one before. Steps are never
// changed once released.
type step struct {
	name, sql string
	// additive: programs that do not know the step may go on using the
	// database. All others end when it is made; see turnOf.
	additive bool
}

// additiveMark ends the name of an additive step's file: 0007_name.additive.sql.
const additiveMark = ".additive"

// steps lists every step in the order of their files' names; the n-th leads to
// version n.
var steps = func() (steps []step) {
	found, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is valid
	}
	for n, name := range found {
		sql, err := files.ReadFile(name)
		if err != nil || !strings.HasPrefix(path.Base(name), fmt.Sprintf("%04d_", n+1)) {
			panic(fmt.Sprintf("migration %s: %v", name, err)) // of this very build
		}
		name, additive := strings.CutSuffix(strings.TrimSuffix(path.Base(name), ".sql"), additiveMark)
		steps = append(steps, step{name, string(sql), additive})
	}
	return steps
}()

// turnOf is the name of the table that programs which know these steps lock in
// every update. A step that is not additive gives it another name, in its own
// transaction: from that moment on no program that does not know the step can
// begin an update, and those under way have ended.
func turnOf(steps []step) string {
	name := "turn" // as the first step made it
	for n, s := range steps {
		if n > 0 && !s.additive {
			name = fmt.Sprintf("turn_%d", n+1)
		}
	}
	return name
}

// migrationWait is how long a migration waits for those who use the database;
// updates wait for it meanwhile.
const migrationWait = "10s"

// migrate applies the missing steps in one transaction. Nodes that start
// together wait for one another. A newer database stays as it is, if its new
// steps are additive.
func migrate(ctx context.Context, conn *pgx.Conn, steps []step, log *slog.Logger) (err error) {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return wrap(err)
	}
	defer func() { _ = tx.Rollback(ctx) }() // nothing is left of it after a commit
	version, err := databaseVersion(ctx, tx)
	if err != nil {
		return err
	}
	switch {
	case version > len(steps):
		return mayUse(ctx, tx, version, steps, log)
	case version == len(steps):
		return nil
	case version > 0:
		if err := stopUpdates(ctx, tx, turnOf(steps[:version])); err != nil {
			return err
		}
	}
	for n := version; n < len(steps); n++ {
		if err := steps[n].apply(ctx, tx, turnOf(steps[:n]), turnOf(steps[:n+1])); err != nil {
			return fmt.Errorf("postgres: migration %d (%s): %w", n+1, steps[n].name, err)
		}
		log.Info("store migrated", "version", n+1, "name", steps[n].name)
	}
	if _, err := tx.Exec(ctx, "update earshot set version = $1", len(steps)); err != nil {
		return wrap(err)
	}
	return wrap(tx.Commit(ctx))
}

// apply makes a step, and renames the turn if the step demands it.
func (s step) apply(ctx context.Context, tx pgx.Tx, turn, then string) error {
	if _, err := tx.Exec(ctx, s.sql); err != nil {
		return busy(err)
	}
	if turn == then {
		return nil
	}
	_, err := tx.Exec(ctx, "alter table "+turn+" rename to "+then)
	return busy(err)
}

// stopUpdates waits for the updates of other nodes to end, and has new ones
// wait for the migration.
func stopUpdates(ctx context.Context, tx pgx.Tx, turn string) error {
	_, err := tx.Exec(ctx, "set local lock_timeout = '"+migrationWait+"'; lock table "+turn+" in access exclusive mode")
	return busy(err)
}

// busy says what to do when another client was in the way of a migration for
// long.
func busy(err error) error {
	if said, ok := errors.AsType[*pgconn.PgError](err); ok && (said.Code == "55P03" || said.Code == "40P01") {
		return fmt.Errorf("another client has been reading or writing for long: wait until backups and the like have ended, and start again: %w", err)
	}
	return wrap(err)
}

// mayUse says whether a program that knows only these steps may use a newer
// database.
func mayUse(ctx context.Context, tx pgx.Tx, version int, steps []step, log *slog.Logger) error {
	var may bool
	if err := tx.QueryRow(ctx, turnIsThere, turnOf(steps)).Scan(&may); err != nil {
		return wrap(err)
	}
	if !may {
		return tooOld(version, len(steps))
	}
	log.Warn("the database has a newer format, which this earshot can use: upgrade it soon", "format", version, "known", len(steps))
	return nil
}

const turnIsThere = "select to_regclass(format('%I.%I', current_schema(), $1::text)) is not null"

func tooOld(version, known int) error {
	return fmt.Errorf("postgres: the database was written by a newer earshot (format %d, this one knows up to %d): run that version, or restore a backup from before the upgrade", version, known)
}

// databaseVersion makes or locks the row that says which format the database
// has, and reads it: 0 for an empty one.
func databaseVersion(ctx context.Context, tx pgx.Tx) (version int, err error) {
	var schema *string
	var ours bool
	err = tx.QueryRow(ctx, "select current_schema(), pg_advisory_xact_lock(hashtext('earshot ' || coalesce(current_schema(), ''))) is null").Scan(&schema, new(bool))
	if err != nil {
		return 0, wrap(err)
	}
	if schema == nil {
		return 0, errors.New("postgres: the search_path names no schema that is there")
	}
	if err := tx.QueryRow(ctx, "select to_regclass(format('%I.earshot', current_schema())) is not null").Scan(&ours); err != nil {
		return 0, wrap(err)
	}
	if !ours {
		_, err := tx.Exec(ctx, "create table earshot (version integer not null); insert into earshot values (0)")
		return 0, wrap(err)
	}
	err = tx.QueryRow(ctx, "select version from earshot for update").Scan(&version)
	return version, wrap(err)
}

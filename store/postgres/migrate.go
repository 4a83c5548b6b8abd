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
)

//go:embed migrations/*.sql
var files embed.FS

// step brings a database to one version from the one before. Steps are never
// changed once released.
type step struct{ name, sql string }

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
		steps = append(steps, step{strings.TrimSuffix(path.Base(name), ".sql"), string(sql)})
	}
	return steps
}()

// migrate applies the missing steps in one transaction. Nodes that start
// together wait for one another.
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
	if version > len(steps) {
		return fmt.Errorf("postgres: the database was written by a newer earshot (format %d, this one knows up to %d): run that version, or restore a backup from before the upgrade", version, len(steps))
	}
	if version == len(steps) {
		return nil
	}
	for n, step := range steps[version:] {
		if _, err := tx.Exec(ctx, step.sql); err != nil {
			return fmt.Errorf("postgres: migration %d (%s): %w", version+n+1, step.name, err)
		}
		log.Info("store migrated", "version", version+n+1, "name", step.name)
	}
	if _, err := tx.Exec(ctx, "update earshot set version = $1", len(steps)); err != nil {
		return wrap(err)
	}
	return wrap(tx.Commit(ctx))
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

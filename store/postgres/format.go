package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// outdated ends this node's use of the database, because another one has
// brought it to a format that this program cannot use. Every later call returns
// store.ErrClosed.
func (s *Store) outdated() error {
	err := fmt.Errorf("postgres: another node has brought the database to a format that this earshot does not know (it knows up to %d): upgrade this node too", len(s.opts.steps))
	s.fail.Do(func() {
		close(s.failed)
		if s.opts.Fatal != nil {
			s.opts.Fatal(err)
		}
	})
	return err
}

// noUpdateLock says whether an error means that the table of turns has another name.
func noUpdateLock(err error) bool {
	said, ok := errors.AsType[*pgconn.PgError](err)
	return ok && said.Code == "42P01" // undefined_table
}

// checkFormat notices a migration that another node has made, also when this
// one has nothing to write, and returns the database's format.
func (s *Store) checkFormat(ctx context.Context) (version int, err error) {
	var may bool
	err = s.pool.QueryRow(ctx, "select version, ("+turnIsThere+") from earshot", s.updateLock).Scan(&version, &may)
	if err != nil {
		return 0, wrap(err)
	}
	if !may {
		return version, s.outdated()
	}
	return version, nil
}

package bolt

import (
	"context"
	"errors"
	"fmt"

	berrors "go.etcd.io/bbolt/errors"

	"earshot/store"
)

var _ store.Store = (*Store)(nil)

// alive returns ErrClosed if the store was closed or has failed, or the
// context's error.
func (s *Store) alive(ctx context.Context) error {
	select {
	case <-s.stop:
		return store.ErrClosed
	case <-s.failed:
		return store.ErrClosed
	default:
		return ctx.Err()
	}
}

// View implements store.Store. A long view keeps old pages from being
// reused, and beyond 1 GiB delays updates when the file grows: do no I/O in it.
func (s *Store) View(ctx context.Context, f func(store.Tx) error) error {
	if err := s.alive(ctx); err != nil {
		return err
	}
	db, err := s.beginView()
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return store.ErrClosed
	}
	if err != nil {
		return fmt.Errorf("bolt: beginning to read: %w", err)
	}
	defer func() { _ = db.Rollback() }() // fails only when rolled back already
	x := &tx{db: db, known: &s.known}
	defer func() { x.over = true }()
	return f(x)
}

// Update implements store.Store. A file has one writer, whose answer cannot
// get lost, so op is not recorded.
func (s *Store) Update(ctx context.Context, _ store.Op, f func(store.Tx) error) error {
	if err := s.alive(ctx); err != nil {
		return err
	}
	if s.opts.ReadOnly {
		return errReadOnly
	}
	c := &request{start: make(chan *tx), cancelled: make(chan struct{}), ran: make(chan bool, 1), done: make(chan error, 1)}
	select {
	case s.requests <- c:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stop:
		return store.ErrClosed
	case <-s.failed:
		return store.ErrClosed
	}
	select {
	case x := <-c.start:
		return c.run(ctx, x, f)
	case err := <-c.done: // no transaction could be begun
		return err
	case <-ctx.Done():
		close(c.cancelled)
		return ctx.Err()
	}
}

// Watch implements store.Store: f is called before the Update that committed
// returns. It may be called once more while cancel runs.
func (s *Store) Watch(f func(store.Queue)) (cancel func()) { return s.watchers.Watch(f) }

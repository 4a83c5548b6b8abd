package bolt

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"go.etcd.io/bbolt"

	"earshot/internal/failpoint"
	"earshot/store"
)

// Bounds of one batch.
const (
	maxBatch      = 256
	maxBatchBytes = 8 << 20
)

// request is one waiting Update.
type request struct {
	start     chan *tx      // the committer hands over the transaction
	cancelled chan struct{} // closed when the caller's context ended before its turn
	ran       chan bool     // the caller hands it back: true to keep the writes
	done      chan error    // the batch's outcome
}

// run runs f on the caller's goroutine and waits until it is on disk. When f
// fails it waits too: the records because of which f failed may have been
// written by others of the batch, and must be on disk before the caller acts on
// them.
func (c *request) run(ctx context.Context, x *tx, f func(store.Tx) error) error {
	err := ctx.Err()
	if err == nil {
		err = c.try(x, f)
	} else {
		c.ran <- false
	}
	if batchErr := <-c.done; batchErr != nil {
		return batchErr
	}
	return err
}

// try runs f and hands the transaction back however f ends: by return, panic
// or runtime.Goexit.
func (c *request) try(x *tx, f func(store.Tx) error) (err error) {
	keep := false
	defer func() {
		x.over = true
		c.ran <- keep
	}()
	err = f(x)
	keep = err == nil
	return err
}

// batch is the functions that share one transaction.
type batch struct {
	db       *bbolt.Tx
	requests []*request
	written  int  // bytes
	dirty    bool // a request's writes are to be kept
	changes  *changes
	known    *memory
	touched  map[store.Queue]struct{}
}

// commitLoop is the committer. It ends when the store is closed or has failed.
func (s *Store) commitLoop() {
	var fatal error
	for fatal == nil {
		select {
		case c := <-s.requests:
			fatal = s.runBatch(c)
			continue
		case work := <-s.between:
			if fatal = work(); fatal != nil {
				close(s.failed)
			}
			continue
		case <-s.stop:
		}
		break
	}
	close(s.ended)
	switch {
	case fatal == nil:
	case s.opts.Fatal != nil:
		s.opts.Fatal(fatal)
	default:
		s.log.Error("the store's file cannot be trusted any more", "path", s.path, "error", fatal)
	}
}

// runBatch runs one call and those that wait behind it, commits, and answers
// them all. It returns an error only if the file cannot be trusted any more.
func (s *Store) runBatch(c *request) (fatal error) {
	b := &batch{touched: map[store.Queue]struct{}{}, changes: s.changes, known: &s.known}
	var err error
	if b.db, err = s.file().Begin(true); err != nil {
		c.done <- fmt.Errorf("bolt: beginning to write: %w", err)
		return nil
	}
	err = b.gather(s.requests, c, s.together)
	s.together = len(b.requests)
	if err == nil && b.dirty {
		err, fatal = s.observed(b)
	} else if rollbackErr := b.db.Rollback(); rollbackErr != nil {
		err = errors.Join(err, rollbackErr)
	}
	if fatal != nil {
		close(s.failed)
	}
	if err == nil {
		for q := range b.touched {
			s.watchers.Notify(q)
		}
	}
	for _, c := range b.requests {
		c.done <- err
	}
	return fatal
}

// lull is how long a batch waits for those who shared the last one: they have just got
// their answers, and come back at once where there is much to do. It is a fraction of a
// sync of the disk, and nobody waits for it who was alone.
const lull = 400 * time.Microsecond

// gather runs calls until nobody waits, and as many came as shared the last batch or
// the lull is over; or until the batch is full. An error spoils the whole batch.
func (b *batch) gather(waiting <-chan *request, c *request, last int) error {
	var over <-chan time.Time
	for {
		if err := b.run(c); err != nil {
			return err
		}
		if len(b.requests) >= maxBatch || b.written >= maxBatchBytes {
			return nil
		}
		select {
		case c = <-waiting:
			continue
		default:
		}
		if len(b.requests) >= last {
			return nil
		}
		if over == nil {
			t := time.NewTimer(lull)
			defer t.Stop()
			over = t.C
		}
		select {
		case c = <-waiting:
		case <-over:
			return nil
		}
	}
}

// run lends the transaction to one caller.
func (b *batch) run(c *request) error {
	x := &tx{db: b.db, known: b.known}
	select {
	case c.start <- x:
	case <-c.cancelled:
		return nil
	}
	b.requests = append(b.requests, c)
	if !<-c.ran {
		return x.rollback()
	}
	b.written += x.written
	b.dirty = b.dirty || len(x.undo) > 0
	b.changes.record(x.undo)
	maps.Copy(b.touched, x.touched)
	return nil
}

// commit writes the batch to disk. err is for its callers; fatal says that the
// file cannot be trusted any more.
func (s *Store) commit(b *batch) (err, fatal error) {
	panicked := true
	defer func() {
		if !panicked {
			return
		}
		s.stuck = true
		fatal = fmt.Errorf("bolt: panic in a commit: %v", recover())
		err = store.ErrClosed
	}()
	failpoint.Hit("bolt.commit")
	commitErr := b.db.Commit()
	failpoint.Hit("bolt.committed")
	panicked = false
	switch {
	case commitErr == nil:
		return nil, nil
	case noRoom(commitErr):
		return fmt.Errorf("%w: %w", store.ErrFull, commitErr), nil
	}
	fatal = fmt.Errorf("bolt: committing: %w", commitErr)
	return fmt.Errorf("%w: %w", store.ErrClosed, fatal), fatal
}

package bolt

import (
	"context"
	"errors"
	"fmt"
	"time"

	berrors "go.etcd.io/bbolt/errors"

	"earshot/store"
)

// Commit tells of one commit.
type Commit struct {
	Updates int // that shared it
	Bytes   int // that they wrote, before they became pages
	Took    time.Duration
	Err     error
}

// Observe calls f for every commit that is tried from now on, instead of the
// earlier f; nil: no calls. f runs on the store's own goroutine and must not
// block.
func (s *Store) Observe(f func(Commit)) {
	if f == nil {
		s.observer.Store(nil)
		return
	}
	s.observer.Store(&f)
}

// observed commits a batch and tells how that went.
func (s *Store) observed(b *batch) (err, fatal error) {
	tell := s.observer.Load()
	if tell == nil {
		return s.commit(b)
	}
	began := time.Now()
	err, fatal = s.commit(b)
	(*tell)(Commit{Updates: len(b.requests), Bytes: b.written, Took: time.Since(began), Err: err})
	return err, fatal
}

// FileStats says how large the file is.
type FileStats struct {
	Size    int64 // bytes
	Free    int64 // bytes of it in pages that hold nothing
	Pending int64 // bytes of it that become free when nobody reads them any more
}

// Stats looks at the file. Free and Pending are as of the last commit.
func (s *Store) Stats(ctx context.Context) (out FileStats, err error) {
	if err := s.alive(ctx); err != nil {
		return out, err
	}
	x, err := s.beginView()
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return out, store.ErrClosed
	}
	if err != nil {
		return out, fmt.Errorf("bolt: looking at the file: %w", err)
	}
	defer func() { _ = x.Rollback() }()
	out.Size = x.Size()
	pages, size := x.DB().Stats(), int64(x.DB().Info().PageSize)
	out.Free, out.Pending = int64(pages.FreePageN)*size, int64(pages.PendingPageN)*size
	return out, nil
}

package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"earshot/internal/failpoint"
	"earshot/store"
)

// compactSuffix ends the name of the file a compaction writes.
const compactSuffix = ".compact"

// Bounds of a compaction.
const (
	copyChunk = 4 << 20 // bytes copied in one view and one transaction
	// pauseKeys is how many changed keys are carried over while updates wait:
	// with two syncs they are the pause that updates notice.
	pauseKeys = 2_000
	// maxRounds: with more changes after so many rounds than one pause may
	// carry, the file is left as it is until the next time.
	maxRounds = 50
	// maxChanges bounds the memory in which changed keys are noted.
	maxChanges = 1_000_000
)

// ErrBusy says that a compaction was given up because too much was written
// meanwhile. Nothing has changed.
var ErrBusy = errors.New("bolt: too much is written to compact the file now")

// Compaction is the result for a file.
type Compaction struct {
	Before, After int64         // bytes
	Pause         time.Duration // how long updates waited
}

// Compact writes the store into a new file, without deleted data, and puts it
// in the place of the old one. Views and updates go on; updates wait only for
// the last step: at most pauseKeys keys, two syncs and a rename. Data that was
// deleted before Compact was called is not in the new file. The disk needs room
// for both files for as long as it takes.
//
// A crash leaves either the old file or the new one under the store's name;
// Open removes the other one.
func (s *Store) Compact(ctx context.Context) (Compaction, error) {
	if s.opts.ReadOnly {
		return Compaction{}, errReadOnly
	}
	s.compact.Lock()
	defer s.compact.Unlock()
	if err := s.alive(ctx); err != nil {
		return Compaction{}, err
	}
	c := &compaction{s: s, ctx: ctx, path: s.path + compactSuffix}
	err := c.run()
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		err = store.ErrClosed
	}
	return c.result, err
}

// compaction is one run of Compact.
type compaction struct {
	s       *Store
	ctx     context.Context
	path    string
	dst     *bbolt.DB
	result  Compaction
	changes *changes
	// placed: the new file is the store's; it must not be removed.
	placed bool
}

func (c *compaction) run() (err error) {
	if err := removeIfThere(c.path); err != nil {
		return err
	}
	if c.dst, err = openFile(c.path, c.s.opts); err != nil {
		return openError(c.path, err)
	}
	defer func() {
		if !c.placed {
			err = errors.Join(err, c.abandon())
		}
	}()
	c.dst.NoSync = true // until it is complete
	failpoint.Hit("bolt.compact")
	// Changes are noted from before the first key is copied: changes that a
	// chunk missed are copied afterwards.
	if err := c.follow(); err != nil {
		return err
	}
	if err := c.copyAll(); err != nil {
		return c.progress(err)
	}
	failpoint.Hit("bolt.compact.copied")
	old := c.s.file()
	if err := c.catchUp(); err != nil {
		return c.progress(err)
	}
	if err := old.Close(); err != nil { // waits for the views that still read it
		c.s.log.Warn("closing the file that was compacted", "err", err)
	}
	return nil
}

// progress makes store.ErrFull of a full disk.
func (c *compaction) progress(err error) error {
	if noRoom(err) {
		return fmt.Errorf("bolt: compacting: %w: %w", store.ErrFull, err)
	}
	return err
}

// abandon takes everything back.
func (c *compaction) abandon() error {
	unfollow := c.between(func() error { c.s.changes = nil; return nil })
	if errors.Is(unfollow, store.ErrClosed) {
		unfollow = nil
	}
	return errors.Join(unfollow, c.dst.Close(), removeIfThere(c.path))
}

// between has the committer do something between two batches.
func (c *compaction) between(work func() error) error {
	done := make(chan error, 1)
	select {
	case c.s.between <- func() error { err := work(); done <- err; return fatalOf(err) }:
		return <-done
	case <-c.s.ended:
		return store.ErrClosed
	case <-c.s.stop:
		return store.ErrClosed
	}
}

// fatalError is an error after which the file cannot be trusted any more.
type fatalError struct{ error }

func (f fatalError) Unwrap() error { return f.error }

func fatalOf(err error) error {
	if f, ok := errors.AsType[fatalError](err); ok {
		return f.error
	}
	return nil
}

// follow has changed keys noted from now on, and returns those noted before.
func (c *compaction) follow() error {
	c.changes = nil
	return c.between(func() error {
		c.changes, c.s.changes = c.s.changes, &changes{keys: map[string]map[string]struct{}{}}
		return nil
	})
}

// catchUp copies the changes since then, round by round, until so few are left
// that updates can wait for the last round.
func (c *compaction) catchUp() error {
	for range maxRounds {
		if err := c.alive(); err != nil {
			return err
		}
		err := c.between(c.finish)
		if err == nil || !errors.Is(err, errTooMuch) {
			return err
		}
		if err := c.follow(); err != nil {
			return err
		}
		if err := c.changes.overflow(); err != nil {
			return err
		}
		if err := c.carry(c.changes); err != nil {
			return err
		}
	}
	return ErrBusy
}

var errTooMuch = errors.New("bolt: too many changes for one pause")

func (c *compaction) alive() error { return c.s.alive(c.ctx) }

// finish is the last step: the committer's, while updates wait.
func (c *compaction) finish() error {
	began := time.Now()
	if err := c.s.changes.overflow(); err != nil {
		return err
	}
	if c.s.changes.n > pauseKeys {
		return errTooMuch
	}
	if err := c.carry(c.s.changes); err != nil {
		return err
	}
	if err := c.dst.Sync(); err != nil {
		return fmt.Errorf("bolt: syncing the compacted file: %w", err)
	}
	c.dst.NoSync = false
	c.result.Before, c.result.After = sizeOf(c.s.path), sizeOf(c.path)
	failpoint.Hit("bolt.compact.rename")
	if err := os.Rename(c.path, c.s.path); err != nil {
		return fmt.Errorf("bolt: putting the compacted file in place: %w", err)
	}
	failpoint.Hit("bolt.compact.renamed")
	c.placed = true
	c.s.swap(c.dst)
	c.s.changes = nil
	c.result.Pause = time.Since(began)
	// Until the folder is on disk a crash may bring back the old file, in
	// which nothing is that comes after this.
	if err := syncFolder(c.s.path); err != nil {
		return fatalError{err}
	}
	failpoint.Hit("bolt.compact.placed")
	return nil
}

// carry brings the present state of the noted keys into the new file.
func (c *compaction) carry(ch *changes) error {
	src, err := c.s.file().Begin(false)
	if err != nil {
		return err
	}
	defer func() { _ = src.Rollback() }()
	return c.dst.Update(func(dst *bbolt.Tx) error {
		for name, keys := range ch.keys {
			from, err := dstBucket(dst, name)
			if err != nil {
				return err
			}
			for k := range keys {
				if err := carryKey(from, src.Bucket([]byte(name)), []byte(k)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func carryKey(to, from *bbolt.Bucket, k []byte) error {
	if v := from.Get(k); v != nil {
		return to.Put(k, v)
	}
	return to.Delete(k)
}

func dstBucket(tx *bbolt.Tx, name string) (*bbolt.Bucket, error) {
	b, err := tx.CreateBucketIfNotExists([]byte(name))
	if err != nil {
		return nil, fmt.Errorf("bolt: making bucket %s: %w", name, err)
	}
	return b, nil
}

// copyAll copies every bucket in chunks: no view is long, so that no old page
// is kept from being used again.
func (c *compaction) copyAll() error {
	var names []string
	err := c.s.file().View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, _ *bbolt.Bucket) error {
			names = append(names, string(name))
			return nil
		})
	})
	if err != nil {
		return err
	}
	for _, name := range names {
		var after []byte
		for more := true; more; {
			if err := c.alive(); err != nil {
				return err
			}
			if after, more, err = c.copyChunk(name, after); err != nil {
				return err
			}
		}
	}
	return nil
}

// copyChunk copies the keys of a bucket that come after one.
func (c *compaction) copyChunk(name string, after []byte) (last []byte, more bool, err error) {
	src, err := c.s.file().Begin(false)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = src.Rollback() }()
	err = c.dst.Update(func(dst *bbolt.Tx) error {
		to, err := dstBucket(dst, name)
		if err != nil {
			return err
		}
		to.FillPercent = fullPages // keys come in order; a little room for those that do not
		cursor := src.Bucket([]byte(name)).Cursor()
		k, v := cursor.Seek(after)
		if after != nil && string(k) == string(after) {
			k, v = cursor.Next()
		}
		copied := 0
		for ; k != nil && copied < copyChunk; k, v = cursor.Next() {
			if err := to.Put(k, v); err != nil {
				return err
			}
			copied += len(k) + len(v)
			last = append(last[:0], k...)
		}
		more = k != nil
		return nil
	})
	return last, more, err
}

// changes are the keys that were written since a compaction began: bucket by
// bucket. Only the committer writes it.
type changes struct {
	keys map[string]map[string]struct{}
	n    int
}

// record adds what an update wrote. A key noted in vain, because its batch
// failed, does no harm.
func (ch *changes) record(undo []overwritten) {
	if ch == nil {
		return
	}
	for _, u := range undo {
		in := ch.keys[u.name]
		if in == nil {
			in = map[string]struct{}{}
			ch.keys[u.name] = in
		}
		if _, ok := in[string(u.key)]; !ok && ch.n <= maxChanges {
			in[string(u.key)] = struct{}{}
			ch.n++
		}
	}
}

// overflow says that not every change could be noted.
func (ch *changes) overflow() error {
	if ch.n > maxChanges {
		return ErrBusy
	}
	return nil
}

// file returns the file that is the store now.
func (s *Store) file() *bbolt.DB {
	s.dbMu.RLock()
	defer s.dbMu.RUnlock()
	return s.db
}

func (s *Store) swap(db *bbolt.DB) {
	s.dbMu.Lock()
	defer s.dbMu.Unlock()
	s.db = db
}

// beginView begins to read; where the file was replaced in between, the new one.
func (s *Store) beginView() (*bbolt.Tx, error) {
	for {
		db := s.file()
		tx, err := db.Begin(false)
		if errors.Is(err, berrors.ErrDatabaseNotOpen) && s.file() != db {
			continue
		}
		return tx, err
	}
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("bolt: removing %s: %w", path, err)
	}
	return nil
}

func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

package bolt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"earshot/store"
	"earshot/store/internal/watch"
)

// Options say how a file is opened.
type Options struct {
	// MaxSize is the size in bytes over which the file does not grow: an
	// update that needs more gets store.ErrFull. It is kept to the MiB, the
	// step in which the file grows. 0: no limit but the disk's.
	MaxSize int64
	// Fatal is called once, when the file cannot be trusted any more. Every
	// call returns store.ErrClosed by then. The process should exit. It is
	// called on the store's own goroutine; calling Close in it is allowed.
	Fatal func(error)
	// Logger gets the messages that no caller gets; nil: no log.
	Logger *slog.Logger
	// ReadOnly opens a file that other processes may read at the same time.
	ReadOnly bool
	// LockTimeout is how long to wait for another process; 0 means a second.
	LockTimeout time.Duration

	// openFile is os.OpenFile, or in tests one that remembers the opened files.
	openFile func(string, int, os.FileMode) (*os.File, error)
}

// Store is an open file. See store.Store.
type Store struct {
	dbMu     sync.RWMutex // guards which file db is; see Compact
	db       *bbolt.DB
	path     string
	opts     Options
	log      *slog.Logger
	requests chan *request
	// between takes work that the committer does between two batches; its
	// error means that the file cannot be trusted any more.
	between chan func() error
	changes *changes // nil unless a compaction is under way; the committer's
	// together is how many updates shared the last batch; the committer's.
	together int
	compact  sync.Mutex
	stop     chan struct{} // closed by Close
	ended    chan struct{} // closed when the committer has ended
	failed   chan struct{} // closed when the file cannot be trusted
	// stuck: bbolt panicked in a commit and holds its locks for ever.
	stuck bool // written before ended is closed

	observer atomic.Pointer[func(Commit)] // see Observe

	close    sync.Once
	closeErr error

	watchers watch.Watchers
	known    memory
}

// Open opens the store at path, or makes it, readable by its owner only, and
// brings it to the newest format.
func Open(ctx context.Context, path string, opts Options) (*Store, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if opts.MaxSize < 0 || opts.MaxSize > math.MaxInt {
		return nil, fmt.Errorf("bolt: a file of at most %d bytes makes no sense", opts.MaxSize)
	}
	if opts.LockTimeout == 0 {
		opts.LockTimeout = time.Second
	}
	if opts.openFile == nil {
		opts.openFile = os.OpenFile
	}
	_, err := os.Stat(path)
	fresh := errors.Is(err, os.ErrNotExist)
	db, err := openCurrent(path, opts)
	if err != nil {
		return nil, openError(path, err)
	}
	s := &Store{
		db: db, path: path, opts: opts, log: opts.Logger,
		requests: make(chan *request), between: make(chan func() error), stop: make(chan struct{}), ended: make(chan struct{}), failed: make(chan struct{}),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.prepare(fresh); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if opts.ReadOnly {
		close(s.ended)
	} else {
		go s.commitLoop()
	}
	return s, nil
}

// openFile opens a file as a store keeps it.
func openFile(path string, opts Options) (*bbolt.DB, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: opts.LockTimeout,
		// The array kind searches the whole list for every page.
		FreelistType: bbolt.FreelistMapType,
		MaxSize:      int(opts.MaxSize),
		ReadOnly:     opts.ReadOnly,
		OpenFile:     opts.openFile,
		// To grow its map bbolt waits for every View, and new ones wait for it.
		InitialMmapSize: initialMap(),
	})
	if err == nil {
		db.AllocSize = growBy
	}
	return db, err
}

// openCurrent opens the file that has the name path once its lock is ours:
// while we waited for it, a compaction may have put another in its place.
func openCurrent(path string, opts Options) (*bbolt.DB, error) {
	var opened *os.File
	open := opts.openFile
	opts.openFile = func(name string, flag int, mode os.FileMode) (*os.File, error) {
		f, err := open(name, flag, mode)
		if err == nil {
			opened = f
		}
		return f, err
	}
	for {
		db, err := openFile(path, opts)
		if err != nil {
			return nil, err
		}
		ours, err := opened.Stat()
		if err == nil {
			var named os.FileInfo
			if named, err = os.Stat(path); err == nil && os.SameFile(ours, named) {
				return db, nil
			}
		}
		if closeErr := db.Close(); err != nil || closeErr != nil {
			return nil, errors.Join(err, closeErr)
		}
	}
}

// growBy is the step in bytes in which the file grows.
const growBy = 1 << 20

// initialMap returns how much address space is set aside for the file. It
// costs no memory; where addresses are scarce, none is.
func initialMap() int {
	if math.MaxInt > math.MaxInt32 {
		return 1 << 30
	}
	return 0
}

// prepare migrates the file, and for a fresh one makes its name durable.
func (s *Store) prepare(fresh bool) error {
	if !s.opts.ReadOnly { // what a compaction left that did not come to its end
		if err := removeIfThere(s.path + compactSuffix); err != nil {
			return err
		}
	}
	if err := migrate(s.db, s.path, migrations, s.log); err != nil {
		return err
	}
	if !fresh {
		return nil
	}
	return syncFolder(s.path)
}

// syncFolder makes the names in a file's folder durable.
func syncFolder(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("bolt: opening the folder to sync it: %w", err)
	}
	if err := dir.Sync(); err != nil {
		return errors.Join(fmt.Errorf("bolt: syncing the folder: %w", err), dir.Close())
	}
	return dir.Close()
}

func openError(path string, err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return fmt.Errorf("bolt: another process uses %s: stop it first, or talk to the running server (%w)", path, err)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrVersionMismatch), errors.Is(err, berrors.ErrChecksum):
		return fmt.Errorf("bolt: %s is not a store, or is damaged: restore a backup (%w)", path, err)
	case noRoom(err):
		return fmt.Errorf("bolt: opening %s: %w: %w", path, store.ErrFull, err)
	}
	return fmt.Errorf("bolt: opening %s: %w", path, err)
}

// Close waits for the updates and views under way and shuts the file. A second
// Close returns the result of the first.
func (s *Store) Close() error {
	s.close.Do(func() {
		close(s.stop)
		<-s.ended
		if s.stuck {
			return // closing bbolt would wait for ever; the process is about to end
		}
		s.compact.Lock() // one under way notices that the committer has ended
		defer s.compact.Unlock()
		if err := s.file().Close(); err != nil {
			s.closeErr = fmt.Errorf("bolt: closing %s: %w", s.path, err)
		}
	})
	return s.closeErr
}

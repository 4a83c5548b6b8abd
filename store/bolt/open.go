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
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"earshot/store"
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
	// Logger hears what nobody else is told. nil: nobody.
	Logger *slog.Logger
	// ReadOnly opens a file that other processes may read at the same time.
	ReadOnly bool
	// LockTimeout is how long to wait for another process; 0 means a second.
	LockTimeout time.Duration

	// openFile is os.OpenFile, or in tests one that keeps what it opened.
	openFile func(string, int, os.FileMode) (*os.File, error)
}

// Store is an open file. See store.Store.
type Store struct {
	db     *bbolt.DB
	path   string
	opts   Options
	log    *slog.Logger
	calls  chan *call
	stop   chan struct{} // closed by Close
	ended  chan struct{} // closed when the committer has ended
	failed chan struct{} // closed when the file cannot be trusted
	// stuck: bbolt panicked in a commit and holds its locks for ever.
	stuck bool // written before ended is closed

	close    sync.Once
	closeErr error

	mu       sync.Mutex
	watchers map[int]func(store.Queue)
	watched  int
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
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: opts.LockTimeout,
		// The array kind searches the whole list for every page.
		FreelistType: bbolt.FreelistMapType,
		MaxSize:      int(opts.MaxSize),
		ReadOnly:     opts.ReadOnly,
		OpenFile:     opts.openFile,
		NoStatistics: true,
		// To grow its map bbolt waits for every View, and new ones wait for it.
		InitialMmapSize: initialMap(),
	})
	if err != nil {
		return nil, openError(path, err)
	}
	db.AllocSize = growBy
	s := &Store{
		db: db, path: path, opts: opts, log: opts.Logger,
		calls: make(chan *call), stop: make(chan struct{}), ended: make(chan struct{}), failed: make(chan struct{}),
		watchers: map[int]func(store.Queue){},
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
	if err := migrate(s.db, s.path, migrations, s.log); err != nil {
		return err
	}
	if !fresh {
		return nil
	}
	dir, err := os.Open(filepath.Dir(s.path))
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

// Close waits for the updates and views under way and shuts the file. A
// second Close returns what the first did.
func (s *Store) Close() error {
	s.close.Do(func() {
		close(s.stop)
		<-s.ended
		if s.stuck {
			return // closing bbolt would wait for ever; the process is about to end
		}
		if err := s.db.Close(); err != nil {
			s.closeErr = fmt.Errorf("bolt: closing %s: %w", s.path, err)
		}
	})
	return s.closeErr
}

package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"earshot/store"
	"earshot/store/internal/watch"
)

// Options say how a database is used.
type Options struct {
	// Logger gets the messages that no caller gets; nil: no log.
	Logger *slog.Logger
	// MaxConns bounds the connections of this node, beside one that listens.
	// 0 means 16.
	MaxConns int
	// Poll is how often to look for jobs that nobody told of. 0 means a second.
	Poll time.Duration
	// Fatal is called once, when another node has brought the database to a
	// format that this program does not know. Every call returns
	// store.ErrClosed by then. The process should end. It must not call Close.
	Fatal func(error)
	// Restoring opens an empty database, to be filled; see Restored. Until that
	// is called nobody else can open it, also when this process ends.
	Restoring bool

	steps []step // nil: those that there are
}

// Store is an open database. See store.Store.
type Store struct {
	pool       *pgxpool.Pool
	opts       Options
	log        *slog.Logger
	node       string // tells our own notifications from others'
	channel    string
	updateLock string // the table that updates lock

	alone     atomic.Int64 // how many of the next updates take the turn alone
	conflicts atomic.Int64 // ever
	updates   chan *member // that wait for a turn in a shared transaction
	together  int          // how many shared the last one

	restoring *pgxpool.Conn // holds the lock of a restore

	fail   sync.Once
	failed chan struct{} // closed when the database has become too new

	close   sync.Once
	stop    chan struct{}   // closed by Close
	cut     context.Context // ends when Close does not wait any longer
	cutOff  context.CancelFunc
	wg      sync.WaitGroup
	touched chan struct{} // wakes the announcer

	mu       sync.Mutex
	pending  map[store.Queue]struct{} // to be announced
	watchers watch.Watchers
}

var _ store.Store = (*Store)(nil)

// Open connects to a database (a URL or key=value pairs), brings its tables to
// the newest format, and watches for the work of other nodes.
func Open(ctx context.Context, dsn string, opts Options) (*Store, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("postgres: reading the address: %w", err) // pgx leaves passwords out
	}
	if opts.MaxConns == 0 {
		opts.MaxConns = 16
	}
	if opts.Poll == 0 {
		opts.Poll = time.Second
	}
	if opts.steps == nil {
		opts.steps = steps
	}
	config.MaxConns = int32(min(opts.MaxConns, 1000))
	config.ConnConfig.OnNotice = recordWarning
	params := config.ConnConfig.RuntimeParams
	for name, value := range map[string]string{
		"application_name": "earshot", "timezone": "UTC", "jit": "off",
		// Every statement has an index with its order. A bitmap, which a planner
		// without statistics prefers, looks again at every claim at each place
		// that a waiting job had before. With statistics it reads the table from
		// its beginning to its end, and for SERIALIZABLE a transaction that has
		// read all of it conflicts with every writer.
		"enable_bitmapscan": "off", "enable_seqscan": "off",
		// A node that hangs within a transaction, or whose machine is gone,
		// does not hold its locks for ever.
		"idle_in_transaction_session_timeout": "60000", "tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "3",
	} {
		if _, set := params[name]; !set {
			params[name] = value
		}
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	s := &Store{
		pool: pool, opts: opts, log: opts.Logger, node: uuid.NewString(), updateLock: turnOf(opts.steps),
		stop: make(chan struct{}), failed: make(chan struct{}), touched: make(chan struct{}, 1), updates: make(chan *member), pending: map[store.Queue]struct{}{},
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.cut, s.cutOff = context.WithCancel(context.WithoutCancel(ctx))
	if err := s.prepare(ctx); err != nil {
		s.closePool()
		return nil, err
	}
	if err := s.startWatching(ctx); err != nil {
		s.closePool()
		return nil, err
	}
	return s, nil
}

// prepare migrates the database and looks at how it is set up.
func (s *Store) prepare(ctx context.Context) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	if s.opts.Restoring {
		s.restoring = conn
	} else {
		defer conn.Release()
	}
	if err := migrate(ctx, conn.Conn(), s.opts.steps, s.log); err != nil {
		return err
	}
	var fsync, commit string
	err = conn.QueryRow(ctx, "select md5(current_schema()), current_setting('fsync'), current_setting('synchronous_commit')").Scan(&s.channel, &fsync, &commit)
	if err != nil {
		return wrap(err)
	}
	s.channel = "earshot_" + s.channel
	if fsync == "off" || commit == "off" {
		s.log.Warn("the database answers before it has written to disk: a crash loses posts", "fsync", fsync, "synchronous_commit", commit)
	}
	if s.opts.Restoring {
		return s.beginRestore(ctx, conn)
	}
	return refuseUnfinished(ctx, conn)
}

// closeWithin is how long Close waits for updates.
const closeWithin = 400 * time.Millisecond

// Close waits for updates and views under way and leaves the database. Updates
// that take longer, because the standby they wait for is away, are left: they
// were made or not, and who asked gets store.ErrClosed.
func (s *Store) Close() error {
	s.close.Do(func() {
		close(s.stop)
		defer time.AfterFunc(closeWithin, s.cutOff).Stop()
		s.wg.Wait()
		s.closePool()
	})
	return nil
}

// closePool closes the connections. The one of a restore is closed and not given
// back: its lock would stay with it.
func (s *Store) closePool() {
	defer s.cutOff()
	if s.restoring != nil {
		// The server lets go of a closed connection's lock a little later.
		ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
		_, _ = s.restoring.Exec(ctx, "select pg_advisory_unlock_all()")
		cancel()
		_ = s.restoring.Conn().Close(context.Background()) // it is of no use any more
		s.restoring.Release()
	}
	s.pool.Close()
}

// Conflicts returns how often an update of this node had to run again because
// others were in the way.
func (s *Store) Conflicts() int64 { return s.conflicts.Load() }

package postgres

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"earshot/internal/failpoint"
	"earshot/store"
)

// Bounds of one Update.
const (
	maxConflicts = 20               // attempts that others were in the way of
	aloneAfter   = 2                // conflicts after which it takes the turn alone
	maxBroken    = 3                // connections that broke before anything was committed
	maxAttempt   = time.Minute      // for one run, waiting for locks included
	maxResolve   = 30 * time.Second // for finding out whether a lost commit was made
	firstBackoff = 2 * time.Millisecond
	maxBackoff   = 200 * time.Millisecond
)

// contention is how many updates a node takes alone after one that lost, and
// how many at most.
const (
	contention    = 3
	maxContention = 64
)

// update is one call of Update, over its attempts.
type update struct {
	s           *Store
	op          string // hex
	f           func(store.Tx) error
	noClaims    bool
	single      bool // it is to share no transaction
	conflicts   int
	broken      int
	lost        time.Time                // since when the answer to a commit is missing
	lostTouched map[store.Queue]struct{} // the queues that the lost commit touched
}

// verdict is how an attempt ended.
type verdict int

const (
	over      verdict = iota // for good, with or without an error
	now                      // run again at once
	contended                // others were in the way
	broken                   // the connection broke before the commit
	lost                     // the connection broke at the commit
)

// Update implements store.Store. op must differ from every other update's; an
// update whose op was committed before is not made again. "" mints one.
func (s *Store) Update(ctx context.Context, op store.Op, f func(store.Tx) error) error {
	if err := s.alive(ctx); err != nil {
		return err
	}
	u := &update{s: s, op: opKey(op), f: f}
	for {
		how, err := u.attempt(ctx)
		switch how {
		case over:
			if s.cut.Err() != nil && errors.Is(err, context.Canceled) {
				return errors.Join(store.ErrClosed, err)
			}
			return err
		case now:
			continue
		case contended:
			u.conflicts++
			s.conflicts.Add(1)
			s.goAlone()
			if u.conflicts > aloneAfter && duplicate(err) {
				return fmt.Errorf("postgres: another record has this key: %w", err)
			}
			if u.conflicts >= maxConflicts {
				return fmt.Errorf("%w: others were in the way %d times: %w", store.ErrUnavailable, u.conflicts, err)
			}
		case broken:
			s.pool.Reset()
			if u.broken++; u.broken >= maxBroken && u.lost.IsZero() {
				return err
			}
		case lost:
			s.pool.Reset()
			s.log.Warn("the answer to a commit was lost; finding out", "err", err)
		}
		if !u.lost.IsZero() && time.Since(u.lost) > maxResolve {
			return fmt.Errorf("%w: whether an update was made is not known: %w", store.ErrUnavailable, err)
		}
		if err := u.wait(ctx, err); err != nil {
			return err
		}
	}
}

// opKey names an update in the table of those made.
func opKey(op store.Op) string {
	if op == "" {
		op = store.Op(rand.Text())
	}
	sum := sha256.Sum256([]byte(op))
	return hex.EncodeToString(sum[:16])
}

// wait waits with full jitter before the next attempt.
func (u *update) wait(ctx context.Context, because error) error {
	most := min(firstBackoff<<min(u.conflicts+u.broken, 10), maxBackoff)
	if !u.lost.IsZero() {
		most = maxBackoff
	}
	t := time.NewTimer(mathrand.N(most))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return errors.Join(ctx.Err(), because)
	case <-u.s.stop:
		return errors.Join(store.ErrClosed, because)
	case <-u.s.failed:
		return errors.Join(store.ErrClosed, because)
	}
}

// goAlone makes this node's next updates go alone.
func (s *Store) goAlone() {
	if s.alone.Add(contention) > maxContention {
		s.alone.Store(maxContention)
	}
}

// locksFirst says whether an update is to go alone from the start.
func (s *Store) locksFirst() bool {
	for {
		n := s.alone.Load()
		if n <= 0 {
			return false
		}
		if s.alone.CompareAndSwap(n, n-1) {
			return true
		}
	}
}

// attempt runs the function once and commits.
func (u *update) attempt(ctx context.Context) (how verdict, err error) {
	x := &tx{claimless: u.noClaims || !u.lost.IsZero(), seen: &seen{}}
	var m *member
	x.begin = func(claims bool) (err error) {
		if !claims && u.mayShare() {
			if m, err = u.s.join(ctx, u, x); m != nil || err != nil {
				return err
			}
		}
		return u.beginAlone(ctx, x, claims)
	}
	defer func() {
		if x.release != nil {
			x.release()
		}
	}()
	if !u.lost.IsZero() {
		if err := x.ready(false); err != nil {
			if made(err) {
				return u.settle(x, u.lostTouched)
			}
			return judge(err)
		}
	}
	ended := false
	defer func() {
		if !ended { // by a panic, or runtime.Goexit
			if m != nil {
				m.leave(x, false)
			} else {
				rollback(x)
			}
		}
	}()
	err = run(x, u.f)
	ended = true
	if m != nil {
		return m.end(x, err)
	}
	if err == nil && x.waiting != nil {
		err = x.flush()
	}
	switch {
	case x.noConn != nil && u.lost.IsZero():
		return over, x.noConn
	case x.upgrade:
		rollback(x)
		u.noClaims = true
		return now, nil
	case x.err != nil:
		rollback(x)
		return u.refuse(x, err)
	case err != nil:
		rollback(x)
		return over, err
	case !x.begun:
		return over, nil
	}
	return u.commit(x)
}

// refuse decides how to go on after the database has said no, and the function has
// returned err.
func (u *update) refuse(x *tx, err error) (verdict, error) {
	if err == nil || conflict(x.err) || errors.Is(x.err, store.ErrUnavailable) {
		return judge(x.err)
	}
	return over, err
}

// beginAlone begins a transaction on a connection of its own. Once it runs it is finished,
// also when the caller has gone; see Close.
func (u *update) beginAlone(ctx context.Context, x *tx, claims bool) error {
	if ctx.Err() != nil {
		ctx = context.WithoutCancel(ctx)
	}
	conn, err := u.s.acquire(ctx)
	if err != nil {
		x.noConn = err
		return err
	}
	var cancel context.CancelFunc
	x.ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), maxAttempt)
	stop := context.AfterFunc(u.s.cut, cancel)
	x.conn = conn.Conn()
	x.release = func() {
		stop()
		cancel()
		conn.Release() // which closes it if a transaction is still open
	}
	return u.begin(x, claims)
}

// run runs a function and catches its leaving by again.
func run(x *tx, f func(store.Tx) error) (err error) {
	defer func() {
		x.over = true
		if x.upgrade {
			if r := recover(); r != nil && r != (again{}) {
				panic(r)
			}
		}
	}()
	return f(x)
}

// judge decides how to go on after an error of the database before the commit.
func judge(err error) (verdict, error) {
	switch {
	case conflict(err):
		return contended, err
	case errors.Is(err, store.ErrUnavailable):
		return broken, err
	}
	return over, err
}

// begin begins the transaction. All is one message: the lock is taken before
// the snapshot.
func (u *update) begin(x *tx, claims bool) error {
	level, mode := "serializable", "row share"
	if claims {
		level = "read committed"
	} else if u.conflicts >= aloneAfter || u.s.locksFirst() {
		mode = "exclusive"
	}
	sql := "begin isolation level " + level + "; lock table " + u.s.updateLock + " in " + mode + " mode"
	if !u.lost.IsZero() {
		sql += "; " + u.record()
	}
	_, err := x.conn.PgConn().Exec(x.ctx, sql).ReadAll()
	if noUpdateLock(err) {
		return fmt.Errorf("%w: %w", store.ErrClosed, u.s.outdated())
	}
	failpoint.Hit("postgres.begun")
	return wrap(err)
}

// record is the statement that notes the update as made.
func (u *update) record() string { return `insert into ops (op) values ('\x` + u.op + `')` }

// made says whether an error means that the update was made before.
func made(err error) bool {
	said, ok := errors.AsType[*pgconn.PgError](err)
	return ok && said.Code == "23505" && said.ConstraintName == "ops_pkey"
}

// duplicate says whether a unique key was taken. For one that went alone this
// is no matter of timing.
func duplicate(err error) bool {
	said, ok := errors.AsType[*pgconn.PgError](err)
	return ok && said.Code == "23505"
}

// commit records the update, if it wrote or must wait for the records that it
// found, and commits, in one message.
func (u *update) commit(x *tx) (verdict, error) {
	sql := "commit"
	switch {
	case !u.lost.IsZero(): // it is noted
	case x.wrote:
		sql = u.record() + "; commit"
	case !x.claims:
		sql = u.recordIfWaiting() + "; commit"
	}
	if x.claims {
		failpoint.Hit("postgres.claim")
	} else {
		failpoint.Hit("postgres.commit")
	}
	results, err := x.lasting(sql)
	switch {
	case err == nil:
		if tag := results[len(results)-1].CommandTag.String(); tag != "COMMIT" {
			return over, fmt.Errorf("postgres: the commit ended as %s", tag)
		}
		failpoint.Hit("postgres.committed")
		u.s.notify(x.touched)
		failpoint.Hit("postgres.told")
		return over, nil
	case made(err):
		return u.settle(x, x.touched)
	}
	if refused(err) {
		rollback(x)
		return judge(wrap(err))
	}
	if !x.wrote {
		return broken, wrap(err)
	}
	if u.lost.IsZero() {
		u.lost = time.Now()
	}
	u.lostTouched = x.touched
	return lost, wrap(err)
}

// refused says whether the server has answered that a commit was not made. A
// graver error ends the connection, and leaves that open.
func refused(err error) bool {
	said, ok := errors.AsType[*pgconn.PgError](err)
	return ok && said.SeverityUnlocalized == "ERROR" // the other one is in the server's language
}

// settle ends an update that is found made. Its commit may be on the primary
// only, because the wait for a standby ended with the connection: another
// commit waits for all that came before it.
func (u *update) settle(x *tx, touched map[store.Queue]struct{}) (verdict, error) {
	rollback(x)
	if _, err := x.lasting(`update ops set op = op where op = '\x` + u.op + `'`); err != nil {
		return judge(wrap(err))
	}
	u.s.notify(touched)
	return over, nil
}

// rollback ends a transaction. If that fails the connection is closed, which
// ends it too.
func rollback(x *tx) {
	if !x.begun || x.conn == nil || x.conn.IsClosed() || x.conn.PgConn().TxStatus() == 'I' {
		return
	}
	if _, err := x.conn.PgConn().Exec(x.ctx, "rollback").ReadAll(); err != nil {
		_ = x.conn.Close(x.ctx) // it is of no use any more
	}
}

// View implements store.Store. The snapshot is taken before f runs.
func (s *Store) View(ctx context.Context, f func(store.Tx) error) error {
	if err := s.alive(ctx); err != nil {
		return err
	}
	var conn *pgxpool.Conn
	var err error
	for n := range maxBroken {
		if conn, err = s.acquire(ctx); err != nil {
			return err
		}
		_, err = conn.Conn().PgConn().Exec(ctx, "begin isolation level repeatable read read only; select 1").ReadAll()
		if err == nil {
			break
		}
		conn.Release()
		if err = wrap(err); !errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil || n == maxBroken-1 {
			return err
		}
		s.pool.Reset()
	}
	defer conn.Release()
	x := &tx{ctx: ctx, conn: conn.Conn(), begun: true, prompt: true, seen: &seen{}}
	defer func() {
		x.over = true
		// A context that has ended has closed the connection.
		rollback(x)
	}()
	return f(x)
}

// acquire takes a connection.
func (s *Store) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	conn, err := s.pool.Acquire(ctx)
	switch {
	case err == nil:
		return conn, nil
	case s.alive(ctx) != nil:
		return nil, s.alive(ctx)
	}
	return nil, fmt.Errorf("%w: %w", store.ErrUnavailable, err)
}

// alive returns ErrClosed if the store was closed or the database has become
// too new, or the context's error.
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

// serialization says whether the database ended a transaction in favour of another one.
func serialization(err error) bool {
	said, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (said.Code == "40001" || said.Code == "40P01")
}

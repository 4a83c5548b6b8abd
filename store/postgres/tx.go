package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"earshot/store"
)

var errOver = errors.New("postgres: the transaction is over")

// tx is the view of one run of a function.
type tx struct {
	ctx     context.Context
	conn    *pgx.Conn
	release func()  // gives back a connection of its own; nil: it has none
	noConn  error   // why none was to be had
	shared  *shared // the transaction that it shares, if it does
	saved   bool    // and a savepoint stands before its first write
	sent    bool    // to the database
	prompt  bool    // writes do not wait
	// begin is called by the first statement of an Update, which decides what
	// kind of transaction it is.
	begin     func(claims bool) error
	begun     bool
	claims    bool // it is READ COMMITTED, and does what allows that
	claimless bool // it is not to be
	upgrade   bool // it turned to something else
	over      bool
	wrote     bool
	err       error // the first thing the database said no to
	touched   map[store.Queue]struct{}
	waiting   *pgx.Batch // writes that go with the next statement
	seen      *seen
}

func (t *tx) Meta() store.Meta                 { return meta{t} }
func (t *tx) Desks() store.Desks               { return desks{t} }
func (t *tx) Keys() store.Keys                 { return keys{t} }
func (t *tx) Actors() store.Actors             { return actors{t} }
func (t *tx) Issues() store.Issues             { return issues{t} }
func (t *tx) Posts() store.Posts               { return posts{t} }
func (t *tx) Events() store.Events             { return events{t} }
func (t *tx) Terms() store.Terms               { return terms{t} }
func (t *tx) Follows() store.Follows           { return follows{t} }
func (t *tx) Documents() store.Documents       { return documents{t} }
func (t *tx) Deliveries() store.Deliveries     { return deliveries{t} }
func (t *tx) Jobs() store.Jobs                 { return jobs{t} }
func (t *tx) Once() store.Once                 { return once{t} }
func (t *tx) Sources() store.Sources           { return sources{t} }
func (t *tx) Sightings() store.Sightings       { return sightings{t} }
func (t *tx) Blocks() store.Blocks             { return blocks{t} }
func (t *tx) OptOuts() store.OptOuts           { return optOuts{t} }
func (t *tx) Hosts() store.Hosts               { return hosts{t} }
func (t *tx) Agents() store.Agents             { return agents{t} }
func (t *tx) Credentials() store.Credentials   { return credentials{t} }
func (t *tx) Grants() store.Grants             { return grants{t} }
func (t *tx) AuditLog() store.AuditLog         { return auditLog{t} }
func (t *tx) Changes() store.Changes           { return changeLog{t} }
func (t *tx) Quarantine() store.Quarantine     { return quarantine{t} }
func (t *tx) Standings() store.Standings       { return standings{t} }
func (t *tx) Withdrawals() store.Withdrawals   { return withdrawals{t} }
func (t *tx) Flags() store.Flags               { return flags{t} }
func (t *tx) Drafts() store.Drafts             { return drafts{t} }
func (t *tx) Views() store.Views               { return views{t} }
func (t *tx) Phrases() store.Phrases           { return phrases{t} }
func (t *tx) Pictures() store.Pictures         { return pictures{t} }
func (t *tx) Files() store.Files               { return ourFiles{t} }
func (t *tx) Remarks() store.Remarks           { return remarks{t} }
func (t *tx) Incidents() store.Incidents       { return incidents{t} }
func (t *tx) Piles() store.Piles               { return piles{t} }
func (t *tx) Rounds() store.Rounds             { return rounds{t} }
func (t *tx) Destinations() store.Destinations { return destinations{t} }
func (t *tx) Records() store.Records           { return records{t} }

// again is panicked with to leave a function that must run again as
// SERIALIZABLE. Update recovers it. It is no error: a function could take one
// for an outcome, and act on it.
type again struct{}

// ready begins the transaction with its first statement.
func (t *tx) ready(claims bool) error {
	switch {
	case t.over:
		return errOver
	case t.err != nil:
		return fmt.Errorf("postgres: the transaction has failed: %w", t.err)
	case !t.begun:
		t.begun, t.claims = true, claims && !t.claimless
		return t.failed(t.begin(t.claims))
	case t.claims && !claims:
		t.upgrade = true
		panic(again{})
	}
	return nil
}

// failed remembers an error of the database.
func (t *tx) failed(err error) error {
	if err != nil && t.err == nil {
		t.err = err
	}
	return err
}

// exec runs a statement that writes and returns how many rows it changed.
func (t *tx) exec(sql string, args ...any) (int64, error) { return t.write(false, sql, args...) }

// claim is exec for statements that may run READ COMMITTED.
func (t *tx) claim(sql string, args ...any) (int64, error) { return t.write(true, sql, args...) }

func (t *tx) write(claims bool, sql string, args ...any) (int64, error) {
	if err := t.ready(claims); err != nil {
		return 0, err
	}
	t.writes(sql)
	b := t.with(sql, args)
	var n int64
	last(b).Exec(func(tag pgconn.CommandTag) error { n = tag.RowsAffected(); return nil })
	err := t.send(b)
	if err == nil && n > 0 {
		t.wrote = true
	}
	return n, err
}

// writes prepares for a statement that changes records.
func (t *tx) writes(sql string) {
	t.seen.changed(sql)
	if t.shared != nil && !t.saved {
		t.saved = true
		t.waiting = t.with("savepoint member", nil)
	}
}

// maxWaiting is how many writes wait at most.
const maxWaiting = 64

// later runs a statement that writes, and of which nobody wants to know more, together
// with the next one: each round trip takes as long as several statements. What the
// database says to it is said to that one, or to the commit.
func (t *tx) later(sql string, args ...any) error {
	if err := t.ready(false); err != nil {
		return err
	}
	t.wrote = true
	t.writes(sql)
	t.waiting = t.with(sql, args)
	if t.prompt || t.waiting.Len() >= maxWaiting {
		return t.flush()
	}
	return nil
}

// flush sends what waits.
func (t *tx) flush() error {
	b := t.waiting
	if t.waiting = nil; b == nil {
		return t.err
	}
	return t.send(b)
}

// with is what waits, and a statement behind it.
func (t *tx) with(sql string, args []any) *pgx.Batch {
	b := t.waiting
	if t.waiting = nil; b == nil {
		b = &pgx.Batch{}
	}
	b.Queue(sql, args...)
	return b
}

func last(b *pgx.Batch) *pgx.QueuedQuery { return b.QueuedQueries[len(b.QueuedQueries)-1] }

// send runs statements in one round trip.
func (t *tx) send(b *pgx.Batch) error {
	t.sent = t.saved
	return t.failed(wrap(t.conn.SendBatch(t.ctx, b).Close()))
}

// one reads the only row of a query. found is false without a row.
func (t *tx) one(sql string, args []any, into ...any) (found bool, err error) {
	err = t.rows(false, sql, args, func(rows pgx.Rows) error {
		found = true
		return t.failed(wrap(rows.Scan(into...)))
	})
	return found && err == nil, err
}

// each calls f for every row of a query; f must not ask the database.
func (t *tx) each(sql string, args []any, f func(pgx.Rows) error) error {
	return t.rows(false, sql, args, f)
}

func (t *tx) rows(claims bool, sql string, args []any, f func(pgx.Rows) error) error {
	if err := t.ready(claims); err != nil {
		return err
	}
	if !strings.HasPrefix(sql, "select ") {
		t.writes(sql)
	}
	var stopped error // by f
	each := func(rows pgx.Rows) error {
		defer rows.Close()
		for stopped == nil && rows.Next() {
			stopped = f(rows)
		}
		rows.Close()
		return rows.Err()
	}
	if t.waiting != nil {
		b := t.with(sql, args)
		last(b).Query(each)
		err := t.send(b)
		return cmp.Or(stopped, err)
	}
	rows, err := t.conn.Query(t.ctx, sql, args...)
	if err == nil {
		err = each(rows)
	}
	return cmp.Or(stopped, t.failed(wrap(err)))
}

// touch notes that a queue's watchers have something to look at.
func (t *tx) touch(q store.Queue) {
	if t.touched == nil {
		t.touched = map[store.Queue]struct{}{}
	}
	t.touched[q] = struct{}{}
}

// wrap gives a driver's error its meaning for callers.
func wrap(err error) error {
	if err == nil {
		return nil
	}
	said, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case ok && said.Code == "53100": // disk_full
		return fmt.Errorf("%w: %w", store.ErrFull, err)
	case ok && unavailable(said.Code):
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	case ok:
		return fmt.Errorf("postgres: %w", err)
	case errors.Is(err, context.Canceled):
		return err
	case isScan(err):
		return fmt.Errorf("postgres: %w", err)
	}
	return fmt.Errorf("%w: %w", store.ErrUnavailable, err) // no answer, or no connection
}

func isScan(err error) bool {
	_, ok := errors.AsType[pgx.ScanArgError](err)
	return ok
}

// unavailable says whether the server, rather than the statement, is at fault.
func unavailable(code string) bool {
	switch code {
	case "57P01", "57P02", "57P03", // shutting down, crashed, starting
		"53300", // too many connections
		"25P03", // idle too long within a transaction
		"25006": // a standby, or a former primary
		return true
	}
	return strings.HasPrefix(code, "08") // connection exceptions
}

// conflict says whether running the function again may help: others were in
// the way. A unique key that was free in the snapshot is one of these.
func conflict(err error) bool {
	said, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return false
	}
	switch said.Code {
	case "40001", "40P01", "23505", "55P03":
		return true
	}
	return false
}

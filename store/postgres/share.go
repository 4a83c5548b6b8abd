package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"earshot/internal/failpoint"
	"earshot/store"
)

// Bounds of a transaction that updates share.
const (
	maxMembers  = 48                     // PostgreSQL looks at up to 64 savepoints of a transaction fast
	maxShared   = 100 * time.Millisecond // after this nobody else has a turn
	lull        = 500 * time.Microsecond // how long it waits for those who shared the last one
	maxPatience = time.Second            // an update that waits longer goes alone
)

// shared is a transaction that updates of this node make one after the other. They would
// be in each other's way otherwise, and each would wait for a sync of the disk of its own.
// A savepoint stands before the writes of each, so that one may fail and the others stay.
type shared struct {
	s       *Store
	x       *tx       // for what belongs to none of them
	members []*member // that wait for its end
	seen    seen
	spoiled error // why the transaction cannot go on
}

// member is an update that shares a transaction.
type member struct {
	u     *update
	turn  chan turn     // its turn has come
	gone  chan struct{} // closed: it does not wait any more
	left  chan struct{} // its turn has ended
	waits bool          // for done, once it has left
	done  chan outcome  // how the transaction ended
	x     *tx
	began *shared
}

type turn struct {
	shared *shared
	err    error // why the transaction has not begun
	away   bool  // because there is no connection
	again  bool  // it did not come to it in this transaction
}

type outcome struct {
	how verdict
	err error
}

// mayShare says whether an update may share a transaction. One that others were in the way
// of again and again, or whose outcome is to be found out, may not.
func (u *update) mayShare() bool {
	return !u.single && u.lost.IsZero() && u.conflicts < aloneAfter
}

// join waits for a turn in a shared transaction. Without one, and without an error, the
// update is to go alone, because others take too long.
func (s *Store) join(ctx context.Context, u *update, x *tx) (*member, error) {
	m := &member{u: u, x: x, turn: make(chan turn), gone: make(chan struct{}), left: make(chan struct{}), done: make(chan outcome, 1)}
	if ctx.Err() != nil { // it has begun: it is finished, also when the caller has gone
		ctx = context.WithoutCancel(ctx)
	}
	patience := time.NewTimer(maxPatience)
	defer patience.Stop()
	t := turn{again: true}
	for t.again {
		var err error
		if t, err = s.await(ctx, m, patience.C); err != nil {
			return nil, err
		}
	}
	switch {
	case t.away:
		x.noConn = t.err
		return nil, t.err
	case t.shared == nil:
		return nil, t.err
	}
	m.began = t.shared
	x.ctx, x.conn, x.shared, x.seen = t.shared.x.ctx, t.shared.x.conn, t.shared, &t.shared.seen
	return m, nil
}

// await waits for a turn; once patience has ended, for none.
func (s *Store) await(ctx context.Context, m *member, patience <-chan time.Time) (turn, error) {
	select {
	case s.updates <- m:
	case <-patience:
		return turn{}, nil
	case <-ctx.Done():
		return turn{}, ctx.Err()
	case <-s.stop:
		return turn{}, store.ErrClosed
	case <-s.failed:
		return turn{}, store.ErrClosed
	}
	select {
	case t := <-m.turn:
		return t, nil
	case <-patience:
		close(m.gone)
		return turn{}, nil
	case <-ctx.Done():
		close(m.gone)
		return turn{}, ctx.Err()
	}
}

// end ends an update's turn and waits for the transaction. One that has failed waits too:
// the records because of which it failed may be of others who share it, and have to be on
// disk before the caller acts on them.
func (m *member) end(x *tx, err error) (verdict, error) {
	if err == nil && x.err == nil {
		m.release(x)
	}
	if x.err != nil {
		m.leave(x, false)
		return m.u.refuse(x, err)
	}
	m.waits = true
	m.leave(x, err == nil)
	out := <-m.done
	if out.how == over && out.err == nil {
		return over, err
	}
	return out.how, out.err
}

// release sends the last writes.
func (m *member) release(x *tx) {
	if x.saved {
		x.waiting = x.with("release savepoint member", nil)
		_ = x.flush() // it stays in x
	}
}

// leave ends an update's turn. What it wrote is taken back, unless it is to be kept.
func (m *member) leave(x *tx, keep bool) {
	x.over = true
	if !keep {
		m.began.takeBack(x)
	}
	close(m.left)
}

// takeBack undoes what a member wrote.
func (h *shared) takeBack(x *tx) {
	x.wrote, x.touched, x.waiting = false, nil, nil
	clear(h.seen)
	switch {
	case h.x.conn.IsClosed() || h.x.conn.PgConn().TxStatus() == 'I':
		h.spoiled = errors.Join(errors.New("the connection is closed"), x.err)
	case x.err != nil && serialization(x.err):
		h.spoiled = x.err
	case h.x.conn.PgConn().TxStatus() == 'E' && !x.saved:
		h.spoiled = x.err
	case x.saved && x.sent:
		if _, err := h.x.conn.PgConn().Exec(h.x.ctx, "rollback to savepoint member; release savepoint member").ReadAll(); err != nil {
			h.spoiled = wrap(err)
		}
	}
}

// share runs updates in one transaction, and commits.
func (s *Store) share(first *member) {
	waiting := s.gather(first)
	ctx, cancel := context.WithTimeout(context.Background(), maxAttempt)
	defer cancel()
	defer context.AfterFunc(s.cut, cancel)()
	conn, err := s.acquire(ctx)
	if err != nil {
		for _, m := range waiting {
			m.give(turn{err: err, away: true})
		}
		return
	}
	defer conn.Release() // which closes it if a transaction is still open
	h := &shared{s: s, x: &tx{ctx: ctx, conn: conn.Conn(), begun: true}, seen: seen{}}
	if err := first.u.begin(h.x, false); err != nil {
		rollback(h.x)
		for _, m := range waiting {
			m.give(turn{err: err})
		}
		return
	}
	began := time.Now()
	for n, m := range waiting {
		if n > 0 && time.Since(began) > maxShared || h.spoiled != nil {
			m.give(turn{again: true})
			continue
		}
		if m.give(turn{shared: h}) {
			if <-m.left; m.waits {
				h.members = append(h.members, m)
			}
		}
	}
	h.end()
}

// gather takes those that wait, until as many came as shared the last transaction or the
// lull is over. Nobody comes in later: the snapshot of the transaction has to be younger
// than each call, so that a caller finds what it knows to be committed.
func (s *Store) gather(first *member) []*member {
	all := []*member{first}
	var quiet <-chan time.Time
	for len(all) < maxMembers {
		select {
		case m := <-s.updates:
			all = append(all, m)
			continue
		default:
		}
		if len(all) >= s.together {
			break
		}
		if quiet == nil {
			t := time.NewTimer(lull)
			defer t.Stop()
			quiet = t.C
		}
		select {
		case m := <-s.updates:
			all = append(all, m)
			continue
		case <-quiet:
		}
		break
	}
	s.together = len(all)
	return all
}

// give tells a member that its turn has come, unless it does not wait any more.
func (m *member) give(t turn) bool {
	select {
	case m.turn <- t:
		return true
	case <-m.gone:
		return false
	}
}

// end commits, and tells the members how that ended. They are noted as made in the same
// message.
func (h *shared) end() {
	if h.spoiled != nil {
		rollback(h.x)
		how, err := judge(h.spoiled)
		if how == over { // for the one whose error it was; the others run again
			how = contended
		}
		h.tell(how, err)
		return
	}
	var ops []string
	touched := map[store.Queue]struct{}{}
	for _, m := range h.members {
		if m.x.wrote {
			ops = append(ops, `('\x`+m.u.op+`')`)
		}
		for q := range m.x.touched {
			touched[q] = struct{}{}
		}
	}
	sql := ""
	switch {
	case len(ops) > 0:
		sql = "insert into ops (op) values " + strings.Join(ops, ", ") + "; "
	case len(h.members) > 0:
		sql = h.members[0].u.recordIfWaiting() + "; "
	}
	failpoint.Hit("postgres.commit")
	results, err := h.x.lasting(sql + "commit")
	switch {
	case err == nil:
		if tag := results[len(results)-1].CommandTag.String(); tag != "COMMIT" {
			h.tell(over, fmt.Errorf("postgres: the commit ended as %s", tag))
			return
		}
		failpoint.Hit("postgres.committed")
		h.s.notify(touched)
		failpoint.Hit("postgres.told")
		h.tell(over, nil)
	case made(err): // which of them is not said
		rollback(h.x)
		for _, m := range h.members {
			m.u.single = true
		}
		h.tell(now, nil)
	case refused(err):
		rollback(h.x)
		h.tell(judge(wrap(err)))
	default:
		for _, m := range h.members {
			if !m.x.wrote {
				m.done <- outcome{broken, wrap(err)}
				continue
			}
			if m.u.lost.IsZero() {
				m.u.lost = time.Now()
			}
			m.u.lostTouched = m.x.touched
			m.done <- outcome{lost, wrap(err)}
		}
	}
}

func (h *shared) tell(how verdict, err error) {
	for _, m := range h.members {
		m.done <- outcome{how, err}
	}
}

// shareLoop runs shared transactions, one after the other.
func (s *Store) shareLoop() {
	for {
		select {
		case m := <-s.updates:
			s.share(m)
		case <-s.stop:
			return
		case <-s.failed:
			return
		}
	}
}

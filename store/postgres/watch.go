package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/store"
)

// How long rows of ops are kept, and how often old ones are looked for.
const (
	keepOps  = "1 day"
	cleanOps = time.Hour
)

// Watch implements store.Store. f hears of this node's commits before Update
// returns, and of other nodes' shortly after. It may be called once more while
// cancel runs.
func (s *Store) Watch(f func(store.Queue)) (cancel func()) { return s.watchers.Watch(f) }

// notify calls the watchers for every queue touched, and has other nodes told.
// They are told after the commit and not by it: a NOTIFY makes commits wait for
// one another.
func (s *Store) notify(touched map[store.Queue]struct{}) {
	if len(touched) == 0 {
		return
	}
	s.mu.Lock()
	for q := range touched {
		s.pending[q] = struct{}{}
	}
	s.mu.Unlock()
	select {
	case s.touched <- struct{}{}:
	default: // it is awake already
	}
	for q := range touched {
		s.watchers.Notify(q)
	}
}

// startWatching begins to listen before anything can be missed.
func (s *Store) startWatching(ctx context.Context) error {
	listener, err := s.listen(ctx)
	if err != nil {
		return err
	}
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.wg.Go(func() { <-s.stop; cancel() })
	s.wg.Go(func() { s.hear(own, listener) })
	s.wg.Go(func() { s.announce(own) })
	s.wg.Go(func() { s.poll(own) })
	s.wg.Go(s.shareLoop)
	return nil
}

// listen opens the connection that is notified.
func (s *Store) listen(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	if _, err := conn.Exec(ctx, s.listenStatement()); err != nil {
		_ = conn.Close(ctx) // the other error says why
		return nil, wrap(err)
	}
	return conn, nil
}

// listenStatement also tells nodes of one instance from those of others.
func (s *Store) listenStatement() string { return "listen " + pgx.Identifier{s.channel}.Sanitize() }

// hear calls the watchers for announcements of other nodes, and connects again
// when the connection breaks.
func (s *Store) hear(ctx context.Context, conn *pgx.Conn) {
	for {
		var err error
		for err == nil {
			n, waitErr := conn.WaitForNotification(ctx)
			if err = waitErr; err != nil {
				break
			}
			if node, queue, ok := strings.Cut(n.Payload, " "); ok && node != s.node {
				s.watchers.Notify(store.Queue(queue))
			}
		}
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		_ = conn.Close(closing) // it is broken, or not needed any more
		cancel()
		if ctx.Err() != nil {
			return
		}
		s.log.Warn("the connection that listens for other nodes' work broke; polling until a new one works", "err", err)
		for conn = nil; conn == nil; {
			if !pause(ctx, s.opts.Poll) {
				return
			}
			if conn, err = s.listen(ctx); err != nil {
				s.log.Debug("listening failed", "err", err)
			}
		}
		s.log.Info("listening for other nodes' work again")
		for _, q := range append(store.Queues(), store.Changed) {
			s.watchers.Notify(q)
		}
	}
}

// pause waits, false if the context ends.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// announce tells other nodes of touched queues, all that came together in one
// statement. By polling they find the queues that could not be announced.
func (s *Store) announce(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.touched:
		}
		s.mu.Lock()
		var payloads []string
		for q := range s.pending {
			payloads = append(payloads, s.node+" "+string(q))
		}
		clear(s.pending)
		s.mu.Unlock()
		if _, err := s.pool.Exec(ctx, "select pg_notify($1, p) from unnest($2::text[]) p", s.channel, payloads); err != nil && ctx.Err() == nil {
			s.log.Debug("notifying other nodes failed", "err", err)
		}
	}
}

// poll looks for jobs that nobody told of, because a node died between its
// commit and the telling, or the listener has no connection. It also forgets
// old operations, and notices that the database has got another format.
func (s *Store) poll(ctx context.Context) {
	last := map[store.Queue]time.Time{}
	var cleaned time.Time
	told := len(s.opts.steps)
	for pause(ctx, s.opts.Poll) {
		format, err := s.checkFormat(ctx)
		if err != nil {
			if s.alive(ctx) != nil {
				return
			}
			s.log.Debug("polling failed", "err", err)
			continue
		}
		if format > told {
			told = format
			s.log.Warn("another node has brought the database to a newer format, which this earshot can use: upgrade it soon", "format", format)
		}
		due, err := s.heads(ctx)
		if err != nil {
			if ctx.Err() == nil {
				s.log.Debug("polling failed", "err", err)
			}
			continue
		}
		for q, at := range due {
			if before, ok := last[q]; !ok || !before.Equal(at) {
				s.watchers.Notify(q)
			}
		}
		last = due
		if time.Since(cleaned) > cleanOps {
			cleaned = time.Now()
			if _, err := s.pool.Exec(ctx, "delete from ops where at < now() - interval '"+keepOps+"'"); err != nil && ctx.Err() == nil {
				s.log.Warn("forgetting old operations failed", "err", err)
			}
		}
	}
}

// heads reads when the next job of each queue can be leased.
func (s *Store) heads(ctx context.Context) (map[store.Queue]time.Time, error) {
	var queues []string
	for _, q := range store.Queues() {
		queues = append(queues, string(q))
	}
	rows, err := s.pool.Query(ctx, `select q, ready from unnest($1::text[]) q cross join lateral (
		select ready from jobs where queue = q and head order by ready limit 1) j`, queues)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	due := map[store.Queue]time.Time{}
	for rows.Next() {
		var q string
		var at time.Time
		if err := rows.Scan(&q, &at); err != nil {
			return nil, err
		}
		due[store.Queue(q)] = at
	}
	return due, rows.Err()
}

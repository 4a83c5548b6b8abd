package postgres

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/store"
	"earshot/store/internal/layout"
)

// visible is the condition under which a change can be listed: every
// transaction that could still commit an earlier one has ended.
const visible = "by < pg_snapshot_xmin(pg_current_snapshot())"

type changeLog struct{ *tx }

func (s changeLog) Add(c store.Change) error {
	if err := store.CheckText(&c); err != nil {
		return err
	}
	raw, err := layout.Encode(&c)
	if err != nil {
		return err
	}
	s.touch(store.Changed)
	return s.later("insert into changes (at, record) values ($1, $2)", c.At, raw)
}

// place is a position's two numbers: the transaction's and the change's own.
func place(p store.Position) (by, number string, err error) {
	var b, n uint64
	if p == "" {
		return "0", "0", nil
	}
	if len(p) != 32 {
		return "", "", store.ErrCursor
	}
	if _, err := fmt.Sscanf(string(p), "%016x%016x", &b, &n); err != nil || n > 1<<63-1 {
		return "", "", store.ErrCursor
	}
	return fmt.Sprint(b), fmt.Sprint(n), nil
}

func (s changeLog) After(p store.Position, limit int) ([]store.Change, error) {
	by, number, err := place(p)
	if err != nil {
		return nil, err
	}
	return s.list("where (by, number) > ($1::text::xid8, $2::text::bigint) and "+visible+" order by by, number limit $3", by, number, max(limit, 0))
}

func (s changeLog) list(which string, args ...any) (cs []store.Change, err error) {
	err = s.each("select by::text::numeric::bigint, number, record from changes "+which, args, func(rows pgx.Rows) error {
		var by, number int64
		var raw []byte
		if err := rows.Scan(&by, &number, &raw); err != nil {
			return s.failed(wrap(err))
		}
		var c store.Change
		if err := json.Unmarshal(raw, &c); err != nil {
			return fmt.Errorf("postgres: decoding a change: %w", err)
		}
		c.Position = store.Position(fmt.Sprintf("%016x%016x", by, number))
		cs = append(cs, c)
		return nil
	})
	return cs, err
}

func (s changeLog) Get(p store.Position) (c store.Change, ok bool, err error) {
	by, number, err := place(p)
	if err != nil {
		return c, false, nil // it is not from this store
	}
	return s.first("where (by, number) = ($1::text::xid8, $2::text::bigint)", by, number)
}

func (s changeLog) first(which string, args ...any) (c store.Change, ok bool, err error) {
	cs, err := s.list(which, args...)
	if err != nil || len(cs) == 0 {
		return c, false, err
	}
	return cs[0], true, nil
}

func (s changeLog) Last() (store.Change, bool, error) {
	return s.first("where " + visible + " order by by desc, number desc limit 1")
}

func (s changeLog) Expire(before time.Time, limit int) (int, error) {
	n, err := s.exec("delete from changes where (by, number) in (select by, number from changes where at < $1 order by at limit $2)", before, max(limit, 0))
	return int(n), err
}

package postgres

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"earshot/store"
	"earshot/store/internal/layout"
)

// table keeps records of one type by a primary key.
type table[T any] struct {
	name    string
	keys    []string // the columns of the primary key
	key     func(*T) []any
	columns []string // the columns for indexes
	values  func(*T) []any
	// more writes what stands beside a record.
	more func(*tx, *T) error

	get_, put_, delete_ string
}

// define completes a table with its statements.
func define[T any](t table[T]) *table[T] {
	where := equal(t.keys, 1)
	t.get_ = "select record from " + t.name + where
	t.delete_ = "delete from " + t.name + where
	all := append(append(append([]string(nil), t.keys...), t.columns...), "record")
	var set []string
	for _, c := range all[len(t.keys):] {
		set = append(set, c+" = excluded."+c)
	}
	t.put_ = fmt.Sprintf("insert into %s (%s) values (%s) on conflict (%s) do update set %s",
		t.name, strings.Join(all, ", "), parameters(1, len(all)), strings.Join(t.keys, ", "), strings.Join(set, ", "))
	return &t
}

// equal makes a where clause of columns.
func equal(columns []string, first int) string {
	var conditions []string
	for i, c := range columns {
		conditions = append(conditions, fmt.Sprintf("%s = $%d", c, first+i))
	}
	if len(conditions) == 0 {
		return " where true"
	}
	return " where " + strings.Join(conditions, " and ")
}

// parameters lists n parameters: $1, $2, …
func parameters(first, n int) string {
	var ps []string
	for i := range n {
		ps = append(ps, fmt.Sprintf("$%d", first+i))
	}
	return strings.Join(ps, ", ")
}

// get reads the record under a key.
func (t *table[T]) get(x *tx, key ...any) (T, bool, error) { return t.query(x, t.get_, key...) }

// query reads the record of a query's only row.
func (t *table[T]) query(x *tx, sql string, args ...any) (r T, ok bool, err error) {
	if err := x.ready(false); err != nil {
		return r, false, err
	}
	query := asked(sql, args)
	raw, known := x.seen.of(t.name, query)
	if !known {
		if _, err = x.one(sql, args, &raw); err != nil {
			return r, false, err
		}
		x.seen.keep(t.name, query, raw)
	}
	if raw == nil {
		return r, false, nil
	}
	r, err = t.decode(raw)
	return r, err == nil, err
}

// all reads all records of a query; only for a few records.
func (t *table[T]) all(x *tx, sql string, args ...any) (rs []T, err error) {
	err = x.each(sql, args, func(rows pgx.Rows) error {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return x.failed(wrap(err))
		}
		r, err := t.decode(raw)
		rs = append(rs, r)
		return err
	})
	return rs, err
}

// put stores or replaces a record.
func (t *table[T]) put(x *tx, r *T) error {
	args, err := t.row(r)
	if err != nil {
		return err
	}
	if err := x.later(t.put_, args...); err != nil || t.more == nil {
		return err
	}
	return t.more(x, r)
}

// row makes a record's row.
func (t *table[T]) row(r *T) ([]any, error) {
	raw, err := t.encode(r)
	if err != nil {
		return nil, err
	}
	args := t.key(r)
	if t.values != nil {
		args = append(args, t.values(r)...)
	}
	return append(args, raw), nil
}

// delete removes a record.
func (t *table[T]) delete(x *tx, key ...any) (bool, error) {
	n, err := x.exec(t.delete_, key...)
	return n > 0, err
}

// encode makes a record's JSON, and refuses text that is not valid.
func (t *table[T]) encode(r *T) ([]byte, error) {
	if err := store.CheckText(r); err != nil {
		return nil, err
	}
	return layout.Encode(r)
}

func (t *table[T]) decode(raw []byte) (r T, err error) {
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, fmt.Errorf("postgres: decoding from %s: %w", t.name, err)
	}
	return r, nil
}

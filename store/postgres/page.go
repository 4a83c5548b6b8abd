package postgres

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/store"
)

// listing is a list that can be paged through.
type listing struct {
	name  string // tells it from other lists, together with is
	table string
	where []string // columns that are compared with is
	is    []any
	order []string // bytea or timestamptz columns, which together are unique
	desc  bool
}

const cursorTag = 8

// tag names the list, so that no cursor is taken for one of another list.
func (l listing) tag() []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%s", l.name)
	for _, v := range l.is {
		fmt.Fprintf(h, "\x00%x", v)
	}
	return h.Sum(nil)[:cursorTag]
}

// cursor makes a Page.After of where the last item stands.
func (l listing) cursor(at []any) string {
	b := l.tag()
	for _, v := range at {
		switch v := v.(type) {
		case time.Time:
			b = binary.BigEndian.AppendUint64(b, uint64(v.UnixMicro()))
		case []byte:
			b = binary.AppendUvarint(b, uint64(len(v)))
			b = append(b, v...)
		}
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// position reads a cursor: nil for the start. kinds are values of the types
// that it is made of.
func (l listing) position(cursor string, kinds []any) ([]any, error) {
	if cursor == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(b) < cursorTag || !bytes.Equal(b[:cursorTag], l.tag()) {
		return nil, store.ErrCursor
	}
	b = b[cursorTag:]
	var at []any
	for _, kind := range kinds {
		if _, ok := kind.(time.Time); ok {
			if len(b) < 8 {
				return nil, store.ErrCursor
			}
			at = append(at, time.UnixMicro(int64(binary.BigEndian.Uint64(b))).UTC())
			b = b[8:]
			continue
		}
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return nil, store.ErrCursor
		}
		at = append(at, b[size:size+int(n)])
		b = b[size+int(n):]
	}
	if len(b) > 0 {
		return nil, store.ErrCursor
	}
	return at, nil
}

// timed are the columns that order lists and are times.
var timed = map[string]bool{"created": true, "at": true, "opened": true, "received": true, "published": true, "listed": true}

func (l listing) kinds() (kinds []any) {
	for _, c := range l.order {
		if timed[c] {
			kinds = append(kinds, time.Time{})
		} else {
			kinds = append(kinds, []byte{})
		}
	}
	return kinds
}

// query makes the statement of one page, which is to have one row more than
// the page, and its arguments.
func (l listing) query(what string, after []any, p store.Page) (string, []any) {
	columns, direction, than := strings.Join(l.order, ", "), "", ">"
	if l.desc {
		direction, than = " desc", "<"
	}
	args := append([]any(nil), l.is...)
	sql := "select " + what + ", " + columns + " from " + l.table + equal(l.where, 1)
	if after != nil {
		sql += fmt.Sprintf(" and (%s) %s (%s)", columns, than, parameters(len(args)+1, len(after)))
		args = append(args, after...)
	}
	args = append(args, p.Size()+1)
	return sql + fmt.Sprintf(" order by %s limit $%d", strings.Join(l.order, direction+", ")+direction, len(args)), args
}

// page reads one page of a list of records.
func page[T any](x *tx, t *table[T], l listing, p store.Page) ([]T, string, error) {
	return pageOf(x, l, p, "record", t.item)
}

// item reads a record, for collect.
func (t *table[T]) item() (r T, into []any, finish func(*T) error) {
	var raw []byte
	return r, []any{&raw}, func(r *T) (err error) { *r, err = t.decode(raw); return err }
}

// pageOf reads one page of rows: item returns the targets of a row's scan, and
// a function that makes an item of them.
func pageOf[T any](x *tx, l listing, p store.Page, what string, item func() (T, []any, func(*T) error)) (items []T, next string, err error) {
	after, err := l.position(p.After, l.kinds())
	if err != nil {
		return nil, "", err
	}
	sql, args := l.query(what, after, p)
	return collect(x, l, p, sql, args, item)
}

// collect reads the rows of a page, which end with the columns of its order.
func collect[T any](x *tx, l listing, p store.Page, sql string, args []any, item func() (T, []any, func(*T) error)) (items []T, next string, err error) {
	var last []any
	more, size := false, 0
	err = x.each(sql, args, func(rows pgx.Rows) error {
		for _, v := range rows.RawValues() {
			size += len(v)
		}
		if more = more || len(items) == p.Size() || len(items) > 0 && size > store.MaxBytes; more {
			return nil
		}
		r, into, finish := item()
		at := make([]any, len(l.order))
		for i := range at {
			into = append(into, &at[i])
		}
		if err := rows.Scan(into...); err != nil {
			return x.failed(wrap(err))
		}
		if err := finish(&r); err != nil {
			return err
		}
		items, last = append(items, r), at
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	if more {
		next = l.cursor(last)
	}
	return items, next, nil
}

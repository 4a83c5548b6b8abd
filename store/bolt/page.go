package bolt

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"

	"go.etcd.io/bbolt"

	"earshot/store"
)

// listing is a list that can be paged through: the entries of a bucket under
// one or more prefixes, merged by the rest of their keys.
type listing struct {
	bucket   string
	prefixes []key
	id       key // tells this list from others of the bucket
}

// cursorTag is how many bytes of a cursor name its list.
const cursorTag = 8

// tag names the list, so that no cursor is taken for one of another list.
func (l listing) tag() []byte {
	sum := sha256.Sum256(key(nil).text(l.bucket).raw(l.id))
	return sum[:cursorTag]
}

// cursor makes a Page.After from the part of the last key after its prefix.
func (l listing) cursor(suffix []byte) string {
	return base64.RawURLEncoding.EncodeToString(append(l.tag(), suffix...))
}

// position reads a cursor: the suffix after which to go on, nil for the start.
func (l listing) position(cursor string) ([]byte, error) {
	if cursor == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(b) <= cursorTag || !bytes.Equal(b[:cursorTag], l.tag()) {
		return nil, store.ErrCursor
	}
	return b[cursorTag:], nil
}

// stream walks over the entries under one prefix.
type stream struct {
	c      *bbolt.Cursor
	prefix []byte
	suffix []byte // nil: at the end
	value  []byte
}

func newStream(b *bbolt.Bucket, prefix key, after []byte) *stream {
	s := &stream{c: b.Cursor(), prefix: prefix}
	start := append(append([]byte(nil), prefix...), after...)
	k, v := s.c.Seek(start)
	if after != nil && bytes.Equal(k, start) {
		k, v = s.c.Next()
	}
	s.set(k, v)
	return s
}

func (s *stream) set(k, v []byte) {
	s.suffix, s.value = nil, nil
	if k != nil && bytes.HasPrefix(k, s.prefix) {
		s.suffix, s.value = k[len(s.prefix):], v
	}
}

// first returns the stream whose entry comes first, nil at the end.
func first(streams []*stream) *stream {
	var least *stream
	for _, s := range streams {
		if s.suffix != nil && (least == nil || bytes.Compare(s.suffix, least.suffix) < 0) {
			least = s
		}
	}
	return least
}

// page reads one page of a list. read makes an item of an entry's value, or
// says false to leave it out; it must not write.
func page[R any](x *tx, l listing, p store.Page, read func(value []byte) (R, bool, error)) (items []R, next string, err error) {
	after, err := l.position(p.After)
	if err != nil {
		return nil, "", err
	}
	b, err := x.bucket(l.bucket)
	if err != nil {
		return nil, "", err
	}
	streams := make([]*stream, len(l.prefixes))
	for i, prefix := range l.prefixes {
		streams[i] = newStream(b, prefix, after)
	}
	var last []byte
	size := 0
	for s := first(streams); s != nil; s = first(streams) {
		before := x.read
		item, ok, err := read(s.value)
		if err != nil {
			return nil, "", err
		}
		if ok {
			size += len(s.value) + x.read - before
			if len(items) == p.Size() || len(items) > 0 && size > store.MaxBytes {
				return items, l.cursor(last), nil
			}
			items, last = append(items, item), s.suffix
		}
		s.set(s.c.Next())
	}
	return items, "", nil
}

// walk calls f for the entries under a prefix until it says false; f must not
// write.
func walk(x *tx, bucket string, prefix key, f func(suffix, value []byte) (bool, error)) error {
	b, err := x.bucket(bucket)
	if err != nil {
		return err
	}
	for s := newStream(b, prefix, nil); s.suffix != nil; s.set(s.c.Next()) {
		x.walked++
		more, err := f(s.suffix, s.value)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// lastBefore moves a cursor of a bucket to the last key before another, nil if there is
// no such key. Prev alone also ends at a page that this transaction has emptied.
func lastBefore(b *bbolt.Bucket, c *bbolt.Cursor, end []byte) (k, v []byte) {
	if k, _ = c.Seek(end); k == nil {
		return c.Last()
	}
	if first, _ := b.Cursor().First(); bytes.Compare(first, end) >= 0 {
		return nil, nil
	}
	for k = nil; k == nil; { // at most to the first key
		k, v = c.Prev()
	}
	return k, v
}

// lastUpTo returns the last key of a bucket up to another, nil if there is no such key.
func lastUpTo(b *bbolt.Bucket, end []byte) (k, v []byte) {
	c := b.Cursor()
	if k, v = c.Seek(end); bytes.Equal(k, end) {
		return k, v
	}
	if k == nil {
		return c.Last()
	}
	if k, v = c.Prev(); k != nil {
		return k, v
	}
	return lastBefore(b, c, end)
}

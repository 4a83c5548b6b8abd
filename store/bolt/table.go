package bolt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"earshot/store"
	"earshot/store/internal/layout"
)

const countersBucket = "counters"

// table keeps records of one type by a primary key, with its indexes and
// counters.
type table[T any] struct {
	name    string // its bucket
	key     func(*T) key
	indexes []*index[T]
	// counts names the counters (below the table's name) in which a record
	// counts as one.
	counts func(*T) []key
}

// index finds records by something else than their primary key.
type index[T any] struct {
	name string // its bucket
	// keys returns a record's entries; none keeps it out of the index. Those
	// of different records must differ unless the index is unique.
	keys   func(*T) []key
	unique bool
	// value is what an entry leads to; nil: the primary key.
	value func(*T) []byte
}

func (ix *index[T]) entry(r *T, primary []byte) []byte {
	if ix.value != nil {
		return ix.value(r)
	}
	return primary
}

// get reads a record.
func (t *table[T]) get(x *tx, k []byte) (r T, ok bool, err error) {
	raw, err := x.get(t.name, k)
	if err != nil || raw == nil {
		return r, false, err
	}
	x.lengthened(raw)
	r, err = t.decode(raw)
	return r, err == nil, err
}

// must reads a record that an index entry leads to.
func (t *table[T]) must(x *tx, k []byte) (r T, err error) {
	r, ok, err := t.get(x, k)
	if err == nil && !ok {
		err = fmt.Errorf("bolt: an index leads to a record that %q does not have", t.name)
	}
	return r, err
}

// by reads the record that a unique index leads to.
func (t *table[T]) by(x *tx, ix *index[T], k []byte) (r T, ok bool, err error) {
	primary, err := x.get(ix.name, k)
	if err != nil || primary == nil {
		return r, false, err
	}
	r, err = t.must(x, primary)
	return r, err == nil, err
}

// put stores or replaces a record. Where it says the same already, nothing is written.
func (t *table[T]) put(x *tx, r *T) error {
	raw, err := t.encode(r)
	if err != nil {
		return err
	}
	k := t.key(r)
	old, err := x.get(t.name, k)
	if err != nil {
		return err
	}
	same := bytes.Equal(old, raw)
	if same && len(t.indexes) == 0 && t.counts == nil {
		return x.mayWrite()
	}
	var before *T
	if old != nil {
		was, err := t.decode(old)
		if err != nil {
			return err
		}
		before = &was
	}
	if err := t.reindex(x, k, before, r); err != nil {
		return err
	}
	if same { // an index may have been new
		return x.mayWrite()
	}
	return x.replace(t.name, k, old, raw)
}

// delete removes a record.
func (t *table[T]) delete(x *tx, k []byte) (deleted bool, err error) {
	old, ok, err := t.get(x, k)
	if err != nil || !ok {
		return false, err
	}
	return true, t.remove(x, &old)
}

// remove deletes a record that was just read.
func (t *table[T]) remove(x *tx, r *T) error {
	k := t.key(r)
	if err := t.reindex(x, k, r, nil); err != nil {
		return err
	}
	return x.delete(t.name, k)
}

// change replaces a record that was just read.
func (t *table[T]) change(x *tx, before, after *T) error {
	raw, err := t.encode(after)
	if err != nil {
		return err
	}
	k := t.key(after)
	if err := t.reindex(x, k, before, after); err != nil {
		return err
	}
	return x.put(t.name, k, raw)
}

// reindex brings indexes and counters from one state of a record to another;
// nil: it is not there.
func (t *table[T]) reindex(x *tx, primary []byte, before, after *T) error {
	for _, ix := range t.indexes {
		if err := ix.move(x, primary, before, after); err != nil {
			return err
		}
	}
	if t.counts == nil {
		return nil
	}
	delta := map[string]int{}
	if before != nil {
		for _, c := range t.counts(before) {
			delta[string(c)]--
		}
	}
	if after != nil {
		for _, c := range t.counts(after) {
			delta[string(c)]++
		}
	}
	for c, n := range delta {
		if n == 0 {
			continue
		}
		if _, err := x.add(countersBucket, t.counter([]byte(c)), n); err != nil {
			return err
		}
	}
	return nil
}

func (ix *index[T]) move(x *tx, primary []byte, before, after *T) error {
	var now []key
	if after != nil {
		now = ix.keys(after)
	}
	if before != nil {
		for _, k := range ix.keys(before) {
			if slices.ContainsFunc(now, func(n key) bool { return bytes.Equal(n, k) }) {
				continue
			}
			if err := x.delete(ix.name, k); err != nil {
				return err
			}
		}
	}
	if after == nil {
		return nil
	}
	value := ix.entry(after, primary)
	for _, k := range now {
		there, err := x.get(ix.name, k)
		if err != nil {
			return err
		}
		if bytes.Equal(there, value) {
			continue
		}
		if there != nil && ix.unique {
			return fmt.Errorf("bolt: %q has another record with this key", ix.name)
		}
		if err := x.replace(ix.name, k, there, value); err != nil {
			return err
		}
	}
	return nil
}

// counter is the full key of one of the table's counters.
func (t *table[T]) counter(c []byte) key { return key(nil).text(t.name).raw(c) }

// count reads one of the table's counters.
func (t *table[T]) count(x *tx, c key) (int, error) {
	n, err := x.number(countersBucket, t.counter(c))
	return int(n), err
}

// list lists records by primary key, those whose keys begin with prefix.
func (t *table[T]) list(x *tx, prefix key, p store.Page) ([]T, string, error) {
	return page(x, listing{bucket: t.name, prefixes: []key{prefix}, id: prefix}, p, func(v []byte) (T, bool, error) {
		x.lengthened(v)
		r, err := t.decode(v)
		return r, true, err
	})
}

// listBy lists records in the order of an index.
func (t *table[T]) listBy(x *tx, ix *index[T], prefix key, p store.Page) ([]T, string, error) {
	return page(x, listing{bucket: ix.name, prefixes: []key{prefix}, id: prefix}, p, func(v []byte) (T, bool, error) {
		r, err := t.must(x, v)
		return r, true, err
	})
}

// encode makes a short record, and refuses text that is not valid.
func (t *table[T]) encode(r *T) ([]byte, error) {
	raw, err := t.json(r)
	return shorten(raw), err
}

// json makes a record's JSON, as copies carry it.
func (t *table[T]) json(r *T) ([]byte, error) {
	if err := store.CheckText(r); err != nil {
		return nil, err
	}
	return layout.Encode(r)
}

// longRecords is memory for records as JSON; decoded records keep nothing of it.
var longRecords = sync.Pool{New: func() any { return new([]byte) }}

// decode reads a record, short or as JSON.
func (t *table[T]) decode(raw []byte) (r T, err error) {
	if len(raw) > 0 && raw[0] == shortTag {
		b := longRecords.Get().(*[]byte)
		defer longRecords.Put(b)
		if raw, err = lengthen((*b)[:0], raw); err != nil {
			return r, fmt.Errorf("bolt: reading from %q: %w", t.name, err)
		}
		*b = raw
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, fmt.Errorf("bolt: decoding from %q: %w", t.name, err)
	}
	return r, nil
}

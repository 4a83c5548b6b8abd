// Package storecopy carries everything from one store into an empty one, of
// any backend, and verifies it. Neither may be in use meanwhile.
//
// Its progress is written into the target together with the copied records, so
// that an interrupted copy goes on there.
package storecopy

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"earshot/internal/id"
	"earshot/store"
)

// markKey is the key of meta under which the target keeps how far the copy
// has come. It belongs to that store and is not copied further.
const markKey = "copy"

// finished is the mark of a copy that was verified.
const finished = "finished"

// pageSize is how many records are copied at once.
const pageSize = 200

// ErrNotEmpty: the target holds something that no copy has brought there.
var ErrNotEmpty = errors.New("storecopy: the target is not empty")

// Progress says how far a copy has come.
type Progress struct {
	Kind          store.RecordKind
	Copied, Total int // records of this kind, this time and in the source
}

// Sum is what a store holds of one kind.
type Sum struct {
	Records int    `json:"records"`
	SHA256  string `json:"sha256"` // over length and bytes of every record, in order
}

// mark is how far a copy has come.
type mark struct {
	Kind  store.RecordKind `json:"kind"`
	After string           `json:"after"`
}

// Copy copies and verifies. progress hears of every page; nil: nobody does. It
// returns the number of records of every kind, the same in both stores.
func Copy(ctx context.Context, from, to store.Store, progress func(Progress)) (map[store.RecordKind]Sum, error) {
	if progress == nil {
		progress = func(Progress) {}
	}
	at, err := position(ctx, to)
	if err != nil {
		return nil, err
	}
	totals, err := counts(ctx, from)
	if err != nil {
		return nil, err
	}
	reached := at.Kind == ""
	for _, kind := range store.RecordKinds() {
		after := ""
		if kind == at.Kind {
			reached, after = true, at.After
		}
		if !reached {
			continue
		}
		if err := copyKind(ctx, from, to, kind, after, func(n int) { progress(Progress{kind, n, totals[kind]}) }); err != nil {
			return nil, fmt.Errorf("copying records of kind %s: %w", kind, err)
		}
	}
	sums, err := verify(ctx, from, to)
	if err != nil {
		return nil, err
	}
	return sums, put(ctx, to, func(tx store.Tx) error { return tx.Meta().Put(markKey, finished) })
}

// position reads how far a copy into a store has come, and marks an empty one.
func position(ctx context.Context, to store.Store) (at mark, err error) {
	var text string
	var marked bool
	err = to.View(ctx, func(tx store.Tx) (err error) {
		text, marked, err = tx.Meta().Get(markKey)
		return err
	})
	if err != nil {
		return at, fmt.Errorf("reading the target: %w", err)
	}
	if text == finished {
		return at, ErrNotEmpty
	}
	if marked {
		if err := json.Unmarshal([]byte(text), &at); err != nil {
			return at, fmt.Errorf("reading how far the copy has come: %w", err)
		}
		return at, nil
	}
	held, err := counts(ctx, to)
	if err != nil {
		return at, err
	}
	if len(held) > 0 {
		return at, ErrNotEmpty
	}
	return at, put(ctx, to, at.keep)
}

func (m mark) keep(tx store.Tx) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return tx.Meta().Put(markKey, string(b))
}

func counts(ctx context.Context, s store.Store) (n map[store.RecordKind]int, err error) {
	err = s.View(ctx, func(tx store.Tx) (err error) {
		n, err = tx.Records().Counts()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("counting records: %w", err)
	}
	return n, nil
}

func put(ctx context.Context, s store.Store, f func(store.Tx) error) error {
	if err := s.Update(ctx, store.Op(id.New()), f); err != nil {
		return fmt.Errorf("writing to the target: %w", err)
	}
	return nil
}

// list reads a page of a store's records, without its own mark.
func list(ctx context.Context, s store.Store, kind store.RecordKind, after string) (rs []store.Record, next string, err error) {
	err = s.View(ctx, func(tx store.Tx) error {
		some, more, err := tx.Records().List(kind, store.Page{After: after, Limit: pageSize})
		rs, next = nil, more
		for _, r := range some {
			if !isMark(r) {
				rs = append(rs, r)
			}
		}
		return err
	})
	return rs, next, err
}

func isMark(r store.Record) bool {
	var m struct{ Key string }
	return r.Kind == store.RecordMeta && json.Unmarshal(r.JSON, &m) == nil && m.Key == markKey
}

// copyKind copies the records of one kind from a cursor on.
func copyKind(ctx context.Context, from, to store.Store, kind store.RecordKind, after string, told func(int)) error {
	copied := 0
	for {
		rs, next, err := list(ctx, from, kind, after)
		if errors.Is(err, store.ErrCursor) && after != "" { // of another source: loading twice is loading once
			after = ""
			continue
		}
		if err != nil {
			return err
		}
		at := mark{kind, next}
		err = put(ctx, to, func(tx store.Tx) error {
			for _, r := range rs {
				if err := tx.Records().Put(r); err != nil {
					return err
				}
			}
			if next == "" { // the next kind begins; should it not, this page is loaded again
				at.After = after
			}
			return at.keep(tx)
		})
		if err != nil {
			return err
		}
		copied += len(rs)
		told(copied)
		if next == "" {
			return nil
		}
		after = next
	}
}

// verify compares the content of the stores.
func verify(ctx context.Context, from, to store.Store) (map[store.RecordKind]Sum, error) {
	sums := map[store.RecordKind]Sum{}
	for _, kind := range store.RecordKinds() {
		want, err := Sums(ctx, from, kind)
		if err != nil {
			return nil, fmt.Errorf("verifying: reading the source: %w", err)
		}
		got, err := Sums(ctx, to, kind)
		if err != nil {
			return nil, fmt.Errorf("verifying: reading the target: %w", err)
		}
		if got != want {
			return nil, fmt.Errorf("verifying: of kind %s the source has %d records (%s) and the target %d (%s): was either in use?",
				kind, want.Records, want.SHA256, got.Records, got.SHA256)
		}
		sums[kind] = want
	}
	return sums, nil
}

// Sums counts and hashes a store's records of one kind.
func Sums(ctx context.Context, s store.Store, kind store.RecordKind) (sum Sum, err error) {
	h := sha256.New()
	for after, first := "", true; first || after != ""; first = false {
		var rs []store.Record
		if rs, after, err = list(ctx, s, kind, after); err != nil {
			return sum, err
		}
		for _, r := range rs {
			h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(r.JSON))))
			h.Write(r.JSON)
		}
		sum.Records += len(rs)
	}
	sum.SHA256 = hex.EncodeToString(h.Sum(nil))
	return sum, nil
}

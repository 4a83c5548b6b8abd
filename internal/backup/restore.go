package backup

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"time"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/store"
)

// The bounds of one transaction of a restore.
const (
	maxRecords = 500
	maxBytes   = 4 << 20
)

// Target is where a backup is restored to.
type Target struct {
	Store     store.Store        // empty
	Deletions *DeletionFile      // deletions since then, or an empty file
	KeySecret func(string) error // keeps the secret of a backup that has it
	Clock     clock.Clock
	Log       *slog.Logger
	Progress  func(done, all int) // records; may be nil
}

// Result describes a finished restore.
type Result struct {
	Records  int          `json:"records"`
	Made     time.Time    `json:"made_at"`
	Replayed app.Replayed `json:"replayed"`
}

// Restore loads a backup into an empty store, repeats the deletions since then, and signs
// everybody out. The records that make a store an instance are written last: a store that was
// not restored to its end cannot be served.
func Restore(ctx context.Context, f *File, to Target) (Result, error) {
	r := Result{Records: f.Header.Records(), Made: f.Header.Made}
	if err := mustBeEmpty(ctx, to.Store); err != nil {
		return r, err
	}
	l := loading{ctx: ctx, to: to, all: r.Records}
	if err := f.each(l.line); err != nil {
		return r, fmt.Errorf("restoring: %w", err)
	}
	if err := l.flush(); err != nil {
		return r, fmt.Errorf("restoring: %w", err)
	}
	if l.instance == nil {
		return r, damaged("there is no instance in it")
	}
	if err := l.compare(f.Header.Counts); err != nil {
		return r, err
	}
	a := app.New(app.Deps{Store: to.Store, Clock: to.Clock, Site: f.Header.Instance.Site(), Log: to.Log, Deletions: to.Deletions})
	if err := ownFile(ctx, a, to.Deletions); err != nil {
		return r, err
	}
	var err error
	if r.Replayed, err = a.ReplayDeletions(ctx, to.Deletions.Each); err != nil {
		return r, fmt.Errorf("repeating the deletions since the backup: %w", err)
	}
	if err := a.EndSignIns(ctx); err != nil {
		return r, fmt.Errorf("ending sessions that may have ended since: %w", err)
	}
	if err := l.put(store.Record{Kind: store.RecordMeta, JSON: l.instance}); err != nil {
		return r, err
	}
	if err := l.flush(); err != nil {
		return r, fmt.Errorf("restoring: %w", err)
	}
	return r, a.RewriteDeletions(ctx) // the store knows everything the file does
}

// ownFile refuses the deletions of another instance.
func ownFile(ctx context.Context, a *app.App, d *DeletionFile) error {
	want, err := a.DeletionCheck(ctx)
	if err != nil {
		return err
	}
	if c := d.Check(); c != "" && c != want {
		return desk.Invalid("restore_deletions_of_another", "the file of deletions belongs to another instance: take it away, or name the right one")
	}
	d.Claim(want)
	return nil
}

func mustBeEmpty(ctx context.Context, s store.Store) error {
	return s.View(ctx, func(tx store.Tx) error {
		counts, err := tx.Records().Counts()
		if err == nil && len(counts) > 0 {
			err = desk.Conflict("restore_store_used", "there is something in this store already: restore to an empty folder or database")
		}
		return err
	})
}

// each calls f for every line of the body.
func (f *File) each(do func(line) error) error {
	z, err := gzip.NewReader(bufio.NewReader(io.NewSectionReader(f.r, f.body, f.end-f.body)))
	if err != nil {
		return damaged("%v", err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return damaged("%v", err)
		}
		if err := do(l); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return damaged("%v", err)
	}
	return z.Close()
}

// loading gathers records into transactions.
type loading struct {
	ctx       context.Context
	to        Target
	portion   []store.Record
	bytes     int
	done, all int
	instance  []byte // the record that makes the store an instance
}

func (l *loading) line(in line) error {
	if in.Secret != "" {
		return l.to.KeySecret(in.Secret)
	}
	r := store.Record{Kind: in.Kind, JSON: in.JSON}
	if in.Kind == store.RecordMeta {
		var fact struct{ Key string }
		if err := json.Unmarshal(in.JSON, &fact); err != nil {
			return damaged("%v", err)
		}
		if fact.Key == app.InstanceFact {
			l.instance = in.JSON
			return nil
		}
	}
	return l.put(r)
}

func (l *loading) put(r store.Record) error {
	l.portion, l.bytes = append(l.portion, r), l.bytes+len(r.JSON)
	if len(l.portion) < maxRecords && l.bytes < maxBytes {
		return nil
	}
	return l.flush()
}

func (l *loading) flush() error {
	err := l.to.Store.Update(l.ctx, store.Op(id.New()), func(tx store.Tx) error {
		for _, r := range l.portion {
			if err := tx.Records().Put(r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	l.done += len(l.portion)
	l.portion, l.bytes = nil, 0
	if l.to.Progress != nil {
		l.to.Progress(l.done, l.all)
	}
	return nil
}

// compare verifies that everything arrived but the instance's own record.
func (l *loading) compare(want map[store.RecordKind]int) error {
	want = maps.Clone(want)
	want[store.RecordMeta]--
	return l.to.Store.View(l.ctx, func(tx store.Tx) error {
		got, err := tx.Records().Counts()
		if err != nil {
			return err
		}
		for _, k := range store.RecordKinds() {
			if got[k] != want[k] {
				return fmt.Errorf("restoring: the store has %d records of kind %s, the backup %d", got[k], k, want[k])
			}
		}
		return nil
	})
}

package bolt

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"earshot/internal/desk"
	"earshot/store"
)

func TestVersions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	s := openAt(t, path, Options{})
	if v, err := fileVersion(s.db, path); v != len(migrations) || err != nil {
		t.Errorf("a fresh file has version %d, %v", v, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	raw(t, path, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(formatBucket)).Put(versionKey, binary.BigEndian.AppendUint64(nil, uint64(len(migrations)+1)))
	})
	refused(t, path, Options{}, fmt.Sprintf("newer earshot (format %d, this one knows up to %d)", len(migrations)+1, len(migrations)))
}

// TestMigrate: each missing step once, in order, with its number; a step that
// fails leaves the file at the step before.
func TestMigrate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var ran []string
	step := func(name string, err error) migration {
		return migration{name, func(tx *bbolt.Tx) error {
			ran = append(ran, name)
			_, createErr := tx.CreateBucket([]byte(name))
			return errors.Join(err, createErr)
		}}
	}
	log := slog.New(slog.DiscardHandler)
	try := func(wantVersion int, steps ...migration) error {
		t.Helper()
		err := migrate(db, path, steps, log)
		if v, versionErr := fileVersion(db, path); v != wantVersion || versionErr != nil {
			t.Errorf("version %d, want %d; %v", v, wantVersion, versionErr)
		}
		return err
	}
	if err := try(1, step("one", nil)); err != nil {
		t.Error(err)
	}
	if err := try(2, step("one", nil), step("two", nil), step("three", errMine)); !errors.Is(err, errMine) {
		t.Error(err)
	}
	if err := try(3, step("one", nil), step("two", nil), step("three", nil)); err != nil {
		t.Error(err)
	}
	if got := fmt.Sprint(ran); got != "[one two three three]" {
		t.Error(got)
	}
}

func raw(t *testing.T, path string, f func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(f), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, path string, opts Options, because string) {
	t.Helper()
	s, err := Open(t.Context(), path, opts)
	if err == nil {
		_ = s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), because) {
		t.Errorf("opened: %v, want %q", err, because)
	}
}

func TestRefused(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "foreign")
	raw(t, foreign, func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("x")); return err })
	refused(t, foreign, Options{}, "some other program's file")
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a store\n", 2000)), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, text, Options{}, "is not a store, or is damaged")
	refused(t, filepath.Join(dir, "none"), Options{ReadOnly: true}, "no such file")
	refused(t, filepath.Join(dir, "none", "db"), Options{}, "no such file")
	refused(t, filepath.Join(dir, "db"), Options{MaxSize: -1}, "makes no sense")
}

func openChild(path string) error {
	s, err := Open(context.Background(), path, Options{LockTimeout: 100 * time.Millisecond})
	if err == nil {
		return s.Close()
	}
	fmt.Println(err)
	return nil
}

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	s := openAt(t, path, Options{})
	if out := runChild(t, "open", path); !strings.Contains(out, "another process uses "+path) {
		t.Errorf("child: %s", out)
	}
	if err := errors.Join(s.Update(t.Context(), "op", put("a", "1")), s.Close()); err != nil {
		t.Fatal(err)
	}
	one, two := openAt(t, path, Options{ReadOnly: true}), openAt(t, path, Options{ReadOnly: true})
	if value(t, one, "a") != "1" || value(t, two, "a") != "1" {
		t.Error("readers")
	}
	if err := one.Update(t.Context(), "op", put("a", "2")); !errors.Is(err, errReadOnly) {
		t.Errorf("Update of a reader: %v", err)
	}
	if err := errors.Join(one.Check(), one.Close(), one.Close(), two.Close()); err != nil {
		t.Error(err)
	}
}

// TestCheckFinds: every kind of damage is found.
func TestCheckFinds(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(*tx) error
		want   string
	}{
		"entry without record":  {func(x *tx) error { return x.put(issuesByReport.name, objectKey("x"), []byte("x")) }, "issues.report: 2 entries, and records for 1"},
		"record without entry":  {func(x *tx) error { return x.delete(issuesByReport.name, objectKey("r")) }, "issues.report: no entry"},
		"entry leads elsewhere": {func(x *tx) error { return x.put(issuesByReport.name, objectKey("r"), []byte("x")) }, "issues.report: no entry, or a wrong one"},
		"wrong key":             {func(x *tx) error { return x.put("hosts", hostKey("b"), []byte(`{"host":"a"}`)) }, "hosts: a record is under another's key"},
		"wrong tally": {func(x *tx) error {
			_, err := x.add(countersBucket, deliveriesTable.counter(tallyKey("a", "queued")), 1)
			return err
		}, "counters: "},
		"missing tally": {func(x *tx) error {
			_, err := x.add(countersBucket, deliveriesTable.counter(tallyKey("a", "queued")), -1)
			return err
		}, "is missing and should be 1"},
		"two heads": {func(x *tx) error {
			r, _, err := jobsTable.get(x, jobKey("2"))
			r.Head = true
			return errors.Join(err, jobsTable.put(x, &r))
		}, "head is true, first is false"},
		"no head": {func(x *tx) error {
			r, _, err := jobsTable.get(x, jobKey("1"))
			r.Head = false
			return errors.Join(err, jobsTable.put(x, &r))
		}, "head is false, first is true"},
		"payload without job": {func(x *tx) error { return x.put(payloadBucket, jobKey("3"), []byte("x")) }, "a payload without its job"},
		"bytes without file":  {func(x *tx) error { return x.put(fileBytesBucket, fileKey("f"), []byte("x")) }, "bytes without their file"},
		"file without bytes":  {func(x *tx) error { return files{x}.Put(desk.File{ID: "f", Size: 1}) }, "has 0 bytes and should have 1"},
		"lost sequence":       {func(x *tx) error { return x.delete(sequencesBucket, key(nil).text(jobSequence)) }, "the sequences are at 0"},
	} {
		t.Run(name, func(t *testing.T) {
			s := openAt(t, filepath.Join(t.TempDir(), "db"), Options{})
			defer s.Close()
			err := s.Update(t.Context(), "op", func(tx store.Tx) error {
				_, err := tx.Issues().Add(deskIssue("i", "r"))
				for _, id := range []string{"1", "2"} {
					_, addErr := tx.Jobs().Add(store.Job{ID: id, Queue: "q", Lane: "l", Payload: []byte("x")})
					err = errors.Join(err, addErr)
				}
				return errors.Join(err, tx.Deliveries().Put(store.Delivery{Activity: "a", State: store.DeliveryQueued}))
			})
			if err := errors.Join(err, s.Check()); err != nil {
				t.Fatal(err)
			}
			if err := s.Update(t.Context(), "op", func(x store.Tx) error { return c.damage(x.(*tx)) }); err != nil {
				t.Fatal(err)
			}
			if err := s.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("found: %v, want %q", err, c.want)
			}
		})
	}
}

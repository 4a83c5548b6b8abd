package bolt

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.etcd.io/bbolt"

	"earshot/store"
	"earshot/store/storetest"
)

// earlier are the buckets of records that each format had.
var earlier = map[string]map[string]store.RecordKind{
	"format1": {
		"meta": store.RecordMeta, "desks": store.RecordDesk, "keys": store.RecordKey, "actors": store.RecordActor, "issues": store.RecordIssue,
		"posts": store.RecordPost, "events": store.RecordEvent, "terms": store.RecordTerms, "follows": store.RecordFollow,
		"documents": store.RecordDocument, "deliveries": store.RecordDelivery, "jobs": store.RecordJob, "once": store.RecordOnce,
		"sources": store.RecordSource, "sightings": store.RecordSighting, "blocks": store.RecordBlock, "optouts": store.RecordOptOut, "hosts": store.RecordHost,
	},
}

// TestUpgradeFromEarlier opens stores of earlier programs: see testdata.
func TestUpgradeFromEarlier(t *testing.T) {
	for name, buckets := range earlier {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "earshot.db")
			unpack(t, filepath.Join("testdata", name+".db.gz"), path)
			was := map[store.RecordKind][]json.RawMessage{}
			raw(t, path, func(tx *bbolt.Tx) error {
				for bucket, kind := range buckets {
					err := tx.Bucket([]byte(bucket)).ForEach(func(k, v []byte) error {
						v = bytes.Clone(v)
						if kind == store.RecordJob { // kept apart
							payload, err := json.Marshal(tx.Bucket([]byte("jobs.payload")).Get(k))
							if err != nil {
								return err
							}
							v = bytes.Replace(v, []byte(`"payload":null`), append([]byte(`"payload":`), payload...), 1)
						}
						was[kind] = append(was[kind], v)
						return nil
					})
					if err != nil {
						return fmt.Errorf("%s: %w", bucket, err)
					}
				}
				return nil
			})
			s := openAt(t, path, Options{})
			defer s.Close()
			if v, err := fileVersion(s.db, path); v != len(migrations) || err != nil {
				t.Errorf("format %d, %v", v, err)
			}
			if err := s.Check(); err != nil {
				t.Error(err)
			}
			storetest.RunStored(t, s, was)
		})
	}
	if files, err := filepath.Glob("testdata/format*.db.gz"); err != nil || len(files) != len(earlier) {
		t.Errorf("%d earlier formats are known here, %d in testdata: %v", len(earlier), len(files), err)
	}
}

func unpack(t *testing.T, packed, path string) {
	t.Helper()
	in, err := os.Open(packed)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestUpgradeHeldBack opens a store of the format before reports that are held back
// were listed by their reason.
func TestUpgradeHeldBack(t *testing.T) {
	before := slices.IndexFunc(migrations, func(m migration) bool { return m.name == "piles of reports that are held back" })
	path := filepath.Join(t.TempDir(), "earshot.db")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(migrate(db, path, migrations[:before], slog.New(slog.DiscardHandler)), db.Close()); err != nil {
		t.Fatal(err)
	}
	old := storetest.HeldBackBefore()
	raw(t, path, func(tx *bbolt.Tx) error {
		for _, q := range old {
			k, at := objectKey(q.Object), key(nil).time(q.Since).raw(objectKey(q.Object))
			record, err := json.Marshal(q)
			if err != nil {
				return err
			}
			puts := errors.Join(tx.Bucket([]byte("quarantine")).Put(k, record), tx.Bucket([]byte("quarantine.since")).Put(at, k),
				tx.Bucket([]byte("quarantine.host")).Put(hostKey(q.Host()).raw(at), k), tx.Bucket([]byte("quarantine.actor")).Put(actorKey(q.Author.ID).raw(at), k))
			for _, c := range []key{hostKey(""), hostKey(q.Host())} {
				c = key(nil).text("quarantine").raw(c)
				n := uint64(1)
				if was := tx.Bucket([]byte(countersBucket)).Get(c); was != nil {
					n += binary.BigEndian.Uint64(was)
				}
				puts = errors.Join(puts, tx.Bucket([]byte(countersBucket)).Put(c, binary.BigEndian.AppendUint64(nil, n)))
			}
			if puts != nil {
				return puts
			}
		}
		return nil
	})
	s := openAt(t, path, Options{})
	defer s.Close()
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	storetest.RunHeldBack(t, s, old)
}

// TestUpgradeFiles opens a store of the format before the bytes of files were apart, with a
// record as JSON and a short one.
func TestUpgradeFiles(t *testing.T) {
	before := slices.IndexFunc(migrations, func(m migration) bool { return m.name == "the bytes of files apart" })
	path := filepath.Join(t.TempDir(), "earshot.db")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(migrate(db, path, migrations[:before], slog.New(slog.DiscardHandler)), db.Close()); err != nil {
		t.Fatal(err)
	}
	raw(t, path, func(tx *bbolt.Tx) error {
		for id, record := range storetest.FilesBefore() {
			v := []byte(record)
			if id == "f2" {
				v = shorten(v)
			}
			if err := tx.Bucket([]byte("files")).Put(fileKey(id), v); err != nil {
				return err
			}
		}
		return nil
	})
	s := openAt(t, path, Options{})
	defer s.Close()
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	storetest.RunFiles(t, s)
	if err := s.Check(); err != nil {
		t.Error(err)
	}
}

package bolt

import (
	"log/slog"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"earshot/store"
	"earshot/store/internal/layout"
	"earshot/store/storetest"
)

// TestThreadsOfEarlierFiles: the migration finds out what third persons said.
func TestThreadsOfEarlierFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "earshot.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := migrate(db, path, migrations[:10], slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	issue, events := storetest.EarlierThread()
	err = db.Update(func(tx *bbolt.Tx) error {
		raw, err := layout.Encode(issue)
		if err != nil {
			return err
		}
		if err := tx.Bucket([]byte("issues")).Put(issueKey(issue.ID), raw); err != nil {
			return err
		}
		for _, e := range events {
			raw, err := layout.Encode(e)
			if err != nil {
				return err
			}
			if err := tx.Bucket([]byte("events")).Put(eventKey(e.ID), raw); err != nil {
				return err
			}
			if err := tx.Bucket([]byte("events.issue")).Put(issueKey(e.Issue).time(e.At).raw(eventKey(e.ID)), eventKey(e.ID)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, path, Options{})
	defer s.Close()
	storetest.CheckEarlierThread(t, s)
	check := &check{}
	err = s.View(t.Context(), func(x store.Tx) error {
		check.tx = x.(*tx)
		check.counters = map[string]uint64{}
		return eventsTable.check(check)
	})
	if err != nil || len(check.findings) > 0 {
		t.Error(err, check.findings)
	}
}

package postgres

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"earshot/internal/test/pg"
	"earshot/store"
	"earshot/store/storetest"
)

// earlier are the tables of records that each format had.
var earlier = map[string]map[string]store.RecordKind{
	"format1": {
		"meta": store.RecordMeta, "desks": store.RecordDesk, "keys": store.RecordKey, "actors": store.RecordActor, "issues": store.RecordIssue,
		"posts": store.RecordPost, "events": store.RecordEvent, "terms": store.RecordTerms, "follows": store.RecordFollow,
		"documents": store.RecordDocument, "deliveries": store.RecordDelivery, "once": store.RecordOnce,
		"sources": store.RecordSource, "sightings": store.RecordSighting, "blocks": store.RecordBlock, "optouts": store.RecordOptOut, "hosts": store.RecordHost,
	},
}

// TestUpgradeFromEarlier opens stores of earlier programs: see testdata.
func TestUpgradeFromEarlier(t *testing.T) {
	for name, tables := range earlier {
		t.Run(name, func(t *testing.T) {
			dsn := pg.Start(t).Database(t)
			was := load(t, dsn, filepath.Join("testdata", name+".sql.gz"), tables)
			s := openAt(t, dsn, Options{})
			defer s.Close()
			if v, err := s.checkFormat(t.Context()); v != len(steps) || err != nil {
				t.Errorf("format %d, %v", v, err)
			}
			if err := s.Check(); err != nil {
				t.Error(err)
			}
			storetest.RunStored(t, s, was)
		})
	}
	if files, err := filepath.Glob("testdata/format*.sql.gz"); err != nil || len(files) != len(earlier) {
		t.Errorf("%d earlier formats are known here, %d in testdata: %v", len(earlier), len(files), err)
	}
}

// load loads a dump into an empty database and reads its records, without the
// store.
func load(t *testing.T, dsn, packed string, tables map[string]store.RecordKind) map[store.RecordKind][]json.RawMessage {
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
	dump, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.PgConn().Exec(t.Context(), string(dump)+"; reset search_path").ReadAll(); err != nil {
		t.Fatal(err)
	}
	was := map[store.RecordKind][]json.RawMessage{}
	read := func(kind store.RecordKind, query string) {
		rows, err := conn.Query(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		was[kind], err = pgx.CollectRows(rows, pgx.RowTo[json.RawMessage])
		if err != nil {
			t.Fatal(fmt.Errorf("%s: %w", query, err))
		}
	}
	for table, kind := range tables {
		read(kind, "select record from "+table)
	}
	read(store.RecordJob, `select json_build_object('id', id, 'queue', queue, 'payload', translate(encode(payload, 'base64'), E'\n', ''), 'attempts', attempts) from jobs`)
	return was
}

// TestUpgradeHeldBack opens a store of the format before reports that are held back
// were listed by their reason.
func TestUpgradeHeldBack(t *testing.T) {
	before := slices.IndexFunc(steps, func(s step) bool { return strings.HasSuffix(s.name, "_heldback") })
	dsn := pg.Start(t).Database(t)
	s, err := program(t, dsn, steps[:before], nil)
	if err != nil {
		t.Fatal(err)
	}
	old := storetest.HeldBackBefore()
	for _, q := range old {
		record, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.pool.Exec(t.Context(), "insert into quarantine (object, host, actor, at, record) values ($1, $2, $3, $4, $5)",
			ordered(q.Object), ordered(q.Host()), ordered(q.Author.ID), q.Since, record); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, dsn, Options{})
	defer s.Close()
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	storetest.RunHeldBack(t, s, old)
}

// TestUpgradeFiles opens a store of the format before the bytes of files were apart.
func TestUpgradeFiles(t *testing.T) {
	before := slices.IndexFunc(steps, func(s step) bool { return strings.HasSuffix(s.name, "_file_bytes") })
	dsn := pg.Start(t).Database(t)
	s, err := program(t, dsn, steps[:before], nil)
	if err != nil {
		t.Fatal(err)
	}
	for id, record := range storetest.FilesBefore() {
		if _, err := s.pool.Exec(t.Context(), "insert into files (id, record) values ($1, $2)", ordered(id), record); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, dsn, Options{})
	defer s.Close()
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	storetest.RunFiles(t, s)
	if err := s.Check(); err != nil {
		t.Error(err)
	}
}

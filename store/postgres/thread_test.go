package postgres

import (
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5"

	"earshot/internal/test/pg"
	"earshot/store/internal/layout"
	"earshot/store/storetest"
)

// TestThreadsOfEarlierDatabases: the migration finds out what third persons said.
func TestThreadsOfEarlierDatabases(t *testing.T) {
	dsn := pg.Start(t).Database(t)
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := migrate(t.Context(), conn, steps[:10], slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	issue, events := storetest.EarlierThread()
	put := func(statement string, record any, args ...any) {
		t.Helper()
		raw, err := layout.Encode(record)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), statement, append(args, raw)...); err != nil {
			t.Fatal(err)
		}
	}
	put("insert into issues (id, report, reporter, opened, record) values ($1, $2, $3, $4, $5)", issue,
		ordered(issue.ID), short(issue.Report), ordered(issue.Reporter), issue.OpenedAt)
	for _, e := range events {
		put("insert into events (id, issue, at, record) values ($1, $2, $3, $4)", e, ordered(e.ID), ordered(e.Issue), e.At)
	}
	s := openAt(t, dsn, Options{})
	defer s.Close()
	storetest.CheckEarlierThread(t, s)
	c := &check{}
	reader, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close(t.Context())
	c.tx = &tx{ctx: t.Context(), conn: reader, begun: true}
	if err := eventsTable.check(c); err != nil || len(c.findings) > 0 {
		t.Error(err, c.findings)
	}
}

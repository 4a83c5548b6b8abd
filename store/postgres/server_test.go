package postgres

import (
	"strings"
	"testing"

	"earshot/internal/test/pg"
)

// TestServer: the doctor gets the server's own figures.
func TestServer(t *testing.T) {
	dsn := pg.StartDurable(t).Database(t)
	a := opened(t, dsn, Options{})
	opened(t, dsn, Options{})
	sql(t, dsn, "create schema other")
	opened(t, dsn+" search_path=other", Options{}) // another instance
	d, err := a.Server(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(d.Version, "1") || !d.Fsync || d.SynchronousCommit != "on" || !d.FullPageWrites || d.Bytes < 1<<20 ||
		d.Format != len(steps) || d.Nodes != 2 || d.Connections < 4 || d.MaxConnections != 200 || d.Standbys != 0 || d.Synchronous != 0 {
		t.Errorf("%+v", d)
	}
	lax := opened(t, dsn+" synchronous_commit=off", Options{})
	if d, err := lax.Server(t.Context()); err != nil || d.SynchronousCommit != "off" || d.Nodes != 3 {
		t.Errorf("%+v, %v", d, err)
	}
}

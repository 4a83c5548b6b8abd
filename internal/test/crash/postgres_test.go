//go:build linux

package crash

import (
	"context"
	"errors"
	"fmt"

	"earshot/internal/test/pg"
	"earshot/store"
	"earshot/store/postgres"
)

type onPostgres struct{}

// database is where a site on PostgreSQL keeps everything.
type database struct {
	name    string
	server  *pg.Server // the primary
	standby *pg.Server // nil without a standby
	proxy   *pg.Proxy  // between the first node and the server, nil for nothing
}

// direct is how the database is reached without a proxy.
func (db *database) direct() string {
	if db.standby != nil {
		return pg.URL(db.name, db.server, db.standby)
	}
	return pg.URL(db.name, db.server)
}

func (onPostgres) name() string { return "PostgreSQL" }

func (onPostgres) create(s *site, k kind) []string {
	db := &database{}
	switch {
	case k.standby:
		db.server, db.standby = pg.StartPair(s.t)
	case k.own:
		db.server = pg.StartOwn(s.t)
	default:
		db.server = pg.StartDurable(s.t)
	}
	db.name = db.server.DatabaseName(s.t)
	url := db.direct()
	if k.proxied {
		db.proxy = pg.StartProxy(s.t, db.server)
		url = db.proxy.URL(db.name)
	}
	s.db = db
	return []string{"--store", url}
}

func (onPostgres) points() []string { return pointsBut("bolt", "bbolt") }

func (onPostgres) save(s *site) (restore func()) {
	kept := s.db.name + "_kept"
	s.db.server.Exec(s.t, fmt.Sprintf("create database %s template %s", kept, s.db.name))
	return func() {
		s.db.server.Exec(s.t, fmt.Sprintf("drop database %s with (force)", s.db.name))
		s.db.server.Exec(s.t, fmt.Sprintf("create database %s template %s", s.db.name, kept))
	}
}

func (onPostgres) open(ctx context.Context, s *site) (store.Store, error) {
	p, err := postgres.Open(ctx, s.db.direct(), postgres.Options{})
	if err != nil {
		return nil, err
	}
	if err := p.Check(); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

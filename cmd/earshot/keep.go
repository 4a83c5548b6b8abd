package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"

	"earshot/federation/httpsig"
	"earshot/internal/api"
	"earshot/internal/app"
	"earshot/internal/backup"
	"earshot/internal/clock"
	"earshot/internal/config"
	"earshot/internal/desk"
	"earshot/internal/doctor"
	"earshot/internal/live"
	"earshot/internal/safehttp"
	"earshot/store"
	"earshot/store/bolt"
	"earshot/store/postgres"
)

// api returns the parts of the API. running says whether a server runs; hub,
// nil without one, tells of changes.
func (in *instance) api(log *slog.Logger, running bool, hub *live.Hub) api.Deps {
	d := api.Deps{App: in.app, Live: hub, Accounts: in.accounts, Log: log, Version: version(), Backup: in.backup,
		Doctor: func(ctx context.Context, thorough bool) doctor.Report { return in.doctor(ctx, running, thorough) }}
	if running {
		d.Drops = in.drops
	}
	return d
}

// backup writes a backup of the opened instance.
func (in *instance) backup(ctx context.Context, w io.Writer) (backup.Header, error) {
	return backup.Write(ctx, w, backup.Source{Store: in.store, Instance: in.made, Secret: in.secret, Version: version(), Now: in.app.Now()})
}

// doctor makes the named checks, or all.
func (in *instance) doctor(ctx context.Context, running, thorough bool, checks ...string) doctor.Report {
	d := doctor.Deps{App: in.app, Keys: in.keys, Clock: clock.System{}, Folder: in.dir, Running: running, Dev: in.dev, PrivateHosts: in.private, NotifyHosts: in.notified, Mail: in.mail, Resolve: net.DefaultResolver.LookupHost,
		Client: func(t *tls.Config) *safehttp.Client {
			return safehttp.New(safehttp.Options{AllowPrivate: in.dev, Private: in.private, UserAgent: fmt.Sprintf("earshot/%s (+%s)", version(), in.site.URL), TLS: t})
		},
		Sign: func(r *http.Request, body []byte) error {
			s, err := in.keys.Signer(r.Context(), desk.RelayHandle)
			if err != nil {
				return err
			}
			return httpsig.SignCavage(r, body, s.KeyID, s.Key, clock.System{}.Now())
		}}
	if s, ok := in.store.(*postgres.Store); ok {
		d.Database = func(ctx context.Context) (doctor.Database, error) {
			server, err := s.Server(ctx)
			return doctor.Database(server), err
		}
	}
	if running {
		d.Drops = in.drops
	}
	if in.peers != nil {
		d.Proxy = in.peers.Undeclared
	}
	if thorough || !running { // writers wait for it
		d.Verify = in.store.Check
	}
	return doctor.Run(ctx, d, checks...)
}

// openDeletions opens the data folder's file of deletions.
func openDeletions(ctx context.Context, dir string, s store.Store, site desk.Site) (*backup.DeletionFile, error) {
	a := app.New(app.Deps{Store: s, Clock: clock.System{}, Site: site, Log: slog.New(slog.DiscardHandler)})
	if err := a.PrepareDeletions(ctx); err != nil {
		return nil, err
	}
	check, err := a.DeletionCheck(ctx)
	if err != nil {
		return nil, err
	}
	return backup.OpenDeletions(filepath.Join(dir, config.DeletionsName), check)
}

// compacter compacts the store's file; a database does that by itself.
func compacter(k keeper) app.Compacter {
	s, ok := k.(*bolt.Store)
	if !ok {
		return nil
	}
	return func(ctx context.Context) (app.Compaction, error) {
		c, err := s.Compact(ctx)
		return app.Compaction(c), err
	}
}

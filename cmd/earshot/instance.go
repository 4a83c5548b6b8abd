package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"earshot/federation"
	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/clock"
	"earshot/internal/config"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/keyring"
	"earshot/internal/mail"
	"earshot/internal/safehttp"
	"earshot/internal/server"
)

// instance is an opened data folder.
type instance struct {
	dir      string
	store    keeper
	app      *app.App
	accounts *auth.Accounts
	keys     *keyring.Keyring
	network  *federation.Network
	site     desk.Site
	made     app.Instance
	secret   string // for backups; "" where it is not in the data folder
	dev      bool
	private  []safehttp.PrivateHost
	notified []safehttp.PrivateHost // of notify_private_hosts
	mail     mail.Server
	room     *server.StoreHealth // whether the store accepts writes
	peers    *server.Peers       // tells the clients of a running server apart; nil: none runs
	drops    *drop.Log
}

// openInstance opens an instance that `init` made. fatal is called when the
// store cannot be trusted any more.
func openInstance(ctx context.Context, dir string, cfg config.Config, getenv func(string) string, log *slog.Logger, fatal func(error)) (*instance, error) {
	location, err := config.StoreLocation(dir, getenv)
	if err != nil {
		return nil, err
	}
	if !isMade(location) {
		return nil, fmt.Errorf("there is no instance in %s: make one with `earshot --data %s init --url https://…`, or name another folder with --data", dir, dir)
	}
	secret, err := config.Secret(dir, getenv)
	if err != nil {
		return nil, err
	}
	s, err := openStore(ctx, location, opening{maxSize: cfg.StoreMaxSize, fatal: fatal, log: log})
	if err != nil {
		return nil, err
	}
	made, err := app.LoadInstance(ctx, s)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	site, c := made.Site(), clock.System{}
	in := &instance{dir: dir, store: s, site: site, keys: keyring.New(s, c, site, secret), room: server.NewStoreHealth(s, c), drops: drop.NewLog(c.Now())}
	in.made, in.private, in.dev = made, cfg.PrivateHosts, cfg.Dev || strings.HasPrefix(site.URL, "http:")
	in.notified, in.mail = cfg.NotifyHosts, cfg.Mail
	in.mail.From = cmp.Or(in.mail.From, "earshot@"+string(site.HandleDomain))
	if getenv("EARSHOT_SECRET") == "" {
		in.secret = secret
	}
	outgoing := func(private []safehttp.PrivateHost) *safehttp.Client {
		return safehttp.New(safehttp.Options{AllowPrivate: cfg.Dev, Private: private, UserAgent: fmt.Sprintf("earshot/%s (+%s)", version(), site.URL)})
	}
	client := outgoing(cfg.PrivateHosts)
	blocked := func(ctx context.Context, h desk.Host) (is bool, err error) {
		err = in.app.View(ctx, func(tx *app.Tx) error { is, err = tx.BlockedHost(h); return err })
		return is, err
	}
	known := func(ctx context.Context, h desk.Host) bool {
		known, err := in.app.KnowsHost(ctx, h)
		return known && err == nil
	}
	in.network = federation.NewNetwork(client, site, c, in.keys, federation.Hosts{Blocked: blocked, Known: known}, log)
	deletions, err := openDeletions(ctx, dir, s, site)
	if err != nil {
		in.network.Close()
		return nil, errors.Join(err, s.Close())
	}
	in.app = app.New(app.Deps{Store: in.room.Store(), Clock: c, Site: site, Log: log, TakeBack: cfg.TakeBack, Probe: in.network.Sources, Web: in.network.Visitors(), Keys: in.keys, Tokens: in.keys, Secrets: in.keys, Mails: cfg.Mail.Set(), FetchDelay: fetchDelay(cfg),
		Deletions: deletions, FloodLimits: cfg.FloodLimits, Pace: desk.Pace{First: cfg.TellFirst, Look: desk.DefaultPace.Look, AtOnce: cfg.TellAtOnce, ADay: cfg.TellADay}, Room: cfg.Room, WordsExpire: cfg.WordsExpire, HeardWithin: cfg.HeardWithin, Compact: compacter(s), Drops: in.drops})
	openID := cfg.OpenID
	openID.Client = outgoing(slices.Concat(cfg.PrivateHosts, cfg.NotifyHosts)) // an admin set it, as they set webhooks
	in.accounts = auth.New(auth.Deps{OpenID: openID, App: in.app, Log: log, Addr: func(r *http.Request) netip.Addr { return server.ClientAddr(r, cfg.TrustedProxies) },
		Share: func(r *http.Request) netip.Addr { return in.peers.Share(r) }})
	if _, err := in.app.CatchUpDeletions(ctx); err != nil {
		return nil, errors.Join(err, in.close())
	}
	if err := in.app.CompleteKeys(ctx); err != nil {
		return nil, errors.Join(err, in.close())
	}
	return in, nil
}

func (in *instance) close() error {
	in.network.Close()
	return in.store.Close()
}

// logger writes to standard error, as the settings say.
func (c *command) logger(cfg config.Config) *slog.Logger {
	o := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(c.io.err, o))
	}
	return slog.New(slog.NewTextHandler(c.io.err, o))
}

// fetchDelay spreads our fetches of posts that a source tells to many servers at once.
func fetchDelay(cfg config.Config) time.Duration {
	if cfg.Dev {
		return 0
	}
	return 20 * time.Second
}

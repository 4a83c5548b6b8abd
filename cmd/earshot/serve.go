package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"earshot/federation"
	"earshot/internal/api"
	"earshot/internal/clock"
	"earshot/internal/config"
	"earshot/internal/console"
	"earshot/internal/desk"
	"earshot/internal/doctor"
	"earshot/internal/failpoint"
	"earshot/internal/live"
	"earshot/internal/locale"
	"earshot/internal/notify"
	"earshot/internal/picture"
	"earshot/internal/picture/proxy"
	"earshot/internal/public"
	"earshot/internal/safehttp"
	"earshot/internal/server"
)

type serveCmd struct {
	Listen         string `help:"Address to listen on (EARSHOT_LISTEN; default 127.0.0.1:8080)." placeholder:"ADDR"`
	AdminListen    string `help:"Address for /metrics, /livez and /readyz, without authentication (EARSHOT_ADMIN_LISTEN; default none)." placeholder:"ADDR"`
	Dev            bool   `help:"For development: allow http:// and private addresses, for this instance and its peers."`
	TakeBack       string `help:"How long a reply can be undone (EARSHOT_TAKE_BACK; default 10s)." placeholder:"TIME"`
	TrustedProxies string `help:"Addresses or networks of trusted proxies, whose X-Forwarded-For is used, separated by commas." placeholder:"NETS"`
	LogLevel       string `help:"debug, info, warn or error (EARSHOT_LOG_LEVEL; default info)." placeholder:"LEVEL"`
	LogFormat      string `help:"text or json (EARSHOT_LOG_FORMAT; default text)." placeholder:"FORMAT"`
}

func (serveCmd) Help() string {
	return `Runs until Ctrl-C or SIGTERM, then answers open requests and stops within ten seconds. It speaks HTTP: put a proxy with TLS before it, which forwards the Host header.

A flag overrides a variable EARSHOT_*, and a variable overrides earshot.toml in the data folder. A socket that the service manager passes on, as earshot.socket does, is used instead of --listen.

/livez and /readyz show the health; --admin-listen adds /metrics for Prometheus.

Examples:

	earshot serve
	earshot serve --listen :8080 --trusted-proxies 10.0.0.0/8
	earshot serve --admin-listen 127.0.0.1:9090
	earshot serve --dev --log-level debug
`
}

// flags returns the settings that were given.
func (s serveCmd) flags() map[config.Flag]string {
	out := map[config.Flag]string{}
	for f, v := range map[config.Flag]string{config.FlagListen: s.Listen, config.FlagAdminListen: s.AdminListen, config.FlagTakeBack: s.TakeBack, config.FlagProxies: s.TrustedProxies,
		config.FlagLogLevel: s.LogLevel, config.FlagLogFormat: s.LogFormat} {
		if v != "" {
			out[f] = v
		}
	}
	if s.Dev {
		out[config.FlagDev] = "true"
	}
	return out
}

func (s serveCmd) Run(c *command) error {
	cfg, err := config.Load(c.data, c.getenv, s.flags())
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(c.ctx)
	defer stop(nil)
	log := c.logger(cfg)
	for _, u := range config.UnknownVariables(c.environ) {
		log.Warn("this environment variable is no setting", "name", u.Name)
	}
	// The listeners first: opening the store may take a while, when it migrates.
	places := newAdmission(cfg, log)
	given, err := server.Inherited(c.getenv)
	if err != nil {
		return err
	}
	listeners, err := server.Listen(ctx, given, cfg.Listen, cfg.AdminListen, places, log)
	if err != nil {
		return err
	}
	defer listeners.Close()
	in, err := openInstance(ctx, c.data, cfg, c.getenv, log, func(err error) { stop(fmt.Errorf("the store failed: %w", err)) })
	if err != nil {
		return err
	}
	o := server.Options{Listeners: listeners, Admission: places, Notify: server.SystemdNotify(c.getenv("NOTIFY_SOCKET"), log)}
	return errors.Join(serve(ctx, in, cfg, log, o), in.close())
}

// serve runs an opened instance until ctx ends. o says how it listens, and who
// is told.
func serve(ctx context.Context, in *instance, cfg config.Config, log *slog.Logger, o server.Options) error {
	if o.Admission == nil {
		o.Admission = newAdmission(cfg, log)
	}
	in.peers = o.Admission.Peers()
	if err := prepare(ctx, in, cfg, log); err != nil {
		return err
	}
	p, err := buildServices(ctx, in, cfg, log, o.Admission)
	if err != nil {
		return err
	}
	return p.run(ctx, in, cfg, o)
}

// prepare refuses what cannot be served, and sees that the timers of the
// instance are in its queue.
func prepare(ctx context.Context, in *instance, cfg config.Config, log *slog.Logger) error {
	if strings.HasPrefix(in.site.URL, "http:") && !cfg.Dev {
		return fmt.Errorf("this instance was made with --dev, for %s: serve it with --dev too", in.site.URL)
	}
	if cfg.Dev {
		log.Warn("development mode: http:// and private addresses are allowed; never run this where others can reach it")
	}
	for _, p := range cfg.PrivateHosts {
		log.Warn("private_hosts: this name may resolve to private addresses, so its owner can lead this server to machines of the private network", "host", p.Host, "loopback", p.Loopback)
	}
	for _, p := range cfg.NotifyHosts {
		log.Warn("notify_private_hosts: webhooks and destinations of admins may lead to this name in the private network", "host", p.Host, "loopback", p.Loopback)
	}
	if _, err := in.keys.Signer(ctx, desk.RelayHandle); err != nil { // a wrong secret shows now, not when a reader waits
		return err
	}
	return errors.Join(in.app.ArmForget(ctx), in.app.ArmUpkeep(ctx), in.app.ArmReindex(ctx), in.app.ArmAlive(ctx), in.app.ArmSources(ctx))
}

// services are what answers requests and does the work of a running instance.
type services struct {
	log    *slog.Logger
	places *server.Admission
	pages  *public.Pages
	desks  *console.Console
	fed    *federation.Federation
	hub    *live.Hub
	meters meters
	notify *notify.Notifier
	shown  *proxy.Proxy
	ready  func(context.Context) error // of the running server
}

// buildServices makes the services from the instance and the settings. Nothing runs yet.
// ctx ends when the program is to stop.
func buildServices(ctx context.Context, in *instance, cfg config.Config, log *slog.Logger, places *server.Admission) (*services, error) {
	p := &services{log: log, places: places, hub: live.New(in.store, clock.System{}, log)}
	var err error
	p.pages, err = public.New(public.Deps{App: in.app, Site: in.site, Peers: in.network.Visitors(), LookupLimit: server.NewFailures(clock.System{}, in.peers), Log: log})
	if err != nil {
		return nil, err
	}
	failures := server.NewFailures(clock.System{}, in.peers)
	p.meters = newMeters(in, failures, places, func(ctx context.Context) error { return p.ready(ctx) }, log)
	if p.shown, err = newPictures(in, cfg, log, p.meters.Picture); err != nil {
		return nil, err
	}
	places.Trust(in.accounts.Known)
	p.desks, err = console.New(console.Deps{App: in.app, Site: in.site, Log: log, Accounts: in.accounts, Live: p.hub, Drops: in.drops, Proxy: in.peers.Undeclared, Pictures: p.shown,
		Doctor: func(ctx context.Context, checks ...string) doctor.Report {
			return in.doctor(ctx, true, false, checks...)
		}})
	if err != nil {
		return nil, err
	}
	p.fed, err = federation.New(federation.Deps{App: in.app, Clock: clock.System{}, Keys: in.keys, Network: in.network, Pages: p.pages, Log: log,
		Version: version(), Failed: failures, Places: places, FloodLimits: cfg.FloodLimits, SecureMode: cfg.SecureMode, MaxWaiting: cfg.MaxWaiting, Drops: in.drops, Sender: in.peers.Sender, Observe: p.meters.federation(), Stopping: ctx})
	if err != nil {
		return nil, err
	}
	p.notify, err = newNotifier(in, cfg, log)
	return p, err
}

// newPictures makes what shows agents the pictures of other people. Its requests take no
// connection of those that federation makes.
func newPictures(in *instance, cfg config.Config, log *slog.Logger, observe func(string)) (*proxy.Proxy, error) {
	client := safehttp.New(safehttp.Options{AllowPrivate: cfg.Dev, Private: cfg.PrivateHosts, UserAgent: fmt.Sprintf("earshot/%s (+%s)", version(), in.site.URL), MaxBytes: picture.MaxBytes, MaxConnsPerHost: 4})
	return proxy.New(proxy.Options{Where: in.app, Client: client, Clock: clock.System{}, Log: log,
		Dir: filepath.Join(in.dir, config.PicturesName), Faces: cfg.RemoteFaces, Observe: observe})
}

// notifyLease is how long a worker keeps a notification without a sign of life.
const notifyLease = 15 * time.Second

// newNotifier makes what sends notifications. Destinations of agents lead to public
// addresses only; those that an admin set may lead to the hosts of the settings too.
func newNotifier(in *instance, cfg config.Config, log *slog.Logger) (*notify.Notifier, error) {
	languages, err := locale.Load()
	if err != nil {
		return nil, err
	}
	client := func(private []safehttp.PrivateHost) *safehttp.Client {
		return safehttp.New(safehttp.Options{AllowPrivate: cfg.Dev, Private: private, UserAgent: fmt.Sprintf("earshot/%s (+%s)", version(), in.site.URL), MaxConnsPerHost: 4})
	}
	n := &notify.Notifier{App: in.app, Clock: clock.System{}, Secrets: in.keys, Admins: client(cfg.NotifyHosts), Strict: client(nil), Languages: languages, Log: log}
	if in.mail.Set() {
		n.Mail = in.mail
	}
	return n, nil
}

// run offers the services on the addresses of the settings, with the workers.
func (p *services) run(ctx context.Context, in *instance, cfg config.Config, o server.Options) error {
	o.Listen, o.Admin, o.Socket = cfg.Listen, cfg.AdminListen, filepath.Join(in.dir, config.SocketName)
	o.Proxies, o.Log = cfg.TrustedProxies, p.log
	o.Alive, o.Metrics, o.Observe = in.room.Check, p.meters.Handler(), p.meters.request
	deps := in.api(p.log, true, p.hub)
	deps.Alert = p.meters.Alert
	o.API, o.Public = api.New(deps), p.handler(api.NewPublic(deps))
	o.Spelled = p.places.Documents(p.fed.Spelled())
	for _, w := range p.fed.Workers() {
		o.Workers = append(o.Workers, w)
	}
	for _, w := range failpoint.Nights(in.app.Upkeep) {
		o.Workers = append(o.Workers, w)
	}
	o.Workers = append(o.Workers, p.hub, p.shown, running(in.app.CountSourcesUntil), in.app.Feeder(), p.notify.Worker(failpoint.Lease(notifyLease), p.meters.federation().Job))
	defer p.notify.Close()
	s := server.New(o)
	p.ready = s.Ready
	p.log.Info("serving", "url", in.site.URL, "version", version(), "data", in.dir)
	return s.Run(ctx)
}

// running is a loop that is a function.
type running func(context.Context) error

// Run implements server.Worker.
func (f running) Run(ctx context.Context) error { return f(ctx) }

// handler answers at the public address, each kind of request in its own places.
func (p *services) handler(network http.Handler) http.Handler {
	others := split(p.fed.Routed, p.places.Documents(p.fed.Handler()), p.places.Console(server.Compressed(p.desks.Handler())), p.places.Pages(server.Compressed(p.pages.Handler())))
	return withAPI(p.places.API(network, api.Root+"/events"), others)
}

// newAdmission divides what there is among clients.
func newAdmission(cfg config.Config, log *slog.Logger) *server.Admission {
	peers := server.NewPeers(cfg.TrustedProxies, log)
	if cfg.Dev {
		peers.Local()
	}
	return server.NewAdmission(server.AdmissionOptions{MaxRequests: cfg.MaxRequests, Peers: peers, Clock: clock.System{},
		Most: func(r *http.Request) int64 { return max(api.Most(r), console.Most(r)) },
		Trim: func(r *http.Request) server.Trim { return console.Trim(r) }})
}

// split gives federation its paths, the console its own, and the pages all others.
func split(routed func(*http.Request) bool, fed, desks, pages http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case routed(r):
			fed.ServeHTTP(w, r)
		case path == console.Root || strings.HasPrefix(path, console.Root+"/"):
			desks.ServeHTTP(w, r)
		default:
			pages.ServeHTTP(w, r)
		}
	})
}

// withAPI gives the API its paths, and others all other ones, with those that programs
// for Statuspage ask.
func withAPI(api, others http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") && !strings.HasPrefix(r.URL.Path, public.StatusRoot) {
			api.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

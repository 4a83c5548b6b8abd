// Package fed runs several servers in one process, providers and towns,
// over real signed HTTP on loopback. Nothing runs by itself: Settle works off
// every queue of every server until nothing is due, so no test sleeps. The
// clock stands still until a test moves it.
package fed

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"earshot/federation"
	"earshot/federation/inbox"
	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/keyring"
	"earshot/internal/safehttp"
	"earshot/internal/test/pg"
	"earshot/store"
	"earshot/store/bolt"
	"earshot/store/postgres"
)

// Cluster is the servers of one test.
type Cluster struct {
	t     testing.TB
	Clock *clock.Fake
	// FloodLimits, SecureMode, PostgreSQL and Front, which stands before them, are for providers that are started from then on.
	FloodLimits, SecureMode, PostgreSQL bool
	Front                               func(http.Handler) http.Handler
	// Failed is their limit of wrong signatures; nil: none.
	Failed inbox.FailureLimit
	// Names answers their DNS questions; nil: the system does.
	Names *net.Resolver

	work []func(context.Context) (bool, error)

	providers []*Provider
}

// New returns an empty cluster whose clock stands at the present: foreign
// peers verify dates.
func New(t testing.TB) *Cluster {
	return &Cluster{t: t, Clock: clock.NewFake(time.Now())}
}

// Store is a store that can look whether it is consistent.
type Store interface {
	store.Store
	Check() error
}

// Provider is one Earshot instance.
type Provider struct {
	*app.App
	t     testing.TB
	Site  desk.Site
	Store Store
	Path  string // of the data file; "" with PostgreSQL
	Net   *federation.Network
	Fed   *federation.Federation
	HTTP  *httptest.Server
	Drops *drop.Log
	Log   *slog.Logger
}

// Provider starts an instance with one desk.
func (c *Cluster) Provider(d desk.Desk) *Provider {
	c.t.Helper()
	return c.ProviderAt(d, "")
}

// ProviderAt starts an instance whose handles are on another domain.
func (c *Cluster) ProviderAt(d desk.Desk, handleDomain string) *Provider {
	c.t.Helper()
	ctx := context.Background()
	server, base := listen(c.t)
	site, err := desk.NewSite(base, handleDomain, true)
	must(c.t, err)
	s, path := c.open(ctx)
	log := logger(c.t)
	keys := keyring.New(s, c.Clock, site, "the secret of a test")
	keys.NewKey = func() (*rsa.PrivateKey, error) { return prepared(), nil }
	must(c.t, app.Init(ctx, s, c.Clock, site, keys))
	client := safehttp.New(safehttp.Options{AllowPrivate: true, UserAgent: "earshot (test)", Resolver: c.Names})
	network := federation.NewNetwork(client, site, c.Clock, keys, federation.Hosts{}, log)
	a := app.New(app.Deps{Store: s, Clock: c.Clock, Site: site, Log: log, Probe: network.Sources, Keys: keys, Tokens: keys, FloodLimits: c.FloodLimits})
	_, err = a.AddDesk(ctx, app.By{}, d)
	must(c.t, err)
	drops := drop.NewLog(c.Clock.Now())
	fed, err := federation.New(federation.Deps{App: a, Clock: c.Clock, Keys: keys, Network: network, Pages: noPages{}, Log: log, Version: "test", FloodLimits: c.FloodLimits, SecureMode: c.SecureMode, Failed: c.Failed, Drops: drops})
	must(c.t, err)
	server.Config.Handler = fed.Handler()
	if c.Front != nil {
		server.Config.Handler = c.Front(server.Config.Handler)
	}
	server.Start()
	p := &Provider{App: a, t: c.t, Site: site, Store: s, Path: path, Net: network, Fed: fed, HTTP: server, Drops: drops, Log: log}
	var listening *streams
	for _, w := range fed.Workers() {
		if w.Queue == store.QueueStream {
			listening = newStreams(p, w)
			c.work = append(c.work, listening.work)
			continue
		}
		c.work = append(c.work, func(ctx context.Context) (bool, error) {
			n, err := w.RunOnce(ctx)
			return n > 0, err
		})
	}
	c.t.Cleanup(func() {
		listening.close()
		server.Close()
		network.Close()
		for _, n := range drops.Counts() {
			if n.Reason == drop.Unexplained && n.All > 0 {
				c.t.Errorf("%d drops have no reason", n.All)
			}
		}
		if err := s.Check(); err != nil {
			c.t.Errorf("the store is inconsistent: %v", err)
		}
		must(c.t, s.Close())
	})
	c.providers = append(c.providers, p)
	return p
}

// open opens an empty store for a provider.
func (c *Cluster) open(ctx context.Context) (s Store, path string) {
	c.t.Helper()
	var err error
	if c.PostgreSQL {
		s, err = postgres.Open(ctx, pg.Start(c.t).Database(c.t), postgres.Options{})
	} else {
		path = filepath.Join(c.t.TempDir(), "earshot.db")
		s, err = bolt.Open(ctx, path, bolt.Options{})
	}
	must(c.t, err)
	return s, path
}

// Town starts a citizens' server.
func (c *Cluster) Town(people ...town.Person) *town.Town {
	c.t.Helper()
	server, base := listen(c.t)
	client := safehttp.New(safehttp.Options{AllowPrivate: true, UserAgent: "town (test)"})
	tw, err := town.New(town.Config{BaseURL: base, People: people, Clock: c.Clock, Logger: logger(c.t), Client: client, NewKey: prepared})
	must(c.t, err)
	server.Config.Handler = tw.Handler()
	server.Start()
	c.t.Cleanup(func() {
		server.Close()
		tw.Close()
		client.CloseIdle()
	})
	c.work = append(c.work, tw.RunOnce)
	return tw
}

// maxRounds bounds Settle: jobs that are not done by then go in circles.
const maxRounds = 200

// Settle works off everything that is due, everywhere.
func (c *Cluster) Settle() {
	c.t.Helper()
	for range maxRounds {
		worked := false
		for _, work := range c.work {
			did, err := work(context.Background())
			must(c.t, err)
			worked = worked || did
		}
		if !worked && !c.soon() {
			return
		}
	}
	c.t.Fatal("the servers do not come to rest")
}

// soon moves the clock to jobs that are due within a second: a reply that goes
// out after an earlier one of its thread.
func (c *Cluster) soon() bool {
	c.t.Helper()
	now := c.Clock.Now()
	for _, p := range c.providers {
		var due time.Time
		var waits bool
		must(c.t, p.Store.View(context.Background(), func(tx store.Tx) (err error) {
			due, waits, err = tx.Jobs().NextDue(store.QueuePublish)
			return err
		}))
		if in := due.Sub(now); waits && in > 0 && in <= time.Second {
			c.Clock.Advance(in)
			return true
		}
	}
	return false
}

// Advance moves the clock and settles.
func (c *Cluster) Advance(d time.Duration) {
	c.t.Helper()
	c.Clock.Advance(d)
	c.Settle()
}

// keys are made once and handed out in turn: whose key it is does not matter
// here, and making one takes longer than most tests.
var keys = sync.OnceValue(func() (out [6]*rsa.PrivateKey) {
	for n := range out {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		out[n] = key
	}
	return out
})

var handedOut atomic.Uint32

func prepared() *rsa.PrivateKey {
	all := keys()
	return all[int(handedOut.Add(1))%len(all)]
}

// listen reserves an address before the handler that needs to know it exists.
func listen(t testing.TB) (*httptest.Server, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s := &httptest.Server{Listener: l, Config: &http.Server{ReadHeaderTimeout: 10 * time.Second}}
	return s, "http://" + l.Addr().String()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// logger writes into the test's log.
func logger(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Helper()
	w.t.Logf("%s", b)
	return len(b), nil
}

// noPages stands in for the pages people see; these tests look at the wire.
type noPages struct{}

func (noPages) Desk(w http.ResponseWriter, _ *http.Request, _ desk.Handle) {
	w.WriteHeader(http.StatusNotImplemented)
}

func (noPages) Post(w http.ResponseWriter, _ *http.Request, _ desk.PostID) {
	w.WriteHeader(http.StatusNotImplemented)
}

func (noPages) Incident(w http.ResponseWriter, _ *http.Request, _ desk.IncidentID) {
	w.WriteHeader(http.StatusNotImplemented)
}

func (noPages) Error(w http.ResponseWriter, _ *http.Request, status int) { w.WriteHeader(status) }

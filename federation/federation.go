// Package federation is the facade of everything that speaks ActivityPub: one
// handler for the requests of other servers, and the workers for our jobs.
package federation

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/mux"

	"earshot/federation/delivery"
	"earshot/federation/httpsig"
	"earshot/federation/inbox"
	"earshot/federation/instance"
	"earshot/federation/outbox"
	"earshot/federation/resolve"
	"earshot/federation/source"
	"earshot/federation/webfinger"
	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/failpoint"
	"earshot/internal/keyring"
	"earshot/internal/queue"
	"earshot/internal/safehttp"
	"earshot/store"
)

// Deps are the parts that federation needs.
type Deps struct {
	App     *app.App
	Clock   clock.Clock
	Keys    *keyring.Keyring
	Network *Network
	Pages   Pages
	Log     *slog.Logger
	Version string
	Failed  inbox.FailureLimit // nil refuses nobody
	Places  inbox.Places       // nil: any number of requests at once
	// FloodLimits rations the work that each signer can cause.
	FloodLimits bool
	// SecureMode shows posts, activities and collections only to those who sign
	// their GETs and are not blocked.
	SecureMode bool
	// MaxWaiting: while so many jobs wait in a queue that others fill, the
	// inboxes answer 503. 0: any number may wait.
	MaxWaiting int
	// Drops counts what other servers send and is not kept; nil: nothing is counted.
	// Sender tells apart who sends requests without a good signature, by address.
	Drops   *drop.Log
	Sender  func(*http.Request) string
	Observe Observers
	// Stopping ends when the program is asked to stop; nil: never.
	Stopping context.Context
}

// Observers hear what happens, for those who count it. Each may be nil, and
// must not block.
type Observers struct {
	Inbox    func(inbox.Outcome)
	Job      func(queue.Ended)
	Delivery func(delivery.Outcome)
}

// Pages shows a desk, a post or an error to a person; the handler decides by Accept.
type Pages interface {
	Desk(w http.ResponseWriter, r *http.Request, h desk.Handle)
	Post(w http.ResponseWriter, r *http.Request, id desk.PostID)
	Incident(w http.ResponseWriter, r *http.Request, id desk.IncidentID)
	Error(w http.ResponseWriter, r *http.Request, status int)
}

// Network asks other servers, as the instance's own actor.
type Network struct {
	Client    *safehttp.Client
	Resolver  *resolve.Resolver
	Names     *webfinger.Client
	Instances *instance.Client
	Sources   *source.Sources

	site   desk.Site
	policy safehttp.HostPolicy
}

// Hosts reads the store's knowledge of other servers. Both may be nil.
type Hosts struct {
	Blocked func(context.Context, desk.Host) (bool, error)
	Known   func(context.Context, desk.Host) bool // we have had to do with it
}

// NewNetwork returns the parts that ask other servers.
func NewNetwork(client *safehttp.Client, site desk.Site, c clock.Clock, keys *keyring.Keyring, hosts Hosts, log *slog.Logger) *Network {
	policy := safehttp.HostPolicy{Site: site, Blocked: hosts.Blocked}
	resolver := resolve.New(resolve.Options{Client: client, Hosts: policy, Clock: c, Known: hosts.Known, Logger: log,
		Sign: func(r *http.Request, scheme httpsig.Scheme) error {
			s, err := keys.Signer(r.Context(), desk.RelayHandle)
			if err != nil {
				return err
			}
			return httpsig.Sign(scheme, r, nil, s.KeyID, s.Key, c.Now())
		}})
	return &Network{Client: client, Resolver: resolver, Names: webfinger.NewClient(client, c, policy), Instances: instance.NewClient(client, policy),
		Sources: source.New(source.Options{Actors: resolver, Tokens: keys, Web: &source.Web{Client: client, Hosts: policy}}), site: site, policy: policy}
}

// Close ends all running work.
func (n *Network) Close() {
	n.Resolver.Close()
	n.Client.CloseIdle()
}

// Federation is the running parts.
type Federation struct {
	d        Deps
	inbox    *inbox.Inbox
	outbox   *outbox.Outbox
	verifier *httpsig.Verifier
	finger   *webfinger.Server
	router   *mux.Router
	folders  []string // that federation alone has
	workers  []*queue.Worker
}

// New wires the parts. Nothing runs until Workers are run.
func New(d Deps) (*Federation, error) {
	site := d.App.Site()
	base, err := url.Parse(site.URL)
	if err != nil {
		return nil, err
	}
	f := &Federation{d: d}
	f.verifier = &httpsig.Verifier{Lookup: f.key, Clock: d.Clock, BaseURL: base}
	f.inbox = &inbox.Inbox{App: d.App, Verifier: f.verifier, Resolver: d.Network.Resolver, Naming: d.Network.Names, Servers: d.Network.Instances, Log: d.Log, Failed: d.Failed, Places: d.Places,
		Gate: &inbox.Gate{Store: d.App.Store(), Clock: d.Clock, Log: d.Log, Limit: d.MaxWaiting}, Observe: d.Observe.Inbox, Drops: d.Drops, Sender: d.Sender, Stopping: d.Stopping}
	if d.FloodLimits {
		f.inbox.Budget = inbox.NewBudget()
	}
	f.outbox = &outbox.Outbox{App: d.App, Keys: d.Keys, Actors: d.Network.Resolver, Revalidate: f.inbox.Revalidate, WhereNow: f.inbox.WhereNow, Log: d.Log}
	deliverer := &delivery.Deliverer{App: d.App, Keys: d.Keys, Client: d.Network.Client, Actors: d.Network.Resolver, Log: d.Log, Observe: d.Observe.Delivery}
	f.finger = webfinger.NewServer(webfinger.ServerOptions{Directory: d.App, Site: site, Version: d.Version, Usage: f.usage, Missed: f.missed})
	f.router = f.routes()
	f.folders = folders(f.router)
	tender := &source.Tender{App: d.App, Sources: d.Network.Sources, Log: d.Log}
	brought := f.worker(store.QueueBrought, f.inbox.Fetch, 4, queue.Backoff{})
	brought.PerHost = 1
	f.workers = []*queue.Worker{
		f.worker(store.QueueInbound, f.inbox.Process, 128, queue.Backoff{First: 2 * time.Second, Max: time.Hour, GiveUp: 3 * 24 * time.Hour}),
		f.worker(store.QueueVerify, f.inbox.Verify, 8, queue.Backoff{First: 30 * time.Second, Max: 10 * time.Minute, GiveUp: 2 * inbox.UnverifiedFor}),
		f.worker(store.QueueFetch, f.inbox.Fetch, 16, queue.Backoff{First: 10 * time.Second, Max: 3 * time.Hour, GiveUp: 24 * time.Hour}),
		brought,
		f.worker(store.QueuePoll, tender.Poll, 8, queue.Backoff{First: time.Minute, Max: time.Hour}),
		f.worker(store.QueueStream, tender.Stream, source.MaxStreams, queue.Backoff{First: time.Minute, Max: time.Hour}),
		f.worker(store.QueuePublish, f.outbox.Handle, 8, queue.Backoff{First: 2 * time.Second, Max: time.Hour, GiveUp: 3 * 24 * time.Hour}),
		f.worker(store.QueueDeliver, deliverer.Handle, 32, queue.Backoff{First: 15 * time.Second, Max: time.Hour}),
		f.worker(store.QueueTimer, d.App.RunTimer, 2, queue.Backoff{First: 5 * time.Second, Max: time.Hour, GiveUp: 7 * 24 * time.Hour}),
	}
	for _, w := range f.workers {
		if w.Queue == store.QueueInbound {
			w.Yield = f.inbox.Arriving
		}
		if w.Queue == store.QueueFetch || w.Queue == store.QueueVerify {
			w.Strangers = strangersTime
		}
	}
	return f, nil
}

// strangersTime is how long the first try of a job may wait for a host that we never heard.
const strangersTime = 5 * time.Second

// missed counts a search for an account that does not exist. Who searches is not
// known.
func (f *Federation) missed() {
	f.d.Drops.Add(drop.Event{Reason: drop.UnknownAccount}, f.d.Clock.Now())
}

// lease is how long a worker keeps a job without a sign of life; after a crash
// the running jobs come back this late.
const lease = 15 * time.Second

// Workers are the loops that run due jobs; each has a RunOnce for tests.
func (f *Federation) Workers() []*queue.Worker { return f.workers }

func (f *Federation) worker(q store.Queue, h queue.Handler, n int, b queue.Backoff) *queue.Worker {
	return &queue.Worker{Known: f.d.Network.Resolver.KnownHost, Store: f.d.App.Store(), Clock: f.d.Clock, Log: f.d.Log, Queue: q, Handle: h, Concurrency: n, Lease: failpoint.Lease(lease), Backoff: b, Observe: f.d.Observe.Job}
}

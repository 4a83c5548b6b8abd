package resolve

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/ratelimit"
	"earshot/internal/safehttp"
)

// The defaults that FEDERATION.md names.
const (
	DefaultTimeout      = 25 * time.Second
	DefaultPerDomain    = 4
	DefaultRefetchBurst = 10
	DefaultRefetchEvery = 10 * time.Second
)

// Options say how a Resolver behaves. Zero values mean the defaults.
type Options struct {
	Client *safehttp.Client    // required
	Hosts  safehttp.HostPolicy // required: hosts that are never asked
	Clock  clock.Clock
	Sign   Signer                                // signs a GET as the instance actor; nil: unsigned
	Known  func(context.Context, desk.Host) bool // whether we have had to do with a host; nil: with none
	Logger *slog.Logger                          // nil: nothing is logged

	TTL          time.Duration // for which actors and their keys are believed; default 1h
	FailureTTL   time.Duration // for which lasting failures are; default 5m
	TemporaryTTL time.Duration // for which passing failures are; default 1m
	Timeout      time.Duration // for one call, waiting included; default 25s

	MaxActors     int           // remembered; default 10,000
	MaxCacheBytes int           // of documents remembered, roughly; default 64 MiB
	PerDomain     int           // requests to the hosts of one registrable domain at a time; default 4
	MaxWaiting    int           // for one domain; default 200
	Total         int           // requests at a time, half of them to hosts that are not known; default 64
	MaxFlights    int           // calls under way, for each of actors, keys and objects; default 2,000
	RefetchBurst  int           // forced key refetches of one domain at once; default 10
	RefetchEvery  time.Duration // after which one more is allowed; default 10s
}

// A Signer signs one hop of a GET by a scheme.
type Signer func(*http.Request, httpsig.Scheme) error

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Sign == nil {
		o.Sign = func(*http.Request, httpsig.Scheme) error { return nil }
	}
	if o.Known == nil {
		o.Known = func(context.Context, desk.Host) bool { return false }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.TTL = cmp.Or(o.TTL, time.Hour)
	o.FailureTTL = cmp.Or(o.FailureTTL, 5*time.Minute)
	o.TemporaryTTL = cmp.Or(o.TemporaryTTL, time.Minute)
	o.Timeout = cmp.Or(o.Timeout, DefaultTimeout)
	o.MaxActors = cmp.Or(o.MaxActors, 10_000)
	o.MaxCacheBytes = cmp.Or(o.MaxCacheBytes, 64<<20)
	o.PerDomain = cmp.Or(o.PerDomain, DefaultPerDomain)
	o.MaxWaiting = cmp.Or(o.MaxWaiting, 200)
	o.Total = cmp.Or(o.Total, 64)
	o.MaxFlights = cmp.Or(o.MaxFlights, 2_000)
	o.RefetchBurst = cmp.Or(o.RefetchBurst, DefaultRefetchBurst)
	o.RefetchEvery = cmp.Or(o.RefetchEvery, DefaultRefetchEvery)
	return o
}

// A Resolver fetches from other servers. It is safe for concurrent use. Close
// it when done.
type Resolver struct {
	o             Options
	memory        *memory
	hosts         *hosts
	acquaintances *acquaintances
	budget        *ratelimit.Limits[desk.Domain] // of forced refetches
	schemes       *schemes
	cancel        context.CancelFunc
	actors        *flights[*as.Actor]
	objects       *flights[*as.Object]
	keys          *flights[key]
}

// New returns a Resolver.
func New(options Options) *Resolver {
	o := options.withDefaults()
	base, cancel := context.WithCancel(context.Background())
	r := &Resolver{
		o:             o,
		memory:        newMemory(o),
		hosts:         newHosts(o.PerDomain, o.MaxWaiting, o.Total),
		acquaintances: newAcquaintances(o.Clock, o.Known),
		budget:        ratelimit.New[desk.Domain](maxBudgetDomains),
		schemes:       newSchemes(),
		cancel:        cancel,
		actors:        newFlights[*as.Actor](base, o.Timeout, o.MaxFlights, o.Logger),
		objects:       newFlights[*as.Object](base, o.Timeout, o.MaxFlights, o.Logger),
		keys:          newFlights[key](base, o.Timeout, o.MaxFlights, o.Logger),
	}
	r.objects.givesUp = true
	return r
}

// Close ends running fetches and waits for them. Later calls find only cached
// documents.
func (r *Resolver) Close() {
	r.cancel()
	r.keys.close() // they wait for actors
	r.actors.close()
	r.objects.close()
}

// Forget drops an actor and its keys from the cache.
func (r *Resolver) Forget(id desk.ActorID) { r.memory.forget(id) }

package resolve

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"earshot/internal/clock"
	"earshot/internal/desk"
)

const (
	// knownFor is how long an answer about a host counts.
	knownFor = 10 * time.Minute
	// maxKnownHosts bounds the hosts of which that is remembered.
	maxKnownHosts = 4096
)

// acquaintances tells known hosts from strangers. Any host that a request names
// is a stranger at first: naming a host costs nothing.
type acquaintances struct {
	clock  clock.Clock
	stored func(context.Context, desk.Host) bool // the store's knowledge

	mu   sync.Mutex
	seen *simplelru.LRU[desk.Host, opinion]
}

type opinion struct {
	known bool
	until time.Time
}

func newAcquaintances(c clock.Clock, stored func(context.Context, desk.Host) bool) *acquaintances {
	seen, _ := simplelru.NewLRU[desk.Host, opinion](maxKnownHosts, nil) // fails for a size below 1 only
	return &acquaintances{clock: c, stored: stored, seen: seen}
}

func (a *acquaintances) remember(h desk.Host, known bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen.Add(h, opinion{known, a.clock.Now().Add(knownFor)})
}

func (a *acquaintances) known(ctx context.Context, h desk.Host) bool {
	a.mu.Lock()
	o, ok := a.seen.Get(h)
	a.mu.Unlock()
	if ok && a.clock.Now().Before(o.until) {
		return o.known
	}
	known := a.stored(ctx, h)
	a.remember(h, known)
	return known
}

// Heard notes that an actor of a host signed a request: the host is known.
func (r *Resolver) Heard(h desk.Host) { r.acquaintances.remember(h, true) }

// KnownHost says whether a host is known. A host that does not answer counts as a
// stranger for a while: it must not use up the places of hosts that do.
func (r *Resolver) KnownHost(ctx context.Context, h desk.Host) bool {
	return r.acquaintances.known(ctx, h)
}

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
	// knownFor is how long we go by what was found of a host.
	knownFor = 10 * time.Minute
	// maxKnownHosts bounds the hosts of which that is remembered.
	maxKnownHosts = 4096
)

// acquaintances tells hosts that we have had to do with from strangers. A
// stranger is anything that a request names: naming a host costs nothing.
type acquaintances struct {
	clock  clock.Clock
	stored func(context.Context, desk.Host) bool // what the store knows

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

func (a *acquaintances) note(h desk.Host, known bool) {
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
	a.note(h, known)
	return known
}

// Heard says that somebody of a host signed a request: it is no stranger.
func (r *Resolver) Heard(h desk.Host) { r.acquaintances.note(h, true) }

// KnownHost says whether we have had to do with a host. One that does not
// answer counts as a stranger for a while: it must not use up what is reserved
// for those that do.
func (r *Resolver) KnownHost(ctx context.Context, h desk.Host) bool {
	return r.acquaintances.known(ctx, h)
}

package server

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"

	"earshot/internal/admission"
	"earshot/internal/clock"
)

// An address may send failureBurst wrong signatures at once, then one every
// failureEvery.
const (
	failureBurst  = 60
	failureEvery  = 2 * time.Second
	failureMemory = 10_000 // addresses
	// sharedFailures is how many times that an address may send which may be
	// everybody's: a proxy that trusted_proxies does not name.
	sharedFailures = 10
)

// Failures limits wrong signatures by address. Only failures are counted: one
// big server is thousands of reporters. It implements inbox.FailureLimit.
type Failures struct {
	clock clock.Clock
	peers *Peers

	mu   sync.Mutex
	seen *lru.LRU[admission.Address, *rate.Limiter]
}

// NewFailures returns a limit for the clients that peers tells apart.
func NewFailures(c clock.Clock, peers *Peers) *Failures {
	seen, err := lru.NewLRU[admission.Address, *rate.Limiter](failureMemory, nil)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &Failures{clock: c, peers: peers, seen: seen}
}

// Allowed says whether the sender of r may try.
func (f *Failures) Allowed(r *http.Request) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.peers.accounts(r) {
		l, ok := f.seen.Peek(a)
		if !ok {
			continue
		}
		tokens := l.TokensAt(f.clock.Now())
		if tokens >= float64(l.Burst()) { // everything is forgiven: forget it too
			f.seen.Remove(a)
		}
		if tokens < 1 {
			return false
		}
	}
	return true
}

// Count notes a wrong signature.
func (f *Failures) Count(r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forgetOldest()
	for _, a := range f.peers.accounts(r) {
		l, ok := f.seen.Get(a)
		if !ok {
			l = newFailureLimit(a)
			f.seen.Add(a, l)
		}
		l.AllowN(f.clock.Now(), 1)
	}
}

// newFailureLimit returns what an address may send, and more for one that may
// be everybody's.
func newFailureLimit(a admission.Address) *rate.Limiter {
	n := 1
	if a.Shared {
		n = sharedFailures
	}
	return rate.NewLimiter(rate.Every(failureEvery/time.Duration(n)), n*failureBurst)
}

// Len returns how many addresses something is held against.
func (f *Failures) Len() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen.Len()
}

// forgetOldest drops those who have not failed for so long that nothing is
// held against them: a few at every failure, so the map stays small.
func (f *Failures) forgetOldest() {
	for range 4 {
		key, l, ok := f.seen.GetOldest()
		if !ok || l.TokensAt(f.clock.Now()) < float64(l.Burst()) {
			return
		}
		f.seen.Remove(key)
	}
}

// ClientAddr returns the address a request came from. X-Forwarded-For is read
// from its end, where our own proxies write, as far as trusted proxies reach;
// what stands before was written by the client (CVE-2023-49952). The zero Addr
// stands for one that is unknown.
func ClientAddr(r *http.Request, trusted []netip.Prefix) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := at.Addr().Unmap().WithZone("")
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for n := len(hops) - 1; n >= 0 && within(addr, trusted); n-- {
		before, err := netip.ParseAddr(strings.TrimSpace(hops[n]))
		if err != nil {
			break
		}
		addr = before.Unmap().WithZone("")
	}
	return addr
}

func within(a netip.Addr, networks []netip.Prefix) bool {
	for _, n := range networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

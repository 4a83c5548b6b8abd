package server

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"

	"earshot/internal/clock"
)

// An address may send failureBurst wrong signatures at once, then one every
// failureEvery.
const (
	failureBurst  = 60
	failureEvery  = 2 * time.Second
	failureMemory = 10_000 // addresses
)

// Failures limits wrong signatures by address. Only failures are counted: one
// big server is thousands of reporters. It implements inbox.FailureLimit.
type Failures struct {
	clock   clock.Clock
	proxies []netip.Prefix

	mu   sync.Mutex
	seen *lru.LRU[netip.Prefix, *rate.Limiter]
}

// NewFailures returns a limit that believes X-Forwarded-For from proxies only.
func NewFailures(c clock.Clock, proxies []netip.Prefix) *Failures {
	seen, err := lru.NewLRU[netip.Prefix, *rate.Limiter](failureMemory, nil)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &Failures{clock: c, proxies: proxies, seen: seen}
}

// Allowed says whether the sender of r may try.
func (f *Failures) Allowed(r *http.Request) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := network(ClientAddr(r, f.proxies))
	l, ok := f.seen.Peek(key)
	if !ok {
		return true
	}
	tokens := l.TokensAt(f.clock.Now())
	if tokens >= failureBurst { // everything is forgiven: forget it too
		f.seen.Remove(key)
	}
	return tokens >= 1
}

// Count notes a wrong signature.
func (f *Failures) Count(r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forgetOldest()
	key := network(ClientAddr(r, f.proxies))
	l, ok := f.seen.Get(key)
	if !ok {
		l = rate.NewLimiter(rate.Every(failureEvery), failureBurst)
		f.seen.Add(key, l)
	}
	l.AllowN(f.clock.Now(), 1)
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
		if !ok || l.TokensAt(f.clock.Now()) < failureBurst {
			return
		}
		f.seen.Remove(key)
	}
}

// network is whom an address stands for: in IPv6 a customer has a /64 at least.
func network(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	return netip.PrefixFrom(a, bits).Masked()
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

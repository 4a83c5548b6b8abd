package server

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"earshot/internal/admission"
	"earshot/internal/clock"
	"earshot/internal/ratelimit"
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
	seen  *ratelimit.Limits[admission.Address]
}

// NewFailures returns a limit for the clients that peers tells apart.
func NewFailures(c clock.Clock, peers *Peers) *Failures {
	return &Failures{clock: c, peers: peers, seen: ratelimit.New[admission.Address](failureMemory)}
}

// Allowed says whether the sender of r may try.
func (f *Failures) Allowed(r *http.Request) bool {
	for _, a := range f.peers.accounts(r) {
		if !f.seen.Left(a, f.clock.Now()) {
			return false
		}
	}
	return true
}

// Count notes a wrong signature.
func (f *Failures) Count(r *http.Request) {
	for _, a := range f.peers.accounts(r) {
		f.seen.Allow(a, failureRate(a), f.clock.Now())
	}
}

// failureRate returns what an address may send, and more for one that may be
// everybody's.
func failureRate(a admission.Address) ratelimit.Rate {
	n := 1
	if a.Shared {
		n = sharedFailures
	}
	return ratelimit.Rate{Burst: n * failureBurst, Every: failureEvery / time.Duration(n)}
}

// Len returns how many addresses something is held against.
func (f *Failures) Len() int { return f.seen.Len() }

// ClientAddr returns the address a request came from. X-Forwarded-For is read
// from its end, where our own proxies write, as far as trusted proxies reach;
// the client wrote everything before that (CVE-2023-49952). The zero Addr
// stands for one that is unknown.
func ClientAddr(r *http.Request, trusted []netip.Prefix) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := at.Addr().Unmap().WithZone("")
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for n := len(hops) - 1; n >= 0 && within(addr, trusted); n-- {
		before, ok := hop(hops[n])
		if !ok {
			break
		}
		addr = before
	}
	return addr
}

// hop reads one address of X-Forwarded-For. Some proxies add the port, some
// write IPv6 in brackets.
func hop(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if at, err := netip.ParseAddrPort(s); err == nil {
		return at.Addr().Unmap().WithZone(""), true
	}
	if inner, ok := strings.CutPrefix(s, "["); ok {
		s = strings.TrimSuffix(inner, "]")
	}
	a, err := netip.ParseAddr(s)
	return a.Unmap().WithZone(""), err == nil
}

func within(a netip.Addr, networks []netip.Prefix) bool {
	for _, n := range networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

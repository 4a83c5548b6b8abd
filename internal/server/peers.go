package server

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"earshot/internal/admission"
	"earshot/internal/ratelimit"
)

// Peers tells clients apart. If trusted_proxies is set, it says which proxies
// name the clients. If not, a peer with a loopback or private address may still
// be a proxy: then all clients would be one address, and one client could use up
// the places of all. So such a peer's last X-Forwarded-For is believed for one
// thing: whose share a request counts against. It gives no right, and is not in
// the log.
type Peers struct {
	trusted []netip.Prefix
	log     *slog.Logger
	local   bool // see Local

	mu         sync.Mutex
	undeclared netip.Addr // a proxy that is not in trusted_proxies
	nameless   netip.Addr // one that names no clients
}

// NewPeers returns Peers that tells clients apart behind these proxies.
func NewPeers(trusted []netip.Prefix, log *slog.Logger) *Peers {
	return &Peers{trusted: trusted, log: log}
}

// Local says that other servers may be on this machine, as in development: one that names
// no client need not be a proxy.
func (p *Peers) Local() *Peers {
	p.local = true
	return p
}

// Address returns the address that a request counts for. A nil Peers takes the
// connection's.
func (p *Peers) Address(r *http.Request) admission.Address { return p.accounts(r)[0] }

// Sender names the client of a request, for a share that is counted elsewhere.
func (p *Peers) Sender(r *http.Request) string { return p.Address(r).Network.String() }

// accounts returns the addresses that a failure counts for: the client, and
// behind an undeclared proxy the proxy too, since a client could make up its
// name.
func (p *Peers) accounts(r *http.Request) []admission.Address {
	if p == nil {
		return []admission.Address{admission.AddressOf(ClientAddr(r, nil))}
	}
	peer := ClientAddr(r, nil)
	if !p.maybeProxy(peer) {
		if _, names := lastForwarded(r); names && isLocal(peer) && !within(peer, p.trusted) { // a stranger could say so too
			p.found(peer, &p.undeclared, true, undeclared)
		}
		return []admission.Address{admission.AddressOf(ClientAddr(r, p.trusted))}
	}
	proxy := admission.Address{Network: ratelimit.Network(peer), Shared: true}
	client, ok := lastForwarded(r)
	if !ok {
		p.found(peer, &p.nameless, !p.local && r.Method == http.MethodPost && class(r.URL.Path) == "inbox", "requests come from a local address without X-Forwarded-For: have the proxy send it, and set trusted_proxies")
		return []admission.Address{proxy}
	}
	p.found(peer, &p.undeclared, true, undeclared)
	return []admission.Address{admission.AddressOf(client), proxy}
}

const undeclared = "requests come through a proxy that trusted_proxies does not name: set it, or limits by address are coarse"

// maybeProxy says whether a peer may be a proxy that was not declared.
func (p *Peers) maybeProxy(peer netip.Addr) bool {
	return len(p.trusted) == 0 && isLocal(peer)
}

func isLocal(a netip.Addr) bool { return a.IsLoopback() || a.IsPrivate() }

// isProxy says whether many clients may share a peer's connections.
func (p *Peers) isProxy(peer netip.Addr) bool {
	return p != nil && (within(peer, p.trusted) || p.maybeProxy(peer))
}

// found notes the first of a kind, and says so once.
func (p *Peers) found(peer netip.Addr, at *netip.Addr, is bool, warning string) {
	if !is {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !at.IsValid() {
		*at = peer
		p.log.Warn(warning, "peer", peer)
	}
}

// Undeclared returns a proxy that requests came through and that
// trusted_proxies does not name, and whether it names its clients; "" if none
// was seen.
func (p *Peers) Undeclared() (proxy string, names bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.undeclared.IsValid():
		return p.undeclared.String(), true
	case p.nameless.IsValid():
		return p.nameless.String(), false
	}
	return "", false
}

// Share returns the client whose share a request counts against, the zero Addr
// if that is the connection's peer.
func (p *Peers) Share(r *http.Request) netip.Addr {
	if p == nil || !p.maybeProxy(ClientAddr(r, nil)) {
		return netip.Addr{}
	}
	client, _ := lastForwarded(r)
	return client
}

// lastForwarded returns the client as the nearest proxy names it.
func lastForwarded(r *http.Request) (netip.Addr, bool) {
	all := r.Header.Values("X-Forwarded-For")
	if len(all) == 0 {
		return netip.Addr{}, false
	}
	hops := strings.Split(all[len(all)-1], ",")
	return hop(hops[len(hops)-1])
}

// addrOf returns a connection's peer, the zero Addr if it is unknown.
func addrOf(a net.Addr) netip.Addr {
	at, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

package admission

import (
	"net/netip"

	"earshot/internal/ratelimit"
)

// Address has a share of everything.
type Address struct {
	// Network is one IPv4 address, or the /64 of an IPv6 address: a customer
	// has that many at least.
	Network netip.Prefix
	// Shared: all clients may come from this address, as from a proxy that names
	// no client. It has the largest share.
	Shared bool
}

// AddressOf returns the address that an IP address counts as.
func AddressOf(a netip.Addr) Address { return Address{Network: ratelimit.Network(a)} }

package ratelimit

import "net/netip"

// Network returns the network whose addresses count as one: an IPv4 address, or
// the /64 of an IPv6 address, which is the least that a customer gets. The zero
// Addr has the zero Prefix.
func Network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	return netip.PrefixFrom(a, bits).Masked()
}

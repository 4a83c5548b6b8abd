package safehttp

import (
	"fmt"
	"net/netip"
	"syscall"

	"code.dny.dev/ssrf"
)

// ofTheCloud are addresses that look public, and are services of the machine's
// own cloud: Azure's agent, which hands out secrets, and the metadata of Equinix.
// Those of others (169.254.0.0/16, 192.0.0.192, 100.100.100.200, fd00:ec2::254,
// fd20:ce::254) are of special purpose or local.
var ofTheCloud = []netip.Prefix{netip.MustParsePrefix("168.63.129.16/32"), netip.MustParsePrefix("192.80.8.124/32")}

// control is the type of net.Dialer.Control.
type control func(network, address string, c syscall.RawConn) error

// reach says to which addresses that are not public a connection may lead.
type reach int

const (
	toPublic   reach = iota
	toPrivate        // private networks too
	toLoopback       // and this machine
)

// The networks of toPrivate, and those of toLoopback beside them.
var (
	private4  = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16")}
	private6  = []netip.Prefix{netip.MustParsePrefix("fc00::/7")}
	loopback4 = netip.MustParsePrefix("127.0.0.0/8")
	loopback6 = netip.MustParsePrefix("::1/128")
)

// guard returns the check that runs on the resolved address just before each
// connect. It refuses the special-purpose addresses of IANA's lists, and every
// IPv6 address outside 2000::/3, so also IPv4-mapped, NAT64 and local
// addresses, but for those within reach. Link-local addresses (cloud metadata
// services) never pass.
func guard(r reach) control {
	options := []ssrf.Option{ssrf.WithAnyPort(), ssrf.WithDeniedV4Prefixes(ofTheCloud...)}
	switch r {
	case toPrivate:
		options = append(options, ssrf.WithAllowedV4Prefixes(private4...), ssrf.WithAllowedV6Prefixes(private6...))
	case toLoopback:
		options = append(options, ssrf.WithAllowedV4Prefixes(append([]netip.Prefix{loopback4}, private4...)...),
			ssrf.WithAllowedV6Prefixes(append([]netip.Prefix{loopback6}, private6...)...))
	}
	safe := ssrf.New(options...).Safe
	return func(network, address string, c syscall.RawConn) error {
		if err := safe(network, address, c); err != nil {
			return fmt.Errorf("%w: %w", ErrForbiddenAddress, err)
		}
		return nil
	}
}

// general is the guard of all hosts that are not named.
func general(allowPrivate bool) control {
	if allowPrivate {
		return guard(toLoopback)
	}
	return guard(toPublic)
}

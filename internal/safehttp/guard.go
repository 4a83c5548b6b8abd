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

// guard returns the check that runs on the resolved address just before each
// connect. It refuses the special-purpose addresses of IANA's lists, and every
// IPv6 address outside 2000::/3, so also IPv4-mapped, NAT64 and local
// addresses. With allowPrivate, loopback and private networks pass; link-local
// addresses (cloud metadata services) never do.
func guard(allowPrivate bool) control {
	options := []ssrf.Option{ssrf.WithAnyPort(), ssrf.WithDeniedV4Prefixes(ofTheCloud...)}
	if allowPrivate {
		options = append(options,
			ssrf.WithAllowedV4Prefixes(
				netip.MustParsePrefix("127.0.0.0/8"),
				netip.MustParsePrefix("10.0.0.0/8"),
				netip.MustParsePrefix("172.16.0.0/12"),
				netip.MustParsePrefix("192.168.0.0/16"),
			),
			ssrf.WithAllowedV6Prefixes(
				netip.MustParsePrefix("::1/128"),
				netip.MustParsePrefix("fc00::/7"),
			))
	}
	safe := ssrf.New(options...).Safe
	return func(network, address string, c syscall.RawConn) error {
		if err := safe(network, address, c); err != nil {
			return fmt.Errorf("%w: %w", ErrForbiddenAddress, err)
		}
		return nil
	}
}

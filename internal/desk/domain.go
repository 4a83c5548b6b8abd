package desk

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Domain is a registered domain: the part below a public suffix, such as
// example.co.uk. One owner has as many hosts below it as they like, so that
// shares and limits are counted by domain and not by host.
type Domain string

// Domain returns a host's registrable domain, by the public suffix list that the
// program was built with. Ports do not count. An address is its own domain, an
// IPv6 address that of its /64 network; so is a name without any domain above it.
// On this machine itself, which only --dev lets us ask, each port is a domain.
func (h Host) Domain() Domain {
	name := string(h)
	if at := strings.LastIndexByte(name, ':'); at >= 0 && !strings.HasSuffix(name, "]") {
		name = name[:at]
	}
	if name == "localhost" {
		return Domain(h)
	}
	if a, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		if a.Unmap().IsLoopback() {
			return Domain(h)
		}
		if a = a.Unmap(); a.Is6() {
			if p, err := a.WithZone("").Prefix(64); err == nil {
				return Domain(p.String())
			}
		}
		return Domain(a.String())
	}
	if d, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		return Domain(d)
	}
	return Domain(name)
}

package safehttp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"

	"earshot/internal/desk"
)

// A PrivateHost is a name that may resolve to private addresses: an instance or
// a peer in a private network. The whole name counts, never the names below it.
type PrivateHost struct {
	Host     desk.Host // without a port: each port
	Loopback bool      // to this machine too
}

// ParsePrivateHost reads `NAME`, `NAME:PORT`, or either with ` loopback` behind
// it. An address is refused: it would match only one of its spellings.
func ParsePrivateHost(s string) (PrivateHost, error) {
	wrong := func(why string) (PrivateHost, error) {
		return PrivateHost{}, fmt.Errorf("a name like social.intern.example, or one followed by the word loopback, not %.300q: %s", s, why)
	}
	fields := strings.Fields(s)
	if len(fields) == 0 || len(fields) > 2 || len(fields) == 2 && fields[1] != "loopback" {
		return wrong("there are other words")
	}
	if strings.ContainsAny(fields[0], "/@*?#") {
		return wrong("no address of a page, network or pattern")
	}
	host, err := desk.CanonicalHost(fields[0], "")
	if err != nil {
		return wrong("it is no name of a server")
	}
	name := string(host)
	if n, port, err := net.SplitHostPort(name); err == nil {
		name = n
		if _, err := netip.ParseAddrPort("127.0.0.1:" + port); err != nil {
			return wrong("the port is no number")
		}
	}
	// Numbers at the end are an address to some resolvers, in whatever base.
	last := name[strings.LastIndexByte(name, '.')+1:]
	if strings.ContainsAny(name, ":[]") || last == "" || last[0] >= '0' && last[0] <= '9' {
		return wrong("an address is no name")
	}
	return PrivateHost{Host: host, Loopback: len(fields) == 2}, nil
}

func (p PrivateHost) String() string {
	if p.Loopback {
		return string(p.Host) + " loopback"
	}
	return string(p.Host)
}

// errMetadata: an address that is private, and hands out secrets.
var errMetadata = errors.New("a metadata service of the cloud")

// privateMetadata are the metadata services among private addresses: Amazon's and Google's.
var privateMetadata = []netip.Prefix{netip.MustParsePrefix("fd00:ec2::/32"), netip.MustParsePrefix("fd20:ce::/32")}

// check is the guard of connections to this host.
func (p PrivateHost) check() control {
	inner := guard(toPrivate)
	if p.Loopback {
		inner = guard(toLoopback)
	}
	return func(network, address string, c syscall.RawConn) error {
		if a, err := netip.ParseAddrPort(address); err == nil {
			for _, m := range privateMetadata {
				if m.Contains(a.Addr()) {
					return fmt.Errorf("%w: %w", ErrForbiddenAddress, errMetadata)
				}
			}
		}
		return inner(network, address, c)
	}
}

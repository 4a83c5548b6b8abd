package server

import (
	"net"

	"golang.org/x/net/netutil"

	"earshot/internal/admission"
)

// connectionBounds bound the open connections; those that say nothing are closed
// after headerTimeout or idleTimeout. Proxies have all they want: their clients
// are told apart by request.
var connectionBounds = admission.Bounds{Total: maxConnections, Strangers: maxConnections * 3 / 4, Address: 256, Floor: 64, Most: maxConnections / 2, Unit: 1}

// shared is a listener whose connections no address can use up: those above its
// share are closed at once. Beyond maxConnections everybody waits to be accepted.
type shared struct {
	net.Listener
	a *Admission
}

func (a *Admission) listener(l net.Listener) net.Listener {
	return shared{netutil.LimitListener(l, maxConnections), a}
}

// Accept returns the next connection that may be open.
func (s shared) Accept() (net.Conn, error) {
	for {
		c, err := s.Listener.Accept()
		if err != nil {
			return nil, err
		}
		peer := addrOf(c.RemoteAddr())
		if s.a.peers.isProxy(peer) {
			return c, nil
		}
		held, why := s.a.connections.Take(admission.AddressOf(peer), 1)
		if why == "" {
			return &connection{c, held}, nil
		}
		s.a.refused("connections", why)
		_ = c.Close()
	}
}

// connection gives its place back when it is closed.
type connection struct {
	net.Conn
	held *admission.Holding
}

func (c *connection) Close() error {
	defer c.held.Give()
	return c.Conn.Close()
}

package safehttp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"earshot/internal/desk"
)

// DialServer returns what connects to one server that an admin named in the settings, and
// that is none of the web's: one for mail. It may be in a private network, and on this
// machine; metadata services of the cloud are refused. With a TLS configuration the
// connection begins with TLS.
func DialServer(host string, secure *tls.Config) func(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: connectTimeout, Control: PrivateHost{Host: desk.Host(host), Loopback: true}.check()}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if to, _, err := net.SplitHostPort(address); err != nil || to != host {
			return nil, errors.New("this way out leads to one server only")
		}
		if secure == nil {
			return dialer.DialContext(ctx, network, address)
		}
		config := secure.Clone()
		config.InsecureSkipVerify, config.ServerName = false, host
		return (&tls.Dialer{NetDialer: dialer, Config: config}).DialContext(ctx, network, address)
	}
}

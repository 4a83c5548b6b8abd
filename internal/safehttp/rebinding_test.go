package safehttp

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"earshot/internal/test/dns"
)

var errUnplugged = errors.New("a test does not call strangers")

// DNS rebinding: a name is public when it is looked at and private when it is
// used. No moment lies between check and use: the connected address itself is
// checked, each time and for each address of an answer.
func TestRebinding(t *testing.T) {
	const public, private = "9.9.9.9", "127.0.0.1"
	for _, tt := range []struct {
		name  string
		lists [][]string
		want  []error // of one Get after another; nil: any
	}{
		{"public, then private", [][]string{{public}, {private}}, []error{errUnplugged, ErrForbiddenAddress}},
		{"private, then public", [][]string{{private}, {public}}, []error{ErrForbiddenAddress, errUnplugged}},
		{"both in one answer", [][]string{{public, private}}, []error{nil}}, // in either order
		{"metadata service", [][]string{{public}, {"169.254.169.254"}}, []error{errUnplugged, ErrForbiddenAddress}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var reached atomic.Int64
			server, _ := serve(t, Options{}, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
			_, port, err := net.SplitHostPort(server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			strict := general(false)
			passed := 0
			c := newClient(Options{TLS: trusting(server), Resolver: dns.Names(t, tt.lists...)}, func(network, address string, rc syscall.RawConn) error {
				if err := strict(network, address, rc); err != nil {
					return err
				}
				if !strings.HasPrefix(address, public+":") {
					t.Errorf("the guard lets %s pass", address)
				}
				passed++
				return errUnplugged
			})
			defer c.CloseIdle()
			for n, want := range tt.want {
				if _, err := c.Get(t.Context(), "https://rebound.example:"+port+"/", nil); err == nil || want != nil && !errors.Is(err, want) {
					t.Errorf("Get %d: %v, want %v", n, err, want)
				}
			}
			if passed != 1 || reached.Load() != 0 {
				t.Errorf("%d public connections were tried, want 1; the private server was asked %d times", passed, reached.Load())
			}
		})
	}
}

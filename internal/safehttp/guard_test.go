package safehttp

import (
	"errors"
	"testing"
)

func TestGuard(t *testing.T) {
	const public, private, never = "public", "private", "never"
	for _, tt := range []struct{ network, address, want string }{
		{"tcp4", "9.9.9.9:443", public},
		{"tcp4", "9.9.9.9:8443", public},
		{"tcp6", "[2620:fe::fe]:443", public},

		{"tcp4", "127.0.0.1:443", private},
		{"tcp4", "127.9.9.9:443", private},
		{"tcp4", "10.0.0.1:443", private},
		{"tcp4", "172.16.0.1:443", private},
		{"tcp4", "192.168.1.1:443", private},
		{"tcp6", "[::1]:443", private},
		{"tcp6", "[fd00::1]:443", private},

		{"tcp4", "0.0.0.0:443", never},
		{"tcp6", "[::]:443", never},
		{"tcp4", "169.254.169.254:80", never},
		{"tcp4", "169.254.0.23:80", never},           // Tencent
		{"tcp4", "168.63.129.16:80", never},          // Azure
		{"tcp4", "168.63.129.16:32526", never},       // Azure
		{"tcp4", "168.63.129.17:443", public},        // a neighbour
		{"tcp4", "192.80.8.124:80", never},           // Equinix
		{"tcp4", "192.0.0.192:80", never},            // Oracle
		{"tcp4", "100.100.100.200:80", never},        // Alibaba
		{"tcp6", "[fd00:ec2::254]:80", private},      // AWS
		{"tcp6", "[fd20:ce::254]:80", private},       // Google
		{"tcp6", "[::ffff:168.63.129.16]:80", never}, // mapped
		{"tcp6", "[64:ff9b::a83f:8110]:80", never},   // NAT64
		{"tcp6", "[fe80::1]:443", never},
		{"tcp6", "[fe80::1%eth0]:443", never},
		{"tcp4", "100.64.0.1:443", never},               // CGNAT
		{"tcp4", "192.0.0.1:443", never},                // IETF protocol assignments
		{"tcp4", "198.18.0.1:443", never},               // benchmarks
		{"tcp4", "203.0.113.1:443", never},              // documentation
		{"tcp4", "224.0.0.1:443", never},                // multicast
		{"tcp4", "255.255.255.255:443", never},          // broadcast
		{"tcp6", "[::ffff:127.0.0.1]:443", never},       // IPv4-mapped
		{"tcp6", "[::ffff:9.9.9.9]:443", never},         // IPv4-mapped
		{"tcp6", "[::127.0.0.1]:443", never},            // IPv4-compatible
		{"tcp6", "[64:ff9b::7f00:1]:443", never},        // NAT64
		{"tcp6", "[64:ff9b:1::7f00:1]:443", never},      // local NAT64
		{"tcp6", "[2002:7f00:1::]:443", never},          // 6to4
		{"tcp6", "[2001:0:7f00:1::]:443", never},        // Teredo
		{"tcp6", "[2001:db8::1]:443", never},            // documentation
		{"tcp6", "[ff02::1]:443", never},                // multicast
		{"udp4", "9.9.9.9:443", never},                  // not TCP
		{"unix", "/run/something.sock", never},          // not a network
		{"tcp4", "not an address", never},               // nonsense
		{"tcp6", "[fec0::1]:443", never},                // old site-local
		{"tcp6", "[100::1]:443", never},                 // discard
		{"tcp6", "[5f00::1]:443", never},                // segment routing
		{"tcp6", "[3fff::1]:443", never},                // documentation
		{"tcp4", "192.88.99.1:443", never},              // 6to4 relays
		{"tcp4", "240.0.0.1:443", never},                // reserved
		{"tcp4", "0.1.2.3:443", never},                  // this network
		{"tcp6", "[2620:4f:8000::1]:443", never},        // AS112
		{"tcp6", "[2001:2::1]:443", never},              // benchmarks
		{"tcp6", "[2001:10::1]:443", never},             // ORCHID
		{"tcp4", "192.0.2.1:443", never},                // documentation
		{"tcp4", "198.51.100.1:443", never},             // documentation
		{"tcp6", "[::ffff:169.254.169.254]:443", never}, // mapped metadata service
	} {
		strict, dev := general(false)(tt.network, tt.address, nil), general(true)(tt.network, tt.address, nil)
		if (strict == nil) != (tt.want == public) {
			t.Errorf("%s: strict guard says %v", tt.address, strict)
		}
		if (dev == nil) != (tt.want != never) {
			t.Errorf("%s: dev guard says %v", tt.address, dev)
		}
		if strict != nil && (!errors.Is(strict, ErrForbiddenAddress) || !Permanent(strict)) {
			t.Errorf("%s: %v is not ErrForbiddenAddress", tt.address, strict)
		}
	}
}

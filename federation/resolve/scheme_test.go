package resolve

import (
	"net/http"
	"strings"
	"testing"

	"earshot/federation/httpsig"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
	"earshot/internal/test/dns"
)

// How a GET is signed: draft-cavage first, RFC 9421 if that is refused, never
// more than twice; the scheme that worked is remembered for the host, and a
// wrong memory heals.
func TestSecondKnock(t *testing.T) {
	p := newPeer(t)
	var asked []string
	r, _ := newResolver(t, func(o *Options) {
		o.Sign = func(r *http.Request, s httpsig.Scheme) error { r.Header.Set("Signature", string(s)); return nil }
	})
	answer := func(cavage, rfc9421 int) {
		p.handle("/alice", func(w http.ResponseWriter, r *http.Request) {
			scheme := r.Header.Get("Signature")
			asked = append(asked, scheme)
			status := cavage
			if scheme == string(httpsig.RFC9421) {
				status = rfc9421
			}
			if status != http.StatusOK {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(status)
				w.Write([]byte(`{"error":"no"}`))
				return
			}
			p.document(simple("/alice"))(w, r)
		})
	}
	for _, tt := range []struct {
		name            string
		cavage, rfc9421 int
		asked           string
		want            Kind
	}{
		{"both work", 200, 200, "cavage", 0},
		{"draft-cavage is refused", 401, 200, "cavage rfc9421", 0},
		{"remembered", 401, 200, "rfc9421", 0},
		{"it needs draft-cavage again", 200, 401, "rfc9421 cavage", 0},
		{"healed", 200, 401, "cavage", 0},
		{"RFC 9421 only", 401, 200, "cavage rfc9421", 0},
		{"it does not know RFC 9421 any more", 200, 400, "rfc9421 cavage", 0},
		{"neither", 401, 401, "cavage rfc9421", Unauthorized},
		{"neither, and it does not know RFC 9421", 401, 400, "cavage rfc9421", Unauthorized},
		{"RFC 9421 only, again", 401, 200, "cavage rfc9421", 0},
		{"neither, with a memory", 401, 400, "rfc9421 cavage", Unauthorized},
		{"not wanted", 403, 403, "rfc9421", Refused},
		{"gone", 410, 410, "rfc9421", Gone},
	} {
		answer(tt.cavage, tt.rfc9421)
		asked = nil
		_, err := r.RefreshActor(ctx, p.actor("/alice"))
		if KindOf(err) != tt.want || strings.Join(asked, " ") != tt.asked {
			t.Errorf("%s: %v, asked by %q, want %q", tt.name, err, asked, tt.asked)
		}
	}
}

// The memory of hosts is bounded.
func TestSchemesAreBounded(t *testing.T) {
	s := newSchemes()
	for n := range maxSchemeHosts + 10 {
		s.worked(desk.Host("h"+strings.Repeat("x", n%7)+string(rune('a'+n%26))+string(rune(0x4e00+n))), httpsig.RFC9421)
	}
	if n := s.hosts.Len(); n > maxSchemeHosts {
		t.Errorf("%d hosts are remembered", n)
	}
}

// The second knock is a request like the first, whichever scheme is first: its
// hops and its addresses are checked again, and no third one follows.
func TestSecondKnockKeepsTheRules(t *testing.T) {
	const metadata = "169.254.169.254"
	for _, first := range []httpsig.Scheme{httpsig.Cavage, httpsig.RFC9421} {
		for _, tt := range []struct {
			name     string
			redirect string // of the second knock
			names    []string
		}{
			{"led to ourselves", "http://earshot.example/relay", []string{"127.0.0.1"}},
			{"led to a metadata service", "http://" + metadata + "/latest", []string{"127.0.0.1"}},
			{"led to another scheme", "ftp://127.0.0.1/alice", []string{"127.0.0.1"}},
			{"the name has changed its mind", "", []string{metadata}},
		} {
			t.Run(string(first)+", "+tt.name, func(t *testing.T) {
				p := newPeer(t)
				r, _ := newResolver(t, func(o *Options) {
					o.Sign = func(r *http.Request, s httpsig.Scheme) error { r.Header.Set("Signature", string(s)); return nil }
					o.Client = safehttp.New(safehttp.Options{AllowPrivate: true, Resolver: dns.Names(t, []string{"127.0.0.1"}, tt.names)})
				})
				id := desk.ActorID(strings.Replace(p.URL, "127.0.0.1", "rebound.example", 1) + "/alice")
				if first == httpsig.RFC9421 {
					r.schemes.worked(id.Host(), httpsig.RFC9421)
				}
				p.handle("/alice", func(w http.ResponseWriter, r *http.Request) {
					if r.Header.Get("Signature") != string(first) {
						http.Redirect(w, r, tt.redirect, http.StatusFound)
						return
					}
					w.Header().Set("Connection", "close") // or the second knock goes through the open door
					w.WriteHeader(http.StatusUnauthorized)
				})
				_, err := r.Actor(ctx, id)
				expectKind(t, err, Invalid)
				want := 2
				if tt.redirect == "" {
					want = 1 // nobody was there to be asked again
				}
				p.expect("/alice", want)
				if _, err := r.Actor(ctx, id); KindOf(err) != Invalid {
					t.Errorf("once more: %v", err)
				}
				p.expect("/alice", want)
				if learned := r.schemes.of(id.Host())[0]; learned != first {
					t.Errorf("%s is remembered", learned)
				}
			})
		}
	}
}

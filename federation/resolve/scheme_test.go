package resolve

import (
	"net/http"
	"strings"
	"testing"

	"earshot/federation/httpsig"
	"earshot/internal/desk"
)

// How a GET is signed: draft-cavage first, RFC 9421 where that is refused,
// never more than twice; what worked is remembered for the host and heals.
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
				w.WriteHeader(status)
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

// What is remembered of hosts is bounded, and a second hop is judged anew: the
// second knock is a request like the first, its addresses checked.
func TestSecondKnockKeepsTheRules(t *testing.T) {
	s := newSchemes()
	for n := range maxSchemeHosts + 10 {
		s.worked(desk.Host("h"+strings.Repeat("x", n%7)+string(rune('a'+n%26))+string(rune(0x4e00+n))), httpsig.RFC9421)
	}
	if n := s.hosts.Len(); n > maxSchemeHosts {
		t.Errorf("%d hosts are remembered", n)
	}
	p := newPeer(t)
	r, _ := newResolver(t, func(o *Options) {
		o.Sign = func(r *http.Request, s httpsig.Scheme) error { r.Header.Set("Signature", string(s)); return nil }
	})
	p.handle("/alice", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Signature") == string(httpsig.Cavage) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.Redirect(w, r, "http://earshot.example/relay", http.StatusFound)
	})
	if _, err := r.Actor(ctx, p.actor("/alice")); KindOf(err) != Invalid {
		t.Errorf("the second knock was led to ourselves: %v", err)
	}
}

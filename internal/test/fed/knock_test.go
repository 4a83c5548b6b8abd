package fed_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/safehttp"
	"earshot/internal/test/dns"
	"earshot/internal/test/fed"
	"earshot/store"
)

// takes is an inbox that takes only requests signed by one scheme; a server
// that misses the headers of draft-cavage answers as it is told.
func takes(scheme httpsig.Scheme, refusal int) func(*http.Request) int {
	return func(r *http.Request) int {
		if isMessage := r.Header.Get("Signature-Input") != ""; isMessage != (scheme == httpsig.RFC9421) {
			return refusal
		}
		return http.StatusAccepted
	}
}

// schemesOf lists the signature schemes of the requests that reached a peer
// from n on.
func schemesOf(p *fed.Peer, from int) string {
	var out []string
	for _, g := range p.Got()[from:] {
		out = append(out, string(g.Scheme))
	}
	return strings.Join(out, " ")
}

func remembered(t *testing.T, p *fed.Provider, eve *fed.Peer) store.Scheme {
	t.Helper()
	var h store.HostState
	if err := p.View(ctx, func(tx *app.Tx) (err error) { h, _, err = tx.Hosts().Get(eve.Actor.Host()); return err }); err != nil {
		t.Fatal(err)
	}
	return h.Scheme
}

// How a delivery is signed: draft-cavage first, RFC 9421 if that is refused.
// The scheme that worked is remembered, and the memory heals when it stops
// working.
func TestSchemeThatWorksIsRemembered(t *testing.T) {
	t.Parallel()
	c, p, eve, id := correspondent(t)
	const inbox = "/users/eve/inbox"
	for n, step := range []struct {
		name       string
		inbox      func(*http.Request) int
		knocks     string
		remembered store.Scheme
	}{
		{"takes draft-cavage", takes(httpsig.Cavage, 401), "cavage", ""},
		{"takes RFC 9421 alone now, and says 401", takes(httpsig.RFC9421, 401), "cavage rfc9421", "rfc9421"},
		{"and again", takes(httpsig.RFC9421, 401), "rfc9421", "rfc9421"},
		{"takes draft-cavage alone now, and says 400", takes(httpsig.Cavage, 400), "rfc9421 cavage", ""},
		{"and again", takes(httpsig.Cavage, 400), "cavage", ""},
		{"takes RFC 9421 alone, and says 403", takes(httpsig.RFC9421, 403), "cavage rfc9421", "rfc9421"},
		{"takes draft-cavage alone, and says 401", takes(httpsig.Cavage, 401), "rfc9421 cavage", ""},
	} {
		eve.InboxDecides(inbox, step.inbox)
		before := len(eve.Got())
		if n == 0 {
			p.Say(id, "hello")
		} else {
			p.Say(id, "again "+step.name)
		}
		c.Advance(time.Minute)
		if got := schemesOf(eve, before); got != step.knocks {
			t.Errorf("%d, %s: signed by %q, want %q", n, step.name, got, step.knocks)
		}
		if got := remembered(t, p, eve); got != step.remembered {
			t.Errorf("%d, %s: remembered %q, want %q", n, step.name, got, step.remembered)
		}
	}
}

// A server whose actors say that they take signatures by Ed25519 keys (FEP-844e) gets
// such, which the key in the desk's own document verifies. One that does not after all is not
// believed for a month; one that sends such a signature itself is.
func TestEd25519WhereItIsTaken(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, eve := c.Provider(acme), c.Peer()
	eve.Person("eve", M{"generator": M{"type": "Application", "implements": []M{{"href": as.ImplementsRFC9421}, {"name": "RFC-9421 signatures using the Ed25519 algorithm", "href": as.ImplementsEd25519}}}})
	base, err := url.Parse(eve.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := safehttp.New(safehttp.Options{AllowPrivate: true})
	t.Cleanup(client.CloseIdle)
	abroad := resolve.New(resolve.Options{Client: client, Clock: c.Clock})
	t.Cleanup(abroad.Close)
	if us, err := abroad.Actor(ctx, p.Site.Desk("help")); err != nil || !us.TakesEd25519() {
		t.Errorf("the desk does not say that it takes Ed25519 keys: %+v, %v", us, err)
	}
	verifier := httpsig.Verifier{Clock: c.Clock, BaseURL: base, Lookup: abroad.Key}
	takes := true
	eve.InboxDecides("/users/eve/inbox", func(r *http.Request) int {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s, err := verifier.Verify(r.Context(), r, body)
		if err != nil {
			t.Error(err)
		}
		if s.Ed25519 && !takes {
			return http.StatusUnauthorized
		}
		return http.StatusAccepted
	})
	says := func(n int) {
		t.Helper()
		if status, answer := eve.Send(p.Site.SharedInbox(), eve.Create(eve.Note(n, p.Site.Desk("help"), fmt.Sprint("broken ", n)))); status != http.StatusAccepted {
			t.Fatalf("%d %s", status, answer)
		}
		c.Settle()
	}
	hears := func(text string, keys ...string) {
		t.Helper()
		before := len(eve.Got())
		p.Say(p.Issues()[0].Issue.ID, text)
		c.Advance(time.Minute)
		var got []string
		for _, g := range eve.Got()[before:] {
			_, key, _ := strings.Cut(g.KeyID, "#")
			got = append(got, key)
		}
		if !slices.Equal(got, keys) {
			t.Errorf("%s: signed by %v, want %v", text, got, keys)
		}
	}
	says(1)
	hears("one", "ed25519-key")
	takes = false
	hears("two", "ed25519-key", "main-key")
	says(2)
	hears("three", "main-key")
	c.Advance(31 * 24 * time.Hour)
	says(3)
	hears("four", "ed25519-key", "main-key")
	takes = true
	c.Advance(31 * 24 * time.Hour)
	says(4)
	hears("five", "ed25519-key")
	c.Advance(31 * 24 * time.Hour)
	if err := p.Upkeep(ctx); err != nil {
		t.Fatal(err)
	}
	hears("six", "main-key") // nobody has said it again
}

// Where neither signature is taken the answer to draft-cavage decides: a
// server without RFC 9421 answers anything to it.
func TestNeitherSchemeWorks(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		cavage, rfc9421 int
		queued          bool
	}{
		"401, then 400": {401, 400, true},
		"401, then 500": {401, 500, true},
		"403, then 401": {403, 401, false},
		"403, then 403": {403, 403, false},
	} {
		c, p, eve, id := correspondent(t)
		eve.InboxDecides("/users/eve/inbox", func(r *http.Request) int {
			if r.Header.Get("Signature-Input") != "" {
				return tt.rfc9421
			}
			return tt.cavage
		})
		reply := p.Say(id, "hello")
		c.Settle()
		if got := len(eve.Got()); got != 2 {
			t.Errorf("%s: %d tries, want 2", name, got)
		}
		want := store.Tally{Failed: 1}
		if tt.queued {
			want = store.Tally{Queued: 1}
		}
		if got := tally(p, reply.ID); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
		if remembered(t, p, eve) != "" {
			t.Errorf("%s: what did not work is remembered", name)
		}
	}
}

// A second knock is for what a signature may be blamed for, and nothing else.
func TestNoSecondKnock(t *testing.T) {
	t.Parallel()
	for _, status := range []int{202, 301, 400, 404, 410, 413, 429, 500, 503} {
		c, p, eve, id := correspondent(t)
		eve.Inbox("/users/eve/inbox", status)
		p.Say(id, "hello")
		c.Settle()
		got := slices.DeleteFunc(eve.Got(), func(g fed.Got) bool { return g.Scheme == httpsig.Cavage })
		if len(got) != 0 {
			t.Errorf("%d: knocked again", status)
		}
	}
}

// The second knock is a request like the first: where the name has changed its
// mind in between it is not made, and the first answer is no reason to try on.
func TestSecondKnockAtARefusedAddress(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	c.Names = dns.Names(t, []string{"127.0.0.1"}, []string{"169.254.169.254"})
	p, eve := c.Provider(acme), c.Peer()
	inbox := strings.Replace(string(eve.Actor), "127.0.0.1", "rebound.example", 1) + "/inbox"
	eve.Person("eve", M{"inbox": inbox})
	eve.Handle("/users/eve/inbox", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close") // or the second knock goes through the open door
		w.WriteHeader(http.StatusUnauthorized)
	})
	if status, answer := eve.Send(p.Site.SharedInbox(), eve.Create(eve.Note(1, p.Site.Desk("help"), "broken"))); status != http.StatusAccepted {
		t.Fatalf("%d %s", status, answer)
	}
	c.Settle()
	reply := p.Say(p.Only().Issue.ID, "hello")
	c.Settle()
	if got := schemesOf(eve, 0); got != "cavage" {
		t.Errorf("reached by %q, want one knock", got)
	}
	if got, want := tally(p, reply.ID), (store.Tally{Failed: 1}); got != want {
		t.Errorf("%+v, want %+v: an address that is refused is for ever", got, want)
	}
	c.Advance(48 * time.Hour)
	if n := len(eve.Got()); n != 1 {
		t.Errorf("after two days %d knocks", n)
	}
}

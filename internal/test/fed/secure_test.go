package fed_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"earshot/federation/httpsig"
	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

// reader signs a GET; nil signs nothing.
type reader func(*http.Request) error

func signing(c *fed.Cluster, p *fed.Peer, scheme httpsig.Scheme, keyID string) reader {
	return func(r *http.Request) error { return httpsig.Sign(scheme, r, nil, keyID, p.Key(), c.Clock.Now()) }
}

// answer is what a GET brought: its status, and who may keep it.
type answer struct {
	status      int
	cache, vary string
}

func ask(t *testing.T, address, accept string, sign reader) (answer, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", accept)
	if sign != nil {
		if err := sign(r); err != nil {
			t.Fatal(err)
		}
	}
	res, err := http.DefaultTransport.RoundTrip(r) // no redirect is followed
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return answer{res.StatusCode, res.Header.Get("Cache-Control"), strings.Join(res.Header.Values("Vary"), ", ")}, res.Header
}

const document = "application/activity+json"

// guarded is an instance in secure mode that has said things of every kind.
type guarded struct {
	*fed.Cluster
	desk         *fed.Provider
	ana, spammer *fed.Peer
	direct       string   // the id of a post for ana only
	stamp        string   // a quote's authorization
	shown        []string // documents for those who sign
	open         []string // for everybody
}

func newGuarded(t *testing.T) *guarded {
	t.Helper()
	c := fed.New(t)
	c.SecureMode = true
	g := &guarded{Cluster: c, desk: c.Provider(acme), ana: c.Peer(), spammer: c.Peer()}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		c.Settle()
	}
	if status, why := g.ana.Send(g.desk.Site.SharedInbox(), g.ana.Create(g.ana.Note(1, g.desk.Site.Desk("help"), "broken"))); status != http.StatusAccepted {
		t.Fatalf("%d %s", status, why)
	}
	c.Settle()
	issue := g.desk.Only().Issue.ID
	reply := g.desk.Say(issue, "We see it.")
	direct, err := g.desk.Reply(ctx, app.By{}, app.ReplyInput{Issue: issue, Text: "between us", Visibility: desk.VisibilityDirect, Now: true})
	ok(err)
	news, err := g.desk.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "All is well.", Now: true})
	ok(err)
	quoted := quoting(c, g.desk, g.ana, news)
	if len(quoted) != 1 || quoted[0].Body["result"] == nil {
		t.Fatalf("a quote is answered with %v", quoted)
	}
	_, err = g.desk.AddBlock(ctx, app.By{}, string(g.spammer.Actor), "")
	ok(err)
	g.direct, g.stamp = string(direct.Object), quoted[0].Body["result"].(string)
	site := g.desk.Site
	help := string(site.Desk("help"))
	g.shown = []string{string(reply.Object), string(news.Object), string(reply.Object) + "/replies", string(app.CreateID(site, news.ID)), site.Thread(issue), g.stamp,
		help + "/outbox", help + "/outbox?page=first", help + "/followers", help + "/following", help + "/featured"}
	relay := string(site.Relay())
	g.open = []string{help, relay, relay + "/outbox", relay + "/followers", relay + "/following", relay + "/featured",
		site.URL + "/.well-known/webfinger?resource=" + url.QueryEscape("acct:"+site.Acct("help")), site.URL + "/.well-known/host-meta",
		site.URL + "/.well-known/nodeinfo", site.URL + "/nodeinfo/2.1"}
	return g
}

// In secure mode public posts are for readers who sign and are not blocked, and
// no cache may share them.
func TestSecureMode(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	anasKey := string(g.ana.Actor) + "#main-key"
	refused, blocked := answer{401, "no-store", ""}, answer{403, "no-store", ""}
	shown := answer{200, "private, no-store", "Signature, Signature-Input, Accept"}
	for name, tt := range map[string]struct {
		sign reader
		want answer
	}{
		"unsigned":             {nil, refused},
		"signed, draft":        {signing(g.Cluster, g.ana, httpsig.Cavage, anasKey), shown},
		"signed, RFC 9421":     {signing(g.Cluster, g.ana, httpsig.RFC9421, anasKey), shown},
		"by another actor":     {signing(g.Cluster, g.spammer, httpsig.Cavage, anasKey), refused},
		"blocked":              {signing(g.Cluster, g.spammer, httpsig.Cavage, string(g.spammer.Actor)+"#main-key"), blocked},
		"blocked, RFC 9421":    {signing(g.Cluster, g.spammer, httpsig.RFC9421, string(g.spammer.Actor)+"#main-key"), blocked},
		"for another address":  {func(r *http.Request) error { return movedFrom(r, signing(g.Cluster, g.ana, httpsig.Cavage, anasKey)) }, refused},
		"says to be blocked":   {signing(g.Cluster, g.ana, httpsig.Cavage, string(g.spammer.Actor)+"#main-key"), blocked},
		"a key that is not of": {signing(g.Cluster, g.ana, httpsig.Cavage, g.ana.URL+"/users/nobody#main-key"), refused},
	} {
		for n, address := range g.shown {
			if n > 0 && tt.want == refused && tt.sign != nil {
				break // each makes us ask for the key once more, and that is rationed
			}
			got, header := ask(t, address, document, tt.sign)
			if tt.want.vary == "" { // what a cache must not keep may vary as it likes
				got.vary = ""
			}
			if got != tt.want {
				t.Errorf("%s, %s: %+v, want %+v", name, address, got, tt.want)
			}
			if tt.want.status != 200 && header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s, %s: refused in %s", name, address, header.Get("Content-Type"))
			}
		}
	}
	// A post that is not public exists only for its recipients.
	for name, tt := range map[string]struct {
		sign   reader
		status int
	}{
		"unsigned": {nil, 404}, "the addressee": {signing(g.Cluster, g.ana, httpsig.Cavage, anasKey), 200},
		"blocked": {signing(g.Cluster, g.spammer, httpsig.Cavage, string(g.spammer.Actor)+"#main-key"), 404},
	} {
		if got, _ := ask(t, g.direct, document, tt.sign); got.status != tt.status || !strings.Contains(got.cache, "no-store") {
			t.Errorf("a direct post, %s: %+v, want %d", name, got, tt.status)
		}
	}
	if _, err := g.desk.AddBlock(ctx, app.By{}, string(g.ana.Actor.Host()), ""); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]int{g.shown[0]: 403, g.direct: 404, g.stamp: 404} {
		if got, _ := ask(t, address, document, signing(g.Cluster, g.ana, httpsig.Cavage, anasKey)); got.status != want {
			t.Errorf("%s, when the server of who signs is blocked: %d, want %d", address, got.status, want)
		}
	}
}

// movedFrom signs a request for another path.
func movedFrom(r *http.Request, sign reader) error {
	path := r.URL.Path
	r.URL.Path = "/desks/help/else"
	err := sign(r)
	r.URL.Path = path
	return err
}

// Documents that servers need before they can sign, and pages for people, are
// open to all: to the blocked too, because they could ask without a signature.
func TestSecureModeLeavesOpen(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	for name, sign := range map[string]reader{"unsigned": nil, "blocked": signing(g.Cluster, g.spammer, httpsig.Cavage, string(g.spammer.Actor)+"#main-key")} {
		for _, address := range g.open {
			got, _ := ask(t, address, document, sign)
			if got.status != 200 || strings.Contains(got.cache, "private") || strings.Contains(got.cache, "no-store") || strings.Contains(got.vary, "Signature") {
				t.Errorf("%s, %s: %+v", name, address, got)
			}
		}
	}
	// The pages are others' work; here they answer 501. Never is a page refused.
	for _, address := range []string{g.shown[0], string(g.desk.Site.Desk("help"))} {
		if got, _ := ask(t, address, "text/html", nil); got.status != http.StatusNotImplemented {
			t.Errorf("the page %s: %+v", address, got)
		}
	}
	for _, address := range []string{g.shown[3], g.shown[4]} {
		if got, header := ask(t, address, "text/html", nil); got.status != http.StatusSeeOther || header.Get("Location") == "" {
			t.Errorf("a person at %s: %+v", address, got)
		}
	}
}

// A reader whose key cannot be had now is asked to come back, not told that
// their signature is wrong.
func TestSecureModeWhileAKeyCannotBeHad(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	c.SecureMode = true
	p, ana := c.Provider(acme), c.Peer()
	ana.ServeRaw("/users/ana", http.StatusBadGateway, "text/plain", nil)
	got, header := ask(t, string(p.Site.Desk("help"))+"/outbox", document, signing(c, ana, httpsig.Cavage, ana.URL+"/users/ana#main-key"))
	if got.status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" || got.cache != "no-store" {
		t.Errorf("%+v, Retry-After %q", got, header.Get("Retry-After"))
	}
}

// Two servers show nothing to clients that do not sign. Each needs the other's
// key before it can show its own, and the documents for that are open.
func TestSecureOnBothSides(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	c.SecureMode = true
	s := sceneOn(t, c)
	s.town.SetSecureMode(true)
	s.hear("acme")
	report := s.says("ana", town.PostInput{Text: s.mention() + " my line is dead"})
	question := s.desk.Say(s.desk.Only().Issue.ID, "Which street?")
	s.Settle()
	s.says("ana", town.PostInput{Text: s.mention() + " Harbour Street", InReplyTo: question.Object})
	if got := said(s.desk.Only()); !slices.Equal(got, []string{"report @help my line is dead", "reply Which street?", "post @help Harbour Street"}) {
		t.Errorf("the desk reads %q", got)
	}
	if got := s.texts("ana", report); len(got) != 3 {
		t.Errorf("ana reads %q", got)
	}
	s.says("bob", town.PostInput{Text: "down here too #acme #fail"})
	if n := len(s.desk.Issues()); n != 2 {
		t.Errorf("%d issues, want the mention and what was heard by its tags", n)
	}
	for _, a := range s.town.Arrivals() {
		if a.Status != http.StatusAccepted || a.Scheme == "" {
			t.Errorf("%s was answered %d: %s", a.Type, a.Status, a.Reason)
		}
	}
	if waiting, dead := s.desk.Waiting(); waiting+dead != 0 {
		t.Errorf("%d jobs wait, %d are dead", waiting, dead)
	}
	// Another provider asks as its own instance, whose key we ask for in turn.
	other := c.Provider(desk.Desk{Handle: "info", Name: "Other", Names: []string{"other"}, Calls: []string{"fail"}})
	if o, err := other.Net.Resolver.Object(ctx, question.Object); err != nil || o.ID != question.Object {
		t.Errorf("another instance reads the reply: %v", err)
	}
	if status := get(t, string(question.Object)); status != http.StatusUnauthorized {
		t.Errorf("a client that does not sign reads the reply: %d", status)
	}
}

package webfinger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

var (
	ctx  = context.Background()
	site = desk.Site{URL: "http://earshot.example", HandleDomain: "acme.example"}
)

// domain is another server that answers WebFinger by account.
type domain struct {
	*httptest.Server
	mu      sync.Mutex
	answers map[string]http.HandlerFunc // by resource
	asked   []string
}

func newDomain(t *testing.T) *domain {
	d := &domain{answers: map[string]http.HandlerFunc{}}
	d.Server = httptest.NewServer(d)
	t.Cleanup(d.Close)
	return d
}

func (d *domain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	resource := r.URL.Query().Get("resource")
	d.mu.Lock()
	d.asked = append(d.asked, resource)
	answer := d.answers[resource]
	d.mu.Unlock()
	if r.URL.Path != "/.well-known/webfinger" || answer == nil {
		http.NotFound(w, r)
		return
	}
	answer(w, r)
}

func (d *domain) host() string            { return strings.TrimPrefix(d.URL, "http://") }
func (d *domain) acct(user string) string { return user + "@" + d.host() }

// answer makes the domain say that the account asked for is subject and actor.
func (d *domain) answer(asked, subject, actor string) {
	body, _ := json.Marshal(jrd{Subject: "acct:" + subject, Links: []link{
		{Rel: "http://webfinger.net/rel/profile-page", Type: "text/html", Href: "http://page.example/"},
		{Rel: "self", Type: "text/html", Href: "http://wrong.example/"},
		{Rel: "self", Type: as.LDContentType, Href: actor},
	}})
	d.say(asked, http.StatusOK, string(body))
}

func (d *domain) say(asked string, status int, body string) {
	d.handle(asked, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jrdType)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
}

func (d *domain) handle(asked string, h http.HandlerFunc) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answers["acct:"+asked] = h
}

func newClient(t *testing.T, blocked func(context.Context, desk.Host) (bool, error)) *Client {
	client := safehttp.New(safehttp.Options{AllowPrivate: true, Timeout: 5 * time.Second})
	t.Cleanup(client.CloseIdle)
	return NewClient(client, clock.NewFake(time.Now()), safehttp.HostPolicy{Site: site, Blocked: blocked})
}

func TestResolve(t *testing.T) {
	d := newDomain(t)
	d.answer(d.acct("alice"), d.acct("alice"), d.URL+"/users/alice")
	d.answer(d.acct("Bob"), d.acct("bob"), d.URL+"/users/bob")
	c := newClient(t, nil)
	for _, acct := range []string{d.acct("alice"), "@" + d.acct("alice"), "acct:" + d.acct("alice"), " " + d.acct("alice") + "\n"} {
		id, err := c.Resolve(ctx, acct)
		if err != nil || id != desk.ActorID(d.URL+"/users/alice") {
			t.Errorf("%q: got %q, %v", acct, id, err)
		}
	}
	if id, err := c.Resolve(ctx, d.acct("Bob")); err != nil || id != desk.ActorID(d.URL+"/users/bob") {
		t.Errorf("case of the user: got %q, %v", id, err)
	}
	if len(d.asked) != 5 {
		t.Errorf("asked %d times for 5 accounts: %v", len(d.asked), d.asked)
	}
}

// A subject that is not the account asked for (attack 11, CVE-2025-23221).
func TestResolveSubject(t *testing.T) {
	bare, social, evil := newDomain(t), newDomain(t), newDomain(t)
	alice := social.URL + "/users/alice"
	social.answer(social.acct("alice"), bare.acct("alice"), alice)
	bare.answer(bare.acct("alice"), bare.acct("alice"), alice)
	c := newClient(t, nil)
	if id, err := c.Resolve(ctx, social.acct("alice")); err != nil || string(id) != alice {
		t.Errorf("a canonical account that confirms itself: got %q, %v", id, err)
	}
	for name, set := range map[string]func(){
		"another actor":   func() { evil.answer(evil.acct("mal"), bare.acct("alice"), evil.URL+"/mal") },
		"unknown there":   func() { evil.answer(evil.acct("mal"), bare.acct("nobody"), alice) },
		"not canonical":   func() { evil.answer(evil.acct("mal"), social.acct("alice"), alice) },
		"account of ours": func() { evil.answer(evil.acct("mal"), "help@acme.example", alice) },
		"host of ours":    func() { evil.answer(evil.acct("mal"), "help@earshot.example", alice) },
		"no account":      func() { evil.answer(evil.acct("mal"), "", alice) },
		"a URL":           func() { evil.say(evil.acct("mal"), 200, `{"subject":"`+alice+`","links":[]}`) },
		"no self link":    func() { evil.say(evil.acct("mal"), 200, `{"subject":"acct:`+evil.acct("mal")+`"}`) },
		"self link of pages": func() {
			evil.say(evil.acct("mal"), 200, `{"subject":"acct:`+evil.acct("mal")+`","links":[{"rel":"self","type":"text/html","href":"`+alice+`"}]}`)
		},
		"self link no URL": func() { evil.answer(evil.acct("mal"), evil.acct("mal"), "javascript:alert(1)") },
		"no JSON":          func() { evil.say(evil.acct("mal"), 200, "<html>") },
	} {
		set()
		if id, err := c.Resolve(ctx, evil.acct("mal")); err == nil {
			t.Errorf("%s: got %q", name, id)
		} else if code := desk.ErrorCode(err); code != desk.CodeInvalid && code != desk.CodeNotFound {
			t.Errorf("%s: %v has the code %q", name, err, code)
		}
	}
}

func TestResolveErrors(t *testing.T) {
	d := newDomain(t)
	for status, want := range map[int]desk.Code{
		404: desk.CodeNotFound, 410: desk.CodeNotFound, 401: desk.CodeNotFound, 400: desk.CodeNotFound,
		429: desk.CodeUnavailable, 500: desk.CodeUnavailable, 503: desk.CodeUnavailable,
	} {
		d.say(d.acct("x"), status, "")
		_, err := newClient(t, nil).Resolve(ctx, d.acct("x"))
		if got := desk.ErrorCode(err); got != want {
			t.Errorf("status %d: code %q, want %q (%v)", status, got, want, err)
		}
	}
	for _, acct := range []string{
		"", "alice", "@alice", "alice@", "@", "a@b@c.example", "alice@host/path", "alice@host?x", "ali ce@host.example",
		"alice@user:pw@host.example", "a/b@host.example", "alice@ho st", strings.Repeat("a", 600) + "@host.example",
		"help@acme.example", "help@ACME.example.", "help@earshot.example", "alice@169.254.169.254",
	} {
		_, err := newClient(t, nil).Resolve(ctx, acct)
		if got := desk.ErrorCode(err); got != desk.CodeInvalid {
			t.Errorf("%q: code %q (%v)", acct, got, err)
		}
	}
	gone := newDomain(t)
	gone.Close()
	_, err := newClient(t, nil).Resolve(ctx, gone.acct("x"))
	if got := desk.ErrorCode(err); got != desk.CodeUnavailable {
		t.Errorf("unreachable: %v", err)
	}
}

func TestRedirectsToForbiddenHosts(t *testing.T) {
	d, blocked := newDomain(t), newDomain(t)
	blocked.answer(d.acct("x"), d.acct("x"), d.URL+"/x")
	blocked.answer(blocked.acct("x"), blocked.acct("x"), d.URL+"/x")
	c := newClient(t, func(_ context.Context, h desk.Host) (bool, error) { return string(h) == blocked.host(), nil })
	redirect := func(to string) {
		d.handle(d.acct("x"), func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, to+r.URL.RequestURI(), http.StatusFound)
		})
	}
	for _, to := range []string{blocked.URL, site.URL, "http://acme.example", "https://elsewhere.example", d.URL} {
		redirect(to)
		if _, err := c.Resolve(ctx, d.acct("x")); desk.ErrorCode(err) != desk.CodeInvalid {
			t.Errorf("redirect to %s: %v", to, err)
		}
	}
	if _, err := c.Resolve(ctx, blocked.acct("x")); desk.ErrorCode(err) != desk.CodeInvalid {
		t.Errorf("blocked: %v", err)
	}
	if len(blocked.asked) != 0 {
		t.Errorf("the blocked host was asked: %v", blocked.asked)
	}
	// A split domain redirects to its server, and that is allowed.
	server := newDomain(t)
	server.answer(d.acct("x"), d.acct("x"), server.URL+"/x")
	redirect(server.URL)
	if id, err := c.Resolve(ctx, d.acct("x")); err != nil || string(id) != server.URL+"/x" {
		t.Errorf("split domain: %q, %v", id, err)
	}
}

func TestAcct(t *testing.T) {
	bare, social, evil := newDomain(t), newDomain(t), newDomain(t)
	actor := func(path, user, claim string) *as.Actor {
		return &as.Actor{ID: desk.ActorID(social.URL + path), PreferredUsername: user, Webfinger: claim}
	}
	id := func(path string) string { return social.URL + path }
	social.answer(social.acct("plain"), social.acct("plain"), id("/plain"))
	social.answer(social.acct("split"), bare.acct("split"), id("/split"))
	bare.answer(bare.acct("split"), bare.acct("split"), id("/split"))
	bare.answer(bare.acct("claimed"), bare.acct("claimed"), id("/claims"))
	bare.answer(bare.acct("boss"), bare.acct("boss"), bare.URL+"/boss")
	social.answer(social.acct("spoof"), bare.acct("boss"), id("/spoof"))
	social.answer(social.acct("mal"), social.acct("mal"), evil.URL+"/mal")

	for _, tt := range []struct {
		name  string
		actor *as.Actor
		want  string
	}{
		{"single domain", actor("/plain", "plain", ""), social.acct("plain")},
		{"split domain", actor("/split", "split", ""), bare.acct("split")},
		{"FEP-2c59, confirmed", actor("/claims", "u123", bare.acct("claimed")), bare.acct("claimed")},
		{"FEP-2c59, another actor's", actor("/plain", "plain", bare.acct("boss")), social.acct("plain")},
		{"FEP-2c59, unreadable", actor("/plain", "plain", "nonsense"), social.acct("plain")},
		{"FEP-2c59, ours", actor("/plain", "plain", "help@acme.example"), social.acct("plain")},
		{"subject of another actor", actor("/spoof", "spoof", ""), social.acct("spoof")},
		{"name of another actor", actor("/mal2", "mal", ""), social.acct("mal")},
		{"no WebFinger", actor("/none", "none", ""), social.acct("none")},
		{"no name", actor("/@noname", "", ""), social.acct("noname")},
		{"hostile name", actor("/users/x", "boss@bank.example", ""), social.acct("x")},
		{"nothing", actor("/", "", ""), social.acct("unknown")},
	} {
		if got := newClient(t, nil).Acct(ctx, tt.actor); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func FuzzJRD(f *testing.F) {
	f.Add([]byte(`{"subject":"acct:a@b.example","links":[{"rel":"self","type":"application/activity+json","href":"https://b.example/a"}]}`))
	f.Add([]byte(`{"subject":"acct:a@b@c","links":null}`))
	f.Add([]byte(`{"subject":"a@[::1]","links":[{}]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		found, err := readJRD(raw, "https")
		if err != nil {
			return
		}
		if found.actor.Host() == "" || found.account.domain == "" {
			t.Fatalf("no host in %+v", found)
		}
		again, err := parseAcct(found.account.String(), "https")
		if err != nil || again != found.account {
			t.Fatalf("%q is read back as %+v, %v", found.account, again, err)
		}
	})
}

// While blocks cannot be looked up nobody is asked, and nobody is found wrong.
func TestBlocksOutOfReach(t *testing.T) {
	d := newDomain(t)
	d.answer(d.acct("x"), d.acct("x"), d.URL+"/x")
	c := newClient(t, func(context.Context, desk.Host) (bool, error) { return false, errors.New("no database") })
	if _, err := c.Resolve(ctx, d.acct("x")); desk.ErrorCode(err) != desk.CodeUnavailable {
		t.Errorf("%v", err)
	}
	if len(d.asked) != 0 {
		t.Errorf("asked all the same: %v", d.asked)
	}
}

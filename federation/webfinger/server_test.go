package webfinger

import (
	"context"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"earshot/internal/address"
	"earshot/internal/desk"
)

var update = flag.Bool("update", false, "write the golden files")

var served = desk.Site{URL: "https://social.acme.example", HandleDomain: "acme.example"}

// oneDesk is a directory of @help only, or one that is broken.
type oneDesk struct {
	site desk.Site
	err  error
}

func (d oneDesk) Desk(_ context.Context, h desk.Handle) (desk.Desk, bool, error) {
	return desk.Desk{Handle: h, Aliases: former}, h == "help", d.err
}

// former are the desk's addresses from before.
var former = []string{"https://acme.example/users/help", "@support@acme.example"}

func (d oneDesk) Addresses(context.Context) (address.Book, error) {
	return address.Book{Site: d.site, Alias: func(s string) (desk.Handle, bool) { return "help", slices.Contains(former, s) }}, d.err
}

func newServer(change func(*ServerOptions)) *Server {
	o := ServerOptions{
		Site: served, Directory: oneDesk{site: served}, Version: "1.2.3",
		Usage: func(context.Context) (Usage, error) {
			return Usage{Desks: 2, ActiveMonth: 1, ActiveHalfyear: 2, Posts: 42}, nil
		},
	}
	if change != nil {
		change(&o)
	}
	return NewServer(o)
}

func get(s *Server, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func finger(s *Server, resource string) *httptest.ResponseRecorder {
	return get(s, "/.well-known/webfinger?resource="+url.QueryEscape(resource))
}

// golden compares the answer, media type first, with a file.
func golden(t *testing.T, w *httptest.ResponseRecorder, name string) {
	t.Helper()
	if w.Code != http.StatusOK {
		t.Fatalf("%s: status %d", name, w.Code)
	}
	if w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s: headers %v", name, w.Header())
	}
	got := w.Header().Get("Content-Type") + "\n\n" + w.Body.String()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func TestDocuments(t *testing.T) {
	s := newServer(nil)
	golden(t, finger(s, "acct:help@acme.example"), "webfinger_desk")
	golden(t, finger(s, "acct:relay@acme.example"), "webfinger_relay")
	golden(t, get(s, "/.well-known/host-meta"), "host_meta")
	golden(t, get(s, "/.well-known/host-meta", "Accept", "application/xrd+xml, application/json"), "host_meta")
	golden(t, get(s, "/.well-known/host-meta", "Accept", "application/json"), "host_meta_json")
	golden(t, get(s, "/.well-known/host-meta.json"), "host_meta_json")
	golden(t, get(s, "/.well-known/nodeinfo"), "nodeinfo")
	golden(t, get(s, "/nodeinfo/2.0"), "nodeinfo_2_0")
	golden(t, get(s, "/nodeinfo/2.1"), "nodeinfo_2_1")
	golden(t, get(newServer(func(o *ServerOptions) { o.Usage = nil }), "/nodeinfo/2.1"), "nodeinfo_without_usage")
	golden(t, get(newServer(func(o *ServerOptions) {
		o.Usage = func(context.Context) (Usage, error) { return Usage{Desks: 7}, errors.New("no") }
	}), "/nodeinfo/2.1"), "nodeinfo_without_usage")
}

func TestWebFingerResources(t *testing.T) {
	s := newServer(nil)
	help, relay := finger(s, "acct:help@acme.example").Body.String(), finger(s, "acct:relay@acme.example").Body.String()
	for resource, want := range map[string]string{
		"acct:help@social.acme.example": help, "acct:HELP@Acme.Example": help, "help@acme.example": help, "@help@acme.example": help,
		"https://social.acme.example/desks/help": help, "https://social.acme.example/@help": help, "https://social.acme.example/@help/": help,
		"https://social.acme.example/desks/help/": help, "https://social.acme.example/desks/help#main-key": help, "http://SOCIAL.acme.example:80/@Help?x": help, "https://acme.example/@help": help,
		"https://social.acme.example/%40help": help, "acct:help%40acme.example": help, "social.acme.example/@help": help, "acct:@help@acme.example": help,
		"https://acme.example/users/help/": help, "acct:support@acme.example": help, "https://social.acme.example/@support": help, "https://social.acme.example/relay/": relay,
		"acct:relay@social.acme.example": relay, "https://social.acme.example/relay": relay,
		"acct:social.acme.example@social.acme.example": relay, "acct:acme.example@acme.example": relay,
		"https://social.acme.example": relay, "https://social.acme.example/": relay,
	} {
		w := finger(s, resource)
		if w.Code != http.StatusOK || w.Body.String() != want {
			t.Errorf("%s: status %d\n%s", resource, w.Code, w.Body)
		}
	}
	for _, resource := range []string{
		"acct:nobody@acme.example", "acct:help@other.example", "acct:help@acme.example.evil.example", "help", "acct:help",
		"https://other.example/@help", "https://social.acme.example/@nobody", "https://social.acme.example/posts/1",
		"https://social.acme.example/desks/help/inbox", "acct:he/lp@acme.example", "acct:@acme.example", "https://u@social.acme.example/@help", "https://social.acme.example/%2540help", "acct:help%2540acme.example", "https://social.acme.example//@help", "https://acme.example", "\x00", "acct:help@acme.example\n.x",
	} {
		if w := finger(s, resource); w.Code != http.StatusNotFound {
			t.Errorf("%q: status %d", resource, w.Code)
		}
	}
	for _, target := range []string{"/.well-known/webfinger", "/.well-known/webfinger?resource=", "/.well-known/webfinger?rel=self"} {
		if w := get(s, target); w.Code != http.StatusBadRequest || w.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: status %d", target, w.Code)
		}
	}
	broken := newServer(func(o *ServerOptions) { o.Directory = oneDesk{served, errors.New("disk on fire")} })
	w := finger(broken, "acct:help@acme.example")
	if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "fire") {
		t.Errorf("broken directory: %d %s", w.Code, w.Body)
	}
	if w := finger(broken, "acct:relay@acme.example"); w.Code != http.StatusOK {
		t.Errorf("the instance actor needs the directory: %d", w.Code)
	}
}

func TestPathsAndMethods(t *testing.T) {
	s := newServer(nil)
	for _, path := range Paths() {
		for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 405, "DELETE": 405} {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest(method, path+"?resource=acct:help@acme.example", nil))
			if w.Code != want {
				t.Errorf("%s %s: status %d, want %d", method, path, w.Code, want)
			}
		}
	}
	if w := get(s, "/nodeinfo/3.0"); w.Code != http.StatusNotFound {
		t.Errorf("unknown path: %d", w.Code)
	}
}

// Our own client must find our own answers.
func TestClientFindsServer(t *testing.T) {
	var s *Server
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.ServeHTTP(w, r) }))
	t.Cleanup(ts.Close)
	d := &domain{Server: ts}
	s = newServer(func(o *ServerOptions) {
		o.Site = desk.Site{URL: ts.URL, HandleDomain: desk.Host(d.host())}
		o.Directory = oneDesk{site: o.Site}
	})
	for user, want := range map[string]string{"help": "/desks/help", "relay": "/relay", d.host(): "/relay"} {
		if id, err := newClient(t, nil).Resolve(ctx, d.acct(user)); err != nil || string(id) != ts.URL+want {
			t.Errorf("%s: %q, %v", user, id, err)
		}
	}
}

package resolve

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

var start = time.Date(2026, 11, 22, 10, 25, 0, 0, time.UTC)

// peer is another server. Its answers can be changed at any time.
type peer struct {
	*httptest.Server
	t *testing.T

	mu      sync.Mutex
	answers map[string]http.HandlerFunc
	hits    map[string]int
}

func newPeer(t *testing.T) *peer {
	p := &peer{t: t, answers: map[string]http.HandlerFunc{}, hits: map[string]int{}}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.hits[r.URL.Path]++
	answer := p.answers[r.URL.Path]
	p.mu.Unlock()
	if answer == nil {
		http.NotFound(w, r)
		return
	}
	answer(w, r)
}

func (p *peer) handle(path string, answer http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[path] = answer
}

// serve answers with a document. HOST in it becomes the peer's URL.
func (p *peer) serve(path, document string) {
	p.handle(path, p.document(document))
}

func (p *peer) document(document string) http.HandlerFunc {
	body := strings.ReplaceAll(document, "HOST", p.URL)
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", as.ContentType)
		w.Write([]byte(body))
	}
}

// status answers as ActivityPub servers do: with a status and a JSON object.
func (p *peer) status(path string, status int) {
	p.raw(path, status, "application/json; charset=utf-8", `{"error":"no"}`)
}

func (p *peer) raw(path string, status int, contentType, body string) {
	p.handle(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil // or the server would guess one
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.WriteHeader(status)
		w.Write([]byte(body))
	})
}

func (p *peer) redirect(path, to string) {
	p.handle(path, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) })
}

func (p *peer) count(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hits[path]
}

func (p *peer) total() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, hits := range p.hits {
		n += hits
	}
	return n
}

// expect fails unless path has been asked for so many times.
func (p *peer) expect(path string, want int) {
	p.t.Helper()
	if got := p.count(path); got != want {
		p.t.Errorf("%s was asked for %d times, want %d", path, got, want)
	}
}

func (p *peer) actor(path string) desk.ActorID   { return desk.ActorID(p.URL + path) }
func (p *peer) object(path string) desk.ObjectID { return desk.ObjectID(p.URL + path) }

// person is the document of an actor at HOST/path with a key of that id.
func person(path, keyID, pemText string) string {
	text, _ := json.Marshal(pemText)
	return `{"@context":"https://www.w3.org/ns/activitystreams","type":"Person","id":"HOST` + path + `",
		"preferredUsername":"alice","inbox":"HOST` + path + `/inbox",
		"publicKey":{"id":"` + keyID + `","owner":"HOST` + path + `","publicKeyPem":` + string(text) + `}}`
}

func note(path, author string) string {
	return `{"type":"Note","id":"HOST` + path + `","attributedTo":"` + author + `","content":"hi"}`
}

// newResolver returns one for development, closed and checked for goroutines
// when the test ends: one for each (sub)test.
func newResolver(t *testing.T, change func(*Options)) (*Resolver, *clock.Fake) {
	t.Helper()
	fake := clock.NewFake(start)
	client := safehttp.New(safehttp.Options{AllowPrivate: true, Timeout: 5 * time.Second})
	o := Options{
		Client: client, Clock: fake,
		Hosts: safehttp.HostPolicy{Site: desk.Site{URL: "http://earshot.example", HandleDomain: "earshot.example"}},
	}
	if change != nil {
		change(&o)
	}
	r := New(o)
	t.Cleanup(func() {
		r.Close()
		client.CloseIdle()
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		for goroutine := range strings.SplitSeq(string(stacks), "\n\n") {
			if strings.Contains(goroutine, "resolve.(*flights[") {
				t.Errorf("left after Close: %s", goroutine)
			}
		}
		if n := len(r.hosts.queues); n != 0 {
			t.Errorf("%d hosts still have a queue", n)
		}
	})
	return r, fake
}

// expectKind fails unless err is an *Error of a kind.
func expectKind(t *testing.T, err error, want Kind) {
	t.Helper()
	if got := KindOf(err); got != want {
		t.Errorf("error is %v (%v), want %v", got, err, want)
	}
	if _, ok := errors.AsType[*Error](err); err != nil && !ok {
		t.Errorf("%T is no *Error", err)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

var (
	keyA = sync.OnceValue(generate)
	keyB = sync.OnceValue(generate)
)

func generate() *rsa.PublicKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return &k.PublicKey
}

func pkix(k crypto.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(k)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func pkcs1(k *rsa.PublicKey) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(k)}))
}

var ctx = context.Background()

package fed

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"earshot/federation/httpsig"
	"earshot/internal/clock"
	"earshot/internal/desk"
)

// Peer is a server under the test's control: it serves documents and sends the
// given activities, signed or not.
type Peer struct {
	t     testing.TB
	URL   string
	Actor desk.ActorID // its person, "eve"
	key   *rsa.PrivateKey
	clock clock.Clock

	mu      sync.Mutex
	docs    map[string]served           // by path
	handles map[string]http.HandlerFunc // by path, before docs; "" for every other
	got     []Got
	asked   []string
}

type served struct {
	status int
	ctype  string
	body   []byte
	later  string                  // Retry-After
	decide func(*http.Request) int // the status; nil: status
}

// Got is a POST that reached a peer's inbox.
type Got struct {
	Path   string
	Body   map[string]any
	Raw    []byte
	Scheme httpsig.Scheme // that it is signed by, verified or not
	KeyID  string
}

// M is a JSON object.
type M = map[string]any

// Peer starts a scripted server.
func (c *Cluster) Peer() *Peer {
	c.t.Helper()
	server, base := listen(c.t)
	p := &Peer{t: c.t, URL: base, Actor: desk.ActorID(base + "/users/eve"), key: prepared(), clock: c.Clock, docs: map[string]served{}}
	p.Person("eve", nil)
	server.Config.Handler = p
	server.Start()
	c.t.Cleanup(server.Close)
	return p
}

// Person serves an actor of the peer's, with the peer's key; fields overrides.
func (p *Peer) Person(name string, fields M) desk.ActorID {
	p.t.Helper()
	id := p.URL + "/users/" + name
	pem, err := httpsig.MarshalPublicKeyPEM(p.key.Public())
	must(p.t, err)
	doc := M{"@context": []string{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"},
		"id": id, "type": "Person", "preferredUsername": name, "name": strings.ToUpper(name[:1]) + name[1:],
		"inbox": id + "/inbox", "outbox": id + "/outbox", "followers": id + "/followers",
		"publicKey": M{"id": id + "#main-key", "owner": id, "publicKeyPem": pem}}
	for k, v := range fields {
		doc[k] = v
	}
	p.Serve("/users/"+name, doc)
	return desk.ActorID(id)
}

// Serve answers a GET of path with a document.
func (p *Peer) Serve(path string, doc any) {
	p.t.Helper()
	b, err := json.Marshal(doc)
	must(p.t, err)
	p.ServeRaw(path, http.StatusOK, "application/activity+json", b)
}

// ServeRaw answers a GET of path with anything.
func (p *Peer) ServeRaw(path string, status int, contentType string, body []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.docs[path] = served{status: status, ctype: contentType, body: body}
}

// Inbox answers POSTs to path with a status.
func (p *Peer) Inbox(path string, status int) { p.ServeRaw(path, status, "text/plain", nil) }

// InboxLater answers POSTs to path with a status and a Retry-After.
func (p *Peer) InboxLater(path string, status int, retryAfter string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.docs[path] = served{status: status, ctype: "text/plain", later: retryAfter}
}

// InboxDecides answers POSTs to path with the status of decide.
func (p *Peer) InboxDecides(path string, decide func(*http.Request) int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.docs[path] = served{ctype: "text/plain", decide: decide}
}

// Handle answers every request of path with a function, nil as before; "" is
// every path that nothing else answers.
func (p *Peer) Handle(path string, h http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.handles == nil {
		p.handles = map[string]http.HandlerFunc{}
	}
	p.handles[path] = h
}

// Asked returns every request that arrived since it was called last, as
// "METHOD path?query".
func (p *Peer) Asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.asked
	p.asked = nil
	return out
}

// Got returns the POSTs that arrived.
func (p *Peer) Got() []Got {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Got(nil), p.got...)
}

// ServeHTTP implements http.Handler.
func (p *Peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 2<<20))
	p.mu.Lock()
	d, ok := p.docs[r.URL.Path]
	h := p.handles[r.URL.Path]
	if h == nil && !ok {
		h = p.handles[""]
	}
	p.asked = append(p.asked, r.Method+" "+r.URL.RequestURI())
	if r.Method == http.MethodPost {
		g := Got{Path: r.URL.Path, Raw: body, Scheme: httpsig.Cavage}
		if r.Header.Get("Signature-Input") != "" {
			g.Scheme = httpsig.RFC9421
		}
		g.KeyID, _ = httpsig.KeyIDOf(r)
		_ = json.Unmarshal(body, &g.Body)
		p.got = append(p.got, g)
	}
	p.mu.Unlock()
	switch {
	case h != nil:
		h(w, r)
	case ok:
		w.Header().Set("Content-Type", d.ctype)
		if d.later != "" {
			w.Header().Set("Retry-After", d.later)
		}
		if d.decide != nil {
			r.Body = io.NopCloser(bytes.NewReader(body))
			d.status = d.decide(r)
		}
		w.WriteHeader(d.status)
		_, _ = w.Write(d.body)
	case r.Method == http.MethodPost:
		w.WriteHeader(http.StatusAccepted)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// Note returns a public post of the peer's person that mentions an actor.
func (p *Peer) Note(n int, mention desk.ActorID, content string) M {
	return M{"id": fmt.Sprintf("%s/notes/%d", p.URL, n), "type": "Note", "attributedTo": string(p.Actor), "content": content,
		"to": []string{"https://www.w3.org/ns/activitystreams#Public"}, "cc": []string{string(mention)},
		"published": p.clock.Now().Format("2006-01-02T15:04:05Z"),
		"tag":       []M{{"type": "Mention", "href": string(mention), "name": "@help"}}}
}

// Create wraps a post.
func (p *Peer) Create(note M) M {
	return M{"@context": "https://www.w3.org/ns/activitystreams", "id": fmt.Sprint(note["id"], "/activity"), "type": "Create",
		"actor": string(p.Actor), "to": note["to"], "cc": note["cc"], "object": note}
}

// Request builds a signed POST of a body to an address; the test may spoil it
// before Do.
func (p *Peer) Request(to string, body []byte) *http.Request {
	p.t.Helper()
	return p.RequestAs(string(p.Actor)+"#main-key", to, body)
}

// RequestAs is Request with a keyId of any kind; the key is the peer's.
func (p *Peer) RequestAs(keyID, to string, body []byte) *http.Request {
	p.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, to, bytes.NewReader(body))
	must(p.t, err)
	r.Header.Set("Content-Type", "application/activity+json")
	must(p.t, httpsig.SignCavage(r, body, keyID, p.key, p.clock.Now()))
	return r
}

// GetAs builds a signed GET for a document.
func (p *Peer) GetAs(keyID, url string) *http.Request {
	p.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	must(p.t, err)
	r.Header.Set("Accept", "application/activity+json")
	must(p.t, httpsig.SignCavage(r, nil, keyID, p.key, p.clock.Now()))
	return r
}

// PublicKey is the public key of all the peer's actors, as PEM.
func (p *Peer) PublicKey() []byte {
	p.t.Helper()
	pem, err := httpsig.MarshalPublicKeyPEM(p.key.Public())
	must(p.t, err)
	return []byte(pem)
}

// Key is the private key of all the peer's actors.
func (p *Peer) Key() *rsa.PrivateKey { return p.key }

// Send signs and POSTs an activity, and returns the answer.
func (p *Peer) Send(to string, activity any) (status int, answer string) {
	p.t.Helper()
	body, err := json.Marshal(activity)
	must(p.t, err)
	return p.Do(p.Request(to, body))
}

// Do sends a request as it is.
func (p *Peer) Do(r *http.Request) (status int, answer string) {
	p.t.Helper()
	res, err := http.DefaultClient.Do(r)
	must(p.t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	must(p.t, err)
	return res.StatusCode, string(b)
}

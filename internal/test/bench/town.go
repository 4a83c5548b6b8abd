package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// town is the other servers: authors who post, and followers.
type town struct {
	key       *rsa.PrivateKey // of everybody
	pem       string
	people    []string // the addresses of authors
	followers []string
	servers   []*http.Server
	delivered atomic.Int64
	posts     atomic.Int64 // numbers
	fetched   atomic.Int64 // posts
	notes     sync.Map     // that can be fetched, by their address
	modern    sync.Map     // the ids of followers whose servers take Ed25519 keys
	rare      string       // a word of one post
}

func newTown(s sizes) (*town, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	t := &town{key: key, pem: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))}
	for n := range s.servers {
		base, err := t.listen(fmt.Sprintf("127.20.%d.%d", n/200, 1+n%200))
		if err != nil {
			return nil, err
		}
		for a := range s.authors {
			t.people = append(t.people, fmt.Sprintf("%s/users/author%d", base, a))
		}
	}
	for n := range s.flock {
		base, err := t.listen(fmt.Sprintf("127.21.%d.%d", n/200, 1+n%200))
		if err != nil {
			return nil, err
		}
		t.followers = append(t.followers, base+"/users/follower")
		if n%100 < s.modern {
			t.modern.Store(base+"/users/follower", true)
		}
	}
	return t, nil
}

func (t *town) listen(ip string) (base string, err error) {
	l, err := net.Listen("tcp", ip+":0")
	if err != nil {
		return "", err
	}
	base = "http://" + l.Addr().String()
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { t.serve(base, w, r) })}
	t.servers = append(t.servers, server)
	go func() { _ = server.Serve(l) }()
	return base, nil
}

func (t *town) close() {
	for _, s := range t.servers {
		_ = s.Close()
	}
}

// serve answers for actors and counts what is delivered.
func (t *town) serve(base string, w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		_, _ = io.Copy(io.Discard, r.Body)
		t.delivered.Add(1)
		w.WriteHeader(http.StatusAccepted)
		return
	}
	name, ok := strings.CutPrefix(r.URL.Path, "/users/")
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	id := base + r.URL.Path
	w.Header().Set("Content-Type", "application/activity+json")
	if strings.Contains(name, "/") {
		t.fetched.Add(1)
		note, ok := t.notes.Load(id)
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write(note.([]byte))
		return
	}
	actor := map[string]any{
		"@context": []string{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"},
		"id":       id, "type": "Person", "preferredUsername": name, "name": name, "inbox": id + "/inbox", "outbox": id + "/outbox",
		"publicKey": map[string]any{"id": id + "#main-key", "owner": id, "publicKeyPem": t.pem},
	}
	if _, modern := t.modern.Load(id); modern {
		actor["generator"] = map[string]any{"type": "Application", "implements": []any{map[string]any{"href": implementsEd25519}}}
	}
	_ = json.NewEncoder(w).Encode(actor)
}

// implementsEd25519 is how actors say that their server takes signatures by Ed25519 keys.
const implementsEd25519 = "https://datatracker.ietf.org/doc/html/rfc9421#name-eddsa-using-curve-edwards25"

const public = "https://www.w3.org/ns/activitystreams#Public"

// post is a Create by one author; for the desk it mentions it.
func (t *town) post(author, desk string, forUs bool) []byte {
	cc := []string{author + "/followers"}
	tags := []any{hashtag(author, "weather")}
	if forUs {
		cc = append(cc, desk)
		tags = []any{map[string]any{"type": "Mention", "href": desk, "name": "@help"}}
	}
	create, _ := t.create(author, cc, tags)
	return encode(create)
}

// tagged is a Create with some hashtags, whose post can be fetched.
func (t *town) tagged(author string, names []string) []byte {
	var tags []any
	for _, name := range names {
		tags = append(tags, hashtag(author, name))
	}
	create, note := t.create(author, []string{author + "/followers"}, tags)
	note["@context"] = create["@context"]
	t.notes.Store(note["id"], encode(note))
	return encode(create)
}

func hashtag(author, name string) any {
	return map[string]any{"type": "Hashtag", "name": "#" + name, "href": author + "/tags/" + name}
}

func (t *town) create(author string, cc []string, tags []any) (create, note map[string]any) {
	n := t.posts.Add(1)
	id := fmt.Sprintf("%s/notes/%d", author, n)
	at := time.Now().UTC().Format(time.RFC3339)
	note = map[string]any{"id": id, "type": "Note", "attributedTo": author, "published": at, "to": []string{public}, "cc": cc, "tag": tags,
		"url": fmt.Sprintf("%s/%d", author, n), "content": "<p>" + words(n) + "</p>"}
	return map[string]any{"@context": "https://www.w3.org/ns/activitystreams", "id": id + "/activity", "type": "Create", "actor": author,
		"published": at, "to": []string{public}, "cc": cc, "object": note}, note
}

// words are fifteen, some of them in most posts, two in this one only.
func words(n int64) string {
	common := []string{"the", "line", "is", "down", "since", "nine", "and", "router", "shows", "red", "light", "again", "in", "our", "street", "no", "dial", "tone"}
	out := []string{fmt.Sprintf("ticket%d", n), fmt.Sprintf("zone%d", n*7919%10007)}
	for i := range int64(13) {
		out = append(out, common[(n*31+i*i*7+i)%int64(len(common))])
	}
	return strings.Join(out, " ")
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // of the maps above only
	}
	return b
}

// request is a POST, signed as most servers do (draft-cavage-http-signatures-12), as
// it goes over the wire.
func (t *town) request(actor, host, path string, body []byte) ([]byte, error) {
	sum := sha256.Sum256(body)
	digest := "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
	date := time.Now().UTC().Format(http.TimeFormat)
	signed := fmt.Sprintf("(request-target): post %s\nhost: %s\ndate: %s\ndigest: %s", path, host, date, digest)
	hash := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, t.key, crypto.SHA256, hash[:])
	if err != nil {
		return nil, err
	}
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nDate: %s\r\nDigest: %s\r\nContent-Type: application/activity+json\r\nContent-Length: %d\r\n"+
		"Signature: keyId=\"%s#main-key\",algorithm=\"rsa-sha256\",headers=\"(request-target) host date digest\",signature=\"%s\"\r\n\r\n",
		path, host, date, digest, len(body), actor, base64.StdEncoding.EncodeToString(signature))
	return append([]byte(head), body...), nil
}

// together runs f for 0 to n-1 on some goroutines, and returns the first error.
func together(goroutines, n int, f func(goroutine, i int) error) error {
	var next atomic.Int64
	var all sync.WaitGroup
	failed := make(chan error, goroutines)
	for g := range goroutines {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := f(g, i); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

//go:build linux

package crash

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/federation/httpsig"
	"earshot/internal/desk"
	"earshot/internal/test/crowds"
)

// shouter is one of a crowd: a person with one report.
type shouter struct {
	server *shouters
	id     string // the actor
	note   string // the report
	words  crowds.Post
	asked  bool // the report mentions the desk; the others' have tags only
}

// shouters is a server of some people, at an address of its own, which also posts
// from there.
type shouters struct {
	base   string
	client *http.Client
}

// square is all the servers of a crowd.
type square struct {
	t      *testing.T
	desk   string // the actor of the desk
	now    func() time.Time
	key    *rsa.PrivateKey // of everybody
	pem    string
	people []*shouter
	by     map[string]*shouter // by their actors' ids

	mu    sync.Mutex
	heard map[string][]hearing // by the report that is answered
	more  int                  // deliveries that came again under their id
}

// hearing is a reply that arrived.
type hearing struct {
	activity, text string
	at             time.Time // by the clock of the program
}

// newSquare makes n people on a tenth as many servers, two fifths of them on one.
// Every second writes to the desk, the others are only heard by tags.
func newSquare(t *testing.T, n int, deskActor string, now func() time.Time) *square {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := httpsig.MarshalPublicKeyPEM(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	q := &square{t: t, desk: deskActor, now: now, key: key, pem: pem, by: map[string]*shouter{}, heard: map[string][]hearing{}}
	var servers []*shouters
	for s := range max(2, n/10) {
		servers = append(servers, q.listen(fmt.Sprintf("127.%d.%d.%d", 30+s/40_000, s/200%200, 1+s%200)))
	}
	for k, words := range crowds.New(13).Outage(crowds.Internet, n, now(), 15*time.Minute) {
		at := servers[0]
		if k%5 > 1 {
			at = servers[1+(k/5*3+k%5)%(len(servers)-1)]
		}
		p := &shouter{server: at, words: words, asked: k/5%2 == 0}
		p.id = fmt.Sprintf("%s/users/p%d", at.base, k)
		p.note = p.id + "/notes/1"
		p.words.Text = fmt.Sprintf("%s No. %d.", p.words.Text, k+1) // nobody says what another says
		q.people = append(q.people, p)
		q.by[p.id] = p
	}
	return q
}

func (q *square) listen(ip string) *shouters {
	q.t.Helper()
	l, err := net.Listen("tcp", ip+":0")
	if err != nil {
		q.t.Fatal(err)
	}
	s := &shouters{base: "http://" + l.Addr().String()}
	server := &httptest.Server{Listener: l, Config: &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { q.serve(s, w, r) })}}
	server.Start()
	from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}
	transport := &http.Transport{DialContext: from.DialContext, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Second}
	s.client = &http.Client{Transport: transport, Timeout: time.Minute}
	q.t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return s
}

// serve answers for the people and their reports, and takes deliveries.
func (q *square) serve(s *shouters, w http.ResponseWriter, r *http.Request) {
	id := s.base + r.URL.Path
	var doc map[string]any
	switch p, known := q.by[id]; {
	case r.Method == http.MethodPost:
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err == nil {
			q.hear(body)
		}
		w.WriteHeader(http.StatusAccepted)
		return
	case known:
		name := id[strings.LastIndex(id, "/")+1:]
		doc = map[string]any{"id": id, "type": "Person", "preferredUsername": name, "name": name, "inbox": id + "/inbox", "outbox": id + "/outbox", "followers": id + "/followers",
			"publicKey": map[string]any{"id": id + "#main-key", "owner": id, "publicKeyPem": q.pem}}
		doc["@context"] = []string{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"}
	default:
		author, ok := strings.CutSuffix(id, "/notes/1")
		if p, known = q.by[author]; !ok || !known {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		doc = q.noteOf(p)
		doc["@context"] = "https://www.w3.org/ns/activitystreams"
	}
	w.Header().Set("Content-Type", "application/activity+json")
	_ = json.NewEncoder(w).Encode(doc)
}

// hear remembers a reply of the desk.
func (q *square) hear(body []byte) {
	var a struct {
		ID, Type string
		Object   json.RawMessage
	}
	var note struct{ InReplyTo, Content string }
	if json.Unmarshal(body, &a) != nil || a.Type != "Create" || json.Unmarshal(a.Object, &note) != nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, h := range q.heard[note.InReplyTo] {
		if h.activity == a.ID {
			q.more++
			return
		}
	}
	q.heard[note.InReplyTo] = append(q.heard[note.InReplyTo], hearing{a.ID, note.Content, q.now()})
}

// told is how many of the people have heard from the desk.
func (q *square) told() int { q.mu.Lock(); defer q.mu.Unlock(); return len(q.heard) }

const publicly = "https://www.w3.org/ns/activitystreams#Public"

func (q *square) noteOf(p *shouter) map[string]any {
	var tags []any
	for _, tag := range p.words.Tags {
		tags = append(tags, map[string]any{"type": "Hashtag", "name": "#" + tag, "href": p.server.base + "/tags/" + tag})
	}
	cc := []string{p.id + "/followers"}
	if p.asked {
		cc = append(cc, q.desk)
		tags = append(tags, map[string]any{"type": "Mention", "href": q.desk, "name": "@help"})
	}
	return map[string]any{"id": p.note, "type": "Note", "attributedTo": p.id, "published": p.words.At.Format(time.RFC3339), "to": []string{publicly}, "cc": cc,
		"tag": tags, "content": "<p>" + html.EscapeString(p.words.Text) + "</p>", "contentMap": map[string]string{p.words.Language: "<p>" + html.EscapeString(p.words.Text) + "</p>"}}
}

// shout posts a report to an inbox, and returns how that was answered, and after how
// many seconds its server may come back; 0, 0: not at all.
func (q *square) shout(ctx context.Context, p *shouter, inbox string) (status, later int, said string) {
	note := q.noteOf(p)
	body, err := json.Marshal(map[string]any{"@context": "https://www.w3.org/ns/activitystreams", "id": p.note + "/activity", "type": "Create", "actor": p.id,
		"to": note["to"], "cc": note["cc"], "object": note})
	if err != nil {
		return 0, 0, err.Error()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, inbox, bytes.NewReader(body))
	if err != nil {
		return 0, 0, err.Error()
	}
	r.Header.Set("Content-Type", "application/activity+json")
	if err := httpsig.SignCavage(r, body, p.id+"#main-key", q.key, q.now()); err != nil {
		return 0, 0, err.Error()
	}
	res, err := p.server.client.Do(r)
	if err != nil {
		return 0, 0, err.Error()
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	_, _ = fmt.Sscan(res.Header.Get("Retry-After"), &later)
	return res.StatusCode, later, string(b)
}

// report is the id of the report.
func (p *shouter) report() desk.ObjectID { return desk.ObjectID(p.note) }

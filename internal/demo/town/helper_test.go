package town

import (
	"bytes"
	"context"
	"crypto/rsa"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

// place is a running town under test.
type place struct {
	*Town
	t *testing.T
}

type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// keys are handed out in turn: making one takes longer than most tests. No
// test has as many actors.
var keys = sync.OnceValue(func() (keys [10]*rsa.PrivateKey) {
	for i := range keys {
		keys[i] = newKey()
	}
	return keys
})

var handedOut atomic.Int64

func nextKey() *rsa.PrivateKey { return keys()[handedOut.Add(1)%10] }

// build starts a town on a port of its own, over real HTTP.
func build(t *testing.T, now clock.Clock, names ...string) *place {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	var people []Person
	for _, n := range names {
		name := strings.TrimSuffix(n, "*")
		people = append(people, Person{Username: name, Name: strings.ToUpper(name[:1]) + name[1:], Language: "en", Bot: name != n})
	}
	client := safehttp.New(safehttp.Options{AllowPrivate: true, UserAgent: "town-test"})
	town, err := New(Config{
		BaseURL: "http://" + server.Listener.Addr().String(), People: people, Clock: now, Client: client, NewKey: nextKey,
		Logger: slog.New(slog.NewTextHandler(testLog{t}, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = town.Handler()
	server.Start()
	t.Cleanup(func() {
		town.Close()
		client.CloseIdle()
		server.Close()
	})
	return &place{town, t}
}

// twoTowns has ana and bob in one, help and mia in the other.
func twoTowns(t *testing.T) (here, there *place, now *clock.Fake) {
	now = clock.NewFake(noon)
	return build(t, now, "ana", "bob"), build(t, now, "help", "mia"), now
}

// settle works until no town has anything that is due.
func settle(t *testing.T, places ...*place) {
	t.Helper()
	for idle := 0; idle < len(places); {
		for _, p := range places {
			worked, err := p.RunOnce(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if idle++; worked {
				idle = 0
			}
		}
	}
}

func (p *place) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) write(person string, in PostInput) desk.ObjectID {
	p.t.Helper()
	id, err := p.Post(context.Background(), person, in)
	p.must(err)
	return id
}

func (p *place) handle(person string) string { return "@" + person + "@" + string(p.host) }

// see returns the message as a person sees it, and whether they do.
func (p *place) see(person string, id desk.ObjectID) (Message, bool) {
	for _, m := range p.Thread(person, id) {
		if m.ID == id {
			return m, true
		}
	}
	return Message{}, false
}

// arrived returns the arrived activities of a type.
func (p *place) arrived(kind string) []Arrival {
	var out []Arrival
	for _, a := range p.Arrivals() {
		if string(a.Type) == kind {
			out = append(out, a)
		}
	}
	return out
}

// get fetches a page or document, without a signature.
func get(t *testing.T, url, accept string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", accept)
	return do(t, r)
}

// do makes a request without following redirects, and reads the answer.
func do(t *testing.T, r *http.Request) *http.Response {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer
}

func bodyOf(t *testing.T, answer *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

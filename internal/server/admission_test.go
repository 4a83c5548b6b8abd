package server

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"earshot/federation/inbox"
	"earshot/internal/admission"
	"earshot/internal/clock"
)

var _ inbox.Places = (*Admission)(nil)

func newPlaces(n int, peers *Peers) *Admission {
	return NewAdmission(AdmissionOptions{MaxRequests: n, Peers: peers, Clock: clock.System{}})
}

// A pool that is full closes no other.
func TestOneFullPoolClosesNoOther(t *testing.T) { synctest.Test(t, oneFullPoolClosesNoOther) }

func oneFullPoolClosesNoOther(t *testing.T) {
	a := newPlaces(0, nil)
	entered, release := make(chan struct{}), make(chan struct{})
	var slow bool
	h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if slow {
			entered <- struct{}{}
			<-release
		}
	})
	pools := map[string]http.Handler{"console": a.Console(h), "pages": a.Pages(h), "api": a.API(h, "/events"), "documents": a.Documents(h)}
	get := func(h http.Handler, path string, n int) int {
		r := httptest.NewRequest("GET", path, nil)
		r.RemoteAddr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(n)}), 1).String()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	for name, full := range pools {
		slow = true
		under := 0
		for n := 0; a.Taken()[name] < map[string]int{"console": 64, "pages": 96, "api": 64, "documents": 72}[name]; n++ {
			if n > 200 {
				t.Fatalf("%s is not full with %d", name, under)
			}
			for range 32 {
				ended := make(chan int, 1)
				go func() { ended <- get(full, "/", n) }()
				select {
				case <-entered:
					under++
				case status := <-ended:
					if status != 503 {
						t.Errorf("%s: %d", name, status)
					}
				}
			}
		}
		slow = false
		for other, h := range pools {
			if status := get(h, "/", 250); (status == 200) != (other != name) {
				t.Errorf("%s is full: %s answers %d", name, other, status)
			}
		}
		if status := get(pools["api"], "/events", 250); status != 200 {
			t.Errorf("%s is full: a stream answers %d", name, status)
		}
		for range under {
			release <- struct{}{}
		}
		synctest.Wait()
		if n := a.Taken()[name]; n > 0 {
			t.Errorf("%d do not leave", n)
		}
	}
}

// An inbox takes its place itself.
func TestInboxHasItsOwnPool(t *testing.T) {
	a := newPlaces(0, nil)
	for path, want := range map[string]int{"/inbox": 0, "/desks/help/inbox": 0, "/relay": 1} {
		a.Documents(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if got := a.Taken()["documents"]; got != want {
				t.Errorf("%s: %d places", path, got)
			}
			place, err := a.Enter(r)
			if err != nil || a.Taken()["inbox"] != 1 {
				t.Errorf("%v", err)
			}
			place.Release()
		})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", path, strings.NewReader("{}")))
	}
}

// Every pool takes requests, for any max_requests.
func TestPoolsFitMaxRequests(t *testing.T) {
	for _, n := range []int{1, 2, 7, 16, 64, 512, 5000} {
		a := newPlaces(n, nil)
		for name, p := range map[string]*admission.Pool{"inbox": a.inbox, "documents": a.documents, "pages": a.pages, "console": a.console, "api": a.api} {
			place, err := p.Enter(t.Context(), a.peers.Address(from("192.0.2.1:1")))
			if err != nil {
				t.Fatalf("%d: %s takes nobody: %v", n, name, err)
			}
			place.Release()
		}
	}
}

// reading is a server whose handler reads bodies, at a faster pace than ours.
func reading(t *testing.T, a *Admission) (addr string, bodies chan error) {
	t.Helper()
	bodies = make(chan error, 2000)
	r := start(t, Options{Admission: a, Public: a.Pages(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(w, r.Body)
		bodies <- err
	}))})
	return r.addr, bodies
}

// post sends the head of a request and a part of its body.
func post(t *testing.T, addr string, length int, part string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", length, part); err != nil {
		t.Fatal(err)
	}
	return c, bufio.NewReader(c)
}

// A body that does not come has no place, is cut off, and gives back its
// reserved bytes.
func TestSlowBody(t *testing.T) {
	pace(t, 100*time.Millisecond)
	a := newPlaces(0, nil)
	addr, bodies := reading(t, a)
	_, answer := post(t, addr, 1000, "half")
	r, err := http.ReadResponse(answer, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != http.StatusRequestTimeout || r.Header.Get("Retry-After") == "" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
	_, _ = io.Copy(io.Discard, r.Body)
	if _, err := answer.ReadByte(); err != io.EOF {
		t.Errorf("the connection goes on: %v", err)
	}
	_, answer = post(t, addr, 5, "whole")
	if r, err = http.ReadResponse(answer, nil); err != nil || r.StatusCode != 200 {
		t.Errorf("a whole one: %v, %v", r, err)
	}
	if len(bodies) != 1 {
		t.Errorf("%d requests came through", len(bodies))
	}
	if a.refusals[admission.Refusal{At: "bodies", Reason: admission.Slow}] != 1 {
		t.Errorf("%v", a.refusals)
	}
	for a.Taken()["bodies"] > 0 {
		if t.Context().Err() != nil {
			t.Fatal("memory is not given back")
		}
	}
}

// A deadline for the body does not limit the answer.
func TestAnswerAfterTheBody(t *testing.T) {
	pace(t, 50*time.Millisecond)
	a := newPlaces(0, nil)
	r := start(t, Options{Admission: a, Public: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
			t.Error("given up")
		case <-time.After(200 * time.Millisecond):
		}
	})})
	_, answer := post(t, r.addr, 5, "whole")
	if r, err := http.ReadResponse(answer, nil); err != nil || r.StatusCode != 200 {
		t.Errorf("%v, %v", r, err)
	}
}

// pace has bodies come sooner, for one test.
func pace(t *testing.T, grace time.Duration) {
	t.Helper()
	was := bodyGrace
	bodyGrace = grace
	t.Cleanup(func() { bodyGrace = was })
}

// The pace: some time to begin with, then a rate, then an end.
func TestBodyIsDue(t *testing.T) {
	for read, want := range map[int]time.Duration{0: 5 * time.Second, 16 << 10: 6 * time.Second, 160 << 10: 15 * time.Second, 1 << 20: readTimeout} {
		b := &body{began: time.Unix(0, 0), read: read}
		if got := b.due().Sub(b.began); got != want {
			t.Errorf("%d bytes: %v, want %v", read, got, want)
		}
	}
	for read, want := range map[int]time.Duration{0: 5 * time.Second, 1 << 20: 69 * time.Second, 64 << 20: largeTimeout} {
		b := &body{began: time.Unix(0, 0), read: read, long: true}
		if got := b.due().Sub(b.began); got != want {
			t.Errorf("%d bytes of a client that is known: %v, want %v", read, got, want)
		}
	}
}

// A large body may take long, also its connection's answer, if its sender is known.
func TestLargeBodies(t *testing.T) {
	a := NewAdmission(AdmissionOptions{Clock: clock.System{}, Most: func(r *http.Request) int64 {
		if r.URL.Path == "/picture" {
			return 4 << 20
		}
		return usualBody
	}})
	a.Trust(func(r *http.Request) bool { return r.Header.Get("Cookie") == "right" })
	for _, c := range []struct {
		path, cookie string
		long         bool
	}{{"/picture", "right", true}, {"/picture", "wrong", false}, {"/", "right", false}} {
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequest("POST", c.path, strings.NewReader(strings.Repeat("x", usualBody)))
		r.Header.Set("Cookie", c.cookie)
		a.paced(a.Console(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))).ServeHTTP(w, r)
		if w.writes != c.long {
			t.Errorf("%+v: may take long: %v", c, w.writes)
		}
	}
}

// deadlines notes whether the time for an answer was set.
type deadlines struct {
	*httptest.ResponseRecorder
	writes bool
}

func (d *deadlines) SetWriteDeadline(time.Time) error { d.writes = true; return nil }
func (d *deadlines) SetReadDeadline(time.Time) error  { return nil }

// The bytes of all bodies are bounded, for one address and in total, and a
// small body keeps only its own size.
func TestBodiesAreBounded(t *testing.T) {
	a := newPlaces(0, nil)
	open := make(chan *io.PipeWriter, 3000)
	send := func(n int) {
		r, w := io.Pipe()
		open <- w
		req := httptest.NewRequest("POST", "/", r)
		req.RemoteAddr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(n)}), 1).String()
		a.paced(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })).ServeHTTP(httptest.NewRecorder(), req)
	}
	for n := range 8 {
		for range 300 {
			go send(n)
		}
	}
	most := bodyBounds.Strangers
	for a.Taken()["bodies"] < most {
		if t.Context().Err() != nil {
			t.Fatalf("%d of %d bytes are taken", a.Taken()["bodies"], most)
		}
	}
	total := 0
	for total < 8*300-most/bodyStep {
		total = 0
		for r, n := range a.Refusals() {
			if r.At == "bodies" {
				total += n
			}
		}
	}
	for range 8 * 300 {
		(<-open).CloseWithError(io.ErrUnexpectedEOF)
	}
	for a.Taken()["bodies"] > 0 {
		if t.Context().Err() != nil {
			t.Fatal("memory is not given back")
		}
	}
	a.paced(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		if got := a.Taken()["bodies"]; got != 5 {
			t.Errorf("a body of 5 bytes takes %d", got)
		}
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", strings.NewReader("small")))
}

// One address has so many connections, and others connect all the same. With
// trusted proxies set this machine is an address like others.
func TestConnectionsOfOneAddress(t *testing.T) {
	a := newPlaces(0, NewPeers([]netip.Prefix{netip.MustParsePrefix("127.0.0.9/32")}, quiet()))
	r := start(t, Options{Admission: a, Public: says("page")})
	dial := func(from string) net.Conn {
		t.Helper()
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
		c, err := d.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	var held []net.Conn
	for range connectionBounds.Address {
		held = append(held, dial("127.0.0.1"))
	}
	answers := func(c net.Conn) bool {
		_, _ = fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
		}
		return err == nil && res.StatusCode == 200
	}
	if answers(dial("127.0.0.1")) {
		t.Error("one more was answered")
	}
	if !answers(dial("127.0.0.2")) {
		t.Error("another address was not")
	}
	for range 10 {
		if !answers(dial("127.0.0.9")) {
			t.Error("nor was a proxy")
		}
	}
	if !answers(held[0]) {
		t.Error("one that was open is closed")
	}
	for a.Taken()["connections"] >= connectionBounds.Address {
		if t.Context().Err() != nil {
			t.Fatal("a closed one still counts")
		}
	}
	if !answers(dial("127.0.0.1")) {
		t.Error("with a free place")
	}
	if a.Refusals()[admission.Refusal{At: "connections", Reason: admission.OfAddress}] != 1 {
		t.Errorf("%v", a.Refusals())
	}
}

// Nobody speaks HTTP/2 with us, whose streams would count as one connection.
func TestNoHTTP2(t *testing.T) {
	r := start(t, Options{Public: says("page")})
	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = fmt.Fprint(c, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || res.ProtoMajor != 1 || res.StatusCode < 400 {
		t.Errorf("%v, %v", res, err)
	}
}

// A body is read as far as its handler wants it, and no further.
func TestBodiesAreReadAhead(t *testing.T) {
	a := NewAdmission(AdmissionOptions{Clock: clock.System{}, Most: func(r *http.Request) int64 {
		if r.URL.Path == "/picture" {
			return 4 << 20
		}
		return usualBody
	}})
	for path, want := range map[string]int64{"/picture": 3 << 20, "/": usualBody + 1} {
		for name, in := range map[string]func(http.Handler) http.Handler{"console": a.Console, "api": func(h http.Handler) http.Handler { return a.API(h) }} {
			in(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if n, err := io.Copy(io.Discard, r.Body); n != want || err != nil {
					t.Errorf("%s %s: %d bytes, want %d: %v", name, path, n, want, err)
				}
			})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", path, strings.NewReader(strings.Repeat("x", 3<<20))))
		}
	}
}

package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/internal/clock"
	"earshot/store"
	"earshot/store/bolt"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func fetch(t *testing.T, addr net.Addr, path string) (status int, body string) {
	t.Helper()
	r, err := http.Get("http://" + addr.String() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

// From the first moment to the last: starting, ready, stopping. The admin
// listener tells until the end, and shows numbers that the world does not see.
func TestStartingReadyStopping(t *testing.T) {
	doors, err := Listen(t.Context(), nil, "127.0.0.1:0", "127.0.0.1:0", newPlaces(0, nil), quiet())
	if err != nil {
		t.Fatal(err)
	}
	public, admin := doors.public.listener.Addr(), doors.admin.listener.Addr()
	for _, a := range []net.Addr{public, admin} {
		if status, body := fetch(t, a, "/readyz"); status != 503 || !strings.Contains(body, "starting") {
			t.Errorf("starting: ready %d %q", status, body)
		}
		if status, _ := fetch(t, a, "/livez"); status != 200 {
			t.Errorf("starting: live %d", status)
		}
	}
	early := make(chan string, 1)
	go func() { _, body := fetch(t, public, "/inbox"); early <- body }()
	var told []string
	var seen []Request
	release, ready := make(chan struct{}), make(chan struct{})
	s := New(Options{Listeners: doors, Public: says("page"), Metrics: says("numbers"), Log: quiet(), Ready: func(net.Addr) { close(ready) },
		Notify: func(s string) { told = append(told, s) }, Observe: func(r Request) { seen = append(seen, r) },
		Workers: []Worker{worker(func(ctx context.Context) error { <-ctx.Done(); <-release; return nil })}})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	<-ready
	if body := <-early; body != "page" {
		t.Errorf("starting: a request got %q", body)
	}
	if status, body := fetch(t, admin, "/readyz"); status != 200 {
		t.Errorf("ready: %d %q", status, body)
	}
	if status, body := fetch(t, admin, "/metrics"); status != 200 || body != "numbers" {
		t.Errorf("metrics: %d %q", status, body)
	}
	if _, body := fetch(t, public, "/metrics"); body != "page" {
		t.Errorf("the world sees %q", body)
	}
	if status, _ := fetch(t, admin, "/"); status != 404 {
		t.Errorf("the admin listener shows pages: %d", status)
	}
	stop()
	for !s.stopping.Load() {
		if t.Context().Err() != nil {
			t.Fatal("not stopping")
		}
	}
	if status, body := fetch(t, admin, "/readyz"); status != 503 || !strings.Contains(body, "stopping") {
		t.Errorf("stopping: %d %q", status, body)
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	doors.Close() // does no harm
	if strings.Join(told, " ") != "READY=1 STOPPING=1" {
		t.Errorf("told %q", told)
	}
	classes := map[string]int{}
	for _, r := range seen {
		classes[r.Class]++
	}
	if classes["health"] != 4 || classes["page"] != 1 || classes["inbox"] != 1 { // the world's /metrics counts as health too
		t.Errorf("observed %v", seen)
	}
	if _, err := net.Dial("tcp", admin.String()); err == nil {
		t.Error("the admin listener is still open")
	}
}

// Connections beyond the limit wait; they do not grow the process.
func TestConnectionsAreBounded(t *testing.T) {
	doors, err := Listen(t.Context(), nil, "127.0.0.1:0", "127.0.0.1:0", newPlaces(0, nil), quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer doors.Close()
	held := make([]net.Conn, maxAdminConnections)
	for n := range held {
		if held[n], err = net.Dial("tcp", doors.admin.listener.Addr().String()); err != nil {
			t.Fatal(err)
		}
		defer held[n].Close()
	}
	answered := make(chan error, 1)
	go func() {
		r, err := http.Get("http://" + doors.admin.listener.Addr().String() + "/livez")
		if err == nil {
			err = r.Body.Close()
		}
		answered <- err
	}()
	select {
	case err := <-answered:
		t.Fatalf("one more was answered: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	if err := held[0].Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Errorf("with a free place: %v", err)
	}
}

func TestListenTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := Listen(t.Context(), nil, "127.0.0.1:0", l.Addr().String(), newPlaces(0, nil), quiet()); err == nil || !strings.Contains(err.Error(), "--admin-listen") {
		t.Error(err)
	}
}

// Kinds of addresses are few, even if strangers ask for made-up ones.
func TestClass(t *testing.T) {
	for path, want := range map[string]string{
		"/inbox": "inbox", "/desks/help/inbox": "inbox", "/relay/inbox": "inbox", "/relay": "actor", "/desks/help": "actor", "/@help": "actor",
		"/.well-known/webfinger": "discovery", "/nodeinfo/2.1": "discovery", "/posts/1/replies": "document", "/activities/1/create": "document",
		"/livez": "health", "/api/v1/issues": "api", "/": "page", "/wp-login.php": "page", "/desksx": "page",
	} {
		if got := class(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// A full store answers, and is not ready; with room again it is, soon.
func TestFullStoreIsNotReady(t *testing.T) {
	disk := &disk{}
	s, err := bolt.Open(t.Context(), filepath.Join(t.TempDir(), "db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	disk.Store = s
	c := clock.NewFake(time.Unix(1e9, 0))
	room := NewStoreHealth(disk, c)
	write := func() error { return room.Store().Update(t.Context(), "op", func(store.Tx) error { return nil }) }
	check := func(want error, when string) {
		t.Helper()
		if err := room.Check(t.Context()); !errors.Is(err, want) {
			t.Errorf("%s: %v", when, err)
		}
	}
	if err := write(); err != nil {
		t.Fatal(err)
	}
	check(nil, "room")
	disk.full = true
	check(nil, "full, but nobody wrote")
	if err := write(); !errors.Is(err, store.ErrFull) {
		t.Fatal(err)
	}
	check(store.ErrFull, "full")
	tries := disk.updates
	for range 100 {
		check(store.ErrFull, "asked often")
	}
	if disk.updates != tries {
		t.Errorf("asking wrote %d times", disk.updates-tries)
	}
	disk.full = false
	check(store.ErrFull, "not tried again yet")
	c.Advance(tryEvery)
	check(nil, "room again")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	check(store.ErrClosed, "closed")
	full := New(Options{Log: quiet(), Alive: func(context.Context) error { return store.ErrFull }})
	if err := full.Ready(t.Context()); !errors.Is(err, errFull) {
		t.Errorf("a full store: %v", err)
	}
}

// A store that answers and whose writes wait is not ready until they end.
func TestStuckStoreIsNotReady(t *testing.T) {
	s, err := bolt.Open(t.Context(), filepath.Join(t.TempDir(), "db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := clock.NewFake(time.Unix(1e9, 0))
	disk := &disk{Store: s}
	room := NewStoreHealth(disk, c)
	server := New(Options{Log: quiet(), Alive: room.Check})
	ready := func(want error, when string) {
		t.Helper()
		if err := server.Ready(t.Context()); !errors.Is(err, want) {
			t.Errorf("%s: %v", when, err)
		}
	}
	begun, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		ended <- room.Store().Update(t.Context(), "op", func(store.Tx) error { close(begun); <-goOn; return nil })
	}()
	<-begun
	ready(nil, "a write has begun")
	c.Advance(stuckAfter)
	ready(nil, "it takes its time")
	c.Advance(time.Second)
	ready(errStuck, "it waits for long")
	close(goOn)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	ready(nil, "it has ended")
}

// disk is a store whose disk can be full.
type disk struct {
	store.Store
	full    bool
	updates int
}

func (d *disk) Update(ctx context.Context, op store.Op, f func(store.Tx) error) error {
	d.updates++
	if d.full {
		return store.ErrFull
	}
	return d.Store.Update(ctx, op, f)
}

func TestSystemdNotify(t *testing.T) {
	if SystemdNotify("", quiet()) != nil {
		t.Error("nobody asked")
	}
	at := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: at, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	SystemdNotify(at, quiet())("READY=1")
	b := make([]byte, 100)
	n, err := l.Read(b)
	if err != nil || string(b[:n]) != "READY=1" {
		t.Errorf("%q %v", b[:n], err)
	}
}

package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// logged is a log that may be read while it is written.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(b) }
func (l *logged) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

type running struct {
	url  string
	addr string
	log  *logged
	stop context.CancelCauseFunc
	done chan error
}

// start runs a server on a free port until the test ends.
func start(t *testing.T, o Options) *running {
	t.Helper()
	r := &running{log: &logged{}, done: make(chan error, 1)}
	o.Log = slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.Listen = "127.0.0.1:0"
	ready := make(chan net.Addr, 1)
	o.Ready = func(a net.Addr) { ready <- a }
	ctx, cancel := context.WithCancelCause(t.Context())
	r.stop = cancel
	var wg sync.WaitGroup
	wg.Go(func() { r.done <- New(o).Run(ctx) })
	t.Cleanup(func() { cancel(nil); wg.Wait() })
	select {
	case a := <-ready:
		r.addr, r.url = a.String(), "http://"+a.String()
	case err := <-r.done:
		t.Fatal(err)
	}
	return r
}

func (r *running) get(t *testing.T, method, path string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, r.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

func says(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, text) })
}

func TestPublic(t *testing.T) {
	r := start(t, Options{Public: says("page"), API: says("api"), Spelled: says("spelled")})
	for _, tc := range []struct {
		method, path string
		status       int
		body         string
	}{
		{"GET", "/", 200, "page"},
		{"GET", "/desks/help", 200, "page"},
		{"GET", "/livez", 200, "ok"},
		{"GET", "/readyz", 200, "ok"},
		{"POST", "/livez", 405, "this takes GET, HEAD"},
		{"GET", "/desks/he%6Cp/inbox", 200, "spelled"},
		{"POST", "/desks/he%6Cp/inbox", 404, "percent-encoding"},
		{"GET", "/%40help/%2e%2e/x", 404, "percent-encoding"},
		{"POST", "/desks%2Fhelp%2Finbox", 404, "percent-encoding"},
		{"GET", "/desks//help", 404, "empty"},
		{"GET", "/desks/./help", 404, "dot segments"},
		{"GET", "/a/%2e%2e/b", 404, "nothing here"},
		{"GET", "/api/v1/version", 200, "page"}, // the API is not on the public listener
	} {
		resp, body := r.get(t, tc.method, tc.path)
		if resp.StatusCode != tc.status || !strings.Contains(body, tc.body) {
			t.Errorf("%s %s: %d %q", tc.method, tc.path, resp.StatusCode, body)
		}
		if resp.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(resp.Header.Get("Content-Security-Policy"), "default-src 'self'") ||
			resp.Header.Get("Referrer-Policy") != "no-referrer" || resp.Header.Get(headerRequest) == "" {
			t.Errorf("%s: headers %v", tc.path, resp.Header)
		}
		if tc.status == 405 && resp.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: Allow is %q", tc.path, resp.Header.Get("Allow"))
		}
		if tc.status == 404 && resp.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %q", tc.path, resp.Header.Get("Content-Type"))
		}
	}
	if !strings.Contains(r.log.String(), "path=/desks/help status=200 bytes=4") {
		t.Error("the access log lacks a request")
	}
}

func TestPanicIsAnswered(t *testing.T) {
	r := start(t, Options{Public: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oops") })})
	resp, body := r.get(t, "GET", "/")
	var p struct {
		Status  int    `json:"status"`
		Request string `json:"request_id"`
	}
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		t.Fatal(err)
	}
	id := resp.Header.Get(headerRequest)
	if resp.StatusCode != 500 || p.Status != 500 || p.Request != id || strings.Contains(body, "oops") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if log := r.log.String(); !strings.Contains(log, "oops") || !strings.Contains(log, id) {
		t.Errorf("log: %s", log)
	}
}

func TestTooManyAtOnce(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	places := newPlaces(1, nil)
	r := start(t, Options{Admission: places, Public: places.Pages(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		entered <- struct{}{}
		<-release
	}))})
	first := make(chan int, 1)
	go func() {
		resp, err := http.Get(r.url + "/slow")
		if err != nil {
			first <- 0
			return
		}
		resp.Body.Close()
		first <- resp.StatusCode
	}()
	<-entered
	if resp, _ := r.get(t, "GET", "/other"); resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("over the limit: %d", resp.StatusCode)
	}
	if resp, _ := r.get(t, "GET", "/livez"); resp.StatusCode != 200 {
		t.Errorf("health over the limit: %d", resp.StatusCode)
	}
	close(release)
	if got := <-first; got != 200 {
		t.Errorf("the request under way: %d", got)
	}
}

type worker func(context.Context) error

func (w worker) Run(ctx context.Context) error { return w(ctx) }

func TestReadiness(t *testing.T) {
	var broken error
	over, ended := make(chan struct{}), make(chan struct{})
	r := start(t, Options{Public: says(""), Alive: func(context.Context) error { return broken },
		Workers: []Worker{worker(func(context.Context) error { <-over; defer close(ended); return nil })}})
	if resp, _ := r.get(t, "GET", "/readyz"); resp.StatusCode != 200 {
		t.Errorf("ready: %d", resp.StatusCode)
	}
	close(over)
	<-ended
	for {
		resp, body := r.get(t, "GET", "/readyz")
		if resp.StatusCode == 503 && strings.Contains(body, "worker") {
			break
		}
		if t.Context().Err() != nil {
			t.Fatal("a lost worker was not noticed")
		}
	}
	if resp, _ := r.get(t, "GET", "/livez"); resp.StatusCode != 200 {
		t.Errorf("live without a worker: %d", resp.StatusCode)
	}
}

func TestStoreDown(t *testing.T) {
	r := start(t, Options{Public: says(""), Alive: func(context.Context) error { return errors.New("bolt: secret path") }})
	resp, body := r.get(t, "GET", "/readyz")
	if resp.StatusCode != 503 || strings.Contains(body, "secret") {
		t.Errorf("%d %q", resp.StatusCode, body)
	}
}

// TestStopsGracefully: running requests are answered, and Run waits for the
// workers.
func TestStopsGracefully(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	worked := false
	r := start(t, Options{
		Public: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { close(entered); <-release; fmt.Fprint(w, "whole") }),
		Workers: []Worker{worker(func(ctx context.Context) error {
			<-ctx.Done()
			close(release)
			worked = true
			return nil
		})},
	})
	answer := make(chan string, 1)
	go func() {
		resp, err := http.Get(r.url)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		answer <- string(b)
	}()
	<-entered
	r.stop(nil)
	if err := <-r.done; err != nil || !worked {
		t.Errorf("stopped: %v, worker waited for: %v", err, worked)
	}
	if got := <-answer; got != "whole" {
		t.Errorf("the request under way got %q", got)
	}
	if _, err := net.DialTimeout("tcp", r.addr, time.Second); err == nil {
		t.Error("still listening")
	}
}

func TestFatalCauseIsReturned(t *testing.T) {
	r := start(t, Options{Public: says("")})
	disk := errors.New("the disk is broken")
	r.stop(disk)
	if err := <-r.done; !errors.Is(err, disk) {
		t.Errorf("ended with %v", err)
	}
}

func TestWorkerErrorStops(t *testing.T) {
	r := start(t, Options{Public: says(""), Workers: []Worker{worker(func(context.Context) error { return errors.New("no more") })}})
	if err := <-r.done; err == nil || !strings.Contains(err.Error(), "no more") {
		t.Errorf("ended with %v", err)
	}
}

func TestSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.sock")
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false) // as a killed process leaves it
	stale.Close()
	r := start(t, Options{Public: says("page"), API: says("api"), Socket: path})
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /api/v1/version HTTP/1.1\r\nHost: x\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, _ := io.ReadAll(resp.Body); string(b) != "api" || resp.Header.Get(headerRequest) == "" {
		t.Errorf("%q %v", b, resp.Header)
	}
	r.stop(nil)
	<-r.done
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestSocketInTheWay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.sock")
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := New(Options{Listen: "127.0.0.1:0", Socket: path, Log: slog.New(slog.DiscardHandler)}).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "in the way") {
		t.Errorf("%v", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "precious" {
		t.Error("a file was overwritten")
	}
}

func TestSocketPathTooLong(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("long", 30)+".sock")
	err := New(Options{Listen: "127.0.0.1:0", Socket: path, Log: slog.New(slog.DiscardHandler)}).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "shorter path") {
		t.Errorf("%v", err)
	}
}

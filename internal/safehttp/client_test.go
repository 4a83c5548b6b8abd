package safehttp

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// serve starts a TLS server and returns it with a strict client: https only,
// the real guard, except that it lets the address of this one server pass.
func serve(t *testing.T, o Options, h http.HandlerFunc) (*httptest.Server, *Client) {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are the point of some tests
	server.StartTLS()
	t.Cleanup(server.Close)
	if o.TLS == nil {
		o.TLS = trusting(server)
	}
	strict, own := general(o.AllowPrivate), server.Listener.Addr().String()
	c := newClient(o, func(network, address string, rc syscall.RawConn) error {
		if address == own {
			return nil
		}
		return strict(network, address, rc)
	})
	t.Cleanup(c.CloseIdle)
	return server, c
}

func trusting(server *httptest.Server) *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return &tls.Config{RootCAs: pool}
}

func TestGet(t *testing.T) {
	server, c := serve(t, Options{UserAgent: "earshot-test"}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Proto", r.Proto)
		fmt.Fprintf(w, "%s %s %s %s", r.Method, r.RequestURI, r.UserAgent(), r.Header.Get("Accept"))
	})
	got, err := c.Get(t.Context(), server.URL+"/a?b=c#d", func(r *http.Request) error {
		r.Header.Set("Accept", "text/x")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "GET /a?b=c earshot-test text/x"; got.Status != 200 || string(got.Body) != want {
		t.Errorf("got %d %q, want %q", got.Status, got.Body, want)
	}
	if got.URL.String() != server.URL+"/a?b=c" {
		t.Errorf("URL is %s", got.URL)
	}
	if proto := got.Header.Get("X-Proto"); proto != "HTTP/2.0" {
		t.Errorf("spoke %s", proto)
	}
}

func TestPrepareErrorStopsTheRequest(t *testing.T) {
	asked := false
	server, c := serve(t, Options{}, func(http.ResponseWriter, *http.Request) { asked = true })
	refusal := errors.New("no key")
	_, err := c.Get(t.Context(), server.URL, func(*http.Request) error { return refusal })
	if !errors.Is(err, refusal) || Permanent(err) || asked {
		t.Errorf("got %v, asked %v", err, asked)
	}
}

func TestBadURLs(t *testing.T) {
	strict, dev := New(Options{}), New(Options{AllowPrivate: true})
	for _, raw := range []string{
		"", "/relative", "example.com", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/",
		"javascript:alert(1)", "https:", "https://", "https:///path", "https://:443/", "https:example.com",
		"https://user@example.com/", "https://user:secret@example.com/", "https://exa mple.com/",
		"https://example.com:port/", "https://[fe80::1%25eth0]/", "https://[::1/", "https://a..b/%zz",
		"https://example.com/\x00", "https://example.com/\r\nX: y",
		"https://example.com/" + strings.Repeat("a", maxURLBytes),
	} {
		for name, c := range map[string]*Client{"strict": strict, "dev": dev} {
			_, err := c.Get(t.Context(), raw, nil)
			if !errors.Is(err, ErrBadURL) || !Permanent(err) {
				t.Errorf("%s Get(%.60q): %v", name, raw, err)
			}
			if _, err := c.Post(t.Context(), raw, nil, nil); !errors.Is(err, ErrBadURL) {
				t.Errorf("%s Post(%.60q): %v", name, raw, err)
			}
		}
	}
	if _, err := strict.Get(t.Context(), "http://example.com/", nil); !errors.Is(err, ErrBadURL) {
		t.Errorf("strict client and http: %v", err)
	}
}

// The canonical host gets signed, so it must be in the request when prepare
// sees it.
func TestHostIsCanonical(t *testing.T) {
	stop := errors.New("stop")
	for raw, want := range map[string]string{
		"https://Example.COM/":           "example.com",
		"https://example.com.:443/":      "example.com",
		"https://example.com:8443/":      "example.com:8443",
		"https://bücher.example/":        "xn--bcher-kva.example",
		"https://[2620:FE::FE]:443/":     "[2620:fe::fe]",
		"https://xn--bcher-kva.example/": "xn--bcher-kva.example",
	} {
		_, err := New(Options{}).Get(t.Context(), raw, func(r *http.Request) error {
			if r.Host != want || r.URL.Host != want {
				t.Errorf("%s: Host %q, URL.Host %q, want %q", raw, r.Host, r.URL.Host, want)
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestStrictClientRefusesOwnMachine(t *testing.T) {
	asked := false
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer server.Close()
	c := New(Options{TLS: trusting(server)})
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "10.0.0.1", "169.254.169.254"} {
		_, err := c.Get(t.Context(), "https://"+host+":"+port+"/", nil)
		if !errors.Is(err, ErrForbiddenAddress) || !Permanent(err) {
			t.Errorf("%s: %v", host, err)
		}
	}
	if asked {
		t.Error("the server was reached")
	}
}

func TestAllowPrivate(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }))
	defer server.Close()
	c := New(Options{AllowPrivate: true})
	defer c.CloseIdle()
	got, err := c.Get(t.Context(), server.URL, nil)
	if err != nil || string(got.Body) != "hello" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestNoProxyFromEnvironment(t *testing.T) {
	proxied := false
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied = true }))
	defer proxy.Close()
	t.Setenv("HTTPS_PROXY", proxy.URL)
	t.Setenv("HTTP_PROXY", proxy.URL)
	server, c := serve(t, Options{}, func(http.ResponseWriter, *http.Request) {})
	if _, err := c.Get(t.Context(), server.URL, nil); err != nil || proxied {
		t.Errorf("got %v, proxied %v", err, proxied)
	}
	if c.transport.Proxy != nil {
		t.Error("the transport has a proxy function")
	}
}

func TestBadCertificate(t *testing.T) {
	asked := false
	for name, o := range map[string]Options{
		"unknown authority":      {TLS: &tls.Config{RootCAs: x509.NewCertPool()}},
		"verification off":       {TLS: &tls.Config{RootCAs: x509.NewCertPool(), InsecureSkipVerify: true}},
		"for --dev as well":      {TLS: &tls.Config{RootCAs: x509.NewCertPool()}, AllowPrivate: true},
		"the system's own roots": {TLS: &tls.Config{}},
	} {
		server, c := serve(t, o, func(http.ResponseWriter, *http.Request) { asked = true })
		_, err := c.Get(t.Context(), server.URL, nil)
		if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok || Permanent(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Right authority, wrong name.
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	wrong := trusting(server)
	wrong.ServerName = "other.test"
	_, err := New(Options{AllowPrivate: true, TLS: wrong}).Get(t.Context(), server.URL, nil)
	if _, ok := errors.AsType[x509.HostnameError](err); !ok {
		t.Errorf("wrong name: %v", err)
	}
	if asked {
		t.Error("a server without a valid certificate got the request")
	}
}

// Changing the standard library's defaults, or the configuration that was
// passed in, changes nothing in a client (CVE-2026-59825).
func TestNoSharedState(t *testing.T) {
	given := &tls.Config{RootCAs: x509.NewCertPool()}
	server, c := serve(t, Options{TLS: given}, func(http.ResponseWriter, *http.Request) {})
	given.InsecureSkipVerify = true
	standard := http.DefaultTransport.(*http.Transport)
	before := standard.TLSClientConfig
	standard.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	defer func() { standard.TLSClientConfig = before }()
	if _, err := c.Get(t.Context(), server.URL, nil); err == nil {
		t.Error("the certificate was not verified")
	}
	if one, other := New(Options{}), New(Options{}); one.transport == other.transport {
		t.Error("two clients share a transport")
	}
}

func TestBodyLimit(t *testing.T) {
	server, c := serve(t, Options{MaxBytes: 1000}, func(w http.ResponseWriter, r *http.Request) {
		status, size := http.StatusOK, 0
		fmt.Sscanf(r.URL.Path, "/%d/%d", &status, &size)
		w.WriteHeader(status)
		w.Write(make([]byte, size))
	})
	if got, err := c.Get(t.Context(), server.URL+"/200/1000", nil); err != nil || len(got.Body) != 1000 {
		t.Errorf("at the limit: %v", err)
	}
	if _, err := c.Get(t.Context(), server.URL+"/200/1001", nil); !errors.Is(err, ErrTooLarge) || !Permanent(err) {
		t.Errorf("over the limit: %v", err)
	}
	if got, err := c.Begin(t.Context(), server.URL+"/200/5000", nil); err != nil || len(got.Body) != 1000 {
		t.Errorf("the beginning of a long body: %v", err)
	}
	if got, err := c.Get(t.Context(), server.URL+"/404/5000", nil); err != nil || got.Status != 404 || len(got.Body) != 1000 {
		t.Errorf("a long error page hides its status: %v", err)
	}
	if got, err := c.Post(t.Context(), server.URL+"/202/5000", nil, nil); err != nil || got.Status != 202 || len(got.Body) != 1000 {
		t.Errorf("a long answer to a POST hides its status: %v", err)
	}
}

func TestGzip(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	z.Write(make([]byte, 8<<20))
	z.Close()
	server, c := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb.Bytes())
		case "/gzip":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			io.WriteString(z, "hello")
			z.Close()
		case "/br":
			w.Header().Set("Content-Encoding", "br")
			io.WriteString(w, "whatever")
		}
	})
	if int64(bomb.Len()) > c.maxBytes {
		t.Fatal("the bomb is caught before it goes off")
	}
	if _, err := c.Get(t.Context(), server.URL+"/bomb", nil); !errors.Is(err, ErrTooLarge) {
		t.Errorf("bomb: %v", err)
	}
	if got, err := c.Get(t.Context(), server.URL+"/gzip", nil); err != nil || string(got.Body) != "hello" {
		t.Errorf("gzip: %v", err)
	}
	if _, err := c.Get(t.Context(), server.URL+"/br", nil); !errors.Is(err, ErrEncoding) || !Permanent(err) {
		t.Errorf("br: %v", err)
	}
}

func TestHeaderLimit(t *testing.T) {
	server, c := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("a", 2*maxHeaderBytes))
	})
	if _, err := c.Get(t.Context(), server.URL, nil); err == nil {
		t.Error("HTTP/2: a huge header was read")
	}
	plain := httptest.NewServer(server.Config.Handler)
	defer plain.Close()
	dev := New(Options{AllowPrivate: true})
	defer dev.CloseIdle()
	if _, err := dev.Get(t.Context(), plain.URL, nil); err == nil {
		t.Error("HTTP/1: a huge header was read")
	}
}

// pipeClient returns a client whose connections all lead to serve, over
// net.Pipe so that a synctest bubble can hold them. The test ends when the
// last of them has.
func pipeClient(t *testing.T, o Options, serve func(net.Conn)) *Client {
	o.AllowPrivate = true
	c := New(o)
	var connections sync.WaitGroup
	t.Cleanup(connections.Wait)
	c.transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		connections.Go(func() { serve(theirs) })
		return ours, nil
	}
	return c
}

// A server that sends a byte a second never trips a timeout per read; the
// deadline for the whole does it (CVE-2023-36461).
func TestSlowDrip(t *testing.T) {
	drip := func(head string) func(net.Conn) {
		return func(conn net.Conn) {
			defer conn.Close()
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
				return
			}
			if _, err := io.WriteString(conn, head); err != nil {
				return
			}
			for {
				time.Sleep(time.Second) // in the bubble: no real time passes
				if _, err := conn.Write([]byte("x")); err != nil {
					return
				}
			}
		}
	}
	const okHead = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
	for name, head := range map[string]string{"body": okHead, "header": "HTTP/1.1 200 OK\r\nX-Slow: ", "nothing": ""} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := pipeClient(t, Options{Timeout: 10 * time.Second}, drip(head))
				start := time.Now()
				_, err := c.Get(t.Context(), "http://slow.example/", nil)
				if !errors.Is(err, context.DeadlineExceeded) || Permanent(err) {
					t.Errorf("got %v", err)
				}
				if d := time.Since(start); d != 10*time.Second {
					t.Errorf("gave up after %v", d)
				}
			})
		})
	}
	t.Run("body of an answered POST", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := pipeClient(t, Options{Timeout: 10 * time.Second}, drip(okHead))
			got, err := c.Post(t.Context(), "http://slow.example/", []byte("{}"), nil)
			if err != nil || got.Status != 200 {
				t.Errorf("got %v, %v", got, err)
			}
		})
	})
}

// The redirects of one Get share its deadline.
func TestDeadlineSpansRedirects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := pipeClient(t, Options{Timeout: 10 * time.Second}, func(conn net.Conn) {
			defer conn.Close()
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
				return
			}
			time.Sleep(4 * time.Second) // in the bubble
			io.WriteString(conn, "HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		})
		start := time.Now()
		_, err := c.Get(t.Context(), "http://slow.example/", nil)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 10*time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}

func TestCallersContext(t *testing.T) {
	reached := make(chan struct{})
	server, c := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		close(reached)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-reached; cancel() }()
	if _, err := c.Get(ctx, server.URL, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestConnectionsPerHostAreBounded(t *testing.T) {
	const limit, requests = 3, 12
	var open, most atomic.Int32
	server := httptest.NewUnstartedServer(nil)
	arrived, release := make(chan struct{}, requests), make(chan struct{})
	server.Config.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived <- struct{}{}; <-release })
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			most.Store(max(most.Load(), open.Add(1)))
		case http.StateClosed:
			open.Add(-1)
		}
	}
	server.Start()
	defer server.Close()
	c := New(Options{AllowPrivate: true, MaxConnsPerHost: limit, MaxIdlePerHost: 1})
	var wg sync.WaitGroup
	for range requests {
		wg.Go(func() {
			if _, err := c.Get(t.Context(), server.URL, nil); err != nil {
				t.Error(err)
			}
		})
	}
	for range limit {
		<-arrived
	}
	close(release)
	wg.Wait()
	if n := most.Load(); n > limit {
		t.Errorf("%d connections at once", n)
	}
	reused := false
	trace := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { reused = i.Reused }})
	if _, err := c.Get(trace, server.URL, nil); err != nil || !reused {
		t.Errorf("no connection was kept: %v", err)
	}
	c.CloseIdle()
	if _, err := c.Get(trace, server.URL, nil); err != nil || reused {
		t.Errorf("CloseIdle kept a connection: %v", err)
	}
	if c.transport.MaxIdleConns == 0 || c.transport.IdleConnTimeout == 0 {
		t.Error("idle connections are not bounded")
	}
}

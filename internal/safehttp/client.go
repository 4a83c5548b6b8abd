package safehttp

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The limits that are not worth a setting.
const (
	MaxRedirects   = 3
	DefaultTimeout = 10 * time.Second
	maxHeaderBytes = 64 << 10
	maxBriefBytes  = 16 << 10 // of bodies that are only read for an error's text
	connectTimeout = 5 * time.Second
	idleTimeout    = 60 * time.Second
)

// Options say how a Client behaves. Zero values mean the defaults.
type Options struct {
	AllowPrivate    bool          // --dev only: http://, loopback or private addresses, and names below localhost
	Private         []PrivateHost // names that may resolve to private addresses; by https only
	UserAgent       string        // sent with every request; default "earshot"
	Timeout         time.Duration // for a whole Get or Post, redirects and bodies included; default 10s
	MaxBytes        int64         // of a body, after decompression; default 1 MiB
	MaxConnsPerHost int           // open connections to one host; default 8
	MaxIdlePerHost  int           // kept for the next request to one host; default 2
	MaxIdle         int           // kept in all; default 64
	TLS             *tls.Config   // copied; its InsecureSkipVerify is ignored; for tests with a CA of their own
	Resolver        *net.Resolver // default the system's; for tests with names of their own
}

// A Client makes requests to peers. It is safe for concurrent use.
type Client struct {
	transport *http.Transport
	streams   *http.Transport // of its own: open connections take no place of others
	sockets   *http.Transport // the same for WebSockets, which begin with HTTP/1
	allowHTTP bool
	userAgent string
	timeout   time.Duration
	maxBytes  int64
}

// A Response is an answer that has been read to its end.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	URL    *url.URL // that gave this answer: the last one, in canonical form, without fragment
}

// New returns a Client with connections of its own.
func New(o Options) *Client { return newClient(o, general(o.AllowPrivate)) }

func newClient(o Options, check control) *Client {
	tlsConfig := &tls.Config{}
	if o.TLS != nil {
		tlsConfig = o.TLS.Clone()
	}
	tlsConfig.InsecureSkipVerify = false
	tlsConfig.MinVersion = max(tlsConfig.MinVersion, tls.VersionTLS12)
	dialers := dialers{dev: o.AllowPrivate, others: &net.Dialer{Timeout: connectTimeout, Control: check, Resolver: o.Resolver}, named: map[string]*net.Dialer{}}
	for _, p := range o.Private {
		dialers.named[string(p.Host)] = &net.Dialer{Timeout: connectTimeout, Control: p.check(), Resolver: o.Resolver}
	}
	c := &Client{
		allowHTTP: o.AllowPrivate,
		userAgent: cmp.Or(o.UserAgent, "earshot"),
		timeout:   cmp.Or(o.Timeout, DefaultTimeout),
		maxBytes:  cmp.Or(o.MaxBytes, 1<<20),
		transport: &http.Transport{
			Proxy:                  nil, // a proxy would connect where the guard does not look
			DialContext:            dialers.dial,
			TLSClientConfig:        tlsConfig,
			TLSHandshakeTimeout:    connectTimeout,
			ForceAttemptHTTP2:      true,
			MaxResponseHeaderBytes: maxHeaderBytes,
			MaxConnsPerHost:        cmp.Or(o.MaxConnsPerHost, 8),
			MaxIdleConnsPerHost:    cmp.Or(o.MaxIdlePerHost, 2),
			MaxIdleConns:           cmp.Or(o.MaxIdle, 64),
			IdleConnTimeout:        idleTimeout,
		},
	}
	c.streams = c.transport.Clone()
	c.streams.MaxConnsPerHost = 2 * cmp.Or(o.MaxConnsPerHost, 8)
	c.sockets = c.streams.Clone()
	c.sockets.ForceAttemptHTTP2 = false
	c.sockets.Protocols = &http.Protocols{}
	c.sockets.Protocols.SetHTTP1(true)
	return c
}

// dialers connect: to names that may be private with a guard of their own, to
// all others with the general one.
type dialers struct {
	dev    bool
	others *net.Dialer
	named  map[string]*net.Dialer // by name, or name and port
}

// dial connects to the host of a request; the guard sees the address behind it.
// In development names below localhost are this machine, as RFC 6761, section
// 6.3 asks; elsewhere the system's resolver may say otherwise.
func (d dialers) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadURL, err)
	}
	if d.dev && strings.HasSuffix(host, ".localhost") {
		address = net.JoinHostPort("localhost", port)
	}
	dialer := cmp.Or(d.named[host], d.named[address], d.others)
	return dialer.DialContext(ctx, network, address)
}

// CloseIdle closes the connections that are kept for later.
func (c *Client) CloseIdle() {
	c.transport.CloseIdleConnections()
	c.streams.CloseIdleConnections()
	c.sockets.CloseIdleConnections()
}

// Get fetches rawURL, following at most three redirects, which may lead to
// another host: look at Response.URL before believing the answer. prepare
// sets headers and signs; it is called with the fresh request of every hop
// and must leave method, URL and Accept-Encoding alone. It may be nil.
//
// The body of a 2xx answer is whole or the error says why; of other answers
// it is the beginning, for the log.
func (c *Client) Get(ctx context.Context, rawURL string, prepare func(*http.Request) error) (*Response, error) {
	return c.get(ctx, rawURL, prepare, whole)
}

// Begin is Get where the beginning of a long body is enough.
func (c *Client) Begin(ctx context.Context, rawURL string, prepare func(*http.Request) error) (*Response, error) {
	return c.get(ctx, rawURL, prepare, beginning)
}

func (c *Client) get(ctx context.Context, rawURL string, prepare func(*http.Request) error, p part) (*Response, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	u, err := c.parseURL(&url.URL{}, rawURL)
	if err != nil {
		return nil, err
	}
	for hops := 0; ; hops++ {
		answer, err := c.roundTrip(ctx, http.MethodGet, u, nil, prepare)
		if err != nil {
			return nil, err
		}
		location := redirectOf(answer)
		if location == "" {
			return c.read(answer, u, p)
		}
		answer.Body.Close()
		if hops == MaxRedirects {
			return nil, fmt.Errorf("%w: more than %d", ErrRedirect, MaxRedirects)
		}
		next, err := c.parseURL(u, location)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRedirect, err)
		}
		if next.Scheme != u.Scheme {
			return nil, fmt.Errorf("%w: from %s to %s", ErrRedirect, u.Scheme, next.Scheme)
		}
		u = next
	}
}

// Post sends body to rawURL and returns the answer, a redirect too: that is
// never followed. prepare is as for Get. Response.Body is the beginning, for
// the log: once the status is here the peer has answered, and a body that is
// long, slow or broken is no failure.
func (c *Client) Post(ctx context.Context, rawURL string, body []byte, prepare func(*http.Request) error) (*Response, error) {
	return c.post(ctx, rawURL, body, prepare, brief)
}

// Ask is Post where the answer is what counts: that of a 2xx status is whole.
func (c *Client) Ask(ctx context.Context, rawURL string, body []byte, prepare func(*http.Request) error) (*Response, error) {
	return c.post(ctx, rawURL, body, prepare, whole)
}

func (c *Client) post(ctx context.Context, rawURL string, body []byte, prepare func(*http.Request) error, p part) (*Response, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	u, err := c.parseURL(&url.URL{}, rawURL)
	if err != nil {
		return nil, err
	}
	answer, err := c.roundTrip(ctx, http.MethodPost, u, body, prepare)
	if err != nil {
		return nil, err
	}
	return c.read(answer, u, p)
}

// Open makes a GET whose answer goes on until ctx ends or body is closed: neither its
// length nor its duration is bounded here. Redirects are not followed.
func (c *Client) Open(ctx context.Context, rawURL string, prepare func(*http.Request) error) (header *Response, body io.ReadCloser, err error) {
	u, err := c.parseURL(&url.URL{}, rawURL)
	if err != nil {
		return nil, nil, err
	}
	began, cancel := context.WithCancel(ctx)
	late := time.AfterFunc(c.timeout, cancel) // until the header is here
	answer, err := c.send(began, c.streams, http.MethodGet, u, nil, prepare)
	if !late.Stop() && err == nil {
		answer.Body.Close()
		err = context.DeadlineExceeded
	}
	if err != nil {
		cancel()
		return nil, nil, err
	}
	return &Response{Status: answer.StatusCode, Header: answer.Header, URL: u}, closing{answer.Body, cancel}, nil
}

// closing ends the request with its body.
type closing struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (c closing) Close() error {
	c.cancel()
	return c.ReadCloser.Close()
}

// roundTrip makes one request. The transport is used without an http.Client,
// which has nothing to add but redirects and cookies.
func (c *Client) roundTrip(ctx context.Context, method string, u *url.URL, body []byte, prepare func(*http.Request) error) (*http.Response, error) {
	return c.send(ctx, c.transport, method, u, body, prepare)
}

func (c *Client) send(ctx context.Context, t *http.Transport, method string, u *url.URL, body []byte, prepare func(*http.Request) error) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadURL, err)
	}
	r.Header.Set("User-Agent", c.userAgent)
	if prepare != nil {
		if err := prepare(r); err != nil {
			return nil, fmt.Errorf("prepare request to %s: %w", u.Host, err)
		}
	}
	answer, err := t.RoundTrip(r)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, u, err)
	}
	return answer, nil
}

// redirectOf returns where an answer sends us, "" for any other answer.
func redirectOf(answer *http.Response) string {
	switch answer.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return answer.Header.Get("Location")
	}
	return ""
}

// part is how much of a body is read.
type part int

const (
	brief     part = iota // what arrives of a few bytes
	beginning             // as much as there may be
	whole                 // all, or an error
)

// read reads the body; that of an error briefly.
func (c *Client) read(answer *http.Response, u *url.URL, p part) (*Response, error) {
	defer answer.Body.Close()
	response := &Response{Status: answer.StatusCode, Header: answer.Header, URL: u}
	if p == brief || answer.StatusCode/100 != 2 {
		response.Body, _ = io.ReadAll(io.LimitReader(answer.Body, min(maxBriefBytes, c.maxBytes)))
		return response, nil
	}
	// The transport has undone the gzip it asked for and removed the header.
	if encoding := answer.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, fmt.Errorf("read %s: %w: %q", u, ErrEncoding, encoding)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, c.maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", u, err)
	}
	if p == beginning {
		body = body[:min(int64(len(body)), c.maxBytes)]
	}
	if int64(len(body)) > c.maxBytes {
		return nil, fmt.Errorf("read %s: %w: more than %d bytes", u, ErrTooLarge, c.maxBytes)
	}
	response.Body = body
	return response, nil
}

package safehttp

import (
	"io"
	"net/http"
	"net/url"
)

// Library returns a client for libraries that ask for one, behind the same guard.
// It follows no redirect, and cuts a body off after the limit.
func (c *Client) Library() *http.Client {
	return &http.Client{Transport: library{c}, Timeout: c.timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

type library struct{ *Client }

// RoundTrip implements http.RoundTripper.
func (l library) RoundTrip(r *http.Request) (*http.Response, error) {
	u, err := l.parseURL(&url.URL{}, r.URL.String())
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.URL = u
	r.Header.Set("User-Agent", l.userAgent)
	answer, err := l.transport.RoundTrip(r)
	if err == nil {
		answer.Body = bounded{io.LimitReader(answer.Body, l.maxBytes), answer.Body}
	}
	return answer, err
}

// bounded reads no more than a limit of what it closes.
type bounded struct {
	io.Reader
	io.Closer
}

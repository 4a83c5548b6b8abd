package safehttp

import (
	"fmt"
	"net/url"
	"strings"

	"earshot/internal/desk"
)

// maxURLBytes bounds what a peer can make us send; longer ids do not occur.
const maxURLBytes = 4096

// parseURL reads a URL we were told to fetch, on its own or relative to base,
// and brings its host into canonical form (what a signature must cover).
// The fragment is dropped.
func (c *Client) parseURL(base *url.URL, raw string) (*url.URL, error) {
	if len(raw) > maxURLBytes {
		return nil, fmt.Errorf("%w: %d bytes long", ErrBadURL, len(raw))
	}
	u, err := base.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadURL, err)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !c.allowHTTP) {
		return nil, fmt.Errorf("%w: scheme %q", ErrBadURL, u.Scheme)
	}
	if u.User != nil || u.Opaque != "" || u.Hostname() == "" || strings.Contains(u.Hostname(), "%") {
		return nil, fmt.Errorf("%w: a plain host is needed, without user information", ErrBadURL)
	}
	host, err := desk.CanonicalHost(u.Host, u.Scheme)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadURL, err)
	}
	u.Host, u.Fragment, u.RawFragment = string(host), "", ""
	return u, nil
}

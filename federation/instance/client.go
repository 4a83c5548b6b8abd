package instance

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

// patience is for all that is asked of one server.
const patience = 20 * time.Second

// Client asks. It is safe for concurrent use.
type Client struct {
	http   *safehttp.Client
	hosts  safehttp.HostPolicy
	scheme string // of others: https, or http for a site in development
}

// NewClient returns a Client that asks only hosts that are allowed, over the
// site's own scheme.
func NewClient(client *safehttp.Client, hosts safehttp.HostPolicy) *Client {
	scheme, _, _ := strings.Cut(hosts.Site.URL, ":")
	return &Client{client, hosts, scheme}
}

// MaxCharacters asks a server how long a post of its people may be, with at
// most four requests. 0: it does not say.
func (c *Client) MaxCharacters(ctx context.Context, host desk.Host) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	base := c.scheme + "://" + string(host)
	for _, path := range []string{"/api/v2/instance", "/api/v1/instance"} {
		body, err := c.get(ctx, base+path)
		if err != nil {
			return 0, err
		}
		if n := readInstance(body); n > 0 {
			return n, nil
		}
	}
	body, err := c.nodeInfo(ctx, host)
	return readNodeInfo(body), err
}

// Software asks a server which software it runs, with two requests at most. "": it
// does not say.
func (c *Client) Software(ctx context.Context, host desk.Host) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	body, err := c.nodeInfo(ctx, host)
	return readSoftware(body), err
}

// nodeInfo returns a server's NodeInfo, nil if it has none.
func (c *Client) nodeInfo(ctx context.Context, host desk.Host) ([]byte, error) {
	links, err := c.get(ctx, c.scheme+"://"+string(host)+"/.well-known/nodeinfo")
	if err != nil {
		return nil, err
	}
	address := readNodeInfoLinks(links, host)
	if address == "" {
		return nil, nil
	}
	return c.get(ctx, address)
}

// get returns the body of an answer with 200, nil for any other answer.
func (c *Client) get(ctx context.Context, url string) ([]byte, error) {
	r, err := c.http.Get(ctx, url, func(hop *http.Request) error { return c.prepare(ctx, hop) })
	if err != nil {
		return nil, fmt.Errorf("asking a server about itself: %w", err)
	}
	if r.Status != http.StatusOK {
		return nil, nil
	}
	return r.Body, nil
}

// prepare checks every hop: a redirect must not lead to where we do not go.
func (c *Client) prepare(ctx context.Context, hop *http.Request) error {
	host, err := desk.HostOf(hop.URL.String())
	if err != nil {
		return err
	}
	if err := c.hosts.Server(ctx, host); err != nil {
		return err
	}
	hop.Header.Set("Accept", "application/json")
	return nil
}

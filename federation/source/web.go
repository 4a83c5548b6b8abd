package source

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

// Web asks the client APIs of servers. Its requests are not signed: there we are a
// visitor, or an account with a token.
type Web struct {
	Client *safehttp.Client
	Hosts  safehttp.HostPolicy
}

// patience is for all requests of one poll.
const patience = time.Minute

// get asks a server. A token goes to no other host.
func (w *Web) get(ctx context.Context, rawURL, token string) (*safehttp.Response, error) {
	host, err := desk.HostOf(rawURL)
	if err != nil {
		return nil, err
	}
	return w.Client.Get(ctx, rawURL, func(hop *http.Request) error { return w.prepare(ctx, hop, host, token) })
}

// ask posts JSON to a server, and reads the answer.
func (w *Web) ask(ctx context.Context, rawURL, token string, body []byte) (*safehttp.Response, error) {
	host, err := desk.HostOf(rawURL)
	if err != nil {
		return nil, err
	}
	return w.Client.Ask(ctx, rawURL, body, func(r *http.Request) error {
		r.Header.Set("Content-Type", "application/json")
		return w.prepare(ctx, r, host, token)
	})
}

// open opens a stream of events at a server.
func (w *Web) open(ctx context.Context, rawURL, token string) (*safehttp.Response, io.ReadCloser, error) {
	host, err := desk.HostOf(rawURL)
	if err != nil {
		return nil, nil, err
	}
	return w.Client.Open(ctx, rawURL, func(r *http.Request) error {
		err := w.prepare(ctx, r, host, token)
		r.Header.Set("Accept", "text/event-stream")
		return err
	})
}

// dial opens a WebSocket at a server. socket is nil if the server answers with anything
// else. A token is offered as a subprotocol too: Pleroma reads it nowhere else but in the
// address, which ends up in logs.
func (w *Web) dial(ctx context.Context, rawURL, token, protocol string) (*safehttp.Response, *safehttp.Socket, error) {
	host, err := desk.HostOf(rawURL)
	if err != nil {
		return nil, nil, err
	}
	return w.Client.Dial(ctx, rawURL, protocol, func(r *http.Request) error { return w.prepare(ctx, r, host, token) })
}

func (w *Web) prepare(ctx context.Context, hop *http.Request, host desk.Host, token string) error {
	to, err := desk.HostOf(hop.URL.String())
	if err != nil {
		return err
	}
	if to != host {
		return desk.Invalid("source_elsewhere", "%s sends us to another server, %s", host, to)
	}
	if err := w.Hosts.Server(ctx, host); err != nil {
		return err
	}
	hop.Header.Set("Accept", "application/json")
	if token != "" {
		hop.Header.Set("Authorization", "Bearer "+token)
	}
	return nil
}

// server reads the address of a server as an admin names it.
func (w *Web) server(raw string) (base string, host desk.Host, err error) {
	if raw != "" && !strings.Contains(raw, "://") {
		raw = "https://" + raw
	}
	if host, err = desk.HostOf(raw); err != nil {
		return "", "", desk.Invalid("source_server_missing", "the address of a server is needed, like https://social.example")
	}
	u, err := url.Parse(raw)
	if err != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", "", desk.Invalid("source_server_path", "only the server counts: leave out what stands behind its name in %q", raw)
	}
	if u.Scheme == "http" && !strings.HasPrefix(w.Hosts.Site.URL, "http:") {
		return "", "", desk.Invalid("source_server_http", "%s is asked over https only", host)
	}
	return u.Scheme + "://" + string(host), host, nil
}

// unreachable says in words why a server did not answer.
func unreachable(who any, err error) error {
	if desk.ErrorCode(err) == desk.CodeInvalid {
		return err
	}
	return desk.Unavailable("source_unreachable", "looking at %s: it cannot be reached right now; try again later (%v)", who, err)
}

// wait bounds how long a source can put us off.
const maxWait = 6 * time.Hour

// limits reads when a server wants to be asked again: after an answer that says so, or
// with nothing left of its ration. zero: as usual.
func limits(r *safehttp.Response, now time.Time) (until time.Time) {
	if r.Status == http.StatusTooManyRequests || r.Status == http.StatusServiceUnavailable {
		if d := safehttp.RetryAfter(r.Header, now); d > 0 {
			return now.Add(min(d, maxWait))
		}
	}
	for _, name := range []string{"X-RateLimit-", "RateLimit-"} {
		if left := r.Header.Get(name + "Remaining"); left != "0" && r.Status != http.StatusTooManyRequests {
			continue
		}
		if at := resetAt(r.Header.Get(name+"Reset"), now); at.After(now) {
			return at
		}
	}
	if r.Status == http.StatusTooManyRequests {
		return now.Add(5 * time.Minute)
	}
	return time.Time{}
}

// resetAt reads when a ration is renewed: ISO 8601 at Mastodon and GoToSocial, elsewhere
// seconds to go, or since 1970, or milliseconds.
func resetAt(s string, now time.Time) time.Time {
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return bounded(at, now)
	}
	n, ok := number(s)
	switch {
	case !ok:
		return time.Time{}
	case n < 1e6:
		return bounded(now.Add(time.Duration(n)*time.Second), now)
	case n < 1e11:
		return bounded(time.Unix(n, 0), now)
	}
	return bounded(time.UnixMilli(n), now)
}

func bounded(at, now time.Time) time.Time {
	if at.After(now.Add(maxWait)) {
		return now.Add(maxWait)
	}
	return at
}

// number reads a whole number without a sign.
func number(s string) (n int64, ok bool) {
	if s == "" || len(s) > 18 {
		return 0, false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = n*10 + int64(r-'0')
	}
	return n, true
}

package webfinger

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"earshot/federation/as"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

// acctTimeout bounds how long the best effort of Acct may take.
const acctTimeout = 8 * time.Second

// A Client finds actors by name and names by actor. It is safe for concurrent
// use.
type Client struct {
	http   *safehttp.Client
	hosts  safehttp.HostPolicy
	scheme string // of peers: https, or http for a site in development
	names  *names
}

// NewClient returns a Client that asks only hosts that are allowed, over the
// site's own scheme.
func NewClient(client *safehttp.Client, c clock.Clock, hosts safehttp.HostPolicy) *Client {
	scheme, _, _ := strings.Cut(hosts.Site.URL, ":")
	return &Client{client, hosts, scheme, newNames(c)}
}

// Resolve returns the actor behind an account, given as user@domain, with or
// without @ or acct: before it. Errors are of package desk: invalid (no
// account, one of ours, blocked, or an answer that cannot be believed), not
// found, or unavailable.
func (c *Client) Resolve(ctx context.Context, acct string) (desk.ActorID, error) {
	asked, err := parseAcct(acct, c.scheme)
	if err != nil {
		return "", err
	}
	found, err := c.find(ctx, asked)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", asked, err)
	}
	return found.actor, nil
}

// Acct returns user@domain of an actor: the account it claims (FEP-2c59) or the
// one under its own host, in the canonical form that its domain confirms. It
// never fails: an unconfirmed actor is named after its own host, for which that
// host can vouch. The result is remembered for a while.
func (c *Client) Acct(ctx context.Context, actor *as.Actor) string {
	own := account{userOf(actor), actor.ID.Host()}
	candidates := []account{own}
	if claimed, err := parseAcct(actor.Webfinger, c.scheme); err == nil && !claimed.is(own) {
		candidates = []account{claimed, own}
	}
	key := nameKey(actor.ID, candidates)
	if known, ok := c.names.get(key); ok {
		return known
	}
	asking, cancel := context.WithTimeout(ctx, acctTimeout)
	defer cancel()
	for _, candidate := range candidates {
		found, err := c.find(asking, candidate)
		if err == nil && found.actor == actor.ID {
			c.names.put(key, found.account.String(), namedFor)
			return found.account.String()
		}
	}
	if ctx.Err() == nil { // or it was ourselves who gave up
		c.names.put(key, own.String(), unconfirmedFor)
	}
	return own.String()
}

// userOf returns the part before the @, made from the actor's name or id.
func userOf(actor *as.Actor) string {
	if validUser(actor.PreferredUsername) && len(actor.PreferredUsername) <= maxAcct/2 {
		return actor.PreferredUsername
	}
	if u, err := url.Parse(string(actor.ID)); err == nil {
		last := strings.TrimPrefix(path.Base(u.Path), "@")
		if validUser(last) && last != "." && len(last) <= maxAcct/2 {
			return last
		}
	}
	return "unknown"
}

// find asks for an account and, if the answer is about another, its canonical
// form, asks for that once. Both must name the same actor.
func (c *Client) find(ctx context.Context, asked account) (finding, error) {
	first, err := c.request(ctx, asked)
	if err != nil || first.account.is(asked) {
		return first, err
	}
	second, err := c.request(ctx, first.account)
	if err != nil {
		return finding{}, err
	}
	if !second.account.is(first.account) || second.actor != first.actor {
		return finding{}, desk.Invalid("account_unconfirmed", "%s says that it is %s, which does not confirm it", asked, first.account)
	}
	return second, nil
}

// request makes one WebFinger request and reads whose actor the answer names.
func (c *Client) request(ctx context.Context, a account) (finding, error) {
	response, err := c.fetch(ctx, a)
	if err != nil {
		return finding{}, err
	}
	found, err := readJRD(response.Body, c.scheme)
	if errors.Is(err, errNoSelf) {
		return finding{}, because(desk.NotFound("account_no_actor", "%s has no ActivityPub actor", a), err)
	}
	if err != nil {
		return finding{}, because(desk.Invalid("server_unreadable", "%s answered in a way that cannot be read", a.domain), err)
	}
	return found, nil
}

// fetch makes one WebFinger request and returns the body of an answer with 200.
func (c *Client) fetch(ctx context.Context, a account) (*safehttp.Response, error) {
	if c.hosts.Ours(a.domain) {
		return nil, desk.Invalid("account_is_here", "%s is an account of this server", a)
	}
	query := url.Values{"resource": {"acct:" + a.String()}}
	address := c.scheme + "://" + string(a.domain) + "/.well-known/webfinger?" + query.Encode()
	response, err := c.http.Get(ctx, address, func(hop *http.Request) error { return c.prepare(ctx, hop) })
	if err != nil {
		if safehttp.Permanent(err) || desk.ErrorCode(err) == desk.CodeInvalid {
			return nil, because(desk.Invalid("server_not_asked", "%s cannot be asked for %s", a.domain, a), err)
		}
		return nil, because(desk.Unavailable("server_silent", "%s does not answer; try again later", a.domain), err)
	}
	switch {
	case response.Status == http.StatusNotFound || response.Status == http.StatusGone:
		return nil, desk.NotFound("account_not_found", "there is no account %s", a)
	case response.Status == http.StatusTooManyRequests || response.Status >= 500:
		return nil, desk.Unavailable("server_status", "%s answered with status %d; try again later", a.domain, response.Status)
	case response.Status != http.StatusOK:
		return nil, desk.NotFound("server_says_nothing", "%s does not say who %s is (status %d)", a.domain, a, response.Status)
	}
	return response, nil
}

// prepare checks every hop: a redirect must not lead to where we do not go.
func (c *Client) prepare(ctx context.Context, hop *http.Request) error {
	host, err := desk.HostOf(hop.URL.String())
	if err != nil {
		return err
	}
	if err := c.allowed(ctx, host, desk.Invalid("redirect_to_this", "it leads to this server")); err != nil {
		return err
	}
	hop.Header.Set("Accept", jrdType+", application/json")
	return nil
}

// allowed says for people why a host must not be asked: ours if it is our own.
func (c *Client) allowed(ctx context.Context, host desk.Host, ours error) error {
	switch err := c.hosts.Server(ctx, host); {
	case err == nil:
		return nil
	case errors.Is(err, safehttp.ErrOurs):
		return ours
	case errors.Is(err, safehttp.ErrBlocked):
		return desk.Invalid("server_blocked", "%s is blocked", host)
	default:
		return because(desk.Unavailable("server_block_unknown", "whether %s is blocked cannot be looked up now", host), err)
	}
}

// because keeps the cause for the log behind what a person is told.
func because(told, cause error) error { return fmt.Errorf("%w: %w", told, cause) }

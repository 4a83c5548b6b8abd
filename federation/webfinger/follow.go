package webfinger

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

// relSubscribe names the page on which an account's owner follows others:
// OStatus 1.0, section 9.2; Mastodon, Pleroma, Misskey, Friendica and others
// still have it.
const relSubscribe = "http://ostatus.org/schema/1.0/subscribe"

// FollowPage returns the page of a person's own server on which they can follow
// an actor. who is their handle, or only the server's name. For a handle it is
// the page that the server names, if that page is on the server itself; else,
// and for a name alone, it is the path that Mastodon and many others use.
// Errors are of package desk, as Resolve's are.
func (c *Client) FollowPage(ctx context.Context, who string, actor desk.ActorID) (string, error) {
	who = strings.TrimSpace(who)
	if !strings.Contains(strings.TrimPrefix(who, "@"), "@") || strings.Contains(who, "://") {
		host, err := c.server(ctx, who)
		if err != nil {
			return "", err
		}
		return c.usual(host, actor), nil
	}
	asked, err := parseAcct(who, c.scheme)
	if err != nil {
		return "", err
	}
	response, err := c.fetch(ctx, asked)
	if err != nil {
		return "", err
	}
	if page, ok := c.subscribe(response, asked, actor); ok {
		return page, nil
	}
	return c.usual(asked.domain, actor), nil
}

func (c *Client) usual(host desk.Host, actor desk.ActorID) string {
	return c.scheme + "://" + string(host) + "/authorize_interaction?" + url.Values{"uri": {string(actor)}}.Encode()
}

// server reads the name of a server, or an address on it.
func (c *Client) server(ctx context.Context, name string) (desk.Host, error) {
	wrong := desk.Invalid("server_name_invalid", "a server's name looks like mastodon.example, not %.100q", name)
	if len(name) > maxAcct {
		return "", wrong
	}
	host, err := desk.HostOf(name)
	if !strings.Contains(name, "://") {
		if strings.ContainsAny(name, "/?#\\%@ ") {
			return "", wrong
		}
		host, err = desk.CanonicalHost(name, c.scheme)
	}
	if err != nil || !strings.Contains(string(host), ".") || strings.HasPrefix(string(host), "[") {
		return "", wrong
	}
	return host, c.allowed(ctx, host, desk.Invalid("server_is_this", "%s is this server", host))
}

// subscribe reads the page for following out of an account's answer. It must
// be on the account's domain, on the host that answered for it, or on that of
// its actor: a server leads its people to itself and nowhere else.
func (c *Client) subscribe(response *safehttp.Response, asked account, actor desk.ActorID) (string, bool) {
	var d struct {
		Links []link `json:"links"`
	}
	if json.Unmarshal(response.Body, &d) != nil {
		return "", false
	}
	own := []desk.Host{asked.domain}
	if host, err := desk.HostOf(response.URL.String()); err == nil {
		own = append(own, host)
	}
	if found, err := readJRD(response.Body, c.scheme); err == nil {
		own = append(own, found.actor.Host())
	}
	for _, l := range d.Links[:min(len(d.Links), maxLinks)] {
		if l.Rel != relSubscribe || strings.Count(l.Template, "{uri}") != 1 {
			continue
		}
		before, after, _ := strings.Cut(l.Template, "{uri}")
		page := before + url.QueryEscape(string(actor)) + after
		u, err := url.Parse(page)
		if err != nil || u.Scheme != c.scheme || !strings.Contains(before, "?") || strings.ContainsAny(page, " \t\r\n\\") {
			continue
		}
		host, err := desk.HostOf(page)
		for _, o := range own {
			if err == nil && host == o {
				return page, true
			}
		}
	}
	return "", false
}

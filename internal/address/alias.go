package address

import (
	"net/url"
	"slices"
	"strings"

	"earshot/internal/desk"
)

// maxAlias is how long an alias may be, in bytes.
const maxAlias = 500

// reserved are the first parts of the paths that this server has for itself and
// that belong to no desk, post or issue.
var reserved = []string{
	".well-known", "api", "components.json", "console", "favicon.ico", "favicon.svg", "feed.atom", "feed.json", "feeds", "follow",
	"files", "incidents", "incidents.json", "is-it-you", "listening", "livez", "mail", "nodeinfo", "pictures", "readyz", "robots.txt", "scheduled-maintenances",
	"scheduled-maintenances.json", "static", "status.json", "stop", "summary.json",
}

// Reserved says whether this server has the paths that begin with this part for
// its own pages.
func Reserved(first string) bool { return slices.Contains(reserved, first) }

// formerly finds what has an address from software that ran here before: the
// address itself, also without its query, or the inbox or a collection below it.
func (b Book) formerly(host desk.Host, path []string, query string) Address {
	if b.Alias == nil {
		return Address{Kind: Unknown}
	}
	ask := func(path []string, query string) Address {
		h, ok := b.Alias(b.spellURL(host, path, query))
		if id := b.Site.Desk(h); ok {
			return Address{Kind: Actor, ID: string(id), URL: string(id), Handle: h}
		}
		return Address{Kind: Unknown}
	}
	if query != "" {
		if a := ask(path, query); a.Ours() {
			return a
		}
	}
	if len(path) == 0 {
		return Address{Kind: Unknown}
	}
	if a := ask(path, ""); a.Ours() {
		return a
	}
	parent, last := path[:len(path)-1], path[len(path)-1:]
	if len(parent) == 0 || last[0] != "inbox" && !slices.Contains(collections, last[0]) {
		return Address{Kind: Unknown}
	}
	if a := ask(parent, ""); a.Ours() {
		return a.below(last)
	}
	return Address{Kind: Unknown}
}

func (b Book) spellURL(host desk.Host, path []string, query string) string {
	u := url.URL{Scheme: b.scheme(), Host: string(host), Path: "/" + strings.Join(path, "/"), RawQuery: query}
	return u.String()
}

// hosts names the hosts on which our addresses are.
func (b Book) hosts() string {
	if b.Site.HandleDomain == b.Site.Host() {
		return string(b.Site.HandleDomain)
	}
	return string(b.Site.HandleDomain + ", " + b.Site.Host())
}

func (b Book) spellHandle(name string) string { return "@" + name + "@" + string(b.Site.HandleDomain) }

// NewAlias spells an address that a desk had in software that ran on the domain
// before: a URL or a handle. It refuses what is on another domain, and what
// this server has a use of its own for. Whether a desk has the handle is for
// the caller to look up: h is the handle, "" where it is none that a desk can have.
func (b Book) NewAlias(s string) (spelled string, h desk.Handle, err error) {
	if len(s) > maxAlias {
		return "", "", desk.Invalid("alias_too_long", "an alias has at most %d bytes", maxAlias)
	}
	var asked []string
	b.Alias = func(spelled string) (desk.Handle, bool) {
		asked = append(asked, spelled)
		return "", false
	}
	a := b.Find(s)
	if a.Kind == Elsewhere || len(asked) == 0 && !a.Ours() {
		return "", "", desk.Invalid("alias_elsewhere", "an alias is a former URL or handle on %s: %.200q is not", b.hosts(), s)
	}
	if len(asked) == 0 || a.Ours() && (a.Kind != Actor || a.Handle == desk.RelayHandle) && !strings.Contains(asked[0], "/?") {
		return "", "", desk.Conflict("alias_in_use", "this server has a use of its own for %.200q", s)
	}
	if n := slices.IndexFunc(asked, func(spelled string) bool { return strings.HasPrefix(spelled, "@") }); n >= 0 {
		return asked[n], a.Handle, nil
	}
	return asked[0], "", nil
}

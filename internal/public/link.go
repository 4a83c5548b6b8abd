package public

import (
	"net/url"
	"strings"

	"golang.org/x/net/idna"

	"earshot/internal/desk"
)

const maxPasted = 1000 // bytes

// pasted is a handle or an address, taken apart. Nothing of it is believed.
type pasted struct {
	user  string    // of a handle, else ""
	path  string    // of an address, else ""
	host  desk.Host // canonical
	typed string    // the host as it was written
}

// readLink reads @user@host, acct:user@host, or an address with or without
// https:// before it.
func readLink(text string, site desk.Site) (l pasted, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxPasted {
		return l, false
	}
	scheme, _, _ := strings.Cut(site.URL, ":")
	bare := strings.TrimPrefix(strings.TrimPrefix(text, "acct:"), "@")
	user, host, isHandle := strings.Cut(bare, "@")
	if isHandle && !strings.ContainsAny(bare, "/ ") {
		l.user, l.typed = user, host
		canonical, err := desk.CanonicalHost(host, scheme)
		l.host = canonical
		return l, err == nil && user != ""
	}
	if !strings.Contains(text, "://") && strings.Contains(text, "/") {
		text = scheme + "://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return l, false
	}
	l.host, err = desk.HostOf(text)
	l.path, l.typed = "/"+strings.Trim(u.Path, "/"), u.Host
	return l, err == nil
}

// unusual says whether a host is written with letters outside ASCII, directly
// or in punycode.
func (l pasted) unusual() bool { return l.shown() != string(l.host) }

// shown is the host as an app would show it.
func (l pasted) shown() string {
	shown, err := idna.ToUnicode(string(l.host))
	if err != nil {
		return string(l.host)
	}
	return shown
}

// inPath finds an account in the path of a page on another server that shows
// it: /@user@host, as Mastodon and others have it.
func (l pasted) inPath(site desk.Site) (pasted, bool) {
	for part := range strings.SplitSeq(l.path, "/") {
		if strings.HasPrefix(part, "@") && strings.Count(part, "@") == 2 {
			return readLink(part, site)
		}
	}
	return pasted{}, false
}

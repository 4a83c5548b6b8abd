package desk

import (
	"fmt"
	"net/url"
	"strings"
)

// Site knows the instance's own addresses. URL and HandleDomain are final:
// every id that was ever sent is made of them.
type Site struct {
	URL          string // scheme://host[:port], no slash at the end
	HandleDomain Host   // the domain in @help@acme.example; may differ from URL's
}

// NewSite checks the two. handleDomain "" means the host of rawURL. http is
// for development only.
func NewSite(rawURL, handleDomain string, dev bool) (Site, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" || u.User != nil {
		return Site{}, Invalid("site_url_invalid", "the URL must look like https://help.acme.example, not %q", rawURL)
	}
	if u.Scheme != "https" && (!dev || u.Scheme != "http") {
		return Site{}, Invalid("site_url_not_https", "the URL must start with https:// (http:// is for a trial only): %q", rawURL)
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return Site{}, Invalid("site_url_has_path", "the URL must have no path: ids are made below it, %q", rawURL)
	}
	host, err := CanonicalHost(u.Host, u.Scheme)
	if err != nil {
		return Site{}, err
	}
	domain := host
	if handleDomain != "" {
		if domain, err = CanonicalHost(handleDomain, u.Scheme); err != nil {
			return Site{}, err
		}
	}
	return Site{URL: u.Scheme + "://" + string(host), HandleDomain: domain}, nil
}

// Host is the host the instance's ids are on.
func (s Site) Host() Host { h, _ := HostOf(s.URL); return h }

// Nested says whether the handle domain is the server or above it. Some servers
// look for an account only there.
func (s Site) Nested() bool {
	return s.HandleDomain == s.Host() || strings.HasSuffix(string(s.Host()), "."+string(s.HandleDomain))
}

// Owns says whether an id is one of ours.
func (s Site) Owns(id string) bool {
	h, err := HostOf(id)
	return err == nil && h == s.Host()
}

// Desk returns a desk's actor id.
func (s Site) Desk(h Handle) ActorID {
	if h == RelayHandle {
		return s.Relay()
	}
	return ActorID(s.URL + "/desks/" + string(h))
}

// Relay returns the id of the instance's own actor. Its path ends in /relay
// because relays demand it (FEP-ae0c).
func (s Site) Relay() ActorID { return ActorID(s.URL + "/relay") }

// HandleOf returns the local part of one of our actors, false for others.
func (s Site) HandleOf(a ActorID) (Handle, bool) {
	if a == s.Relay() {
		return RelayHandle, true
	}
	rest, ok := strings.CutPrefix(string(a), s.URL+"/desks/")
	if !ok || !handlePattern.MatchString(rest) {
		return "", false
	}
	return Handle(rest), true
}

// Acct returns user@domain of one of our actors.
func (s Site) Acct(h Handle) string { return string(h) + "@" + string(s.HandleDomain) }

// Profile returns the page of one of our actors.
func (s Site) Profile(h Handle) string { return s.URL + "/@" + string(h) }

// SharedInbox returns the inbox all our actors share.
func (s Site) SharedInbox() string { return s.URL + "/inbox" }

// Post returns the object id of one of our posts.
func (s Site) Post(p PostID) ObjectID { return ObjectID(s.URL + "/posts/" + string(p)) }

// PostOf returns the post an object id names, false for ids that are not ours.
func (s Site) PostOf(o ObjectID) (PostID, bool) {
	rest, ok := strings.CutPrefix(string(o), s.URL+"/posts/")
	if !ok || rest == "" || strings.ContainsAny(rest, "/?#") {
		return "", false
	}
	return PostID(rest), true
}

// Issue returns the address of an issue's page.
func (s Site) Issue(i IssueID) ObjectID { return ObjectID(s.URL + "/issues/" + string(i)) }

// Thread returns the id of the collection of an issue's public posts: the
// context of its thread, if it has no other.
func (s Site) Thread(i IssueID) string { return string(s.Issue(i)) + "/thread" }

// ThreadOf returns the issue that a context names, false for contexts that are
// not ours.
func (s Site) ThreadOf(context string) (IssueID, bool) {
	rest, ok := strings.CutPrefix(context, s.URL+"/issues/")
	if !ok {
		return "", false
	}
	id, ok := strings.CutSuffix(rest, "/thread")
	return IssueID(id), ok && id != "" && !strings.ContainsAny(id, "/?#")
}

// Activity returns the id of an activity about an object of ours. It follows
// from the object, so that a rerun is the same activity.
func (s Site) Activity(object, verb string) ActivityID {
	return ActivityID(fmt.Sprintf("%s/activities/%s/%s", s.URL, object, verb))
}

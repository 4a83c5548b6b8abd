package desk

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// The ids below are distinct types so that one cannot be passed for another.
// Remote ids are opaque and compared bytewise; a post's `url` is never compared.
type (
	// ActorID is the absolute URL of an ActivityPub actor, ours or remote.
	ActorID string
	// ObjectID is the absolute URL of an ActivityPub object, ours or remote.
	ObjectID string
	// ActivityID is the absolute URL of an activity.
	ActivityID string
	// IssueID is the UUIDv7 of an issue.
	IssueID string
	// PostID is the UUIDv7 under which we keep a post, ours or remote.
	PostID string
	// EventID is the UUIDv7 of one entry of an issue's timeline.
	EventID string
	// PileID is the UUIDv7 of a pile.
	PileID string
	// SourceID is the UUIDv7 of a source.
	SourceID string
	// DestinationID is the UUIDv7 of a place that is notified.
	DestinationID string
	// Handle is the local part of a desk's address: `[a-z0-9_]{1,30}`.
	Handle string
	// Host is a lower-case ASCII host name, with the port unless it is the
	// scheme's default.
	Host string
)

// RelayHandle is the name of the instance's own actor; no desk may have it.
const RelayHandle Handle = "relay"

var handlePattern = regexp.MustCompile(`^[a-z0-9_]{1,30}$`)

// ParseHandle checks a desk's handle. Handles are final: never renamed and
// never used again.
func ParseHandle(s string) (Handle, error) {
	if !handlePattern.MatchString(s) {
		return "", Invalid("handle_invalid", "a handle is 1 to 30 of a-z, 0-9 and _, without an @: %q is not", s)
	}
	if Handle(s) == RelayHandle {
		return "", Invalid("handle_reserved", "the handle %q is reserved for the instance itself", s)
	}
	return Handle(s), nil
}

// Host returns the host of an id, in the form in which hosts are compared.
func (a ActorID) Host() Host { h, _ := HostOf(string(a)); return h }

// Host returns the host of an id, in the form in which hosts are compared.
func (o ObjectID) Host() Host { h, _ := HostOf(string(o)); return h }

// HostOf returns the canonical host of an absolute http or https URL: lower
// case, punycode, without trailing dot and default port (CVE-2023-42451 is
// what happens when two spellings count as two hosts). URLs with user
// information, without host or of another scheme are refused.
func HostOf(raw string) (Host, error) {
	if h, ok := plainHost(raw); ok {
		return h, nil
	}
	return hostInFull(raw)
}

func hostInFull(raw string) (Host, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", Invalid("url_invalid", "not a URL: %v", err)
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return "", Invalid("url_not_http", "not an http or https URL: %q", raw)
	}
	if u.User != nil || u.Hostname() == "" {
		return "", Invalid("url_no_host", "a URL with a host and without user information is needed: %q", raw)
	}
	return canonicalInFull(u.Host, u.Scheme)
}

// CanonicalHost brings `host[:port]` into the form in which hosts are compared.
func CanonicalHost(hostport, scheme string) (Host, error) {
	if h, ok := plainName(hostport, scheme); ok {
		return h, nil
	}
	return canonicalInFull(hostport, scheme)
}

func canonicalInFull(hostport, scheme string) (Host, error) {
	u := url.URL{Host: hostport}
	name, port := strings.TrimSuffix(u.Hostname(), "."), u.Port()
	if !strings.Contains(name, ":") { // not an IPv6 address
		if hopeless(name) {
			return "", Invalid("host_invalid", "that is not the name of a server: %.300q", hostport)
		}
		ascii, err := idna.Lookup.ToASCII(strings.ToLower(name))
		if err != nil {
			return "", Invalid("host_invalid", "that is not the name of a server: %.300q", name)
		}
		// Again: IDNA knows other full stops, which would make another host of one
		// that is blocked.
		name = strings.TrimSuffix(ascii, ".")
		if strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.Contains(name, "..") {
			return "", Invalid("host_invalid", "that is not the name of a server: %.300q", name)
		}
		if tooLong(name) { // IDNA does not look at that, and reads its own longer names in another way
			return "", Invalid("host_invalid", "that is not the name of a server: %.300q", hostport)
		}
	} else if len(name) > 64 {
		return "", Invalid("address_invalid", "that is not an address: %.300q", hostport)
	} else {
		name = "[" + strings.ToLower(name) + "]"
	}
	if name == "" {
		return "", Invalid("host_missing", "the name of a server is needed, not %q", hostport)
	}
	if port == "" || (scheme == "https" && port == "443") || (scheme == "http" && port == "80") {
		return Host(name), nil
	}
	return Host(name + ":" + port), nil
}

// hopeless says whether a name is longer than names are in the DNS, however it
// is written there: each character makes one byte at least. It is looked at
// first, for Punycode costs the square of a label's length.
func hopeless(name string) bool {
	if len(name) > 254*utf8.UTFMax || utf8.RuneCountInString(name) > 254 { // with the full stop at the end
		return true
	}
	labels := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(".\u3002\uff0e\uff61", r) }) // UTS 46
	return slices.ContainsFunc(labels, func(label string) bool { return utf8.RuneCountInString(label) > 63 })
}

// tooLong says whether a name is longer than names are in the DNS (RFC 1035 §2.3.4).
func tooLong(name string) bool {
	return len(name) > 253 || slices.ContainsFunc(strings.Split(name, "."), func(label string) bool { return len(label) > 63 })
}

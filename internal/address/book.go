package address

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"earshot/internal/desk"
)

// MaxLength is how long an address may be, in bytes, to be looked at.
const MaxLength = 2048

// Book knows the instance's addresses.
type Book struct {
	Site desk.Site
	// Alias returns the desk that has an address, as NewAlias spells it, from
	// software that ran on the domain before. nil: there are no aliases.
	Alias func(spelled string) (desk.Handle, bool)
}

// Find says to what an address belongs. It may be a URL, with or without its
// scheme, or an account, with or without `acct:` and @.
//
// The scheme decides nothing: a URL that others write is a name here, nothing is
// fetched from it, and no stranger can have the same host and port with http. A
// host of ours in a name, a path or user information of another host decides
// nothing either, and an encoded character is decoded once.
func (b Book) Find(s string) Address {
	s = strings.TrimSpace(s)
	if len(s) > MaxLength || !utf8.ValidString(s) || strings.ContainsFunc(s, unwritten) {
		return Address{}
	}
	if !strings.Contains(s, "://") {
		if !strings.Contains(s, "/") {
			return b.account(s)
		}
		s = b.scheme() + "://" + s
	}
	return b.link(s)
}

// unwritten are characters that no address has. A browser reads \ as /.
func unwritten(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' || r == utf8.RuneError }

func (b Book) scheme() string {
	scheme, _, _ := strings.Cut(b.Site.URL, ":")
	return scheme
}

// account reads user@domain.
func (b Book) account(s string) Address {
	user, domain, ok := splitAccount(s)
	if !ok {
		return Address{}
	}
	host, err := desk.CanonicalHost(domain, b.scheme())
	if err != nil || host != b.Site.HandleDomain && host != b.Site.Host() {
		return Address{}
	}
	if user == string(b.Site.HandleDomain) || user == string(b.Site.Host()) { // how peers look for the instance actor
		user = string(desk.RelayHandle)
	}
	return b.actor(user, false)
}

// splitAccount takes an account apart; the user comes in lower case.
func splitAccount(s string) (user, domain string, ok bool) {
	if len(s) >= 5 && strings.EqualFold(s[:5], "acct:") {
		s = s[5:]
	}
	s, err := url.PathUnescape(s)
	if err != nil || strings.ContainsAny(s, "%/?#") || strings.ContainsFunc(s, unwritten) {
		return "", "", false
	}
	user, domain, ok = strings.Cut(strings.TrimPrefix(s, "@"), "@")
	return strings.ToLower(user), domain, ok && user != "" && domain != ""
}

// link reads a URL.
func (b Book) link(s string) Address {
	host, err := desk.HostOf(s)
	if err != nil || host != b.Site.Host() && host != b.Site.HandleDomain { // most are elsewhere
		return Address{}
	}
	u, err := url.Parse(s)
	if err != nil {
		return Address{}
	}
	path, ok := segments(u)
	if !ok {
		return Address{Kind: Unknown}
	}
	a := Address{Kind: Unknown}
	if host == b.Site.Host() {
		a = b.path(path, u.Fragment)
	} else if len(path) == 1 && strings.HasPrefix(path[0], "@") { // the handles' domain has no more
		a = b.page(path[0][1:])
	}
	if a.Kind == Unknown || len(path) == 0 && u.RawQuery != "" {
		if old := b.formerly(host, path, u.RawQuery); old.Ours() {
			return old
		}
	}
	return a
}

// segments takes a path apart, decoded once. What would be another path after
// it was decoded or cleaned is refused: an encoded slash, percent or full stop
// that makes a dot segment, an empty segment. One slash may be at the end.
func segments(u *url.URL) ([]string, bool) {
	raw := strings.ToLower(u.EscapedPath())
	if strings.Contains(raw, "%2f") || strings.Contains(raw, "%5c") || strings.Contains(raw, "%25") || !utf8.ValidString(u.Path) || strings.ContainsFunc(u.Path, unwritten) {
		return nil, false
	}
	path := strings.TrimSuffix(strings.TrimPrefix(u.Path, "/"), "/")
	if path == "" {
		return nil, u.Path == "" || u.Path == "/"
	}
	list := strings.Split(path, "/")
	return list, !slices.ContainsFunc(list, func(s string) bool { return s == "" || s == "." || s == ".." })
}

var (
	collections = []string{"outbox", "followers", "following", "featured"}
	keyPattern  = regexp.MustCompile(`^(main-key|ed25519-key)(-[0-9]{1,6})?$`)
	idPattern   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)
	verbPattern = regexp.MustCompile(`^[a-z]{1,20}$`)
	numPattern  = regexp.MustCompile(`^[0-9]{1,10}$`)
	uuidPattern = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	// handlePattern is of local parts, also of other software's.
	handlePattern = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_.-]{0,62}[a-z0-9_])?$`)
)

// path finds what has a path on the server's own host.
func (b Book) path(path []string, fragment string) Address {
	if len(path) == 0 {
		return Address{Kind: Actor, ID: string(b.Site.Relay()), URL: b.Site.URL + "/", Handle: desk.RelayHandle}
	}
	first, rest := path[0], path[1:]
	switch {
	case first == string(desk.RelayHandle):
		return b.ofActor(first, rest, fragment)
	case first == "desks" && len(rest) > 0:
		return b.ofActor(rest[0], rest[1:], fragment)
	case strings.HasPrefix(first, "@") && len(rest) == 0:
		return b.page(first[1:])
	case first == "inbox" && len(rest) == 0:
		return Address{Kind: Inbox, ID: b.Site.SharedInbox(), URL: b.Site.SharedInbox()}
	case first == "posts" && len(rest) > 0:
		return b.ofPost(rest[0], rest[1:])
	case first == "issues" && len(rest) > 0:
		return b.ofIssue(rest[0], rest[1:])
	case first == "activities" && len(rest) > 1:
		return b.activity(rest[0], rest[1], rest[2:])
	case Reserved(first):
		return Address{Kind: Page, ID: b.Site.URL + "/" + strings.Join(path, "/"), URL: b.Site.URL + "/" + strings.Join(path, "/")}
	}
	return Address{Kind: Unknown}
}

// actor finds an actor by its name, which may be one from before.
func (b Book) actor(name string, page bool) Address {
	name = strings.ToLower(name)
	if !handlePattern.MatchString(name) {
		return Address{Kind: Unknown}
	}
	h, alias := desk.Handle(name), false
	if h != desk.RelayHandle && b.Alias != nil {
		var now desk.Handle
		if now, alias = b.Alias(b.spellHandle(name)); alias {
			h = now
		}
	}
	id := b.Site.Desk(h)
	if _, ok := b.Site.HandleOf(id); !ok {
		return Address{Kind: Unknown}
	}
	a := Address{Kind: Actor, ID: string(id), URL: string(id), Handle: h}
	if page && h != desk.RelayHandle {
		a.URL = b.Site.Profile(h)
	}
	return a
}

// page finds whose page /@name is; others write /@name@domain.
func (b Book) page(name string) Address {
	user, domain, full := strings.Cut(name, "@")
	if full {
		if host, err := desk.CanonicalHost(domain, b.scheme()); err != nil || host != b.Site.HandleDomain && host != b.Site.Host() {
			return Address{Kind: Unknown}
		}
	}
	return b.actor(user, true)
}

// ofActor finds what is below an actor's id.
func (b Book) ofActor(name string, below []string, fragment string) Address {
	a := b.actor(name, false)
	switch {
	case !a.Ours():
	case len(below) == 0 && keyPattern.MatchString(fragment):
		a.Kind, a.ID, a.URL = Key, a.ID+"#"+fragment, a.ID
	case len(below) == 0:
	default:
		return a.below(below)
	}
	return a
}

// below finds what an actor has at a path below its id.
func (a Address) below(path []string) Address {
	switch {
	case len(path) != 1:
		return Address{Kind: Unknown}
	case path[0] == "inbox":
		a.Kind = Inbox
	case slices.Contains(collections, path[0]):
		a.Kind = Collection
	default:
		return Address{Kind: Unknown}
	}
	a.ID += "/" + path[0]
	a.URL = a.ID
	return a
}

// uuid spells the id of one of our things: the letters of a UUID are in lower
// case (RFC 9562 §4).
func uuid(s string) string {
	if uuidPattern.MatchString(s) {
		return strings.ToLower(s)
	}
	return s
}

func (b Book) ofPost(id string, below []string) Address {
	if !idPattern.MatchString(id) {
		return Address{Kind: Unknown}
	}
	post := desk.PostID(uuid(id))
	a := Address{Kind: Post, ID: string(b.Site.Post(post)), Post: post}
	switch {
	case len(below) == 0:
	case len(below) == 1 && below[0] == "replies":
		a.Kind = Collection
	case len(below) == 2 && below[0] == "quotes" && idPattern.MatchString(below[1]):
		a.Kind = Authorization
	default:
		return Address{Kind: Unknown}
	}
	a.ID = strings.Join(append([]string{a.ID}, below...), "/")
	a.URL = a.ID
	return a
}

func (b Book) ofIssue(id string, below []string) Address {
	issue := desk.IssueID(uuid(id))
	switch {
	case !idPattern.MatchString(id):
	case len(below) == 0:
		return Address{Kind: Issue, ID: string(b.Site.Issue(issue)), URL: string(b.Site.Issue(issue)), Issue: issue}
	case len(below) == 1 && below[0] == "thread":
		return Address{Kind: Thread, ID: b.Site.Thread(issue), URL: b.Site.Thread(issue), Issue: issue}
	}
	return Address{Kind: Unknown}
}

func (b Book) activity(id, verb string, number []string) Address {
	if !idPattern.MatchString(id) || !verbPattern.MatchString(verb) || len(number) > 1 || len(number) == 1 && !numPattern.MatchString(number[0]) {
		return Address{Kind: Unknown}
	}
	a := Address{Kind: Activity, Verb: verb}
	if uuidPattern.MatchString(id) {
		a.Post = desk.PostID(uuid(id))
	}
	a.ID = string(b.Site.Activity(uuid(id), strings.Join(append([]string{verb}, number...), "/")))
	a.URL = a.ID
	return a
}

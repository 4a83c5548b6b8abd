package address

import (
	"net/url"
	"strings"
	"testing"

	"earshot/internal/desk"
)

const (
	host  = "https://social.acme.example"
	help  = host + "/desks/help"
	page  = host + "/@help"
	relay = host + "/relay"
	uuid1 = "0192f3a4-5b6c-7d8e-9f00-abcdefabcdef"
	post  = host + "/posts/" + uuid1
)

var former = map[string]desk.Handle{
	"https://acme.example/users/help":           "help",
	"https://social.acme.example/author/helfer": "help",
	"https://social.acme.example/?author=1":     "help",
	"https://social.acme.example/über":          "help", // never asked for: it is spelled in ASCII
	"https://social.acme.example/%C3%BCber/wir": "help",
	"@support@acme.example":                     "help",
	"@acme-help@acme.example":                   "help",
}

func book() Book {
	return Book{Site: desk.Site{URL: host, HandleDomain: "acme.example"}, Alias: func(s string) (desk.Handle, bool) {
		h, ok := former[s]
		return h, ok
	}}
}

func TestFind(t *testing.T) {
	type found struct {
		kind    Kind
		id, url string
	}
	actor, onPage := found{Actor, help, help}, found{Actor, help, page}
	for s, want := range map[string]found{
		// A desk by its id.
		help: actor, help + "/": actor, help + "#": actor, help + "#top": actor, help + "?x=1": actor, help + "/?x=1#y": actor, " " + help + " ": actor,
		"http://social.acme.example/desks/help": actor, "HTTPS://SOCIAL.Acme.Example/desks/help": actor, "https://social.acme.example./desks/help": actor,
		"https://social.acme.example:443/desks/help": actor, "http://social.acme.example:80/desks/help": actor, "https://social。acme。example/desks/help": actor,
		host + "/desks/Help": actor, host + "/desks/he%6cp": actor, host + "/d%65sks/help": actor, "social.acme.example/desks/help": actor,
		// By its page.
		page: onPage, page + "/": onPage, page + "?lang=de": onPage, page + "#x": onPage, host + "/@Help": onPage, host + "/%40help": onPage, host + "/%40help/": onPage,
		host + "/@help@acme.example": onPage, host + "/@help@social.acme.example": onPage, host + "/%40help%40ACME.example": onPage, "http://social.acme.example/@help": onPage,
		"https://acme.example/@help": onPage, "acme.example/@help": onPage, "https://acme.example/%40help/": onPage,
		// By its handle.
		"acct:help@acme.example": actor, "help@acme.example": actor, "@help@acme.example": actor, "@Help@ACME.Example": actor, "acct:@help@social.acme.example": actor,
		"ACCT:help@acme.example.": actor, "acct:help%40acme.example": actor, "%40help%40acme.example": actor, "@help@acme.example:443": actor,
		// The instance.
		relay: {Actor, relay, relay}, relay + "/": {Actor, relay, relay}, host: {Actor, relay, host + "/"}, host + "/": {Actor, relay, host + "/"}, host + "/?x#y": {Actor, relay, host + "/"},
		"@relay@acme.example": {Actor, relay, relay}, "acct:social.acme.example@social.acme.example": {Actor, relay, relay}, "acct:Acme.example@acme.example": {Actor, relay, relay},
		host + "/@relay": {Actor, relay, relay}, host + "/desks/relay": {Actor, relay, relay},
		// Keys, inboxes, collections.
		help + "#main-key": {Key, help + "#main-key", help}, help + "/#main-key-2": {Key, help + "#main-key-2", help}, relay + "#ed25519-key": {Key, relay + "#ed25519-key", relay},
		help + "/inbox": {Inbox, help + "/inbox", help + "/inbox"}, relay + "/inbox/": {Inbox, relay + "/inbox", relay + "/inbox"}, host + "/inbox/": {Inbox, host + "/inbox", host + "/inbox"},
		help + "/followers/": {Collection, help + "/followers", help + "/followers"}, help + "/outbox?page=x": {Collection, help + "/outbox", help + "/outbox"},
		post + "/replies/": {Collection, post + "/replies", post + "/replies"}, host + "/desks/HELP/featured": {Collection, help + "/featured", help + "/featured"},
		post + "/quotes/aZ_-9": {Authorization, post + "/quotes/aZ_-9", post + "/quotes/aZ_-9"},
		// Posts and what was done to them.
		post: {Post, post, post}, post + "/": {Post, post, post}, post + "#like": {Post, post, post}, post + "?a": {Post, post, post}, host + "/posts/" + strings.ToUpper(uuid1): {Post, post, post},
		host + "/activities/" + uuid1 + "/create/":  {Activity, host + "/activities/" + uuid1 + "/create", host + "/activities/" + uuid1 + "/create"},
		host + "/activities/" + uuid1 + "/update/3": {Activity, host + "/activities/" + uuid1 + "/update/3", host + "/activities/" + uuid1 + "/update/3"},
		host + "/activities/help-0a/accept":         {Activity, host + "/activities/help-0a/accept", host + "/activities/help-0a/accept"},
		host + "/issues/" + uuid1 + "/":             {Issue, host + "/issues/" + uuid1, host + "/issues/" + uuid1},
		host + "/issues/" + uuid1 + "/thread?page":  {Thread, host + "/issues/" + uuid1 + "/thread", host + "/issues/" + uuid1 + "/thread"},
		host + "/is-it-you?q=x":                     {Page, host + "/is-it-you", host + "/is-it-you"}, host + "/.well-known/webfinger": {Page, host + "/.well-known/webfinger", host + "/.well-known/webfinger"},
		// From software that ran here before.
		"https://acme.example/users/help": actor, "http://ACME.example/users/help/#main-key": actor, "https://acme.example/users/help?x": actor,
		"https://acme.example/users/help/inbox": {Inbox, help + "/inbox", help + "/inbox"}, "https://acme.example/users/help/followers": {Collection, help + "/followers", help + "/followers"},
		host + "/author/helfer/": actor, host + "/%61uthor/helfer": actor, host + "/?author=1": actor, host + "?author=1": actor, host + "/über/wir": actor,
		"@support@acme.example": actor, "acct:Support@social.acme.example": actor, host + "/@support": onPage, host + "/desks/support": actor, "acct:acme-help@acme.example": actor, host + "/desks/support/outbox": {Collection, help + "/outbox", help + "/outbox"},
	} {
		if a := book().Find(s); a.Kind != want.kind || a.ID != want.id || a.URL != want.url || !a.Ours() {
			t.Errorf("%s: %+v, want %+v", s, a, want)
		}
	}
}

// What only looks like ours is not, whatever name, path or handle it borrows.
func TestNotOurs(t *testing.T) {
	for s, want := range map[string]Kind{
		"": Elsewhere, "help": Elsewhere, "@help": Elsewhere, "acct:help": Elsewhere, "@": Elsewhere, "@@acme.example": Elsewhere, "acct:": Elsewhere,
		"https://": Elsewhere, "https:///desks/help": Elsewhere, "//social.acme.example/desks/help": Elsewhere, "ftp://social.acme.example/desks/help": Elsewhere, "javascript://social.acme.example/desks/help": Elsewhere,
		// User information.
		"https://u@social.acme.example/desks/help": Elsewhere, "https://social.acme.example@evil.example/desks/help": Elsewhere, "https://social.acme.example:x@evil.example/desks/help": Elsewhere,
		"https://@social.acme.example/desks/help": Elsewhere, "https://evil.example\\@social.acme.example/desks/help": Elsewhere,
		// Other hosts that contain ours, or that ours contains.
		"https://social.acme.example.evil.example/desks/help": Elsewhere, "https://evil.social.acme.example/desks/help": Elsewhere, "https://notsocial.acme.example/desks/help": Elsewhere,
		"https://example/desks/help": Elsewhere, "https://evil.example/social.acme.example/desks/help": Elsewhere, "https://evil.example/@help@acme.example": Elsewhere,
		"https://evil.example/?https://social.acme.example/desks/help": Elsewhere, "https://evil.example#https://social.acme.example/desks/help": Elsewhere,
		"https://social.acme.example:8443/desks/help": Elsewhere, "https://social.acme.example:80/desks/help": Elsewhere, "http://social.acme.example:443/desks/help": Elsewhere,
		"https://social.acme.example%2f@evil.example/desks/help": Elsewhere, "https://social.acme.example%00/desks/help": Elsewhere,
		"@help@acme.example.evil.example": Elsewhere, "@help@evil.acme.example": Elsewhere, "@help@xacme.example": Elsewhere, "@help@acme.example@evil.example": Elsewhere, "acct:help@evil.example": Elsewhere,
		"help@acme.example/x": Elsewhere, "acct:help@acme.example?x": Elsewhere, "acct:help@acme.example#x": Elsewhere, "acct:he/lp@acme.example": Elsewhere, "mailto:help@acme.example": Unknown,
		// Letters of other scripts.
		"https://sоcial.acme.example/desks/help": Elsewhere, "https://social.аcme.example/desks/help": Elsewhere, "@help@аcme.example": Elsewhere,
		host + "/desks/hеlp": Unknown, "@hеlp@acme.example": Unknown, host + "/@he\u200blp": Unknown, host + "/pоsts/" + uuid1: Unknown,
		// Decoded twice, or another path once it is cleaned.
		host + "/%2540help": Unknown, "acct:help%2540acme.example": Elsewhere, host + "/desks%2Fhelp": Unknown, host + "/desks%5chelp": Unknown, host + "/desks/help%2f": Unknown, host + "/desks/help%00": Unknown,
		host + "/desks/../desks/help": Unknown, host + "/desks/./help": Unknown, host + "/x/%2e%2e/desks/help": Unknown, host + "//desks/help": Unknown, host + "/desks//help": Unknown, help + "//": Unknown, host + "//": Unknown,
		host + "/@help/../other": Unknown, host + "/desks/help/..": Unknown, host + "/desks/help%20": Unknown, host + "/desks/help%0a": Unknown, host + "/desks/help%c0%af": Unknown,
		"https://social.acme.example\\desks\\help": Elsewhere, host + "/desks/help\n": Actor, host + "/desks/he\nlp": Elsewhere, host + "/desks/help\x00": Elsewhere, host + "/desks/he lp": Elsewhere, host + "/%zz": Elsewhere, host + "/\xff": Elsewhere,
		// Nothing of ours is there.
		host + "/desks": Unknown, host + "/desks/": Unknown, host + "/desks/help/more": Unknown, host + "/desks/help/inbox/more": Unknown, host + "/DESKS/help": Unknown, host + "/@": Unknown, host + "/@help/more": Unknown, host + "/@@help": Unknown,
		host + "/@help@evil.example": Unknown, host + "/@help@acme.example@evil.example": Unknown, host + "/posts": Unknown, host + "/posts/" + uuid1 + "/more": Unknown, host + "/posts/a.b": Unknown, host + "/relay/more": Unknown,
		host + "/activities/" + uuid1: Unknown, host + "/activities/" + uuid1 + "/Create": Unknown, host + "/activities/" + uuid1 + "/update/x": Unknown, host + "/activities/" + uuid1 + "/update/1/2": Unknown, host + "/issues/" + uuid1 + "/more": Unknown,
		host + "/users/help": Unknown, host + "/author/helfer/more": Unknown, host + "/inbox/more": Unknown, host + "/@acme.help": Unknown, host + "/author=1": Unknown,
		// The handles' domain has a site of its own.
		"https://acme.example": Unknown, "https://acme.example/": Unknown, "https://acme.example/desks/help": Unknown, "https://acme.example/relay": Unknown, "https://acme.example/posts/" + uuid1: Unknown, "https://acme.example/inbox": Unknown,
		// Too long.
		help + "#" + strings.Repeat("a", MaxLength): Elsewhere, "acct:" + strings.Repeat("a", 65) + "@acme.example": Unknown, host + "/posts/" + strings.Repeat("a", 81): Unknown, "@help@" + strings.Repeat("a.", 200) + "acme.example": Elsewhere,
	} {
		a := book().Find(s)
		if a.Kind != want || a.Ours() != (want == Actor) || !a.Ours() && (a.ID != "" || a.URL != "" || a.Handle != "") {
			t.Errorf("%q: %+v, want %q", s, a, want)
		}
	}
}

// On a server with a port, and under a name that is not ASCII.
func TestOtherSites(t *testing.T) {
	trial := Book{Site: desk.Site{URL: "http://xn--bcher-kva.localhost:8080", HandleDomain: "xn--bcher-kva.localhost:8080"}}
	for _, s := range []string{"http://bücher.localhost:8080/desks/help/", "http://xn--bcher-kva.localhost:8080/@help", "http://B%C3%9CCHER.localhost:8080/%40help", "https://BÜCHER.localhost:8080/desks/help",
		"@help@bücher.localhost:8080", "acct:help@xn--bcher-kva.localhost:8080", "http://bu\u0308cher.localhost:8080/@help"} {
		if a := trial.Find(s); a.Kind != Actor || a.ID != trial.Site.URL+"/desks/help" {
			t.Errorf("%s: %+v", s, a)
		}
	}
	for _, s := range []string{"http://bücher.localhost/desks/help", "http://bucher.localhost:8080/desks/help", "@help@bücher.localhost", "http://bücher.localhost:80800/desks/help"} {
		if a := trial.Find(s); a.Ours() {
			t.Errorf("%s: %+v", s, a)
		}
	}
}

func TestObject(t *testing.T) {
	for s, want := range map[string]string{
		help + "#main-key": help, page: help, post + "/": post, "@help@acme.example": help,
		host + "/activities/" + uuid1 + "/create": post, host + "/activities/" + uuid1 + "/update/2": post,
		host + "/activities/" + uuid1 + "/ask": host + "/activities/" + uuid1 + "/ask", host + "/activities/desk-help/update/2": host + "/activities/desk-help/update/2",
		host + "/issues/7/": host + "/issues/7", "https://other.example/": "",
	} {
		if got := book().Find(s).Object(book().Site); got != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
}

func TestNewAlias(t *testing.T) {
	for s, want := range map[string]string{
		"https://acme.example/users/help":             "https://acme.example/users/help",
		"http://ACME.example:80/users/Help/#main-key": "https://acme.example/users/Help",
		"acme.example/users/help":                     "https://acme.example/users/help",
		host + "/?author=1":                           host + "/?author=1",
		host + "/author/he%6cp?x=1":                   host + "/author/help?x=1",
		host + "/über/":                               host + "/%C3%BCber",
		"@Support@acme.example":                       "@support@acme.example", "acct:support@social.acme.example": "@support@acme.example", host + "/@support/": "@support@acme.example", host + "/desks/support": "@support@acme.example",
		"acme.help@acme.example": "@acme.help@acme.example", host + "/@acme-help": "@acme-help@acme.example",
	} {
		got, _, err := book().NewAlias(s)
		if err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", s, got, err, want)
			continue
		}
		b := book()
		b.Alias = func(s string) (desk.Handle, bool) { return "help", s == want }
		if a := b.Find(s); a.Kind != Actor || a.ID != help {
			t.Errorf("%s: the alias %s is not found by it: %+v", s, want, a)
		}
	}
	for s, want := range map[string]string{
		"": "alias_elsewhere", "support": "alias_elsewhere", "https://other.example/users/help": "alias_elsewhere", "@support@other.example": "alias_elsewhere", "https://u@acme.example/users/help": "alias_elsewhere",
		host + "/%2540x": "alias_elsewhere", host + "/a/../b": "alias_elsewhere", host + "/" + strings.Repeat("a", maxAlias): "alias_too_long",
		host: "alias_in_use", relay: "alias_in_use", "@relay@acme.example": "alias_in_use", post: "alias_in_use", host + "/listening": "alias_in_use", host + "/console/x": "alias_in_use", host + "/inbox": "alias_in_use",
		help + "/inbox": "alias_in_use", help + "#main-key": "alias_in_use", host + "/issues/7": "alias_in_use", host + "/activities/7/create": "alias_in_use",
	} {
		if got, _, err := book().NewAlias(s); desk.ErrorID(err) != want {
			t.Errorf("%q: %q, %v, want %s", s, got, err, want)
		}
	}
	if _, h, err := book().NewAlias("@support@acme.example"); err != nil || h != "support" {
		t.Errorf("a handle: %q, %v", h, err)
	}
}

// What is found is ours by its host, and is found again under the same id.
func FuzzFind(f *testing.F) {
	for _, s := range []string{help + "/?a#main-key", host + "/%40help@acme.example", "acct:help%40acme.example", post + "/quotes/a", host + "/activities/" + uuid1 + "/update/3", "https://acme.example/users/help/inbox",
		host + "/issues/7/thread/", host + "/%C3%BCber/wir", "https://u@social.acme.example/..%2f", "@help@аcme.example"} {
		f.Add(s)
	}
	b := book()
	f.Fuzz(func(t *testing.T, s string) {
		_, _, _ = b.NewAlias(s)
		a := b.Find(s)
		if !a.Ours() {
			if a != (Address{Kind: a.Kind}) {
				t.Errorf("%q is not ours, and is %+v", s, a)
			}
			return
		}
		for _, id := range []string{a.ID, a.URL, a.Object(b.Site)} {
			u, err := url.Parse(id)
			if err != nil || u.Scheme+"://"+u.Host != host {
				t.Errorf("%q has the address %q", s, id)
			}
			if again := b.Find(id); again.Handle != a.Handle || again.Post != a.Post || again.Issue != a.Issue || again.URL != id && again.ID != id {
				t.Errorf("%q is %+v, but its %q is %+v", s, a, id, again)
			}
		}
		if strings.Contains(s, "://") {
			u, err := url.Parse(strings.TrimSpace(s))
			if err != nil || u.User != nil {
				t.Errorf("%q is ours: %+v", s, a)
			}
		}
	})
}

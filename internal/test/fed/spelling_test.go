package fed_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

// deskSpellings are ways in which others write a desk's address.
func deskSpellings(p *fed.Provider) map[string]string {
	id, host := string(p.Site.Desk("help")), strings.TrimPrefix(p.Site.URL, "http://")
	return map[string]string{
		"the id": id, "a slash": id + "/", "a fragment": id + "#me", "a query": id + "?a=b", "the key": id + "#main-key",
		"the page": p.Site.URL + "/@help", "the page with a slash": p.Site.URL + "/@help/", "capitals": p.Site.URL + "/@Help", "an encoded @": p.Site.URL + "/%40help",
		"https": "https://" + host + "/desks/help", "the whole handle in the page": p.Site.URL + "/@help@" + host,
	}
}

// activity is something that a peer's person does.
func activity(peer *fed.Peer, n int, kind string, object any) M {
	return M{"@context": "https://www.w3.org/ns/activitystreams", "id": fmt.Sprint(peer.URL, "/activities/", n), "type": kind, "actor": string(peer.Actor), "object": object}
}

func send(t *testing.T, p *fed.Provider, peer *fed.Peer, a M) {
	t.Helper()
	if status, answer := peer.Send(p.Site.SharedInbox(), a); status != http.StatusAccepted {
		t.Fatalf("%v is answered %d %s", a, status, answer)
	}
}

// A person who blocks us is left alone, in whatever spelling of our address, until
// the block is taken back.
func TestBlockInEverySpelling(t *testing.T) {
	t.Parallel()
	c, p, eve, id := correspondent(t)
	n := 0
	for name, address := range deskSpellings(p) {
		n += 2
		send(t, p, eve, activity(eve, n, "Block", address))
		c.Settle()
		if got := p.Show(id).Issue.Silenced; got != desk.SilenceBlock {
			t.Errorf("after a Block of %s (%s) the issue is silenced %q", name, address, got)
		}
		send(t, p, eve, activity(eve, n+1, "Undo", activity(eve, n, "Block", address)))
		c.Settle()
		if got := p.Show(id).Issue.Silenced; got != "" {
			t.Errorf("after the Undo of a Block of %s the issue is silenced %q", name, got)
		}
	}
	for name, address := range map[string]string{"relay": p.Site.URL + "/relay/", "the root": p.Site.URL, "the relay's key": p.Site.URL + "/relay#main-key"} {
		n++
		send(t, p, eve, activity(eve, n, "Block", address))
		c.Settle()
		if got := p.Show(id).Issue.Silenced; got != desk.SilenceBlock {
			t.Errorf("after a Block of %s the issue is silenced %q", name, got)
		}
		send(t, p, eve, activity(eve, n+1000, "Undo", fmt.Sprint(eve.URL, "/activities/", n)))
		c.Settle()
		if got := p.Show(id).Issue.Silenced; got != "" {
			t.Errorf("after the Undo of a Block of %s by its id the issue is silenced %q", name, got)
		}
	}
}

func followers(t *testing.T, p *fed.Provider) (n int) {
	t.Helper()
	if err := p.View(ctx, func(tx *app.Tx) (err error) { n, err = tx.Follows().Count("help"); return err }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFollowInEverySpelling(t *testing.T) {
	t.Parallel()
	c, p, eve, _ := correspondent(t)
	n := 0
	for name, address := range deskSpellings(p) {
		n += 2
		before := len(eve.Got())
		send(t, p, eve, activity(eve, n, "Follow", address))
		c.Settle()
		if got := kinds(eve)[before:]; followers(t, p) != 1 || len(got) != 1 || got[0] != "Accept" {
			t.Errorf("a Follow of %s (%s): %d followers, answered %q", name, address, followers(t, p), got)
		}
		send(t, p, eve, activity(eve, n+1, "Undo", activity(eve, n, "Follow", address)))
		c.Settle()
		if followers(t, p) != 0 {
			t.Errorf("the Undo of a Follow of %s: %d followers", name, followers(t, p))
		}
	}
}

// A reply is known by its id, its Create, and in every spelling of them.
func TestReplyInEverySpelling(t *testing.T) {
	t.Parallel()
	c, p, eve, id := correspondent(t)
	reply := string(p.Say(id, "hello").Object)
	c.Settle()
	create := strings.Replace(reply, "/posts/", "/activities/", 1) + "/create"
	n := 0
	for name, address := range map[string]string{
		"the id": reply, "a slash": reply + "/", "a fragment": reply + "#x", "a query": reply + "?x", "the Create": create, "the Create and a slash": create + "/",
		"https": strings.Replace(reply, "http:", "https:", 1), "capitals": strings.Replace(reply, reply[len(reply)-36:], strings.ToUpper(reply[len(reply)-36:]), 1),
	} {
		for _, kind := range []string{"Like", "EmojiReact", "Announce"} {
			n += 2
			send(t, p, eve, activity(eve, n, kind, address))
			c.Settle()
			if got := entries(p, id, desk.KindReaction); got != 1 {
				t.Errorf("after a %s of %s there are %d reactions", kind, name, got)
			}
			send(t, p, eve, activity(eve, n+1, "Undo", activity(eve, n, kind, address)))
			c.Settle()
			if got := entries(p, id, desk.KindReaction); got != 0 {
				t.Errorf("after the Undo of a %s of %s there are %d reactions", kind, name, got)
			}
		}
		n += 2
		note := eve.Note(1000+n, p.Site.Desk("help"), "still broken")
		note["inReplyTo"] = address
		send(t, p, eve, eve.Create(note))
		c.Settle()
		notices := entries(p, p.Only().Issue.ID, desk.KindNotice)
		send(t, p, eve, activity(eve, n, "Flag", []string{string(p.Site.Desk("help")), address}))
		c.Settle()
		if got := entries(p, id, desk.KindNotice); got != notices+1 {
			t.Errorf("a Flag of %s is not seen", name)
		}
	}
}

// entries counts the entries of a kind in an issue's timeline.
func entries(p *fed.Provider, id desk.IssueID, kind desk.Kind) (n int) {
	for _, e := range p.Show(id).Timeline {
		if e.Event.Kind == kind {
			n++
		}
	}
	return n
}

// A desk is mentioned by any of its addresses. A name counts where the link is
// missing, or is an address on our host that we do not know.
func TestMentionInEverySpelling(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, eve := c.Provider(acme), c.Peer()
	acct := "@help@" + strings.TrimPrefix(p.Site.URL, "http://")
	tags := []M{{"name": acct}, {"name": strings.ToUpper(acct)}, {"href": p.Site.URL + "/users/help", "name": acct}}
	for _, address := range deskSpellings(p) {
		tags = append(tags, M{"href": address, "name": "@help"})
	}
	for n, tag := range tags {
		tag["type"] = "Mention"
		note := eve.Note(n, "", "broken")
		note["cc"], note["tag"] = []string{}, []M{tag}
		send(t, p, eve, eve.Create(note))
		c.Settle()
		if got := len(p.Issues()); got != n+1 {
			t.Fatalf("a Mention %v opens no issue: %d", tag, got)
		}
	}
	other := eve.Note(len(tags), "", "broken")
	other["cc"], other["tag"] = []string{}, []M{{"type": "Mention", "href": eve.URL + "/@help", "name": acct}}
	send(t, p, eve, eve.Create(other))
	c.Settle()
	if got := len(p.Issues()); got != len(tags) {
		t.Errorf("a Mention of another account is taken for one of the desk: %d", got)
	}
}

// A direct post is for the desk that is in to or cc.
func TestDirectInEverySpelling(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, eve := c.Provider(acme), c.Peer()
	n := 0
	for name, address := range deskSpellings(p) {
		for _, key := range []string{"to", "cc"} {
			n++
			note := eve.Note(n, "", "broken")
			note["to"], note["cc"], note["tag"] = []string{}, []string{}, []M{}
			note[key] = []string{address}
			send(t, p, eve, eve.Create(note))
			c.Settle()
			if got := len(p.Issues()); got != n {
				t.Fatalf("a direct post with %s in %s opens no issue: %d", name, key, got)
			}
		}
	}
}

// What other software on the domain called a desk is the desk: for activities,
// for WebFinger, for a GET, and for an inbox that others still write to.
func TestAliases(t *testing.T) {
	t.Parallel()
	c, p, eve, id := correspondent(t)
	host := strings.TrimPrefix(p.Site.URL, "http://")
	for _, alias := range []string{p.Site.URL + "/users/help", p.Site.URL + "/?author=1", "@support@" + host} {
		if _, err := p.AddAlias(ctx, app.By{}, "help", alias); err != nil {
			t.Fatal(err)
		}
	}
	for n, address := range []string{p.Site.URL + "/users/help", p.Site.URL + "/users/help/#main-key", p.Site.URL + "/?author=1", p.Site.URL + "/@support", p.Site.URL + "/desks/support"} {
		send(t, p, eve, activity(eve, 4*n, "Follow", address))
		c.Settle()
		if followers(t, p) != 1 {
			t.Errorf("a Follow of %s: %d followers", address, followers(t, p))
		}
		send(t, p, eve, activity(eve, 4*n+1, "Block", address))
		c.Settle()
		if got := p.Show(id).Issue.Silenced; got != desk.SilenceBlock || followers(t, p) != 0 {
			t.Errorf("after a Block of %s: silenced %q, %d followers", address, got, followers(t, p))
		}
		send(t, p, eve, activity(eve, 4*n+2, "Undo", activity(eve, 4*n+1, "Block", address)))
		c.Settle()
	}
	note := eve.Note(100, "", "broken again")
	note["cc"], note["tag"] = []string{}, []M{{"type": "Mention", "name": "@support@" + host}}
	if status, answer := eve.Send(p.Site.URL+"/users/help/inbox", eve.Create(note)); status != http.StatusAccepted {
		t.Fatalf("%d %s", status, answer)
	}
	c.Settle()
	if got := len(p.Issues()); got != 2 {
		t.Errorf("%d issues", got)
	}
	for _, path := range []string{"/users/nobody/inbox", "/desks/nobody/inbox", "/users/help"} {
		if status, _ := eve.Send(p.Site.URL+path, eve.Create(eve.Note(101, p.Site.Desk("help"), "x"))); status != http.StatusNotFound {
			t.Errorf("a POST to %s is answered %d", path, status)
		}
	}
	for path, want := range map[string]string{"/users/help": "/desks/help", "/users/help/": "/desks/help", "/users/help/outbox?page=true": "/desks/help/outbox", "/@support": "/@help", "/desks/support": "/desks/help", "/users/helper": ""} {
		for _, accept := range []string{"text/html", "application/activity+json"} {
			if _, to := located(t, p, p.Fed.Handler(), http.MethodGet, path, accept, ""); to != want {
				t.Errorf("GET %s for %s leads to %q, want %q", path, accept, to, want)
			}
		}
	}
	if status, jrd := fetched(t, p.HTTP.URL+"/.well-known/webfinger?resource=acct:support@"+host); status != http.StatusOK || jrd["subject"] != "acct:help@"+host {
		t.Errorf("WebFinger of an alias: %d %v", status, jrd)
	}
}

package fed_test

import (
	"net/http"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

// follower is a peer whose person follows the desk.
func follower(t *testing.T) (*fed.Cluster, *fed.Provider, *fed.Peer) {
	t.Helper()
	c := fed.New(t)
	p, peer := c.Provider(acme), c.Peer()
	peer.Send(p.Site.SharedInbox(), M{"id": peer.URL + "/follow", "type": "Follow", "actor": string(peer.Actor), "object": string(p.Site.Desk("help"))})
	c.Settle()
	if got := kinds(peer); len(got) != 1 || got[0] != "Accept" {
		t.Fatalf("the follower got %v", got)
	}
	return c, p, peer
}

func tellAll(t *testing.T, c *fed.Cluster, p *fed.Provider, text string) {
	t.Helper()
	if _, err := p.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: text, Now: true}); err != nil {
		t.Fatal(err)
	}
	c.Settle()
}

// A server that was shut down says 410 to everything and sends no Deletes.
func TestInstanceGoneForGood(t *testing.T) {
	t.Parallel()
	c, p, peer := follower(t)
	peer.Send(p.Site.SharedInbox(), peer.Create(peer.Note(1, p.Site.Desk("help"), "<p>@help words</p>")))
	c.Settle()
	for _, path := range []string{"/users/eve", "/users/eve/inbox"} {
		peer.ServeRaw(path, http.StatusGone, "text/plain", nil)
	}
	before := len(peer.Got())
	tellAll(t, c, p, "one")
	if n := len(peer.Got()) - before; n != 1 {
		t.Errorf("tried %d times", n)
	}
	if p.Follows("help", peer.Actor) {
		t.Error("still a follower")
	}
	if post := p.Only().Timeline[0].Post; !post.Deleted || post.Text != "" {
		t.Errorf("left of their report: %+v", post)
	}
	tellAll(t, c, p, "two")
	if n := len(peer.Got()) - before; n != 1 {
		t.Errorf("tried %d times in all", n)
	}
}

// An inbox that is gone says nothing about its reader: their server does.
func TestInboxGoneButNotItsReader(t *testing.T) {
	t.Parallel()
	c, p, peer := follower(t)
	peer.Inbox("/users/eve/inbox", http.StatusGone)
	tellAll(t, c, p, "one")
	if !p.Follows("help", peer.Actor) {
		t.Error("no follower any more")
	}
}

// A server that is silent for a week is left in peace, and comes back when it
// speaks.
func TestHostReturns(t *testing.T) {
	t.Parallel()
	c, p, peer := follower(t)
	peer.Inbox("/users/eve/inbox", http.StatusBadGateway)
	tellAll(t, c, p, "one")
	for range 16 {
		c.Advance(12 * time.Hour)
	}
	before := len(peer.Got())
	tellAll(t, c, p, "two")
	c.Advance(13 * time.Hour) // longer than any pause between two tries
	c.Advance(13 * time.Hour)
	if n := len(peer.Got()) - before; n != 0 {
		t.Errorf("a server that was silent for a week was tried %d times", n)
	}
	peer.Inbox("/users/eve/inbox", http.StatusAccepted)
	peer.Send(p.Site.SharedInbox(), peer.Create(peer.Note(2, p.Site.Desk("help"), "<p>@help we are back</p>")))
	c.Settle()
	tellAll(t, c, p, "three")
	if got := peer.Got()[before:]; len(got) != 1 || got[0].Body["type"] != "Create" {
		t.Errorf("after it spoke it got %v", got)
	}
}

// It may come back and have nothing to say.
func TestSilentHostIsTriedOnceAWeek(t *testing.T) {
	t.Parallel()
	c, p, peer := follower(t)
	peer.Inbox("/users/eve/inbox", http.StatusBadGateway)
	tellAll(t, c, p, "one")
	for range 30 {
		c.Advance(12 * time.Hour)
	}
	peer.Inbox("/users/eve/inbox", http.StatusAccepted)
	before := len(peer.Got())
	tellAll(t, c, p, "two")
	if n := len(peer.Got()) - before; n != 1 {
		t.Errorf("tried %d times, want one", n)
	}
	tellAll(t, c, p, "three")
	if n := len(peer.Got()) - before; n != 2 {
		t.Errorf("after it answered: %d in all", n)
	}
}

// A Delete whose key cannot be had is believed if the actor's server says 410;
// a 404 may be anything.
func TestDeleteWhoseKeyIsNotFound(t *testing.T) {
	t.Parallel()
	c, p, peer, _ := correspondent(t)
	peer.ServeRaw("/users/eve", http.StatusNotFound, "text/plain", nil)
	c.Advance(2 * time.Hour)
	leave := M{"id": peer.URL + "/users/eve#delete", "type": "Delete", "actor": string(peer.Actor), "object": string(peer.Actor)}
	if status, _ := peer.Send(p.Site.SharedInbox(), leave); status == http.StatusAccepted {
		t.Errorf("answered %d", status)
	}
	c.Settle()
	if post := p.Only().Timeline[0].Post; post.Deleted {
		t.Error("a deletion that nobody confirmed")
	}
}

// Handles on one domain, the server on another: mention, reply, follow.
func TestSplitDomainEndToEnd(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	p := s.ProviderAt(desk.Desk{Handle: "city", Names: []string{"city"}, Calls: []string{"fail"}}, "acme.example")
	status, jrd := fetched(t, p.HTTP.URL+"/.well-known/webfinger?resource=acct:city@acme.example")
	if status != http.StatusOK || jrd["subject"] != "acct:city@acme.example" {
		t.Fatalf("WebFinger of the handle: %d %v", status, jrd)
	}
	status, jrd = fetched(t, p.HTTP.URL+"/.well-known/webfinger?resource=acct:city@"+string(p.Site.Host()))
	if status != http.StatusOK || jrd["subject"] != "acct:city@acme.example" {
		t.Errorf("WebFinger of the server's name: %d %v", status, jrd)
	}
	_, actor := fetched(t, string(p.Site.Desk("city")))
	if actor["webfinger"] != "city@acme.example" || actor["preferredUsername"] != "city" {
		t.Errorf("the actor says %v, %v", actor["webfinger"], actor["preferredUsername"])
	}
	eve := s.Peer()
	// A mention by the handle's name, with the id that WebFinger gave.
	note := eve.Note(1, p.Site.Desk("city"), "<p>@city broken</p>")
	note["tag"] = []M{{"type": "Mention", "href": string(p.Site.Desk("city")), "name": "@city@acme.example"}}
	eve.Send(p.Site.SharedInbox(), eve.Create(note))
	eve.Send(p.Site.SharedInbox(), M{"id": eve.URL + "/follow", "type": "Follow", "actor": string(eve.Actor), "object": string(p.Site.Desk("city"))})
	s.Settle()
	if v := p.Only(); v.Issue.Heard != desk.HeardMention || v.Issue.Desk != "city" {
		t.Errorf("heard: %+v", v.Issue)
	}
	p.Say(p.Only().Issue.ID, "hello")
	s.Settle()
	got := eve.Got()
	if len(got) != 2 || got[0].Body["type"] != "Accept" || got[1].Body["type"] != "Create" {
		t.Fatalf("arrived: %v", got)
	}
	reply := got[1].Body["object"].(M)
	for _, id := range []any{got[1].Body["actor"], reply["attributedTo"], reply["id"]} {
		if h, err := desk.HostOf(id.(string)); err != nil || h != p.Site.Host() {
			t.Errorf("the id %v is not on the server's host", id)
		}
	}
	if !p.Follows("city", eve.Actor) {
		t.Error("the follow is not stored")
	}
}

package fed_test

import (
	"fmt"
	"testing"

	"earshot/internal/app"
	"earshot/internal/test/fed"
	"earshot/store"
)

// A server with several inboxes is one server: delivered if one of them took the
// post, and failed only if none did.
func TestDeliveredCountsServers(t *testing.T) { onBothStores(t, deliveredCountsServers) }

func deliveredCountsServers(t *testing.T, c *fed.Cluster) {
	p := c.Provider(acme)
	follows := func(peer *fed.Peer, statuses ...int) {
		for n, status := range statuses {
			name := fmt.Sprintf("fan%d", n)
			who := peer.Person(name, M{"endpoints": nil})
			follow := fmt.Sprintf(`{"id": "%s/follow/%d", "type": "Follow", "actor": "%s", "object": "%s"}`, peer.URL, n, who, p.Site.Desk("help"))
			if status, answer := peer.Do(peer.RequestAs(string(who)+"#main-key", p.Site.SharedInbox(), []byte(follow))); status != 202 {
				t.Fatal(status, answer)
			}
			c.Settle()
			peer.Inbox("/users/"+name+"/inbox", status)
		}
	}
	follows(c.Peer(), 202, 202, 400) // one inbox of three is closed
	follows(c.Peer(), 400, 400)
	follows(c.Peer(), 202, 500)
	follows(c.Peer(), 202)
	b, err := p.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "News", Now: true})
	if err != nil {
		t.Fatal(err)
	}
	c.Settle()
	all, _, err := p.Broadcasts(ctx, "help", store.Page{Limit: 1})
	if err != nil || len(all) != 1 || all[0].Post.ID != b.ID {
		t.Fatal(all, err)
	}
	if got, want := all[0].Reached, (store.Tally{Delivered: 3, Failed: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

package fed_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"earshot/federation/inbox"
	"earshot/internal/test/fed"
)

// Who sends in the name of a host whose keys do not come is taken down to a bound, and
// takes no room and no time from others: their reports are taken down too, and heard as
// soon as their keys come.
func TestUnverifiedStrangers(t *testing.T) { onBothStores(t, unverifiedStrangers) }

func unverifiedStrangers(t *testing.T, c *fed.Cluster) {
	c.FloodLimits = true
	p, eve, ana := c.Provider(acme), c.Peer(), c.Peer()
	out := func(who *fed.Peer, name string) {
		who.ServeRaw("/users/"+name, http.StatusServiceUnavailable, "text/plain", nil)
	}
	answers := map[int]int{}
	for n := range inbox.UnverifiedBurst + 20 {
		name := fmt.Sprint("u", n)
		out(eve, name)
		note := eve.Note(n, p.Site.Desk("help"), "<p>@help it is broken</p>")
		note["attributedTo"] = eve.URL + "/users/" + name
		create := eve.Create(note)
		create["actor"] = note["attributedTo"]
		status, _ := eve.Do(eve.RequestAs(eve.URL+"/users/"+name+"#main-key", p.Site.SharedInbox(), encode(t, create)))
		answers[status]++
	}
	if answers[http.StatusAccepted] != inbox.UnverifiedBurst || answers[http.StatusServiceUnavailable] != 20 {
		t.Errorf("answered %v", answers)
	}
	out(ana, "eve")
	if status, answer := ana.Send(p.Site.SharedInbox(), ana.Create(ana.Note(1, p.Site.Desk("help"), "<p>@help no light</p>"))); status != http.StatusAccepted {
		t.Fatalf("another server: %d %s", status, answer)
	}
	ana.Person("eve", nil)
	c.Advance(2 * time.Minute)
	c.Settle()
	p.Only()
	c.Advance(inbox.UnverifiedFor)
	c.Settle()
	if waiting, dead := p.Waiting(); waiting+dead > 0 {
		t.Errorf("%d jobs wait and %d are dead after the bound", waiting, dead)
	}
}

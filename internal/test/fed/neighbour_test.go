package fed_test

import (
	"net/http"
	"strings"
	"testing"

	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

// A direct reply is for its addressee, and for the server that fetches it for
// them: not for the bots and people beside them.
func TestNeighboursOfAnAddressee(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, ana, other := c.Provider(acme), c.Peer(), c.Peer()
	note := ana.Note(1, p.Site.Desk("help"), "<p>help</p>")
	note["to"], note["cc"] = []string{string(p.Site.Desk("help"))}, []string{}
	if status, answer := ana.Send(p.Site.SharedInbox(), ana.Create(note)); status != http.StatusAccepted {
		t.Fatalf("%d %s", status, answer)
	}
	c.Settle()
	reply := p.Say(p.Only().Issue.ID, "between us: secret")
	c.Settle()
	for name, by := range map[string]struct {
		who   desk.ActorID
		peer  *fed.Peer
		reads bool
	}{
		"the addressee":           {ana.Actor, ana, true},
		"their server's actor":    {ana.Person("instance.actor", M{"type": "Application"}), ana, true},
		"a bot beside them":       {ana.Person("bot", M{"type": "Service"}), ana, false},
		"a person beside them":    {ana.Person("bob", nil), ana, false},
		"a group beside them":     {ana.Person("group", M{"type": "Group"}), ana, false},
		"another server's actor":  {other.Person("instance.actor", M{"type": "Application"}), other, false},
		"a person of another one": {other.Actor, other, false},
	} {
		status, body := by.peer.Do(by.peer.GetAs(string(by.who)+"#main-key", string(reply.Object)))
		if reads := strings.Contains(body, "secret"); reads != by.reads || reads != (status == http.StatusOK) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

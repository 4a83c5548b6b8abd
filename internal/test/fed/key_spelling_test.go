package fed_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"earshot/federation/httpsig"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

// One person is one reporter under one id, however the requests spell the id
// and the key.
func TestSpellingsOfAnActor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ id, actor, keyID string }{
		"the actor's id as key":  {"/users/ada", "/users/ada", "/users/ada"},
		"a slash too much":       {"/users/ada", "/users/ada", "/users/ada/#main-key"},
		"as it is":               {"/users/jürgen", "/users/jürgen", "/users/jürgen#main-key"},
		"the key encoded":        {"/users/jürgen", "/users/jürgen", "/users/j%C3%BCrgen#main-key"},
		"key and actor encoded":  {"/users/jürgen", "/users/j%C3%BCrgen", "/users/j%C3%BCrgen#main-key"},
		"only the id is encoded": {"/users/j%C3%BCrgen", "/users/jürgen", "/users/jürgen#main-key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cluster := fed.New(t)
			p, peer := cluster.Provider(acme), cluster.Peer()
			id := peer.URL + c.id
			pem, err := httpsig.MarshalPublicKeyPEM(peer.Key().Public())
			if err != nil {
				t.Fatal(err)
			}
			peer.Serve(strings.ReplaceAll(c.id, "%C3%BC", "ü"), M{"id": id, "type": "Person", "preferredUsername": "ada", "inbox": peer.URL + "/in",
				"publicKey": M{"id": id + "#main-key", "owner": id, "publicKeyPem": pem}})
			for n := range 2 { // the second finds everything cached
				note := peer.Note(n, p.Site.Desk("help"), fmt.Sprintf("<p>broken %d</p>", n))
				note["attributedTo"] = peer.URL + c.actor
				body := encode(t, M{"id": fmt.Sprint(peer.URL, "/create/", n), "type": "Create", "actor": peer.URL + c.actor, "object": note, "to": note["to"], "cc": note["cc"]})
				if status, answer := peer.Do(peer.RequestAs(peer.URL+c.keyID, p.Site.SharedInbox(), body)); status != http.StatusAccepted {
					t.Fatalf("%d %s", status, answer)
				}
				cluster.Settle()
			}
			issues := p.Issues()
			if len(issues) != 2 {
				t.Fatalf("%d issues", len(issues))
			}
			for _, i := range issues {
				if i.Reporter.ID != desk.ActorID(id) {
					t.Errorf("reported by %s", i.Reporter.ID)
				}
				for _, e := range i.Timeline {
					if e.Post != nil && e.Post.Author != desk.ActorID(id) {
						t.Errorf("a post by %s", e.Post.Author)
					}
				}
			}
		})
	}
}

package fed_test

import (
	"net/http"
	"testing"

	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

// A post names its author by their own id. An author id that redirects to an
// actor on another server, or is another name of a neighbour, is refused:
// otherwise the server of the post could put words into their mouth
// (CVE-2024-52591).
func TestAuthorsThatLeadToOthers(t *testing.T) {
	t.Parallel()
	for name, leads := range map[string]func(eve, victim *fed.Peer){
		"a redirect to another server": func(eve, victim *fed.Peer) {
			eve.Handle("/users/fake", func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, string(victim.Actor), http.StatusFound)
			})
		},
		"another name of a neighbour": func(eve, _ *fed.Peer) {
			eve.Serve("/users/fake", M{"id": string(eve.Actor), "type": "Person", "inbox": string(eve.Actor) + "/inbox"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := fed.New(t)
			p, eve, victim := c.Provider(acme), c.Peer(), c.Peer()
			leads(eve, victim)
			mal := eve.Person("mal", nil)
			note := eve.Note(5, p.Site.Desk("help"), "<p>put into their mouth</p>")
			note["attributedTo"] = eve.URL + "/users/fake"
			eve.Serve("/notes/5", note)
			send := func(activity M) {
				t.Helper()
				status, answer := eve.Do(eve.RequestAs(string(mal)+"#main-key", p.Site.SharedInbox(), encode(t, activity)))
				if status != http.StatusAccepted {
					t.Fatalf("%d %s", status, answer)
				}
				c.Settle()
			}
			send(M{"id": eve.URL + "/create/5", "type": "Create", "actor": string(mal), "object": note["id"], "to": []string{string(p.Site.Desk("help"))}})
			for _, i := range p.Issues() {
				t.Errorf("heard as %s's", i.Reporter.ID)
			}
			answer := eve.Note(6, p.Site.Desk("help"), "<p>look what they say</p>")
			answer["attributedTo"], answer["inReplyTo"] = string(mal), note["id"]
			send(M{"id": eve.URL + "/create/6", "type": "Create", "actor": string(mal), "object": answer, "to": answer["to"], "cc": answer["cc"]})
			for _, e := range p.Only().Timeline {
				if e.Post != nil && e.Post.Author != mal {
					t.Errorf("shown as %s's: %s", e.Post.Author, e.Post.Text)
				}
			}
			if who, _, err := p.Net.Visitors().Person(ctx, note["id"].(string)); desk.ErrorCode(err) != desk.CodeInvalid {
				t.Errorf("a visitor is told that it is %s's: %v", who, err)
			}
		})
	}
}

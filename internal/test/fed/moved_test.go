package fed_test

import (
	"slices"
	"strings"
	"testing"

	"earshot/internal/test/fed"
)

// A Move goes to followers, so most never reach us: the profiles that we fetch say so.
// Both accounts have to say so.
func TestMovedWithoutAMove(t *testing.T) { onBothStores(t, movedWithoutAMove) }

func movedWithoutAMove(t *testing.T, c *fed.Cluster) {
	const moves, stays = true, false
	for _, tt := range []struct {
		what        string
		movedTo     bool // the old account says so
		alsoKnownAs bool // the new one does
		by          string
		want        bool
	}{
		{"both say so, and we write", true, true, "reply", moves},
		{"both say so, and the new account answers", true, true, "answer", moves},
		{"both say so, and the new account likes the reply", true, true, "like", moves},
		{"both say so, and the old profile is updated", true, true, "update", moves},
		{"only the old one, and we write", true, false, "reply", stays},
		{"only the new one, and we write", false, true, "reply", stays},
		{"only the new one, and it answers", false, true, "answer", stays},
		{"neither, and it answers", false, false, "answer", stays},
	} {
		p, old, now := c.Provider(acme), c.Peer(), c.Peer()
		help := p.Site.Desk("help")
		old.Send(p.Site.SharedInbox(), old.Create(old.Note(1, help, "<p>@help broken</p>")))
		c.Settle()
		reply := p.Say(p.Only().Issue.ID, "One lamp?")
		c.Settle()
		if tt.movedTo {
			old.Person("eve", M{"movedTo": string(now.Actor)})
		}
		if tt.alsoKnownAs {
			now.Person("eve", M{"alsoKnownAs": []string{string(old.Actor)}})
		}
		switch tt.by {
		case "answer":
			note := now.Note(2, help, "<p>@help all of them</p>")
			note["inReplyTo"] = string(reply.Object)
			now.Send(p.Site.SharedInbox(), now.Create(note))
		case "like":
			now.Send(p.Site.SharedInbox(), M{"id": now.URL + "/like", "type": "Like", "actor": string(now.Actor), "object": string(reply.Object)})
		case "update":
			old.Send(p.Site.SharedInbox(), M{"id": old.URL + "/update", "type": "Update", "actor": string(old.Actor), "object": string(old.Actor)})
		}
		c.Settle()
		said := p.Say(p.Issues()[0].Issue.ID, "hello again")
		c.Settle()
		want, got := old, p.Show(said.Issue).Issue.Reporter
		if tt.want == moves {
			want = now
		}
		if got != want.Actor {
			t.Errorf("%s: the reporter is %s, want %s", tt.what, got, want.Actor)
		}
		if !slices.ContainsFunc(want.Got(), func(g fed.Got) bool { return strings.Contains(string(g.Raw), string(said.Object)) }) {
			t.Errorf("%s: the right account got no answer", tt.what)
		}
		if tt.by == "answer" && tt.want == moves {
			for _, e := range p.Show(said.Issue).Timeline {
				if e.Event.Third {
					t.Errorf("%s: the person is a third one", tt.what)
				}
			}
		}
	}
}

// A person who asked to be left alone is left alone at their new account, also
// where we never heard of the move.
func TestOptOutMovesWithoutAMove(t *testing.T) { onBothStores(t, optOutMoves) }

func optOutMoves(t *testing.T, c *fed.Cluster) {
	p, old, now := c.Provider(acme), c.Peer(), c.Peer()
	help := string(p.Site.Desk("help"))
	old.Send(p.Site.SharedInbox(), M{"id": old.URL + "/block", "type": "Block", "actor": string(old.Actor), "object": help})
	c.Settle()
	old.Person("eve", M{"movedTo": string(now.Actor)})
	now.Person("eve", M{"alsoKnownAs": []string{string(old.Actor)}})
	note := now.Note(1, "", "<p>#acme #fail again</p>")
	note["tag"] = []M{{"type": "Hashtag", "name": "#acme"}, {"type": "Hashtag", "name": "#fail"}}
	note["cc"] = []string{string(now.Actor) + "/followers"}
	now.Send(p.Site.SharedInbox(), now.Create(note))
	c.Settle()
	for _, v := range p.Issues() {
		if v.Issue.Silenced == "" {
			t.Errorf("the new account can be written to: %+v", v.Issue)
		}
	}
}

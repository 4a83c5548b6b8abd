package fed_test

import (
	"strings"
	"sync"
	"testing"

	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/store"
)

// A repeated request is answered with the first result and does nothing.
func TestOneKeyOneReply(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: s.mention() + " broken"})
	id := s.desk.Only().Issue.ID
	by := app.By{Key: "the same request"}
	in := app.ReplyInput{Issue: id, Text: "We are looking.", Now: true, Change: desk.StatusChange{To: desk.StatusInProgress}}
	first, err := s.desk.Reply(ctx, by, in)
	s.ok(err)
	again, err := s.desk.Reply(ctx, by, in)
	s.ok(err)
	if again.ID != first.ID {
		t.Errorf("asked twice, it is %s and %s", first.ID, again.ID)
	}
	if got := s.texts("ana", report); len(got) != 2 {
		t.Errorf("thread: %q", got)
	}
	b1, err := s.desk.Broadcast(ctx, app.By{Key: "k"}, app.BroadcastInput{Desk: "help", Text: "x", Now: true})
	s.ok(err)
	b2, err := s.desk.Broadcast(ctx, app.By{Key: "k"}, app.BroadcastInput{Desk: "help", Text: "x", Now: true})
	s.ok(err)
	if b1.ID != b2.ID {
		t.Errorf("two broadcasts: %s, %s", b1.ID, b2.ID)
	}
}

// Undo and publish are one compare-and-set: exactly one wins, in either order.
func TestUndoOrPublish(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: s.mention() + " broken"})
	id := s.desk.Only().Issue.ID
	sent := 0
	for range 20 {
		p := s.desk.Say(id, "now or never")
		var undo error
		var both sync.WaitGroup
		both.Go(func() { _, undo = s.desk.Undo(ctx, app.By{}, string(p.ID)) })
		both.Go(func() {
			for _, w := range s.desk.Fed.Workers() {
				if _, err := w.RunOnce(ctx); err != nil {
					t.Error(err)
				}
			}
		})
		both.Wait()
		s.Settle()
		state := entryOf(s.desk.Only(), p.ID).Post.State
		switch {
		case undo == nil && state == desk.PostUndone:
		case desk.ErrorCode(undo) == desk.CodeConflict && state == desk.PostPublished:
			sent++
		default:
			t.Errorf("undo said %v, and the reply is %s", undo, state)
		}
	}
	if got := len(s.texts("ana", report)) - 1; got != sent {
		t.Errorf("%d replies arrived, %d went out", got, sent)
	}
	if i := s.desk.Only().Issue; i.Pending != 0 || i.Replies != sent {
		t.Errorf("the issue counts %d pending and %d replies, %d went out", i.Pending, i.Replies, sent)
	}
}

// The same post from many directions at once is one issue.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	eve := s.Peer()
	create := eve.Create(eve.Note(1, s.desk.Site.Desk("help"), "broken"))
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if status, answer := eve.Send(s.desk.Site.SharedInbox(), create); status != 202 {
				t.Errorf("%d %s", status, answer)
			}
		})
	}
	all.Wait()
	s.Settle()
	if i := s.desk.Only(); len(i.Timeline) != 1 {
		t.Errorf("timeline: %+v", i.Timeline)
	}
}

// A person who moves takes their unfinished issues along, if both accounts say so.
func TestMove(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	old, other := s.Peer(), s.Peer()
	help := s.desk.Site.Desk("help")
	old.Send(s.desk.Site.SharedInbox(), old.Create(old.Note(1, help, "broken")))
	s.Settle()
	move := M{"id": old.URL + "/move", "type": "Move", "actor": string(old.Actor), "object": string(old.Actor), "target": string(other.Actor)}
	old.Send(s.desk.Site.SharedInbox(), move)
	s.Settle()
	if i := s.desk.Only(); i.Issue.Reporter != old.Actor {
		t.Errorf("a one-sided claim moved the issue to %s", i.Issue.Reporter)
	}
	other.Person("eve", M{"alsoKnownAs": []string{string(old.Actor)}})
	move["id"] = old.URL + "/move/2"
	old.Send(s.desk.Site.SharedInbox(), move)
	s.Settle()
	if i := s.desk.Only(); i.Issue.Reporter != other.Actor {
		t.Fatalf("the reporter is %s", i.Issue.Reporter)
	}
	s.desk.Say(s.desk.Only().Issue.ID, "hello again")
	s.Settle()
	if got := other.Got(); len(got) != 1 || got[0].Body["type"] != "Create" {
		t.Errorf("the new account got %v", got)
	}
}

// Moving to an account that wants to be left alone for good does not make that
// end some day; and nobody moves to themselves under another name.
func TestMoveAndOptOuts(t *testing.T) {
	t.Parallel()
	c, p, old, _ := correspondent(t)
	other := c.Peer()
	other.Person("eve", M{"alsoKnownAs": []string{string(old.Actor)}})
	other.Send(p.Site.SharedInbox(), M{"id": other.URL + "/block", "type": "Block", "actor": string(other.Actor), "object": string(p.Site.Desk("help"))})
	c.Settle()
	if err := p.Refused(ctx, old.Actor); err != nil { // for thirty days
		t.Fatal(err)
	}
	move := M{"id": old.URL + "/move", "type": "Move", "actor": string(old.Actor), "object": string(old.Actor), "target": old.URL + "/@eve"}
	alias := M{"id": string(old.Actor), "type": "Person", "inbox": string(old.Actor) + "/inbox", "alsoKnownAs": []string{string(old.Actor)}}
	old.Person("eve", alias)
	old.Serve("/@eve", alias)
	old.Send(p.Site.SharedInbox(), move)
	c.Settle()
	for _, e := range p.Only().Timeline {
		if strings.Contains(e.Event.Text, "moved") {
			t.Errorf("moved to themselves: %s", e.Event.Text)
		}
	}
	move["id"], move["target"] = old.URL+"/move/2", string(other.Actor)
	old.Send(p.Site.SharedInbox(), move)
	c.Settle()
	if got := p.Only().Issue.Reporter; got != other.Actor {
		t.Errorf("the reporter is %s", got)
	}
	outs, _, err := p.OptOuts(ctx, store.Page{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range outs {
		if o.Actor == other.Actor && (o.Cause != desk.OptOutBlock || !o.Until.IsZero()) {
			t.Errorf("the new account's block has become %+v", o)
		}
	}
}

// A Flag from another server shows in the issue of the flagged reply.
func TestFlag(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.says("ana", town.PostInput{Text: s.mention() + " broken"})
	reply := s.desk.Say(s.desk.Only().Issue.ID, "hm")
	s.Settle()
	s.town.Flag(s.desk.Site.Desk("help"), []desk.ObjectID{reply.Object}, "rude")
	s.Settle()
	tl := s.desk.Only().Timeline
	if last := tl[len(tl)-1].Event; last.Kind != desk.KindNotice || !contains([]string{last.Text}, "rude") {
		t.Errorf("the last entry is %+v", last)
	}
}

// A split domain: handles on one host, the server on another.
func TestSplitDomain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	p := s.ProviderAt(desk.Desk{Handle: "city", Names: []string{"city"}, Calls: []string{"fail"}}, "acme.example")
	if p.Site.Acct("city") != "city@acme.example" {
		t.Errorf("acct %s", p.Site.Acct("city"))
	}
	eve := s.Peer()
	eve.Send(p.Site.SharedInbox(), eve.Create(eve.Note(1, p.Site.Desk("city"), "broken")))
	s.Settle()
	p.Say(p.Only().Issue.ID, "hello")
	s.Settle()
	if got := eve.Got(); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}

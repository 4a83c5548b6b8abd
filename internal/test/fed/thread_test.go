package fed_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

// chain serves n posts, each an answer to the one before, by eve or by the
// author in authors, and returns the id of the last.
func chain(p *fed.Peer, n int, authors map[int]desk.ActorID, first string) string {
	above := first
	for k := 1; k <= n; k++ {
		note := p.Note(k, "https://elsewhere.example/users/x", fmt.Sprintf("<p>word %d</p>", k))
		note["cc"], note["tag"] = []string{}, []M{}
		if who := authors[k]; who != "" {
			note["attributedTo"] = string(who)
		}
		if above != "" {
			note["inReplyTo"] = above
		}
		p.Serve(fmt.Sprintf("/notes/%d", k), note)
		above = note["id"].(string)
	}
	return above
}

// said lists what a timeline says, in its order.
func said(v app.IssueView) (out []string) {
	for _, e := range v.Timeline {
		if e.Post != nil && (e.Event.Kind == desk.KindReport || e.Event.Kind == desk.KindPost || e.Event.Kind == desk.KindReply) {
			out = append(out, string(e.Post.Role)+" "+e.Post.Text)
		}
	}
	return out
}

// answers sends a post of eve's that mentions the desk and answers another.
func answers(t *testing.T, c *fed.Cluster, p *fed.Provider, peer *fed.Peer, n int, parent, text string) M {
	t.Helper()
	note := peer.Note(n, p.Site.Desk("help"), text)
	note["inReplyTo"] = parent
	if status, body := peer.Send(p.Site.SharedInbox(), peer.Create(note)); status != http.StatusAccepted {
		t.Fatalf("%d %s", status, body)
	}
	c.Settle()
	return note
}

func TestMissingAncestorsAreFetched(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, peer := c.Provider(acme), c.Peer()
	shy := peer.Person("shy", M{"summary": "please #nobot"})
	last := chain(peer, 3, map[int]desk.ActorID{1: peer.Person("bob", nil), 2: shy}, "")
	answers(t, c, p, peer, 9, last, "<p>@help can you say something?</p>")
	v := p.Only()
	want := []string{"post word 1", "post word 3", "report @help can you say something?"}
	if got := said(v); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("the thread reads %q, want %q", got, want)
	}
	if v.Timeline[0].Author.Name != "Bob" || v.Issue.Reporter != peer.Actor || v.Issue.Status != desk.StatusNew {
		t.Errorf("the first is by %q, the issue is %+v", v.Timeline[0].Author.Name, v.Issue)
	}
	reply := p.Say(v.Issue.ID, "Yes.")
	if reply.InReplyTo != desk.ObjectID(peer.URL+"/notes/9") {
		t.Errorf("the reply answers %s", reply.InReplyTo)
	}
}

// A reply deep below a known thread joins it, and the posts between are
// fetched.
func TestAncestorsJoinAThread(t *testing.T) { onBothStores(t, ancestorsJoinAThread) }

func ancestorsJoinAThread(t *testing.T, c *fed.Cluster) {
	p, peer := c.Provider(acme), c.Peer()
	report := peer.Note(20, p.Site.Desk("help"), "<p>@help no light</p>")
	peer.Send(p.Site.SharedInbox(), peer.Create(report))
	c.Settle()
	bob := peer.Person("bob", nil)
	last := chain(peer, 2, map[int]desk.ActorID{1: bob, 2: bob}, report["id"].(string))
	answers(t, c, p, peer, 9, last, "<p>@help you see</p>")
	want := []string{"report @help no light", "post word 1", "post word 2", "post @help you see"}
	if got := said(p.Only()); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("the thread reads %q, want %q", got, want)
	}
}

// Attack classes 27 and 28: chains without end, circles, and threads that we
// have nothing to do with.
func TestAncestorsHaveLimits(t *testing.T) {
	t.Parallel()
	t.Run("a long chain", func(t *testing.T) {
		t.Parallel()
		c := fed.New(t)
		p, peer := c.Provider(acme), c.Peer()
		answers(t, c, p, peer, 900, chain(peer, 60, nil, ""), "<p>@help</p>")
		if n := len(said(p.Only())); n != 21 {
			t.Errorf("%d posts were kept, want the post and 20 above it", n)
		}
		if asked := peer.Asked(); !slices.Contains(asked, "GET /notes/41") || slices.Contains(asked, "GET /notes/40") {
			t.Errorf("asked for %q, want 20 posts", asked)
		}
	})
	t.Run("a circle", func(t *testing.T) {
		t.Parallel()
		c := fed.New(t)
		p, peer := c.Provider(acme), c.Peer()
		chain(peer, 2, nil, peer.URL+"/notes/2")
		answers(t, c, p, peer, 9, peer.URL+"/notes/2", "<p>@help</p>")
		if n := len(said(p.Only())); n != 3 {
			t.Errorf("%d posts were kept, want 3", n)
		}
	})
	t.Run("followers only, and gone", func(t *testing.T) {
		t.Parallel()
		c := fed.New(t)
		p, peer := c.Provider(acme), c.Peer()
		note := peer.Note(1, "https://elsewhere.example/users/x", "<p>a secret</p>")
		note["to"], note["cc"], note["inReplyTo"] = []string{string(peer.Actor) + "/followers"}, []string{}, peer.URL+"/notes/none"
		peer.Serve("/notes/1", note)
		answers(t, c, p, peer, 9, peer.URL+"/notes/1", "<p>@help</p>")
		if got := said(p.Only()); len(got) != 1 {
			t.Errorf("kept: %q", got)
		}
	})
	t.Run("heard by tags only", func(t *testing.T) {
		t.Parallel()
		c := fed.New(t)
		p, peer := c.Provider(acme), c.Peer()
		chain(peer, 1, nil, "")
		note := peer.Note(9, "https://elsewhere.example/users/x", "<p>dead #acme #fail</p>")
		note["inReplyTo"], note["tag"] = peer.URL+"/notes/1", []M{{"type": "Hashtag", "name": "#acme"}, {"type": "Hashtag", "name": "#fail"}}
		peer.Send(p.Site.SharedInbox(), peer.Create(note))
		c.Settle()
		if got, asked := said(p.Only()), peer.Asked(); len(got) != 1 || slices.Contains(asked, "GET /notes/1") {
			t.Errorf("kept %q, asked for %q", got, asked)
		}
	})
}

func TestThreadCollection(t *testing.T) { onBothStores(t, threadCollection) }

func threadCollection(t *testing.T, c *fed.Cluster) {
	s := sceneOn(t, c)
	report := s.says("ana", town.PostInput{Text: s.mention() + " no light"})
	id := s.desk.Only().Issue.ID
	reply := s.desk.Say(id, "Which street?")
	s.Settle()
	ctxID := s.desk.Site.Thread(id)
	_, note := fetched(t, string(reply.Object))
	if note["context"] != ctxID {
		t.Errorf("context = %v, want %s", note["context"], ctxID)
	}
	third := s.says("bob", town.PostInput{Text: s.mention() + " here too", InReplyTo: report})
	s.says("ana", town.PostInput{Text: s.mention() + " my number is 1234", InReplyTo: report, Visibility: desk.VisibilityDirect})
	s.desk.Say(id, "Thank you, 1234.") // direct, as the answered post
	s.Settle()
	_, err := s.desk.Comment(ctx, app.By{}, id, "a comment")
	s.ok(err)
	_, err = s.desk.Reply(ctx, app.By{}, app.ReplyInput{Issue: id, Text: "not out yet"})
	s.ok(err)
	check := func(want ...desk.ObjectID) {
		t.Helper()
		status, doc := fetched(t, ctxID)
		if status != http.StatusOK || doc["type"] != "OrderedCollection" || doc["attributedTo"] != string(s.desk.Site.Desk("help")) ||
			doc["totalItems"] != float64(len(want)) {
			t.Fatalf("the thread: %d %v", status, doc)
		}
		_, page := fetched(t, doc["first"].(string))
		var items []string
		for _, o := range want {
			items = append(items, string(o))
		}
		if got := fmt.Sprint(page["orderedItems"]); got != fmt.Sprint(items) {
			t.Errorf("the page lists %s, want %s", got, items)
		}
	}
	check(report, reply.Object, third)
	// A person who wants to be left alone is not named.
	_, err = s.desk.AddOptOut(ctx, app.By{}, s.town.ActorOf("bob"), "")
	s.ok(err)
	check(report, reply.Object)
	s.ok(s.town.Delete("ana", report))
	if status := get(t, ctxID); status != http.StatusNotFound {
		t.Errorf("the thread of a deleted report: %d", status)
	}
}

func TestThreadOfADirectReport(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.says("ana", town.PostInput{Text: s.mention() + " between us", Visibility: desk.VisibilityDirect})
	id := s.desk.Only().Issue.ID
	reply := s.desk.Say(id, "Yes?")
	s.Settle()
	if status := get(t, s.desk.Site.Thread(id)); status != http.StatusNotFound {
		t.Errorf("the thread of a direct report: %d", status)
	}
	if p := entryOf(s.desk.Only(), reply.ID).Post; p.Context != "" {
		t.Errorf("a direct reply has the context %s", p.Context)
	}
}

// A follow-up that answers nothing but names our thread belongs to it, if the
// reporter wrote it; claims of others do not count.
func TestFollowUpByContext(t *testing.T) {
	t.Parallel()
	c, p, peer, issue := correspondent(t)
	p.Say(issue, "Which street?")
	c.Settle()
	thread := p.Site.Thread(issue)
	before := len(said(p.Show(issue)))
	word := peer.Note(50, "https://elsewhere.example/users/x", "<p>High Street</p>")
	word["context"], word["tag"], word["cc"] = thread, []M{}, []string{}
	peer.Send(p.Site.SharedInbox(), peer.Create(word))
	stranger := c.Peer()
	claim := stranger.Note(1, "https://elsewhere.example/users/x", "<p>buy this</p>")
	claim["context"], claim["tag"], claim["cc"] = thread, []M{}, []string{}
	stranger.Send(p.Site.SharedInbox(), stranger.Create(claim))
	c.Settle()
	got := said(p.Show(issue))
	if len(got) != before+1 || got[len(got)-1] != "post High Street" {
		t.Errorf("the thread reads %q", got)
	}
}

// An answer that came first opened an issue. When the report comes, the thread of that
// issue leads to the report's.
func TestThreadOfAMovedIssue(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, ana, ben := c.Provider(acme), c.Peer(), c.Peer()
	report := ana.Note(1, p.Site.Desk("help"), "<p>@help no light</p>")
	answers(t, c, p, ben, 2, report["id"].(string), "<p>@help here too</p>")
	first := p.Only().Issue.ID
	ana.Send(p.Site.SharedInbox(), ana.Create(report))
	c.Settle()
	old := p.Show(first).Issue
	if len(p.Issues()) != 2 || old.Reason != desk.ReasonDuplicate {
		t.Fatalf("%d issues, the first is %s %s", len(p.Issues()), old.Status, old.Reason)
	}
	status, doc := fetched(t, p.Site.Thread(first))
	if status != http.StatusOK || doc["id"] == p.Site.Thread(first) || doc["totalItems"] != float64(2) {
		t.Errorf("the thread that was: %d %v", status, doc)
	}
	// The reporter's next word may name the thread that was.
	word := ben.Note(3, "https://elsewhere.example/users/x", "<p>High Street</p>")
	word["context"], word["tag"], word["cc"] = p.Site.Thread(first), []M{}, []string{}
	ben.Send(p.Site.SharedInbox(), ben.Create(word))
	c.Settle()
	if got := said(p.Show(first)); len(got) != 0 {
		t.Errorf("the closed issue reads %q", got)
	}
}

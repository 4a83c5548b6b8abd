package fed_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

// origin is a reporter's server that says anything about one report, and a
// stranger who speaks of it.
type origin struct {
	*fed.Cluster
	t         *testing.T
	p         *fed.Provider
	ana, eve  *fed.Peer
	mal       desk.ActorID // a neighbour of the reporter's
	note      M
	id        desk.ObjectID
	forwarded int
}

// reported is an origin whose report is addressed to these.
func reported(t *testing.T, postgres bool, to ...string) *origin {
	t.Helper()
	c := fed.New(t)
	c.PostgreSQL = postgres
	o := &origin{Cluster: c, t: t, p: c.Provider(acme), ana: c.Peer(), eve: c.Peer()}
	o.mal = o.ana.Person("mal", nil)
	help := o.p.Site.Desk("help")
	o.note = o.ana.Note(1, help, "<p>my line is dead</p>")
	o.note["to"], o.note["cc"] = append([]string{string(help)}, to...), []string{}
	o.id = desk.ObjectID(o.note["id"].(string))
	o.ana.Serve("/notes/1", o.note)
	o.sent(o.ana.Send(o.p.Site.SharedInbox(), o.ana.Create(o.note)))
	o.p.Only()
	return o
}

func (o *origin) sent(status int, answer string) {
	o.t.Helper()
	if status != http.StatusAccepted {
		o.t.Fatalf("answered %d %s", status, answer)
	}
	o.Settle()
}

// answers makes the origin answer for the report with a status, in JSON; 200 is
// the report itself.
func (o *origin) answers(status int) {
	o.t.Helper()
	if status == http.StatusOK {
		o.ana.Serve("/notes/1", o.note)
		return
	}
	o.ana.ServeRaw("/notes/1", status, "application/json", []byte(`{"error":"no"}`))
}

// stranger forwards a Delete in the author's name.
func (o *origin) stranger() {
	o.t.Helper()
	o.forwarded++
	o.sent(o.eve.Send(o.p.Site.SharedInbox(), M{"id": fmt.Sprint(o.ana.URL, "/forwarded/", o.forwarded), "type": "Delete", "actor": string(o.ana.Actor), "object": string(o.id)}))
}

// named sends the id of the report, signed by one of the origin's people.
func (o *origin) named(by desk.ActorID, kind string) {
	o.t.Helper()
	o.forwarded++
	body, err := json.Marshal(M{"id": fmt.Sprint(o.ana.URL, "/named/", o.forwarded), "type": kind, "actor": string(by), "to": []string{string(o.p.Site.Desk("help"))}, "object": string(o.id)})
	if err != nil {
		o.t.Fatal(err)
	}
	o.sent(o.ana.Do(o.ana.RequestAs(string(by)+"#main-key", o.p.Site.SharedInbox(), body)))
}

// asked counts how often the report was asked for since it was counted last.
func (o *origin) asked() (n int) {
	for _, a := range o.ana.Asked() {
		if a == "GET /notes/1" {
			n++
		}
	}
	return n
}

// is checks whether the report is erased, and the silence of its issue.
func (o *origin) is(erased bool, silenced desk.Silence) {
	o.t.Helper()
	v := o.p.Only()
	if p := v.Timeline[0].Post; p.Deleted != erased || p.Deleted != (p.Text == "") || v.Issue.Silenced != silenced {
		o.t.Errorf("erased %v (%q), silenced by %q; want %v, %q", p.Deleted, p.Text, v.Issue.Silenced, erased, silenced)
	}
}

// A public post is erased when its server answers 404 twice, hours apart, on
// both stores. It does not matter who makes us ask, nor how often.
func TestTwo404sHoursApart(t *testing.T) {
	t.Parallel()
	for name, postgres := range map[string]bool{"bolt": false, "postgres": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Run("twice", func(t *testing.T) {
				o := reported(t, postgres, desk.Public)
				o.answers(http.StatusNotFound)
				for range 5 {
					o.stranger()
					o.Advance(time.Hour)
				}
				o.is(false, "")
				o.asked()
				o.Advance(app.NotFoundFor - 5*time.Hour)
				if n := o.asked(); n != 1 {
					t.Errorf("it was asked for %d times by ourselves, want once", n)
				}
				o.is(true, desk.SilenceDeleted)
			})
			t.Run("back in between", func(t *testing.T) {
				o := reported(t, postgres, desk.Public)
				o.answers(http.StatusNotFound)
				o.stranger()
				o.answers(http.StatusOK)
				o.stranger() // it is there: the first 404 is forgotten
				o.answers(http.StatusNotFound)
				o.Advance(app.NotFoundFor + time.Minute)
				o.is(false, "")
				o.stranger()
				o.is(false, "")
				o.Advance(app.NotFoundFor + time.Minute)
				o.is(true, desk.SilenceDeleted)
			})
			t.Run("back at the second look", func(t *testing.T) {
				o := reported(t, postgres, desk.Public)
				o.answers(http.StatusNotFound)
				o.stranger()
				o.answers(http.StatusOK)
				o.Advance(app.NotFoundFor)
				if n := o.asked(); n != 2 {
					t.Errorf("it was asked for %d times, want twice", n)
				}
				o.answers(http.StatusNotFound)
				o.Advance(30 * 24 * time.Hour)
				o.is(false, "")
				if n := o.asked(); n != 0 {
					t.Errorf("it was asked for %d times more", n)
				}
			})
			t.Run("silent at the second look", func(t *testing.T) {
				o := reported(t, postgres, desk.Public)
				o.answers(http.StatusNotFound)
				o.stranger()
				o.answers(http.StatusBadGateway)
				o.Advance(app.NotFoundFor)
				o.is(false, "")
				o.answers(http.StatusNotFound)
				o.Advance(time.Hour)
				o.is(true, desk.SilenceDeleted)
			})
			t.Run("gone in between", func(t *testing.T) {
				o := reported(t, postgres, desk.Public)
				o.answers(http.StatusNotFound)
				o.stranger()
				o.answers(http.StatusGone)
				o.stranger()
				o.is(true, desk.SilenceDeleted)
				o.asked()
				o.Advance(app.NotFoundFor)
				if n := o.asked(); n != 0 {
					t.Errorf("an erased post was asked for %d times", n)
				}
			})
		})
	}
}

// Of a post that is not public nothing is concluded from 404 and 403, not even
// where its own author made us ask: everybody but its addressees gets those.
func TestFailedFetchOfAPrivatePostProvesNothing(t *testing.T) {
	t.Parallel()
	for _, followers := range []bool{false, true} {
		for _, status := range []int{http.StatusNotFound, http.StatusForbidden} {
			t.Run(fmt.Sprint(followers, status), func(t *testing.T) {
				t.Parallel()
				o := reported(t, false, audienceOf(followers)...)
				o.answers(status)
				o.named(o.ana.Actor, "Update")
				o.Advance(app.NotFoundFor)
				o.named(o.ana.Actor, "Update")
				if n := o.asked(); n != 2 {
					t.Errorf("it was asked for %d times on its author's word, want twice", n)
				}
				o.Advance(30 * 24 * time.Hour)
				o.is(false, "")
			})
		}
	}
	t.Run("410 is gone, where its author made us ask", func(t *testing.T) {
		t.Parallel()
		o := reported(t, false)
		o.answers(http.StatusGone)
		o.named(o.ana.Actor, "Update")
		o.is(true, desk.SilenceDeleted)
	})
	t.Run("410 of what turned out not to be public, on a stranger's word", func(t *testing.T) {
		t.Parallel()
		o := reported(t, false)
		o.answers(http.StatusGone)
		if err := o.p.QueueFetch(ctx, o.id, app.Inbox); err != nil { // as an older program left it
			t.Fatal(err)
		}
		o.Settle()
		if o.asked() != 1 {
			t.Error("it was not asked for")
		}
		o.is(false, "")
	})
}

func audienceOf(followers bool) []string {
	if followers {
		return []string{"https://followers.example/of/a-person"}
	}
	return nil
}

// A stranger's activity causes no fetch of a private post; the author's does.
// Any activity may cause the fetch of a public post.
func TestWhoMayMakeUsFetch(t *testing.T) {
	t.Parallel()
	for _, public := range []bool{false, true} {
		t.Run(fmt.Sprint("public ", public), func(t *testing.T) {
			t.Parallel()
			var to []string
			if public {
				to = []string{desk.Public}
			}
			o := reported(t, false, to...)
			_, err := o.p.AddSource(ctx, app.By{}, app.SourceSpec{Kind: "tag-actor", Actor: string(o.eve.Actor)})
			if err != nil {
				t.Fatal(err)
			}
			o.Settle()
			follow := o.eve.Got()[0].Body["id"]
			o.sent(o.eve.Send(o.p.Site.SharedInbox(), M{"id": o.eve.URL + "/accept", "type": "Accept", "actor": string(o.eve.Actor), "object": follow}))
			boost := M{"id": o.eve.URL + "/boost/1", "type": "Announce", "actor": string(o.eve.Actor), "object": string(o.id)}
			stranger := o.Peer()
			in := func(kind string, object any) M {
				return M{"id": fmt.Sprint(o.ana.URL, "/by/", kind), "type": kind, "actor": string(o.ana.Actor), "object": object}
			}
			edited := maps.Clone(o.note)
			edited["to"] = []string{desk.Public}
			for _, tt := range []struct {
				name string
				do   func()
				want bool
			}{
				{"a neighbour's Create", func() { o.named(o.mal, "Create") }, public},
				{"a neighbour's Update", func() { o.named(o.mal, "Update") }, public},
				{"a forwarded Create", func() { o.sent(stranger.Send(o.p.Site.SharedInbox(), in("Create", o.note))) }, public},
				{"a forwarded Create for everybody", func() { o.sent(stranger.Send(o.p.Site.SharedInbox(), in("Create", edited))) }, public},
				{"a forwarded Update for everybody", func() { o.sent(stranger.Send(o.p.Site.SharedInbox(), in("Update", edited))) }, public},
				{"a forwarded Delete", func() { o.sent(stranger.Send(o.p.Site.SharedInbox(), in("Delete", string(o.id)))) }, public},
				{"a forwarded Announce", func() { o.sent(stranger.Send(o.p.Site.SharedInbox(), in("Announce", string(o.id)))) }, public},
				{"a source's Announce", func() { o.sent(o.eve.Send(o.p.Site.SharedInbox(), boost)) }, false}, // it is known: a sighting
				{"a source's Announce once more", func() { o.Clock.Advance(6 * time.Minute); o.sent(o.eve.Send(o.p.Site.SharedInbox(), boost)) }, public},
				{"a source's Undo", func() {
					o.sent(o.eve.Send(o.p.Site.SharedInbox(), M{"id": o.eve.URL + "/undo", "type": "Undo", "actor": string(o.eve.Actor), "object": boost}))
				}, public},
				{"the author's Update", func() { o.named(o.ana.Actor, "Update") }, true},
			} {
				o.asked()
				tt.do()
				if got := o.asked() > 0; got != tt.want {
					t.Errorf("%s: asked for %v, want %v", tt.name, got, tt.want)
				}
				o.is(false, "")
			}
		})
	}
}

// A post is not fetched if a stranger says that it is private, nor if it is
// held back.
func TestStrangersClaimOfADirectPost(t *testing.T) {
	t.Parallel()
	o := reported(t, false, desk.Public)
	direct := o.ana.Note(2, o.p.Site.Desk("help"), "<p>psst</p>")
	direct["to"], direct["cc"] = []string{string(o.p.Site.Desk("help"))}, []string{}
	o.ana.Serve("/notes/2", direct)
	o.ana.Asked()
	o.sent(o.eve.Send(o.p.Site.SharedInbox(), o.ana.Create(direct)))
	if asked := o.ana.Asked(); slices.Contains(asked, "GET /notes/2") {
		t.Errorf("asked for %q", asked)
	}
	o.p.Only()
}

// A 403 in JSON leaves the author alone only where we had a reason to ask.
func TestRefusedOnAStrangersWord(t *testing.T) {
	t.Parallel()
	o := reported(t, false, desk.Public)
	o.answers(http.StatusForbidden)
	o.stranger()
	o.named(o.mal, "Create")
	if o.asked() != 2 {
		t.Error("it was not asked for")
	}
	o.is(false, "")
	o.named(o.ana.Actor, "Update")
	o.is(false, desk.SilenceRefused)
}

// Before the first reply to a person who was heard by tags: a report that
// cannot be fetched is not answered, and not erased either.
func TestUnreadableReportBeforeTheFirstReply(t *testing.T) {
	t.Parallel()
	state := func(s *scene, reply desk.Post) desk.Post {
		s.t.Helper()
		return *entryOf(s.desk.Only(), reply.ID).Post
	}
	t.Run("404 once", func(t *testing.T) {
		t.Parallel()
		s, report := heardByTags(t)
		s.town.Refuse(string(report), http.StatusNotFound)
		reply := s.desk.Say(s.desk.Only().Issue.ID, "We see it too.")
		s.Settle()
		s.Advance(time.Hour)
		if i := s.desk.Only(); i.Timeline[0].Post.Deleted || state(s, reply).State != desk.PostPending {
			t.Errorf("after one 404: %+v, %s", i.Issue, state(s, reply).State)
		}
		s.town.Refuse(string(report), 0)
		s.Advance(time.Hour)
		if got := s.texts("ana", report); len(got) != 2 {
			t.Errorf("it is there again, and the thread is %q", got)
		}
	})
	t.Run("404 twice", func(t *testing.T) {
		t.Parallel()
		s, report := heardByTags(t)
		s.town.Refuse(string(report), http.StatusNotFound)
		reply := s.desk.Say(s.desk.Only().Issue.ID, "We see it too.")
		s.Settle()
		for range 8 {
			s.Advance(time.Hour)
		}
		if i, p := s.desk.Only(), state(s, reply); !i.Timeline[0].Post.Deleted || p.State != desk.PostWithheld || i.Issue.Silenced != desk.SilenceDeleted {
			t.Errorf("after two: %+v, %s %q", i.Issue, p.State, p.Withheld)
		}
	})
	for name, answer := range map[string]struct {
		status     int
		ctype      string
		body       string
		wants      desk.PostState
		stillWaits bool
	}{
		"a firewall's page":    {http.StatusForbidden, "text/html", "<h1>Just a moment</h1>", desk.PostPending, true},
		"a page":               {http.StatusOK, "text/html", "<h1>Log in</h1>", desk.PostWithheld, false},
		"another kind":         {http.StatusOK, "application/activity+json", `{"id":"ID","type":"Event","attributedTo":"WHO"}`, desk.PostWithheld, false},
		"another's post":       {http.StatusOK, "application/activity+json", `{"id":"https://else.example/1","type":"Note","attributedTo":"https://else.example/x"}`, desk.PostWithheld, false},
		"not acceptable":       {http.StatusNotAcceptable, "application/json", "{}", desk.PostWithheld, false},
		"the author's is gone": {http.StatusOK, "application/activity+json", `{"id":"ID","type":"Note","attributedTo":"WHO/nobody","content":"x"}`, desk.PostPending, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := fed.New(t)
			p, ana := c.Provider(acme), c.Peer()
			heardByTagsFrom(t, c, p, ana)
			v := p.Only()
			body := strings.NewReplacer("ID", string(v.Issue.Report), "WHO", string(ana.Actor)).Replace(answer.body)
			ana.ServeRaw("/notes/1", answer.status, answer.ctype, []byte(body))
			reply := p.Say(v.Issue.ID, "We see it too.")
			c.Settle()
			v = p.Only()
			e := entryOf(v, reply.ID).Post
			if e.State != answer.wants || v.Issue.Silenced != "" || v.Timeline[0].Post.Deleted || len(ana.Got()) != 0 {
				t.Fatalf("the reply is %s (%q), the issue silenced by %q, the report erased: %v, sent %d", e.State, e.Withheld, v.Issue.Silenced, v.Timeline[0].Post.Deleted, len(ana.Got()))
			}
			if answer.stillWaits {
				return
			}
			// The agent is told, and may try again.
			if !strings.Contains(e.Withheld, "could not be read") || v.Issue.Pending != 0 {
				t.Errorf("withheld because %q, %d on their way", e.Withheld, v.Issue.Pending)
			}
			ana.Serve("/notes/1", tagged(ana))
			p.Say(v.Issue.ID, "We see it too.")
			c.Settle()
			if len(ana.Got()) != 1 {
				t.Errorf("%d things were sent after it was there again", len(ana.Got()))
			}
		})
	}
}

// tagged is a post with both keys that mentions nobody.
func tagged(p *fed.Peer) M {
	note := p.Note(1, "", "<p>nothing works</p>")
	note["cc"], note["tag"] = []string{}, []M{{"type": "Hashtag", "name": "#acme"}, {"type": "Hashtag", "name": "#fail"}}
	return note
}

// heardByTagsFrom has a provider hear a tagged post, sent by its author's server.
func heardByTagsFrom(t *testing.T, c *fed.Cluster, p *fed.Provider, ana *fed.Peer) {
	t.Helper()
	note := tagged(ana)
	ana.Serve("/notes/1", note)
	if status, answer := ana.Send(p.Site.SharedInbox(), ana.Create(note)); status != http.StatusAccepted {
		t.Fatal(status, answer)
	}
	c.Settle()
	if i := p.Only().Issue; i.Heard != desk.HeardTags || i.Invited {
		t.Fatalf("heard: %+v", i)
	}
}

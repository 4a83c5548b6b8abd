package fed_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
	"earshot/store"
)

// Nothing works here for two hours. Meanwhile a reporter answers, a follower reports, and
// both servers give their deliveries up. When we are back we hear them all the same, and ask
// once, and nobody who wants to be left alone.
func TestMissedInAnOutage(t *testing.T) { onBothStores(t, missedInAnOutage) }

func missedInAnOutage(t *testing.T, c *fed.Cluster) {
	p, ana, ben, eve := c.Provider(acme), c.Peer(), c.Peer(), c.Peer()
	if err := p.ArmAlive(t.Context()); err != nil {
		t.Fatal(err)
	}
	report := ana.Note(1, p.Site.Desk("help"), "<p>@help no light</p>")
	ana.Send(p.Site.SharedInbox(), ana.Create(report))
	for _, who := range []*fed.Peer{ben, eve} {
		who.Send(p.Site.SharedInbox(), M{"id": who.URL + "/follows/1", "type": "Follow", "actor": string(who.Actor), "object": string(p.Site.Desk("help"))})
	}
	eve.Send(p.Site.SharedInbox(), eve.Create(eve.Note(1, p.Site.Desk("help"), "<p>@help stop</p>")))
	c.Settle()
	if _, err := p.AddOptOut(t.Context(), app.By{}, eve.Actor, ""); err != nil {
		t.Fatal(err)
	}
	c.Advance(5 * time.Minute)
	ana.Asked()
	c.Advance(5 * time.Minute)
	if asked := ana.Asked(); len(asked) > 0 {
		t.Errorf("without an outage %q were asked for", asked)
	}

	c.Clock.Advance(2 * time.Hour) // nobody works
	answer := ana.Note(2, "", "<p>It is back</p>")
	answer["inReplyTo"], answer["to"] = report["id"], []string{"https://www.w3.org/ns/activitystreams#Public"}
	old := ana.Note(3, p.Site.Desk("help"), "<p>@help an old one</p>")
	hidden := ana.Note(4, p.Site.Desk("help"), "<p>@help for nobody else</p>")
	hidden["to"], hidden["cc"] = []string{string(p.Site.Desk("help"))}, []string{}
	talk := ana.Note(5, "", "<p>What a day</p>")
	broken := ben.Note(1, "", "<p>#acme has a #fail</p>")
	broken["tag"] = []M{{"type": "Hashtag", "name": "#acme"}, {"type": "Hashtag", "name": "#fail"}}
	for _, n := range []M{answer, hidden, talk, broken} {
		n["published"] = c.Clock.Now().Add(-time.Hour).Format(time.RFC3339)
	}
	old["published"] = c.Clock.Now().Add(-30 * 24 * time.Hour).Format(time.RFC3339)
	serveOutbox(t, ana, M{"type": "OrderedCollection", "first": ana.URL + "/outbox?page=true"}, answer, old, hidden, talk)
	serveOutbox(t, ben, nil, broken)
	before := len(p.Issues())
	c.Settle()
	for range 3 {
		c.Advance(4 * time.Minute)
	}
	if n := len(p.Issues()); n != before+1 {
		t.Errorf("%d issues, before the outage %d", n, before)
	}
	heard := ""
	for _, v := range p.Issues() {
		heard += strings.Join(said(p.Show(v.Issue.ID)), "|") + "|"
	}
	for text, want := range map[string]bool{"It is back": true, "#acme has a #fail": true, "an old one": false, "for nobody else": false, "What a day": false} {
		if strings.Contains(heard, text) != want {
			t.Errorf("%q heard: %t, in %q", text, !want, heard)
		}
	}
	o, ok, err := p.LastOutage(t.Context())
	if err != nil || !ok || o.Outboxes != 2 || o.Found != 2 || o.To.Sub(o.From) < 2*time.Hour {
		t.Errorf("recorded: %+v, %v", o, err)
	}
	for _, who := range []*fed.Peer{ana, ben} {
		asked := 0
		for _, a := range who.Asked() {
			if strings.HasSuffix(a, "/outbox") {
				asked++
			}
		}
		if asked != 1 {
			t.Errorf("an outbox was asked for %d times", asked)
		}
	}
	c.Advance(24 * time.Hour)
	if _, dead := p.Waiting(); dead > 0 {
		t.Errorf("%d dead letters", dead)
	}
}

// serveOutbox gives a peer an outbox of notes, and lets each note be fetched. The
// collection may be apart from its page.
func serveOutbox(t *testing.T, p *fed.Peer, collection M, notes ...M) {
	t.Helper()
	page := M{"type": "OrderedCollectionPage", "orderedItems": []M{}}
	for _, n := range notes {
		page["orderedItems"] = append(page["orderedItems"].([]M), p.Create(n))
		p.Serve(strings.TrimPrefix(n["id"].(string), p.URL), n)
	}
	if collection == nil {
		collection = page
	}
	p.Person("eve", M{"outbox": p.URL + "/outbox"})
	p.Handle("/outbox", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/activity+json")
		doc := collection
		if r.URL.RawQuery != "" {
			doc = page
		}
		_, _ = w.Write(encode(t, doc))
	})
}

// After a long outage with very many followers few outboxes are read, and of one domain
// fewer: one after the other.
func TestOutboxesAreBounded(t *testing.T) { onBothStores(t, outboxesAreBounded) }

func outboxesAreBounded(t *testing.T, c *fed.Cluster) {
	p := c.Provider(acme)
	err := p.Update(t.Context(), func(tx *app.Tx) error {
		for n := range 85 {
			who := fmt.Sprintf("https://big.example/users/%03d", n)
			switch {
			case n >= 80:
				who = fmt.Sprintf("https://s%d.test/users/u", n)
			case n >= 40:
				who = fmt.Sprintf("https://x%d.evil.example/users/u", n)
			}
			if err := tx.Follows().Put(store.Follow{Local: "help", Actor: desk.ActorID(who), Since: tx.Now}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Alive(t.Context(), c.Clock.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	o, _, err := p.LastOutage(t.Context())
	if err != nil || o.Outboxes != 30+30+5 {
		t.Errorf("%+v, %v", o, err)
	}
}

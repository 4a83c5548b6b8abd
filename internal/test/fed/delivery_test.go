package fed_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
	"earshot/store"
)

// correspondent is a provider with an issue of a scripted peer's person.
func correspondent(t *testing.T) (*fed.Cluster, *fed.Provider, *fed.Peer, desk.IssueID) {
	c := fed.New(t)
	p, eve := c.Provider(acme), c.Peer()
	if status, answer := eve.Send(p.Site.SharedInbox(), eve.Create(eve.Note(1, p.Site.Desk("help"), "broken"))); status != 202 {
		t.Fatalf("%d %s", status, answer)
	}
	c.Settle()
	return c, p, eve, p.Only().Issue.ID
}

// kinds lists the types of the activities that reached a peer, in order.
func kinds(p *fed.Peer) (out []string) {
	for _, g := range p.Got() {
		out = append(out, g.Body["type"].(string))
	}
	return out
}

func tally(p *fed.Provider, id desk.PostID) store.Tally { return entryOf(p.Only(), id).Tally }

func TestDeadHostIsTriedAgain(t *testing.T) {
	t.Parallel()
	c, p, eve, id := correspondent(t)
	eve.Inbox("/users/eve/inbox", http.StatusServiceUnavailable)
	reply := p.Say(id, "one")
	c.Settle()
	_, err := p.EditPost(ctx, app.By{}, reply.ID, "two")
	if err != nil {
		t.Fatal(err)
	}
	c.Settle()
	if got := tally(p, reply.ID); got != (store.Tally{Queued: 1}) {
		t.Errorf("while it is down: %+v", got)
	}
	c.Advance(time.Hour)
	c.Advance(3 * time.Hour)
	tries := len(eve.Got())
	if tries < 3 || tries > 12 {
		t.Errorf("%d tries in four hours", tries)
	}
	eve.Inbox("/users/eve/inbox", http.StatusAccepted)
	c.Advance(13 * time.Hour)
	c.Advance(13 * time.Hour)
	if got := tally(p, reply.ID); got != (store.Tally{Delivered: 1}) {
		t.Errorf("after it came back: %+v", got)
	}
	// In order: the edit never overtakes the post.
	got := kinds(eve)
	if slices.Index(got, "Update") < slices.Index(got, "Create") || slices.Contains(got[:tries], "Update") {
		t.Errorf("order: %v", got)
	}
}

func TestHostThatSpeaksIsTriedAtOnce(t *testing.T) {
	t.Parallel()
	c, p, eve, id := correspondent(t)
	eve.Inbox("/users/eve/inbox", http.StatusInternalServerError)
	reply := p.Say(id, "one")
	for range 6 {
		c.Advance(20 * time.Minute)
	}
	eve.Inbox("/users/eve/inbox", http.StatusAccepted)
	note := eve.Note(2, p.Site.Desk("help"), "hello?")
	note["inReplyTo"] = eve.URL + "/notes/1"
	eve.Send(p.Site.SharedInbox(), eve.Create(note))
	c.Settle()
	var down bool
	if err := p.View(ctx, func(tx *app.Tx) error {
		h, _, err := tx.Hosts().Get(eve.Actor.Host())
		down = h.DownUntil.After(tx.Now)
		return err
	}); err != nil || down {
		t.Errorf("the breaker is still open: %v", err)
	}
	c.Advance(12 * time.Hour)
	if got := tally(p, reply.ID); got.Delivered != 1 {
		t.Errorf("%+v", got)
	}
}

func TestRefusedForGood(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 403, 405, 406, 410, 413, 301} {
		c, p, eve, id := correspondent(t)
		eve.Inbox("/users/eve/inbox", status)
		reply := p.Say(id, "one")
		c.Settle()
		if got := tally(p, reply.ID); got != (store.Tally{Failed: 1}) {
			t.Errorf("%d: %+v", status, got)
		}
		dead, _, err := p.Jobs(ctx, store.JobFilter{Dead: true}, page)
		if err != nil || len(dead) != 1 {
			t.Fatalf("%d: dead letters %v, %v", status, dead, err)
		}
		tries := 1
		if status == http.StatusForbidden { // some mean the signature by it
			tries = 2
		}
		if len(eve.Got()) != tries {
			t.Errorf("%d: tried %d times", status, len(eve.Got()))
		}
		// A dead letter can be given another life.
		eve.Inbox("/users/eve/inbox", http.StatusAccepted)
		if err := p.RetryJob(ctx, app.By{}, dead[0].ID); err != nil {
			t.Fatal(err)
		}
		c.Settle()
		if got := tally(p, reply.ID); got != (store.Tally{Delivered: 1}) {
			t.Errorf("%d, retried: %+v", status, got)
		}
	}
}

func TestGivesUpAfterAWeek(t *testing.T) {
	t.Parallel()
	c, p, eve, id := correspondent(t)
	eve.Inbox("/users/eve/inbox", http.StatusBadGateway)
	reply := p.Say(id, "one")
	for range 16 {
		c.Advance(12 * time.Hour)
	}
	if got := tally(p, reply.ID); got != (store.Tally{Failed: 1}) {
		t.Errorf("after eight days: %+v", got)
	}
	if n := len(eve.Got()); n > 40 {
		t.Errorf("%d tries", n)
	}
	dead, _, err := p.Jobs(ctx, store.JobFilter{Dead: true}, page)
	if err != nil || len(dead) != 1 {
		t.Fatalf("dead letters: %v, %v", dead, err)
	}
	if err := p.DropJob(ctx, app.By{}, dead[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, n := p.Waiting(); n != 0 {
		t.Errorf("%d dead letters after the drop", n)
	}
}

// A server that takes no cavage signature gets the other kind, once, and is
// remembered.
func TestSecondKnock(t *testing.T) {
	t.Parallel()
	c, p, eve, id := correspondent(t)
	eve.Inbox("/users/eve/inbox", http.StatusUnauthorized)
	reply := p.Say(id, "one")
	c.Settle()
	if n := len(eve.Got()); n != 2 {
		t.Errorf("%d knocks, want one of each kind", n)
	}
	if got := tally(p, reply.ID); got.Queued != 1 {
		t.Errorf("%+v", got)
	}
	c.Advance(23 * time.Hour)
	if n := len(eve.Got()); n != 2 {
		t.Errorf("tried again within a day: %d", n)
	}
	eve.Inbox("/users/eve/inbox", http.StatusAccepted)
	c.Advance(2 * time.Hour)
	if got := tally(p, reply.ID); got.Delivered != 1 {
		t.Errorf("%+v", got)
	}
}

// A shared inbox that is gone: the person behind it is looked up again.
func TestSharedInboxIsGone(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, eve := c.Provider(acme), c.Peer()
	eve.Person("eve", M{"endpoints": M{"sharedInbox": eve.URL + "/shared"}})
	eve.Send(p.Site.SharedInbox(), eve.Create(eve.Note(1, p.Site.Desk("help"), "broken")))
	c.Settle()
	eve.Inbox("/shared", http.StatusNotFound)
	p.Say(p.Only().Issue.ID, "one")
	c.Settle()
	var paths []string
	for _, g := range eve.Got() {
		paths = append(paths, g.Path)
	}
	if !slices.Equal(paths, []string{"/shared", "/users/eve/inbox"}) {
		t.Errorf("tried %v", paths)
	}
}

// A shared inbox is gone, and its reader cannot be looked up: the delivery is
// not given up.
func TestSharedInboxIsGoneAndItsServerSilent(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, eve := c.Provider(acme), c.Peer()
	profile := M{"endpoints": M{"sharedInbox": eve.URL + "/shared"}}
	eve.Person("eve", profile)
	eve.Send(p.Site.SharedInbox(), eve.Create(eve.Note(1, p.Site.Desk("help"), "broken")))
	c.Settle()
	eve.Inbox("/shared", http.StatusNotFound)
	eve.ServeRaw("/users/eve", http.StatusForbidden, "text/html", []byte("<h1>Just a moment</h1>"))
	p.Say(p.Only().Issue.ID, "one")
	c.Settle()
	if waiting, dead := p.Waiting(); waiting != 1 || dead != 0 {
		t.Errorf("%d jobs wait and %d are dead", waiting, dead)
	}
	eve.Person("eve", profile)
	c.Advance(time.Hour)
	if got := eve.Got(); got[len(got)-1].Path != "/users/eve/inbox" {
		t.Errorf("sent to %s at last", got[len(got)-1].Path)
	}
}

// A reply that was retracted before it could be delivered is never shown.
func TestRetractedBeforeItArrived(t *testing.T) {
	t.Parallel()
	c, p, eve, id := correspondent(t)
	eve.Inbox("/users/eve/inbox", http.StatusServiceUnavailable)
	reply := p.Say(id, "a mistake")
	c.Settle()
	if _, err := p.RetractPost(ctx, app.By{}, reply.ID); err != nil {
		t.Fatal(err)
	}
	c.Settle()
	before := len(eve.Got())
	eve.Inbox("/users/eve/inbox", http.StatusAccepted)
	c.Advance(24 * time.Hour)
	if got := kinds(eve)[before:]; !slices.Equal(got, []string{"Delete"}) {
		t.Errorf("arrived: %v", got)
	}
}

// Retry-After is heeded.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	c, p, eve, id := correspondent(t)
	eve.InboxLater("/users/eve/inbox", http.StatusTooManyRequests, "7200")
	p.Say(id, "one")
	c.Settle()
	c.Advance(119 * time.Minute)
	if n := len(eve.Got()); n != 1 {
		t.Errorf("tried %d times within the two hours asked for", n)
	}
	c.Advance(5 * time.Minute)
	c.Advance(5 * time.Minute)
	if n := len(eve.Got()); n != 2 {
		t.Errorf("tried %d times after them", n)
	}
}

// Five hundred deliveries to a server that does not answer cost the one that does nothing: it
// is served in the same round.
func TestDeadHostsDoNotDelayOthers(t *testing.T) {
	t.Parallel()
	c, p, _, id := correspondent(t)
	err := p.Update(ctx, func(tx *app.Tx) error {
		for n := range 500 {
			d := app.Deliver{Activity: "https://x.example/a", Inbox: "http://127.0.0.1:1/inbox/" + string(rune('a'+n%26)) + time.Duration(n).String(), Signer: "help"}
			if err := tx.Deliver(d, "", time.Duration(n).String()); err != nil {
				return err
			}
		}
		return tx.Documents().Put(store.Document{ID: "https://x.example/a", JSON: []byte("{}"), At: tx.Now})
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Settle()
	reply := p.Say(id, "hello")
	c.Settle()
	if got := tally(p, reply.ID); got.Delivered != 1 {
		t.Errorf("%+v", got)
	}
}

package outbox

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/queue"
	"earshot/store"
)

// What was frozen stays, byte for byte, whatever changes before a job runs again;
// a rerun sends no duplicate and reaches who was not reached.
func TestFrozen(t *testing.T) {
	i := newInstance(t)
	issue := i.report(ana, true, nil)
	i.update(func(tx *app.Tx) error { // as if only the post of the reporter were known
		return tx.Actors().Put(desk.Actor{ID: ana, Acct: "ana@m.example"})
	})
	p := i.reply(issue, "We are on it")
	job := i.jobs()[0]
	if err := i.handle(job); err == nil {
		t.Fatal("an inbox that nobody knows was found")
	}
	create := app.CreateID(i.App.Site(), p.ID)
	frozen, found := i.document(string(create))
	if !found || i.post(p.ID).State != desk.PostPublished {
		t.Fatal("the activity is not on disk before its inboxes are looked up")
	}
	i.goesTo("a reply to an unknown inbox", create)

	i.clock.Advance(time.Hour)
	i.actors[ana] = &as.Actor{ID: ana, Inbox: string(ana) + "/inbox", SharedInbox: "https://m.example/inbox"}
	i.update(func(tx *app.Tx) error {
		return tx.Actors().Put(desk.Actor{ID: ana, Acct: "ana@m.example", Name: "Ana", URL: "https://m.example/@ana"})
	})
	for range 2 {
		ok(t, i.Handle(t.Context(), job))
		if again, _ := i.document(string(create)); !bytes.Equal(again.JSON, frozen.JSON) || !again.At.Equal(frozen.At) {
			t.Errorf("a frozen activity is %s, was %s", again.JSON, frozen.JSON)
		}
		i.goesTo("a reply", create, "https://m.example/inbox")
	}
}

// A reply goes out after the earlier replies of its issue; other posts wait for
// nothing.
func TestOrdering(t *testing.T) {
	i := newInstance(t)
	issue := i.report(ana, true, nil)
	first := i.reply(issue, "Sorry. Which street?")
	i.clock.Advance(time.Second)
	second := i.reply(issue, "And which house?")
	jobOf := func(p desk.Post) (j store.Job) {
		t.Helper()
		i.view(func(tx *app.Tx) (err error) { j, _, err = tx.Jobs().Get(app.CreateJob(p.ID)); return err })
		return j
	}
	err := i.handle(jobOf(second))
	later, waits := errors.AsType[*queue.Later](err)
	if !waits || !later.At.Equal(i.clock.Now().Add(orderPause)) || later.Counted {
		t.Fatalf("the second reply: %v", err)
	}
	if i.post(second.ID).State != desk.PostPending {
		t.Error("a reply that waits has been published")
	}
	_, err = i.App.Broadcast(t.Context(), app.By{}, app.BroadcastInput{Desk: "help", Text: "Works again", Now: true})
	ok(t, err)
	for _, j := range i.jobs() {
		if j.ID != app.CreateJob(first.ID) && j.ID != app.CreateJob(second.ID) {
			ok(t, i.handle(j))
		}
	}
	ok(t, i.handle(jobOf(first)))
	ok(t, i.handle(jobOf(second)))
	if i.post(second.ID).State != desk.PostPublished {
		t.Error("the second reply did not go out after the first")
	}
}

// A report that was heard by its tags is read again before its author is written
// to; a person who spoke to us is not.
func TestRevalidate(t *testing.T) {
	broken := errors.New("the server does not answer")
	for _, c := range []struct {
		name    string
		mention bool
		block   bool
		seen    bool
		err     error
		asked   bool
		state   desk.PostState
	}{
		{"still there", false, false, true, nil, true, desk.PostPublished},
		{"not to be seen", false, false, false, nil, true, desk.PostWithheld},
		{"no answer", false, false, false, broken, true, desk.PostPending},
		{"a person who spoke to us", true, false, false, broken, false, desk.PostPublished},
		{"blocked since", false, true, false, broken, false, desk.PostWithheld},
	} {
		i := newInstance(t)
		p := i.reply(i.report(ana, c.mention, nil), "We are on it")
		if c.block {
			_, err := i.App.AddBlock(t.Context(), app.By{}, "m.example", "")
			ok(t, err)
		}
		i.seen, i.seenErr = c.seen, c.err
		err := i.handle(i.jobs()[0])
		if want := c.state == desk.PostPending; (err != nil) != want {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := i.post(p.ID).State; got != c.state {
			t.Errorf("%s: the reply is %s, want %s", c.name, got, c.state)
		}
		if asked := slices.Equal(i.revalidated, []desk.ObjectID{"https://m.example/users/ana/notes/1"}); asked != c.asked {
			t.Errorf("%s: %v was read again", c.name, i.revalidated)
		}
		_, stored := i.document(string(app.CreateID(i.App.Site(), p.ID)))
		if want := c.state == desk.PostPublished; stored != want || (len(i.sent(app.CreateID(i.App.Site(), p.ID))) > 0) != want {
			t.Errorf("%s: stored %t", c.name, stored)
		}
	}
}

// What was taken back, or must not be said any more, is neither stored nor sent.
func TestNotPublished(t *testing.T) {
	for _, c := range []struct {
		name string
		then func(*instance, desk.Post)
		want desk.PostState
	}{
		{"taken back", func(i *instance, p desk.Post) {
			_, err := i.App.Undo(i.t.Context(), app.By{}, string(p.ID))
			ok(i.t, err)
		}, desk.PostUndone},
		{"the reporter said stop", func(i *instance, _ desk.Post) { ok(i.t, i.App.BlockedUs(i.t.Context(), ana, "help")) }, desk.PostWithheld},
		{"the report is deleted", func(i *instance, _ desk.Post) {
			ok(i.t, i.App.Remove(i.t.Context(), desk.ObjectID(ana+"/notes/1"), ana))
		}, desk.PostWithheld},
	} {
		i := newInstance(t)
		p := i.reply(i.report(ana, true, nil), "We are on it")
		job := i.jobs()[0]
		c.then(i, p)
		ok(t, i.handle(job))
		if got := i.post(p.ID).State; got != c.want {
			t.Errorf("%s: the reply is %s", c.name, got)
		}
		create := app.CreateID(i.App.Site(), p.ID)
		if d, stored := i.document(string(create)); stored && !d.Gone {
			t.Errorf("%s: the activity is stored", c.name)
		}
		i.goesTo(c.name, create)
	}
}

// An edit is said to nobody who wants to hear no more, and a job for a post that is
// not there does nothing.
func TestEditNotSent(t *testing.T) {
	i := newInstance(t)
	p := i.reply(i.report(ana, true, nil), "We are on it")
	i.run()
	_, err := i.App.EditPost(t.Context(), app.By{}, p.ID, "It works again")
	ok(t, err)
	ok(t, i.App.BlockedUs(t.Context(), ana, "help"))
	i.run()
	edit := app.UpdateID(i.App.Site(), p.ID, 1)
	if _, stored := i.document(string(edit)); stored {
		t.Error("the edit is stored")
	}
	i.goesTo("an edit for a reporter who blocked us", edit)
	for _, verb := range []string{"create", "update", "delete"} {
		ok(t, i.Handle(t.Context(), store.Job{Payload: []byte(`{"verb":"` + verb + `","post":"none"}`)}))
	}
}

// Followers are left out who are blocked or whose server is silent for a week; one
// broken address costs the others nothing; many followers go in portions.
func TestFollowers(t *testing.T) {
	i := newInstance(t)
	week := app.GiveUpAfter
	i.update(func(tx *app.Tx) error {
		if err := tx.Hosts().Put(store.HostState{Host: "silent.example", Failures: 9, DownSince: tx.Now.Add(-week), DownUntil: tx.Now.Add(-time.Hour)}); err != nil {
			return err
		}
		return tx.Hosts().Put(store.HostState{Host: "down.example", Failures: 9, DownSince: tx.Now.Add(-time.Hour), DownUntil: tx.Now.Add(time.Hour)})
	})
	_, err := i.App.AddBlock(t.Context(), app.By{}, "https://n.example/users/mal", "")
	ok(t, err)
	_, err = i.App.AddBlock(t.Context(), app.By{}, "bad.example", "")
	ok(t, err)
	i.followedBy("https://n.example/users/mal", "https://n.example/inbox")
	i.followedBy("https://bad.example/users/x", "")
	i.followedBy("https://silent.example/users/x", "")
	i.followedBy("https://down.example/users/x", "")
	i.followedBy("https://odd.example/users/x", "no URL")
	want := []string{"https://down.example/users/x/inbox"}
	i.update(func(tx *app.Tx) error {
		for n := range batch + 1 {
			who := desk.ActorID(fmt.Sprintf("https://many.example/users/%04d", n))
			f := store.Follow{Local: "help", Actor: who, Activity: desk.ActivityID(who + "/follow"), Inbox: string(who) + "/inbox", Since: tx.Now}
			if err := tx.Follows().Put(f); err != nil {
				return err
			}
		}
		return nil
	})
	for n := range batch + 1 {
		want = append(want, fmt.Sprintf("https://many.example/users/%04d/inbox", n))
	}
	p, err := i.App.Broadcast(t.Context(), app.By{}, app.BroadcastInput{Desk: "help", Text: "Works again", Now: true})
	ok(t, err)
	i.run()
	i.goesTo("a broadcast", app.CreateID(i.App.Site(), p.ID), want...)
}

// A reply in a community goes there too; one that does not answer costs the
// reporter nothing.
func TestCommunity(t *testing.T) {
	const group = desk.ActorID("https://forum.example/c/help")
	for _, answers := range []bool{true, false} {
		i := newInstance(t)
		if answers {
			i.actors[group] = &as.Actor{ID: group, Inbox: string(group) + "/inbox", SharedInbox: "https://forum.example/inbox"}
		}
		p := i.reply(i.report(ana, true, func(p *desk.Post) { p.Group = group }), "We are on it")
		i.run()
		want := []string{"https://m.example/inbox"}
		if answers {
			want = []string{"https://forum.example/inbox", "https://m.example/inbox"}
		}
		i.goesTo(fmt.Sprintf("a reply in a community (answers: %t)", answers), app.CreateID(i.App.Site(), p.ID), want...)
	}
}

func TestToFirst(t *testing.T) {
	i := newInstance(t)
	pages := 0
	list := func(store.Page) ([]app.Target, string, error) { pages++; return nil, "more", nil }
	ok(t, i.toFirst(t.Context(), app.Shipment{}, 3, list))
	if pages != 3 {
		t.Errorf("%d pages were read", pages)
	}
	broken := errors.New("broken")
	if err := i.toAll(t.Context(), app.Shipment{}, func(store.Page) ([]app.Target, string, error) { return nil, "", broken }); !errors.Is(err, broken) {
		t.Errorf("a list that fails: %v", err)
	}
}

// The documents of actors.
func TestActorDocs(t *testing.T) {
	i := newInstance(t)
	relay, err := i.RelayDoc(t.Context())
	ok(t, err)
	if relay.Type != as.Application || relay.KeyPEM == "" || relay.ID != i.App.Site().Relay() {
		t.Errorf("the relay is %+v", relay)
	}
	if _, found, err := i.DeskDoc(t.Context(), "none"); err != nil || found {
		t.Errorf("no desk: %t, %v", found, err)
	}
	if got := listed([]string{"down", "fail", "broken"}); got != "down, fail, broken" {
		t.Errorf("listed: %q", got)
	}
	if got := summary(desk.Desk{Handle: "help", Summary: "We help", Names: []string{"acme"}, Calls: []string{"down"}}); got == summary(desk.Desk{Handle: "help", Summary: "We help"}) {
		t.Errorf("the tags are not named: %s", got)
	}
}

package outbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/queue"
	"earshot/store"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares a stored activity with testdata/NAME.json.
func (i *instance) golden(name, id string, names ...string) store.Document {
	i.t.Helper()
	d, found := i.document(id)
	if !found {
		i.t.Fatalf("%s: %s is not stored", name, id)
	}
	got, file := readable(i.t, d.JSON, names...), filepath.Join("testdata", name+".json")
	if *update {
		ok(i.t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	ok(i.t, err)
	if !bytes.Equal(got, want) {
		i.t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
	}
	if hasProof(i.t, d.JSON) != (d.Public && !d.Gone) {
		i.t.Errorf("%s: public %t, and has a proof: %t", name, d.Public, hasProof(i.t, d.JSON))
	}
	return d
}

func (i *instance) goesTo(name string, id desk.ActivityID, want ...string) {
	i.t.Helper()
	if got := i.sent(id); !slices.Equal(got, want) {
		i.t.Errorf("%s goes to %v, want %v", name, got, want)
	}
}

func (i *instance) followedBy(who desk.ActorID, shared string) {
	i.t.Helper()
	i.update(func(tx *app.Tx) error {
		return tx.Follows().Put(store.Follow{Local: "help", Actor: who, Activity: desk.ActivityID(who + "/follow"), Inbox: string(who) + "/inbox", Shared: shared, Since: tx.Now})
	})
}

// A reply: its Create, its edit, its end.
func TestReply(t *testing.T) {
	i := newInstance(t)
	site := i.App.Site()
	issue := i.report(ana, true, nil)
	i.followedBy(ben, "https://n.example/inbox")
	p := i.say(app.ReplyInput{Issue: issue, Text: "We are on it", Visibility: desk.VisibilityPublic})
	names := []string{string(p.ID), "POST", string(issue), "ISSUE"}
	i.run()
	if got := i.post(p.ID); got.State != desk.PostPublished {
		t.Fatalf("the reply is %s", got.State)
	}
	create := app.CreateID(site, p.ID)
	i.golden("reply_create", string(create), names...)
	i.golden("reply_note", string(p.Object), names...)
	i.goesTo("a reply", create, "https://m.example/inbox", "https://n.example/inbox")

	_, err := i.App.EditPost(t.Context(), app.By{}, p.ID, "It works again")
	ok(t, err)
	i.followedBy("https://late.example/users/cy", "")
	i.run()
	i.golden("reply_update", string(app.UpdateID(site, p.ID, 1)), names...)
	i.goesTo("an edit", app.UpdateID(site, p.ID, 1), "https://m.example/inbox", "https://n.example/inbox")

	_, err = i.App.RetractPost(t.Context(), app.By{}, p.ID)
	ok(t, err)
	i.run()
	i.golden("reply_delete", string(app.DeleteID(site, p.ID)), names...)
	i.goesTo("a deletion", app.DeleteID(site, p.ID), "https://m.example/inbox", "https://n.example/inbox")
	for _, id := range []string{string(p.Object), string(create), string(app.UpdateID(site, p.ID, 1))} {
		if d, _ := i.document(id); !d.Gone || bytes.Contains(d.JSON, []byte("works")) || bytes.Contains(d.JSON, []byte("on it")) {
			t.Errorf("%s is %s after the deletion", id, d.JSON)
		}
	}
}

func TestBroadcast(t *testing.T) {
	i := newInstance(t)
	i.followedBy(ben, "https://n.example/inbox")
	i.followedBy("https://n.example/users/cy", "https://n.example/inbox")
	i.followedBy("https://o.example/users/di", "")
	p, err := i.App.Broadcast(t.Context(), app.By{}, app.BroadcastInput{Desk: "help", Text: "Works again"})
	ok(t, err)
	i.clock.Advance(app.DefaultTakeBack)
	i.run()
	create := app.CreateID(i.App.Site(), p.ID)
	i.golden("broadcast_create", string(create), string(p.ID), "POST")
	i.goesTo("a broadcast", create, "https://n.example/inbox", "https://o.example/users/di/inbox")
}

// A reply that needs approval is shown to its reporter only, at the inbox of that
// person, and published once it is approved.
func TestReplyRequest(t *testing.T) {
	for name, older := range map[string]bool{"reply_request": false, "reply_request_older": true} {
		i := newInstance(t)
		issue := i.report(ana, false, func(p *desk.Post) { p.CanReply = &desk.ReplyPolicy{Manual: []string{desk.Public}, Older: older} })
		p := i.reply(issue, "We are on it")
		i.run()
		request := app.ReplyRequestID(i.App.Site(), p.ID)
		d := i.golden(name, string(request), string(p.ID), "POST", string(issue), "ISSUE")
		if d.Public || !slices.Equal(d.Addressed, []desk.ActorID{ana}) {
			t.Errorf("%s may be read by %v, public %t", name, d.Addressed, d.Public)
		}
		i.goesTo(name, request, "https://m.example/users/ana/inbox")
		i.goesTo(name+" published", app.CreateID(i.App.Site(), p.ID))
		ok(t, i.App.Approved(t.Context(), p.Object, ana, "https://m.example/users/ana/approvals/1"))
		i.run()
		i.golden(name+"_approved", string(app.CreateID(i.App.Site(), p.ID)), string(p.ID), "POST", string(issue), "ISSUE")
		i.goesTo(name+" published", app.CreateID(i.App.Site(), p.ID), "https://m.example/inbox")
	}
}

// A declined reply was never published: its documents go, silently.
func TestDeclined(t *testing.T) {
	i := newInstance(t)
	p := i.reply(i.report(ana, false, func(p *desk.Post) { p.CanReply = &desk.ReplyPolicy{Manual: []string{desk.Public}} }), "We are on it")
	i.run()
	ok(t, i.App.Declined(t.Context(), p.Object, ana))
	i.run()
	site := i.App.Site()
	if d, found := i.document(string(app.ReplyRequestID(site, p.ID))); !found || !d.Gone || d.Public {
		t.Errorf("the request is %+v", d)
	}
	if _, found := i.document(string(app.DeleteID(site, p.ID))); found {
		t.Error("a Delete is stored of a reply that was never published")
	}
	i.goesTo("a declined reply", app.DeleteID(site, p.ID))
}

// The jobs that send one activity to one actor.
func TestOneReceiver(t *testing.T) {
	i := newInstance(t)
	issue := i.report(ana, true, nil)
	p := i.reply(issue, "We are on it")
	i.run()
	quote := app.Publish{Verb: app.VerbQuote, Local: "help", Post: p.ID, Actor: ben, Activity: "https://n.example/requests/1", Quote: "https://n.example/notes/q", Inbox: string(ben) + "/inbox"}
	hidden := quote
	hidden.Post, hidden.Activity = "no-such-post", "https://n.example/requests/2"
	source := app.Publish{Local: desk.RelayHandle, Source: "s1", Actor: "https://tags.example/acme", Inbox: "https://tags.example/inbox", N: 2, Activity: "https://help.acme.example/activities/s1/follow/2"}
	follow, unfollow := source, source
	follow.Verb, unfollow.Verb = app.VerbFollow, app.VerbUnfollow
	for _, c := range []struct {
		name   string
		job    app.Publish
		signer desk.Handle
		lane   string
	}{
		{"accept", app.Publish{Verb: app.VerbAccept, Local: "help", Actor: ben, Activity: "https://n.example/follows/1", Inbox: string(ben) + "/inbox"}, "help", "n.example follow:" + string(ben)},
		{"follow", follow, desk.RelayHandle, "tags.example source:https://tags.example/inbox"},
		{"unfollow", unfollow, desk.RelayHandle, "tags.example source:https://tags.example/inbox"},
		{"quote_accept", quote, "help", "n.example quote:" + string(p.ID)},
		{"quote_reject", hidden, "help", "n.example quote:no-such-post"},
	} {
		before := i.lanes()
		payload, err := json.Marshal(c.job)
		ok(t, err)
		for range 2 { // the second run says nothing new
			ok(t, i.Handle(t.Context(), store.Job{Payload: payload}))
		}
		var added []string
		for id, lane := range i.lanes() {
			if before[id] == "" {
				added = append(added, id)
				if lane != c.lane {
					t.Errorf("%s is in the lane %q, want %q", c.name, lane, c.lane)
				}
			}
		}
		if len(added) != 1 {
			t.Errorf("%s: %d deliveries: %v", c.name, len(added), added)
			continue
		}
		d := i.payload(added[0])
		if d.Inbox != c.job.Inbox || d.Signer != c.signer || d.Recipient != c.job.Actor {
			t.Errorf("%s goes as %+v", c.name, d)
		}
		if doc := i.golden(c.name, string(d.Activity), string(p.ID), "POST"); doc.Public || !slices.Equal(doc.Addressed, []desk.ActorID{c.job.Actor}) {
			t.Errorf("%s may be read by %v, public %t", c.name, doc.Addressed, doc.Public)
		}
	}
	i.goldenQuote(p, quote)
}

// goldenQuote compares the authorization of a quote, and its effect: the quoting
// server hears of edits.
func (i *instance) goldenQuote(p desk.Post, job app.Publish) {
	i.t.Helper()
	id := app.QuoteAuthorizationID(i.App.Site(), p.ID, job.Quote)
	d, found := i.document(id)
	if !found || !d.Public {
		i.t.Fatalf("the authorization of a quote is %+v", d)
	}
	if got := i.post(p.ID); got.Quotes != 1 {
		i.t.Errorf("%d quotes are counted", got.Quotes)
	}
	_, err := i.App.EditPost(i.t.Context(), app.By{}, p.ID, "It works again")
	ok(i.t, err)
	i.run()
	i.goesTo("an edit of a quoted post", app.UpdateID(i.App.Site(), p.ID, 1), "https://m.example/inbox", string(ben)+"/inbox")
}

// lanes returns the lanes of the deliver jobs, by their ids.
func (i *instance) lanes() map[string]string {
	i.t.Helper()
	out := map[string]string{}
	i.view(func(tx *app.Tx) error {
		for j, err := range store.EachOf(tx.Jobs().List, store.JobFilter{Queue: store.QueueDeliver}) {
			if err != nil {
				return err
			}
			out[j.ID] = j.Lane
		}
		return nil
	})
	return out
}

func (i *instance) payload(job string) (d app.Deliver) {
	i.t.Helper()
	i.view(func(tx *app.Tx) error {
		j, _, err := tx.Jobs().Get(job)
		if err != nil {
			return err
		}
		return json.Unmarshal(j.Payload, &d)
	})
	return d
}

// A changed profile goes to the followers; a new key also to the reporters of the
// last 90 days, or, of the relay, to the sources. It is signed with the old key.
func TestProfileAndKey(t *testing.T) {
	i := newInstance(t)
	site := i.App.Site()
	i.report(ana, true, nil)
	i.followedBy(ben, "https://n.example/inbox")
	i.update(func(tx *app.Tx) error {
		return tx.Sources().Put(store.Source{ID: "s1", Actor: "https://tags.example/acme", Inbox: "https://tags.example/inbox", State: store.SourceAccepted})
	})
	do := func(job app.Publish) {
		t.Helper()
		payload, err := json.Marshal(job)
		ok(t, err)
		ok(t, i.Handle(t.Context(), store.Job{Payload: payload}))
	}
	ok(t, i.App.Update(t.Context(), func(tx *app.Tx) error {
		d, _, err := tx.Desks().Get("help")
		ok(t, err)
		d.Icon, d.Header = desk.Picture{Version: "v1", Type: "image/png", Width: 400, Height: 400}, desk.Picture{Version: "v2", Type: "image/jpeg", Width: 1500, Height: 500}
		d.Links = []desk.Link{{Name: "Web", URL: "https://acme.example/?a=\"b&c"}}
		return tx.Desks().Put(d)
	}))
	do(app.Publish{Verb: app.VerbProfile, Local: "help", N: 3})
	profile := site.Activity("desk-help", "update/3")
	i.golden("profile", string(profile))
	i.goesTo("a profile", profile, "https://n.example/inbox")

	do(app.Publish{Verb: app.VerbKey, Local: "help", N: 1, Key: "main-key"})
	key := site.Activity("desk-help", "key/1")
	i.goesTo("a key", key, "https://m.example/inbox", "https://n.example/inbox")
	for _, d := range i.deliveries(key) {
		if d.Key != "main-key" {
			t.Errorf("the news of a key is signed with %q", d.Key)
		}
	}
	do(app.Publish{Verb: app.VerbKey, Local: desk.RelayHandle, N: 1, Key: "main-key"})
	i.goesTo("a key of the relay", site.Activity("desk-"+string(desk.RelayHandle), "key/1"), "https://tags.example/inbox")

	i.clock.Advance(lately + 1)
	do(app.Publish{Verb: app.VerbKey, Local: "help", N: 2, Key: "main-key"})
	i.goesTo("a key after a quiet time", site.Activity("desk-help", "key/2"), "https://n.example/inbox")

	do(app.Publish{Verb: app.VerbProfile, Local: "gone", N: 1}) // a desk that is not there any more
	if _, found := i.document(string(site.Activity("desk-gone", "update/1"))); found {
		t.Error("the profile of no desk is published")
	}
}

// What no worker can ever do becomes a dead letter.
func TestUnreadableJobs(t *testing.T) {
	i := newInstance(t)
	for _, payload := range []string{`{"verb":"shout"}`, `{`, ``} {
		err := i.Handle(t.Context(), store.Job{Payload: []byte(payload)})
		if _, dead := errors.AsType[*queue.Dead](err); !dead {
			t.Errorf("%q: %v", payload, err)
		}
	}
}

package inbox

import (
	"net/http"
	"slices"
	"testing"

	"earshot/federation/as"
	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

// One View before the key is fetched, one after, one Update: that is all that a
// report costs, and its job one Update more.
func TestTransactions(t *testing.T) {
	i := newInstance(t, true)
	i.Budget = NewBudget()
	if _, err := i.App.Addresses(t.Context()); err != nil { // read once in ten seconds
		t.Fatal(err)
	}
	cost := func(f func()) [2]int {
		views, updates := i.store.views, i.store.updates
		f()
		return [2]int{i.store.views - views, i.store.updates - updates}
	}
	send := func(signer desk.ActorID, body string, want drop.Reason) func() {
		return func() {
			t.Helper()
			if o := i.send(signer, body); o.Reason != want {
				t.Errorf("answered %v, want %s", o, want)
			}
		}
	}
	report := activity(as.Create, ana, "1", note(ana, "1", mention))
	if got := cost(send(ana, report, drop.Kept)); got != [2]int{2, 1} {
		t.Errorf("a report costs %v views and updates", got)
	}
	var job store.Job
	i.view(func(tx *app.Tx) (err error) { job, _, err = tx.Jobs().Get(i.jobs(store.QueueInbound)[0]); return err })
	if got := cost(func() {
		if err := i.Process(t.Context(), job); err != nil {
			t.Error(err)
		}
	}); got != [2]int{0, 1} {
		t.Errorf("its job costs %v", got)
	}
	if got := cost(send(ben, activity(as.Create, ben, "1", note(ben, "1", "")), drop.NotAddressed)); got != [2]int{2, 0} {
		t.Errorf("a post that is not for us costs %v", got)
	}
	i.peers.Forget(ana) // as if the memory had no room for it
	i.Verifier.Lookup = keyOnly
	if got := cost(send(ana, activity(as.Create, ana, "2", note(ana, "2", mention)), drop.Kept)); got != [2]int{3, 1} {
		t.Errorf("a report whose author's profile has to be fetched costs %v", got)
	}
	if got := cost(send(ana, report, drop.Duplicate)); got != [2]int{2, 1} {
		t.Errorf("a duplicate costs %v", got)
	}
	i.block("m.example")
	if got := cost(send(ana, report, drop.Blocked)); got != [2]int{1, 0} {
		t.Errorf("a blocked sender costs %v", got)
	}
}

func (i *instance) block(target string) {
	i.t.Helper()
	if _, err := i.App.AddBlock(i.t.Context(), app.By{}, target, ""); err != nil {
		i.t.Fatal(err)
	}
}

// Which activities of each type are for us, and how they are stored.
func TestTriage(t *testing.T) {
	i := newInstance(t, false)
	issue := i.report(ana, "1")
	reply := string(i.reply(issue.ID).Object)
	i.follow(hub)
	if err := i.App.RememberEffect(t.Context(), ana, desk.ActivityID(ana+"/activities/like"), "", []byte(`{"type":"Like"}`)); err != nil {
		t.Fatal(err)
	}
	ours, relay := jsonID(string(ourDesk)), jsonID(string(i.App.Site().Relay()))
	inner := func(kind as.Type, actor desk.ActorID, object string) string {
		return activity(kind, actor, "inner", object)
	}
	for _, c := range []struct {
		name   string
		signer desk.ActorID
		body   string
		want   drop.Reason
		fetch  string // the object whose fetch is queued, "" for an inbound job
	}{
		{"Create that mentions a desk", ana, activity(as.Create, ana, "a1", note(ana, "2", mention)), drop.Kept, ""},
		{"Create of a stranger", ben, activity(as.Create, ben, "a2", note(ben, "2", "")), drop.NotAddressed, ""},
		{"Create in a thread of ours", ben, activity(as.Create, ben, "a3", note(ben, "3", `,"inReplyTo":`+jsonID(reply))), drop.Kept, ""},
		{"Create by tags", ben, activity(as.Create, ben, "a4", note(ben, "4", `,"tag":[{"type":"Hashtag","name":"#acme"},{"type":"Hashtag","name":"#down"}]`)), drop.Kept, ""},
		{"Create of a neighbour's post", ben, activity(as.Create, ben, "a5", note(ana, "5", mention)), drop.Malformed, ""},
		{"Create of a video", ana, activity(as.Create, ana, "a6", `{"id":"https://m.example/users/ana/v","type":"Video","attributedTo":"https://m.example/users/ana"}`), drop.UnknownType, ""},
		{"Create of a neighbour's video", ben, activity(as.Create, ben, "a7", `{"id":"https://m.example/users/ana/v","type":"Video","attributedTo":"https://m.example/users/ana"}`), drop.Malformed, ""},
		{"Create by id, to nobody here", ana, activity(as.Create, ana, "a8", jsonID(noteID(ana, "8"))), drop.NotAddressed, ""},
		{"Create by id, to a desk", ana, `{"id":"https://m.example/c9","type":"Create","actor":"https://m.example/users/ana","to":` + ours + `,"object":` + jsonID(noteID(ana, "9")) + `}`, drop.Kept, noteID(ana, "9")},
		{"Create by id of another host's post", ana, activity(as.Create, ana, "a10", jsonID("https://other.example/1")), drop.Malformed, ""},
		{"an activity on another host", ana, `{"id":"https://other.example/1","type":"Like","actor":"https://m.example/users/ana","object":` + ours + `}`, drop.Malformed, ""},
		{"an unknown type", ana, activity("Travel", ana, "a11", ours), drop.UnknownType, ""},
		{"Update of a stored post", ana, activity(as.Update, ana, "b1", note(ana, "1", "")), drop.Kept, ""},
		{"Update of a stored post by a neighbour", ben, activity(as.Update, ben, "b2", note(ana, "1", "")), drop.Malformed, ""},
		{"Update that adds a mention", ben, activity(as.Update, ben, "b3", note(ben, "b3", mention)), drop.Kept, ""},
		{"Update of a known profile", ana, activity(as.Update, ana, "b4", jsonID(string(ana))), drop.Kept, ""},
		{"Update of a stranger's profile", ben, activity(as.Update, ben, "b5", jsonID(string(ben))), drop.UnknownActor, ""},
		{"Delete of a stored post", ana, activity(as.Delete, ana, "c1", jsonID(noteID(ana, "1"))), drop.Kept, ""},
		{"Delete of a stored post by a neighbour", ben, activity(as.Delete, ben, "c2", jsonID(noteID(ana, "1"))), drop.Malformed, ""},
		{"Delete of a post that waits", ana, activity(as.Delete, ana, "c3", jsonID(noteID(ana, "2"))), drop.Kept, ""},
		{"Delete of an unknown post", ana, activity(as.Delete, ana, "c4", jsonID(noteID(ana, "77"))), drop.Kept, withdrawal},
		{"Delete of an object of ours", ana, activity(as.Delete, ana, "c5", jsonID(reply)), drop.Malformed, ""},
		{"Delete of an account that we know", ana, activity(as.Delete, ana, "c6", jsonID(string(ana))), drop.Kept, ""},
		{"Delete of an account that we do not know", ben, activity(as.Delete, ben, "c7", jsonID(string(ben))), drop.UnknownActor, ""},
		{"Follow of a desk", ben, activity(as.Follow, ben, "d1", ours), drop.Kept, ""},
		{"Follow of no desk", ben, activity(as.Follow, ben, "d2", jsonID("https://help.acme.example/desks/none")), drop.UnknownDesk, ""},
		{"Follow of an actor elsewhere", ben, activity(as.Follow, ben, "d3", jsonID(string(ana))), drop.UnknownDesk, ""},
		{"Block of a desk", ben, activity(as.Block, ben, "d4", ours), drop.Kept, ""},
		{"Block of the relay", ben, activity(as.Block, ben, "d5", relay), drop.Kept, ""},
		{"Like by the reporter", ana, activity(as.Like, ana, "e1", jsonID(reply)), drop.Kept, ""},
		{"Like by another person", ben, activity(as.Like, ben, "e2", jsonID(reply)), drop.NotReporter, ""},
		{"Announce of ours by the reporter", ana, activity(as.Announce, ana, "e3", jsonID(reply)), drop.Kept, ""},
		{"Announce by a source", hub, activity(as.Announce, hub, "e4", jsonID(noteID(ben, "e4"))), drop.Kept, noteID(ben, "e4")},
		{"Announce by another actor", ben, activity(as.Announce, ben, "e5", jsonID(noteID(ana, "e5"))), drop.NotSource, ""},
		{"Announce of no URL", hub, activity(as.Announce, hub, "e6", jsonID("tag:1")), drop.Malformed, ""},
		{"Undo of a remembered effect", ana, activity(as.Undo, ana, "f1", jsonID(string(ana)+"/activities/like")), drop.Kept, ""},
		{"Undo of an unknown activity", ana, activity(as.Undo, ana, "f2", jsonID(string(ana)+"/activities/none")), drop.Kept, withdrawal},
		{"Undo of a Follow", ben, activity(as.Undo, ben, "f3", inner(as.Follow, ben, ours)), drop.Kept, ""},
		{"Undo of another actor's Follow", ben, activity(as.Undo, ben, "f4", inner(as.Follow, ana, ours)), drop.Malformed, ""},
		{"Undo of a Like by the reporter", ana, activity(as.Undo, ana, "f5", inner(as.Like, ana, jsonID(reply))), drop.Kept, ""},
		{"Undo of a Flag", ana, activity(as.Undo, ana, "f6", inner(as.Flag, ana, jsonID(reply))), drop.UnknownType, ""},
		{"Undo of a source's Announce", hub, activity(as.Undo, hub, "f7", inner(as.Announce, hub, jsonID(noteID(ana, "1")))), drop.Kept, noteID(ana, "1")},
		{"Undo of a source's Announce of an unknown post", hub, activity(as.Undo, hub, "f8", inner(as.Announce, hub, jsonID(noteID(ana, "f8")))), drop.Kept, withdrawal},
		{"Undo of an Announce by tags.pub", hub, activity(as.Undo, hub, "fa", `{"id":"`+string(hub)+`/announce/1","type":"Announce","object":{"id":"`+string(noteID(ana, "1"))+`","type":"Note"}}`), drop.Kept, noteID(ana, "1")},
		{"Undo of a stranger's Announce", ben, activity(as.Undo, ben, "f9", inner(as.Announce, ben, jsonID(noteID(ana, "1")))), drop.NotSource, ""},
		{"Accept by a source", hub, activity(as.Accept, hub, "g1", jsonID("https://help.acme.example/activities/s/follow/1")), drop.Kept, ""},
		{"Accept by a stranger", ben, activity(as.Accept, ben, "g2", jsonID("https://help.acme.example/activities/s/follow/1")), drop.NotSource, ""},
		{"Reject of a reply by its reporter", ana, activity(as.Reject, ana, "g3", jsonID(reply)), drop.Kept, ""},
		{"Reject of a reply by another person", ben, activity(as.Reject, ben, "g4", jsonID(reply)), drop.NotAuthor, ""},
		{"QuoteRequest for a reply", ben, `{"id":"https://m.example/q1","type":"QuoteRequest","actor":"https://m.example/users/ben","object":` + jsonID(reply) + `,"instrument":"https://m.example/users/ben/notes/q1"}`, drop.Kept, ""},
		{"QuoteRequest for a report", ben, `{"id":"https://m.example/q2","type":"QuoteRequest","actor":"https://m.example/users/ben","object":` + jsonID(noteID(ana, "1")) + `,"instrument":"https://m.example/users/ben/notes/q2"}`, drop.UnknownObject, ""},
		{"QuoteRequest for another host's quote", ben, `{"id":"https://m.example/q3","type":"QuoteRequest","actor":"https://m.example/users/ben","object":` + jsonID(reply) + `,"instrument":"https://other.example/q3"}`, drop.Malformed, ""},
		{"Flag of a reply", ben, activity(as.Flag, ben, "h1", `[`+ours+`,`+jsonID(reply)+`]`), drop.Kept, ""},
		{"Flag of a desk alone", ben, activity(as.Flag, ben, "h2", ours), drop.Kept, ""},
		{"Flag of nothing of ours", ben, activity(as.Flag, ben, "h3", jsonID("https://m.example/users/ana")), drop.UnknownObject, ""},
		{"Move of a known actor", ana, `{"id":"https://m.example/m1","type":"Move","actor":"https://m.example/users/ana","object":"https://m.example/users/ana","target":"https://m.example/users/ana2"}`, drop.Kept, ""},
		{"Move of a stranger", ben, `{"id":"https://m.example/m2","type":"Move","actor":"https://m.example/users/ben","object":"https://m.example/users/ben","target":"https://m.example/users/ben2"}`, drop.UnknownActor, ""},
		{"Move of a neighbour", ben, `{"id":"https://m.example/m3","type":"Move","actor":"https://m.example/users/ben","object":"https://m.example/users/ana","target":"https://m.example/users/ben2"}`, drop.Malformed, ""},
		{"forwarded Create for us", hub, activity(as.Create, ana, "i1", note(ana, "i1", mention)), drop.Kept, noteID(ana, "i1")},
		{"forwarded Create for others", hub, activity(as.Create, ana, "i2", note(ana, "i2", "")), drop.NotAddressed, ""},
		{"forwarded Create that is not public", hub, activity(as.Create, ana, "i3", `{"id":"https://m.example/users/ana/notes/i3","type":"Note","attributedTo":"https://m.example/users/ana","to":`+ours+`,"content":"x"`+mention+`}`), drop.Forwarded, ""},
		{"forwarded Delete of a stored post", hub, activity(as.Delete, ana, "i4", jsonID(noteID(ana, "1"))), drop.Kept, noteID(ana, "1")},
		{"forwarded Delete of a reply of ours", hub, activity(as.Delete, ana, "i5", jsonID(reply)), drop.OwnPost, ""},
		{"forwarded Delete of an unknown post", hub, activity(as.Delete, ana, "i6", jsonID(noteID(ana, "i6"))), drop.UnknownObject, ""},
		{"forwarded Follow", hub, activity(as.Follow, ana, "i7", ours), drop.Forwarded, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			i.t = t
			inbound, fetch := i.jobs(store.QueueInbound), append(i.jobs(store.QueueFetch), i.jobs(store.QueueBrought)...)
			if got := i.send(c.signer, c.body); got.Reason != c.want {
				t.Fatalf("answered %v, want %s", got, c.want)
			}
			newInbound, newFetch := i.jobs(store.QueueInbound), append(i.jobs(store.QueueFetch), i.jobs(store.QueueBrought)...)
			for _, name := range append(newInbound, newFetch...) {
				if !slices.Contains(inbound, name) && !slices.Contains(fetch, name) {
					i.update(func(tx *app.Tx) error {
						if c.name == "Create that mentions a desk" {
							return nil // it waits, for its Delete
						}
						_, err := tx.Jobs().Drop(name, tx.Now)
						return err
					})
				}
			}
			added := [2]int{len(newInbound) - len(inbound), len(newFetch) - len(fetch)}
			want := [2]int{}
			switch {
			case c.fetch == withdrawal:
			case c.want == drop.Kept && c.fetch == "":
				want[0] = 1
			case c.want == drop.Kept:
				want[1] = 1
				if !slices.ContainsFunc(newFetch, func(id string) bool { return !slices.Contains(fetch, id) && endsWith(id, c.fetch) }) {
					t.Errorf("the fetches are %v, want one of %s", newFetch, c.fetch)
				}
			}
			if added != want {
				t.Errorf("%v inbound and fetch jobs were added, want %v", added, want)
			}
		})
	}
}

// withdrawal stands for a fetch where an activity is stored without a job.
const withdrawal = "withdrawal"

func endsWith(s, end string) bool { return len(s) >= len(end) && s[len(s)-len(end):] == end }

// A block holds for the actor and for its host, before its key is fetched, and for
// the actor and the object of a forwarded activity.
func TestBlockedBeforeTheKey(t *testing.T) {
	for _, target := range []string{string(ana), "m.example"} {
		i := newInstance(t, false)
		i.block(target)
		if o := i.send(ana, activity(as.Create, ana, "1", note(ana, "1", mention))); o != (Outcome{http.StatusForbidden, drop.Blocked}) {
			t.Errorf("%s is blocked, and was answered %v", target, o)
		}
		if len(i.peers.fetched) > 0 {
			t.Errorf("%s is blocked, and made us fetch %v", target, i.peers.fetched)
		}
		if o := i.send(hub, activity(as.Create, ana, "1", note(ana, "1", mention))); o.Reason != drop.Blocked || len(i.jobs(store.QueueFetch)) > 0 {
			t.Errorf("%s is blocked, and a forwarded activity of it was answered %v", target, o)
		}
	}
}

// A sender that is malformed, blocked and down at once: the block decides. Who is
// not blocked and speaks closes the breaker of its host, whatever it says.
func TestSignerFirst(t *testing.T) {
	i := newInstance(t, false)
	down := func() (n int) {
		i.view(func(tx *app.Tx) error { h, _, err := tx.Hosts().Get("m.example"); n = h.Failures; return err })
		return n
	}
	i.update(func(tx *app.Tx) error { return tx.Hosts().Put(store.HostState{Host: "m.example", Failures: 5}) })
	i.block(string(ana))
	bad := func(who desk.ActorID) string {
		return `{"id":"https://other.example/1","type":"Like","actor":` + jsonID(string(who)) + `,"object":"https://m.example/1"}`
	}
	if o := i.send(ana, bad(ana)); o.Reason != drop.Blocked || down() != 5 {
		t.Errorf("answered %v, with %d failures", o, down())
	}
	if o := i.send(ben, bad(ben)); o.Reason != drop.Malformed || down() != 0 {
		t.Errorf("answered %v, with %d failures", o, down())
	}
}

// A stranger's post makes us fetch its author's key and nothing else. Where the
// profile is not at hand, it is fetched for a new post only.
func TestProfileIsFetchedLast(t *testing.T) {
	i := newInstance(t, false)
	i.Verifier.Lookup = keyOnly
	i.report(ana, "1")
	i.peers.Forget(ana)
	i.peers.fetched = nil
	for _, c := range []struct {
		name, body string
		want       drop.Reason
		fetched    []string
	}{
		{"a stored post", activity(as.Update, ana, "2", note(ana, "1", "")), drop.Kept, nil},
		{"another author's post", activity(as.Create, ana, "3", note(ben, "1", mention)), drop.Malformed, nil},
		{"no post", activity(as.Create, ana, "4", `{"id":"https://m.example/v","type":"Video","attributedTo":"https://m.example/users/ana"}`), drop.UnknownType, nil},
		{"a new post", activity(as.Create, ana, "5", note(ana, "5", mention)), drop.Kept, []string{string(ana)}},
	} {
		i.peers.fetched = nil
		if o := i.send(ana, c.body); o.Reason != c.want || !slices.Equal(i.peers.fetched, c.fetched) {
			t.Errorf("%s: answered %v, fetched %v", c.name, o, i.peers.fetched)
		}
	}
	i.peers.Forget(ana)
	for kind, want := range map[resolve.Kind]drop.Reason{resolve.Temporary: drop.Kept, resolve.Unauthorized: drop.Kept, resolve.NotFound: drop.NoAuthor, resolve.Gone: drop.NoAuthor} {
		i.peers.fails[string(ana)] = failure(kind)
		if o := i.send(ana, activity(as.Create, ana, "6", note(ana, "6", mention))); o.Reason != want {
			t.Errorf("the profile is %s: answered %v, want %s", kind, o, want)
		}
	}
	if jobs := i.jobs(store.QueueVerify); len(jobs) != 1 {
		t.Errorf("put off: %v", jobs)
	}
}

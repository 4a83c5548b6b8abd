package inbox

import (
	"net/http"
	"slices"
	"testing"

	"earshot/federation/as"
	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/desk"
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
	send := func(signer desk.ActorID, body string, want Reason) func() {
		return func() {
			t.Helper()
			if o := i.send(signer, body); o.Reason != want {
				t.Errorf("answered %v, want %s", o, want)
			}
		}
	}
	report := activity(as.Create, ana, "1", note(ana, "1", mention))
	if got := cost(send(ana, report, Stored)); got != [2]int{2, 1} {
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
	if got := cost(send(ben, activity(as.Create, ben, "1", note(ben, "1", "")), Ignored)); got != [2]int{2, 0} {
		t.Errorf("a post that is not for us costs %v", got)
	}
	i.peers.Forget(ana) // as if the memory had no room for it
	i.Verifier.Lookup = keyOnly
	if got := cost(send(ana, activity(as.Create, ana, "2", note(ana, "2", mention)), Stored)); got != [2]int{3, 1} {
		t.Errorf("a report whose author's profile has to be fetched costs %v", got)
	}
	if got := cost(send(ana, report, Stored)); got != [2]int{2, 1} {
		t.Errorf("a duplicate costs %v", got)
	}
	i.block("m.example")
	if got := cost(send(ana, report, Forbidden)); got != [2]int{1, 0} {
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
	if err := i.App.RememberEffect(t.Context(), ana, desk.ActivityID(ana+"/activities/like"), []byte(`{"type":"Like"}`)); err != nil {
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
		want   Reason
		fetch  string // the object whose fetch is queued, "" for an inbound job
	}{
		{"Create that mentions a desk", ana, activity(as.Create, ana, "a1", note(ana, "2", mention)), Stored, ""},
		{"Create of a stranger", ben, activity(as.Create, ben, "a2", note(ben, "2", "")), Ignored, ""},
		{"Create in a thread of ours", ben, activity(as.Create, ben, "a3", note(ben, "3", `,"inReplyTo":`+jsonID(reply))), Stored, ""},
		{"Create by tags", ben, activity(as.Create, ben, "a4", note(ben, "4", `,"tag":[{"type":"Hashtag","name":"#acme"},{"type":"Hashtag","name":"#down"}]`)), Stored, ""},
		{"Create of a neighbour's post", ben, activity(as.Create, ben, "a5", note(ana, "5", mention)), Malformed, ""},
		{"Create of a video", ana, activity(as.Create, ana, "a6", `{"id":"https://m.example/users/ana/v","type":"Video","attributedTo":"https://m.example/users/ana"}`), Ignored, ""},
		{"Create of a neighbour's video", ben, activity(as.Create, ben, "a7", `{"id":"https://m.example/users/ana/v","type":"Video","attributedTo":"https://m.example/users/ana"}`), Malformed, ""},
		{"Create by id, to nobody here", ana, activity(as.Create, ana, "a8", jsonID(noteID(ana, "8"))), Ignored, ""},
		{"Create by id, to a desk", ana, `{"id":"https://m.example/c9","type":"Create","actor":"https://m.example/users/ana","to":` + ours + `,"object":` + jsonID(noteID(ana, "9")) + `}`, Stored, noteID(ana, "9")},
		{"Create by id of another host's post", ana, activity(as.Create, ana, "a10", jsonID("https://other.example/1")), Malformed, ""},
		{"an activity on another host", ana, `{"id":"https://other.example/1","type":"Like","actor":"https://m.example/users/ana","object":` + ours + `}`, Malformed, ""},
		{"an unknown type", ana, activity("Travel", ana, "a11", ours), Ignored, ""},
		{"Update of a stored post", ana, activity(as.Update, ana, "b1", note(ana, "1", "")), Stored, ""},
		{"Update of a stored post by a neighbour", ben, activity(as.Update, ben, "b2", note(ana, "1", "")), Malformed, ""},
		{"Update that adds a mention", ben, activity(as.Update, ben, "b3", note(ben, "b3", mention)), Stored, ""},
		{"Update of a known profile", ana, activity(as.Update, ana, "b4", jsonID(string(ana))), Stored, ""},
		{"Update of a stranger's profile", ben, activity(as.Update, ben, "b5", jsonID(string(ben))), Ignored, ""},
		{"Delete of a stored post", ana, activity(as.Delete, ana, "c1", jsonID(noteID(ana, "1"))), Stored, ""},
		{"Delete of a stored post by a neighbour", ben, activity(as.Delete, ben, "c2", jsonID(noteID(ana, "1"))), Malformed, ""},
		{"Delete of a post that waits", ana, activity(as.Delete, ana, "c3", jsonID(noteID(ana, "2"))), Stored, ""},
		{"Delete of an unknown post", ana, activity(as.Delete, ana, "c4", jsonID(noteID(ana, "77"))), Stored, withdrawal},
		{"Delete of an object of ours", ana, activity(as.Delete, ana, "c5", jsonID(reply)), Malformed, ""},
		{"Delete of an account that we know", ana, activity(as.Delete, ana, "c6", jsonID(string(ana))), Stored, ""},
		{"Delete of an account that we do not know", ben, activity(as.Delete, ben, "c7", jsonID(string(ben))), Ignored, ""},
		{"Follow of a desk", ben, activity(as.Follow, ben, "d1", ours), Stored, ""},
		{"Follow of no desk", ben, activity(as.Follow, ben, "d2", jsonID("https://help.acme.example/desks/none")), Ignored, ""},
		{"Follow of an actor elsewhere", ben, activity(as.Follow, ben, "d3", jsonID(string(ana))), Ignored, ""},
		{"Block of a desk", ben, activity(as.Block, ben, "d4", ours), Stored, ""},
		{"Block of the relay", ben, activity(as.Block, ben, "d5", relay), Stored, ""},
		{"Like by the reporter", ana, activity(as.Like, ana, "e1", jsonID(reply)), Stored, ""},
		{"Like by another person", ben, activity(as.Like, ben, "e2", jsonID(reply)), Ignored, ""},
		{"Announce of ours by the reporter", ana, activity(as.Announce, ana, "e3", jsonID(reply)), Stored, ""},
		{"Announce by a source", hub, activity(as.Announce, hub, "e4", jsonID(noteID(ben, "e4"))), Stored, noteID(ben, "e4")},
		{"Announce by another actor", ben, activity(as.Announce, ben, "e5", jsonID(noteID(ana, "e5"))), Ignored, ""},
		{"Announce of no URL", hub, activity(as.Announce, hub, "e6", jsonID("tag:1")), Malformed, ""},
		{"Undo of a remembered effect", ana, activity(as.Undo, ana, "f1", jsonID(string(ana)+"/activities/like")), Stored, ""},
		{"Undo of an unknown activity", ana, activity(as.Undo, ana, "f2", jsonID(string(ana)+"/activities/none")), Stored, withdrawal},
		{"Undo of a Follow", ben, activity(as.Undo, ben, "f3", inner(as.Follow, ben, ours)), Stored, ""},
		{"Undo of another actor's Follow", ben, activity(as.Undo, ben, "f4", inner(as.Follow, ana, ours)), Malformed, ""},
		{"Undo of a Like by the reporter", ana, activity(as.Undo, ana, "f5", inner(as.Like, ana, jsonID(reply))), Stored, ""},
		{"Undo of a Flag", ana, activity(as.Undo, ana, "f6", inner(as.Flag, ana, jsonID(reply))), Ignored, ""},
		{"Undo of a source's Announce", hub, activity(as.Undo, hub, "f7", inner(as.Announce, hub, jsonID(noteID(ana, "1")))), Stored, noteID(ana, "1")},
		{"Undo of a source's Announce of an unknown post", hub, activity(as.Undo, hub, "f8", inner(as.Announce, hub, jsonID(noteID(ana, "f8")))), Stored, withdrawal},
		{"Undo of a stranger's Announce", ben, activity(as.Undo, ben, "f9", inner(as.Announce, ben, jsonID(noteID(ana, "1")))), Ignored, ""},
		{"Accept by a source", hub, activity(as.Accept, hub, "g1", jsonID("https://help.acme.example/activities/s/follow/1")), Stored, ""},
		{"Accept by a stranger", ben, activity(as.Accept, ben, "g2", jsonID("https://help.acme.example/activities/s/follow/1")), Ignored, ""},
		{"Reject of a reply by its reporter", ana, activity(as.Reject, ana, "g3", jsonID(reply)), Stored, ""},
		{"Reject of a reply by another person", ben, activity(as.Reject, ben, "g4", jsonID(reply)), Ignored, ""},
		{"QuoteRequest for a reply", ben, `{"id":"https://m.example/q1","type":"QuoteRequest","actor":"https://m.example/users/ben","object":` + jsonID(reply) + `,"instrument":"https://m.example/users/ben/notes/q1"}`, Stored, ""},
		{"QuoteRequest for a report", ben, `{"id":"https://m.example/q2","type":"QuoteRequest","actor":"https://m.example/users/ben","object":` + jsonID(noteID(ana, "1")) + `,"instrument":"https://m.example/users/ben/notes/q2"}`, Ignored, ""},
		{"QuoteRequest for another host's quote", ben, `{"id":"https://m.example/q3","type":"QuoteRequest","actor":"https://m.example/users/ben","object":` + jsonID(reply) + `,"instrument":"https://other.example/q3"}`, Malformed, ""},
		{"Flag of a reply", ben, activity(as.Flag, ben, "h1", `[`+ours+`,`+jsonID(reply)+`]`), Stored, ""},
		{"Flag of a desk alone", ben, activity(as.Flag, ben, "h2", ours), Ignored, ""},
		{"Move of a known actor", ana, `{"id":"https://m.example/m1","type":"Move","actor":"https://m.example/users/ana","object":"https://m.example/users/ana","target":"https://m.example/users/ana2"}`, Stored, ""},
		{"Move of a stranger", ben, `{"id":"https://m.example/m2","type":"Move","actor":"https://m.example/users/ben","object":"https://m.example/users/ben","target":"https://m.example/users/ben2"}`, Ignored, ""},
		{"Move of a neighbour", ben, `{"id":"https://m.example/m3","type":"Move","actor":"https://m.example/users/ben","object":"https://m.example/users/ana","target":"https://m.example/users/ben2"}`, Malformed, ""},
		{"forwarded Create for us", hub, activity(as.Create, ana, "i1", note(ana, "i1", mention)), Stored, noteID(ana, "i1")},
		{"forwarded Create for others", hub, activity(as.Create, ana, "i2", note(ana, "i2", "")), Ignored, ""},
		{"forwarded Create that is not public", hub, activity(as.Create, ana, "i3", `{"id":"https://m.example/users/ana/notes/i3","type":"Note","attributedTo":"https://m.example/users/ana","to":`+ours+`,"content":"x"`+mention+`}`), Ignored, ""},
		{"forwarded Delete of a stored post", hub, activity(as.Delete, ana, "i4", jsonID(noteID(ana, "1"))), Stored, noteID(ana, "1")},
		{"forwarded Delete of a reply of ours", hub, activity(as.Delete, ana, "i5", jsonID(reply)), Malformed, ""},
		{"forwarded Delete of an unknown post", hub, activity(as.Delete, ana, "i6", jsonID(noteID(ana, "i6"))), Ignored, ""},
		{"forwarded Follow", hub, activity(as.Follow, ana, "i7", ours), Ignored, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			i.t = t
			inbound, fetch := i.jobs(store.QueueInbound), i.jobs(store.QueueFetch)
			if got := i.send(c.signer, c.body); got.Reason != c.want {
				t.Fatalf("answered %v, want %s", got, c.want)
			}
			newInbound, newFetch := i.jobs(store.QueueInbound), i.jobs(store.QueueFetch)
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
			case c.want == Stored && c.fetch == "":
				want[0] = 1
			case c.want == Stored:
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
		if o := i.send(ana, activity(as.Create, ana, "1", note(ana, "1", mention))); o != (Outcome{http.StatusForbidden, Forbidden}) {
			t.Errorf("%s is blocked, and was answered %v", target, o)
		}
		if len(i.peers.fetched) > 0 {
			t.Errorf("%s is blocked, and made us fetch %v", target, i.peers.fetched)
		}
		if o := i.send(hub, activity(as.Create, ana, "1", note(ana, "1", mention))); o.Reason != Ignored || len(i.jobs(store.QueueFetch)) > 0 {
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
	if o := i.send(ana, bad(ana)); o.Reason != Forbidden || down() != 5 {
		t.Errorf("answered %v, with %d failures", o, down())
	}
	if o := i.send(ben, bad(ben)); o.Reason != Malformed || down() != 0 {
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
		want       Reason
		fetched    []string
	}{
		{"a stored post", activity(as.Update, ana, "2", note(ana, "1", "")), Stored, nil},
		{"another author's post", activity(as.Create, ana, "3", note(ben, "1", mention)), Malformed, nil},
		{"no post", activity(as.Create, ana, "4", `{"id":"https://m.example/v","type":"Video","attributedTo":"https://m.example/users/ana"}`), Ignored, nil},
		{"a new post", activity(as.Create, ana, "5", note(ana, "5", mention)), Stored, []string{string(ana)}},
	} {
		i.peers.fetched = nil
		if o := i.send(ana, c.body); o.Reason != c.want || !slices.Equal(i.peers.fetched, c.fetched) {
			t.Errorf("%s: answered %v, fetched %v", c.name, o, i.peers.fetched)
		}
	}
	i.peers.Forget(ana)
	for kind, want := range map[resolve.Kind]Reason{resolve.Temporary: KeyUnreachable, resolve.Unauthorized: KeyUnreachable, resolve.NotFound: Signature, resolve.Gone: Signature} {
		i.peers.fails[string(ana)] = failure(kind)
		if o := i.send(ana, activity(as.Create, ana, "6", note(ana, "6", mention))); o.Reason != want {
			t.Errorf("the profile is %s: answered %v, want %s", kind, o, want)
		}
	}
}

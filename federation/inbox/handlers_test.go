package inbox

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"earshot/federation/as"
	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/queue"
	"earshot/store"
)

// told sends an activity that must be stored, and processes it.
func (i *instance) told(signer desk.ActorID, body string) {
	i.t.Helper()
	if o := i.send(signer, body); o.Reason != drop.Kept {
		i.t.Fatalf("answered %v: %s", o, body)
	}
	i.process()
}

// notes lists what the timeline of an issue says besides the posts.
func (i *instance) notes(id desk.IssueID) (kinds []desk.Kind) {
	i.t.Helper()
	i.view(func(tx *app.Tx) error {
		kinds = nil
		for e, err := range store.EachOf(tx.Events().ByIssue, id) {
			if err != nil {
				return err
			}
			kinds = append(kinds, e.Kind)
		}
		return nil
	})
	return kinds
}

func (i *instance) stored(o string) (p desk.Post) {
	i.t.Helper()
	i.view(func(tx *app.Tx) (err error) { p, _, err = tx.Posts().ByObject(desk.ObjectID(o)); return err })
	return p
}

func object(t *testing.T, raw string) *as.Object {
	t.Helper()
	o, err := as.ParseObject([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// What the jobs of a thread come to: a report, an answer, an edit, a deletion.
func TestThread(t *testing.T) {
	i := newInstance(t, false)
	issue := i.report(ana, "1")
	reply := i.reply(issue.ID)
	i.told(ben, activity(as.Create, ben, "1", note(ben, "1", `,"inReplyTo":`+jsonID(string(reply.Object)))))
	if p := i.stored(noteID(ben, "1")); p.Issue != issue.ID || p.Role != desk.RolePost {
		t.Errorf("the answer is %+v", p)
	}
	i.told(ana, activity(as.Update, ana, "2", `{"id":"https://m.example/users/ana/notes/1","type":"Note","attributedTo":"https://m.example/users/ana","to":["https://www.w3.org/ns/activitystreams#Public"],"content":"Slow, at least","updated":"2026-01-01T13:00:00Z"`+mention+`}`))
	if p := i.stored(noteID(ana, "1")); p.Text != "Slow, at least" || p.Edits != 1 {
		t.Errorf("after the edit: %+v", p)
	}
	i.told(ana, activity(as.Delete, ana, "3", jsonID(noteID(ana, "1"))))
	if p := i.stored(noteID(ana, "1")); !p.Deleted || p.Text != "" {
		t.Errorf("after the deletion: %+v", p)
	}
}

// What others do to us: follows, blocks, reactions, complaints, and their ends.
func TestEffects(t *testing.T) {
	i := newInstance(t, false)
	issue := i.report(ana, "1")
	reply := jsonID(string(i.reply(issue.ID).Object))
	ours := jsonID(string(ourDesk))
	follows := func(who desk.ActorID) bool {
		t.Helper()
		is := false
		if err := i.App.View(t.Context(), func(tx *app.Tx) (err error) { _, is, err = tx.Follows().Get("help", who); return err }); err != nil {
			t.Fatal(err)
		}
		return is
	}
	silenced := func() desk.Silence {
		t.Helper()
		for _, i := range i.issues() {
			return i.Silenced
		}
		return ""
	}
	last := func() desk.Kind { k := i.notes(issue.ID); return k[len(k)-1] }

	i.told(ben, activity(as.Follow, ben, "f1", ours))
	if !follows(ben) {
		t.Error("a Follow has no effect")
	}
	i.told(ben, activity(as.Undo, ben, "f2", jsonID(string(ben)+"/activities/f1")))
	if follows(ben) {
		t.Error("an Undo by id has no effect")
	}
	i.told(ben, activity(as.Follow, ben, "f3", ours))
	i.told(ben, activity(as.Undo, ben, "f4", activity(as.Follow, ben, "f3", ours)))
	if follows(ben) {
		t.Error("an Undo of an embedded Follow has no effect")
	}
	i.told(ana, activity(as.Like, ana, "l1", reply))
	if last() != desk.KindReaction {
		t.Errorf("after a Like: %s", last())
	}
	i.told(ana, activity(as.Undo, ana, "l2", activity(as.Like, ana, "l1", reply)))
	if slices.Contains(i.notes(issue.ID), desk.KindReaction) {
		t.Error("an Undo of a Like has no effect")
	}
	i.told(ana, activity(as.Announce, ana, "b1", reply))
	if last() != desk.KindReaction {
		t.Errorf("after a boost: %s", last())
	}
	i.told(ben, activity(as.Flag, ben, "x1", `[`+reply+`]`))
	if last() != desk.KindNotice {
		t.Errorf("after a Flag: %s", last())
	}
	i.told(ana, activity(as.Block, ana, "k1", ours))
	if silenced() != desk.SilenceBlock {
		t.Errorf("after a Block: %q", silenced())
	}
	i.told(ana, activity(as.Undo, ana, "k2", activity(as.Block, ana, "k1", ours)))
	if silenced() != "" {
		t.Errorf("after its Undo: %q", silenced())
	}
	i.told(ana, activity(as.Reject, ana, "r1", reply))
	if silenced() != desk.SilenceDeclined {
		t.Errorf("after a Reject of a reply: %q", silenced())
	}
	i.told(ben, `{"id":"https://m.example/q1","type":"QuoteRequest","actor":"https://m.example/users/ben","object":`+reply+`,"instrument":"https://m.example/users/ben/notes/q1"}`)
	if jobs := i.jobs(store.QueuePublish); !slices.ContainsFunc(jobs, func(id string) bool { return len(id) > 14 && id[:14] == "publish:quote:" }) {
		t.Errorf("after a QuoteRequest: %v", jobs)
	}
}

// A profile that changed, an account that moved.
func TestProfiles(t *testing.T) {
	i := newInstance(t, false)
	i.report(ana, "1")
	profile := func(id desk.ActorID) (a desk.Actor) {
		i.view(func(tx *app.Tx) (err error) { a, _, err = tx.Actors().Get(id); return err })
		return a
	}
	i.peers.actors[ana].Name = "Ana B."
	i.told(ana, activity(as.Update, ana, "u1", jsonID(string(ana))))
	if got := profile(ana).Name; got != "Ana B." {
		t.Errorf("the name is %q", got)
	}
	i.peers.fails[string(ana)] = failure(resolve.NotFound) // what we know stays
	i.told(ana, activity(as.Update, ana, "u2", jsonID(string(ana))))
	if got := profile(ana).Name; got != "Ana B." {
		t.Errorf("the name is %q", got)
	}
	delete(i.peers.fails, string(ana))

	const next = desk.ActorID("https://new.example/users/ana")
	move := func(n string) string {
		return fmt.Sprintf(`{"id":"https://m.example/m%s","type":"Move","actor":%q,"object":%q,"target":%q}`, n, ana, ana, next)
	}
	i.told(ana, move("1")) // there is no such account
	i.peers.actors[next] = &as.Actor{ID: next, Inbox: "https://new.example/inbox"}
	i.told(ana, move("2")) // it does not confirm
	if got := i.issues()[0].Reporter; got != ana {
		t.Errorf("the reporter is %s", got)
	}
	i.peers.actors[next].AlsoKnownAs = []desk.ActorID{ana}
	i.told(ana, move("3"))
	if got := i.issues()[0].Reporter; got != next {
		t.Errorf("the reporter is %s", got)
	}
}

// A reply that needs approval: only an authorization of the author's own server,
// for this reply and this post, counts. It can be taken back.
func TestApproval(t *testing.T) {
	const authorization = "https://m.example/users/ana/approvals/1"
	ask := func(i *instance) desk.Post {
		i.t.Helper()
		issue := i.report(ana, "1")
		i.update(func(tx *app.Tx) error {
			p, _, err := tx.Posts().ByObject(desk.ObjectID(noteID(ana, "1")))
			if err != nil {
				return err
			}
			p.CanReply = &desk.ReplyPolicy{Manual: []string{desk.Public}}
			p.Invited, p.Mentions = false, nil
			return tx.Posts().Put(p)
		})
		return i.reply(issue.ID)
	}
	accept := func(p desk.Post) string {
		return fmt.Sprintf(`{"id":"https://m.example/a1","type":"Accept","actor":%q,"object":%q,"result":%q}`, ana, p.Object, authorization)
	}
	stamp := func(of, target string) string {
		return fmt.Sprintf(`{"id":%q,"type":"ReplyAuthorization","attributedTo":%q,"interactingObject":%q,"interactionTarget":%q}`, authorization, ana, of, target)
	}
	for _, c := range []struct {
		name     string
		document func(desk.Post) string
		want     desk.PostState
	}{
		{"for this reply", func(p desk.Post) string { return stamp(string(p.Object), noteID(ana, "1")) }, desk.PostPending},
		{"for another reply", func(desk.Post) string { return stamp("https://help.acme.example/posts/other", noteID(ana, "1")) }, desk.PostAwaitingApproval},
		{"for another post", func(p desk.Post) string { return stamp(string(p.Object), noteID(ana, "2")) }, desk.PostAwaitingApproval},
		{"no authorization", func(desk.Post) string { return note(ana, "9", "") }, desk.PostAwaitingApproval},
	} {
		i := newInstance(t, false)
		p := ask(i)
		if p.State != desk.PostAwaitingApproval {
			t.Fatalf("the reply is %s", p.State)
		}
		i.peers.objects[authorization] = object(t, c.document(p))
		i.told(ana, accept(p))
		if got := i.stored(string(p.Object)).State; got != c.want {
			t.Errorf("%s: the reply is %s", c.name, got)
		}
		if c.want != desk.PostPending {
			continue
		}
		i.told(ana, activity(as.Delete, ana, "d1", jsonID(authorization)))
		if got := i.stored(string(p.Object)).State; got != desk.PostWithheld {
			t.Errorf("the authorization is deleted: the reply is %s", got)
		}
	}
	i := newInstance(t, false)
	p := ask(i)
	i.peers.fails[authorization] = failure(resolve.Temporary)
	a, err := as.ParseActivity([]byte(accept(p)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.followAnswer(t.Context(), a); !passing(err) && !passing(errors.Unwrap(err)) {
		t.Errorf("a server that does not answer: %v", err)
	}
}

// The posts above one for us are fetched, as far as they are public to the
// author's word; those above a stranger's post are not.
func TestAncestors(t *testing.T) {
	i := newInstance(t, false)
	above := func(n int) string { return fmt.Sprintf("https://m.example/users/ben/notes/%d", n) }
	for n := range 30 {
		more := ""
		if n > 0 {
			more = `,"inReplyTo":` + jsonID(above(n-1))
		}
		i.peers.objects[desk.ObjectID(above(n))] = object(t, note(ben, fmt.Sprint(n), more))
	}
	i.told(ana, activity(as.Create, ana, "1", note(ana, "1", mention+`,"inReplyTo":`+jsonID(above(29)))))
	issue := i.stored(noteID(ana, "1")).Issue
	found := 0
	for n := range 30 {
		if p := i.stored(above(n)); p.Issue == issue && issue != "" {
			found++
		}
	}
	if found != MaxAncestors || i.stored(above(29)).Object == "" {
		t.Errorf("%d posts above were fetched", found)
	}
	if e := i.last(); e.Reason != drop.Limited || e.Host != "m.example" {
		t.Errorf("that more was above is counted as %+v", e)
	}
	i.told(ana, activity(as.Create, ana, "4", note(ana, "4", mention+`,"inReplyTo":"https://m.example/users/ben/notes/none"`)))
	if e := i.last(); e.Reason != drop.NotFound || e.Host != "m.example" {
		t.Errorf("a post above that does not exist is counted as %+v", e)
	}
	i.peers.fetched = nil
	tags := `,"tag":[{"type":"Hashtag","name":"#acme"},{"type":"Hashtag","name":"#down"}],"inReplyTo":"https://m.example/users/ben/notes/x"`
	i.told(ana, activity(as.Create, ana, "2", note(ana, "2", tags)))
	if len(i.peers.fetched) > 0 {
		t.Errorf("a post that is for us by its tags made us fetch %v", i.peers.fetched)
	}
	i.update(func(tx *app.Tx) error { // held back, and not public
		o := desk.ObjectID("https://m.example/users/ben/notes/h")
		return tx.Quarantine().Put(desk.Quarantined{Object: o, Author: desk.Actor{ID: ben}, Post: desk.Post{Object: o, Visibility: desk.VisibilityDirect}, Since: tx.Now})
	})
	i.told(ana, activity(as.Create, ana, "3", note(ana, "3", mention+`,"inReplyTo":"https://m.example/users/ben/notes/h"`)))
	if len(i.peers.fetched) > 0 {
		t.Errorf("a stranger's word made us fetch %v", i.peers.fetched)
	}
}

// A post in a community: the Group is remembered; another actor in its place is none.
func TestCommunity(t *testing.T) {
	for kind, want := range map[as.Type]desk.ActorID{as.Group: hub, as.Person: ""} {
		i := newInstance(t, false)
		i.peers.actors[hub].Type = kind
		i.told(ana, activity(as.Create, ana, "1", note(ana, "1", mention+`,"audience":`+jsonID(string(hub)))))
		if got := i.stored(noteID(ana, "1")).Group; got != want {
			t.Errorf("a %s: the community is %q", kind, got)
		}
		i.peers.fetched = nil
		i.told(ben, activity(as.Update, ben, "2", note(ben, "2", mention+`,"audience":"https://www.w3.org/ns/activitystreams#Public"`)))
		if len(i.peers.fetched) > 1 { // the key
			t.Errorf("fetched %v", i.peers.fetched)
		}
	}
}

// An accepted post is not dropped because its author's profile is not there now.
func TestAuthorLater(t *testing.T) {
	for kind, wait := range map[resolve.Kind]bool{resolve.Temporary: true, resolve.Unauthorized: true, resolve.NotFound: true, resolve.Gone: false, resolve.Refused: false, resolve.Invalid: false} {
		i := newInstance(t, false)
		if o := i.send(ana, activity(as.Create, ana, "1", note(ana, "1", mention))); o.Reason != drop.Kept {
			t.Fatal(o)
		}
		i.peers.Forget(ana)
		i.peers.fails[string(ana)] = failure(kind)
		var job store.Job
		i.view(func(tx *app.Tx) (err error) { job, _, err = tx.Jobs().Get(i.jobs(store.QueueInbound)[0]); return err })
		if err := i.Process(t.Context(), job); (err != nil) != wait || len(i.issues()) > 0 {
			t.Errorf("%s: %v, %d issues", kind, err, len(i.issues()))
		}
	}
}

// An actor under another id than its own would put words into other mouths.
func TestAlias(t *testing.T) {
	i := newInstance(t, false)
	i.peers.actors[ana] = &as.Actor{ID: ben}
	if o := i.send(ana, activity(as.Create, ana, "1", note(ana, "1", mention))); o.Reason != drop.NoAuthor {
		t.Errorf("answered %v", o)
	}
}

func TestUnreadableJobs(t *testing.T) {
	i := newInstance(t, false)
	for _, c := range []struct{ payload, queue string }{{"{", "inbound"}, {`{"raw":{"type":"Create"}}`, "inbound"}, {"{", "fetch"}} {
		do := i.Process
		if c.queue == "fetch" {
			do = i.Fetch
		}
		err := do(t.Context(), store.Job{Payload: []byte(c.payload)})
		if _, dead := errors.AsType[*queue.Dead](err); !dead {
			t.Errorf("%s: %v", c.payload, err)
		}
	}
	payload, err := delivery{Raw: []byte(activity("Travel", ana, "1", jsonID("https://m.example/1")))}.encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := i.Process(t.Context(), store.Job{Payload: payload}); err != nil {
		t.Errorf("a type that another version knew: %v", err)
	}
}

// What a fetch that fails says about a post. Only a reason of our own, or a post
// that is public, lets us conclude anything.
func TestNotFetched(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   resolve.Kind
		public bool
		by     desk.ActorID // who named the post
		erased bool
		optOut bool
		err    bool
	}{
		{"gone, public", resolve.Gone, true, "", true, false, false},
		{"gone, named by another actor, not public", resolve.Gone, false, ben, false, false, false},
		{"gone, named by its author, not public", resolve.Gone, false, ana, true, false, false},
		{"not found, the first time", resolve.NotFound, true, "", false, false, false},
		{"refused, named by its author", resolve.Refused, true, ana, false, true, false},
		{"refused, named by another actor", resolve.Refused, true, ben, false, false, false},
		{"refused, not public", resolve.Refused, false, ana, false, false, false},
		{"our signature is refused", resolve.Unauthorized, true, "", false, false, true},
		{"no answer", resolve.Temporary, true, "", false, false, true},
	} {
		i := newInstance(t, false)
		i.report(ana, "1")
		if !c.public {
			i.update(func(tx *app.Tx) error {
				p, _, err := tx.Posts().ByObject(desk.ObjectID(noteID(ana, "1")))
				if err != nil {
					return err
				}
				p.Visibility = desk.VisibilityDirect
				return tx.Posts().Put(p)
			})
		}
		i.peers.fails[noteID(ana, "1")] = failure(c.kind)
		_, err := i.refetch(t.Context(), desk.ObjectID(noteID(ana, "1")), app.Inbox, reason{by: c.by})
		if (err != nil) != c.err {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := i.stored(noteID(ana, "1")).Deleted; got != c.erased {
			t.Errorf("%s: erased %t", c.name, got)
		}
		if got := i.issues()[0].Silenced != ""; got != (c.optOut || c.erased) {
			t.Errorf("%s: silenced %q", c.name, i.issues()[0].Silenced)
		}
	}
}

// Before we write to an author their post is read again.
func TestRevalidate(t *testing.T) {
	i := newInstance(t, false)
	i.report(ana, "1")
	id := desk.ObjectID(noteID(ana, "1"))
	i.peers.objects[id] = object(t, note(ana, "1", mention))
	if seen, err := i.Revalidate(t.Context(), id); err != nil || !seen {
		t.Errorf("a post that is there: %t, %v", seen, err)
	}
	i.peers.fails[string(id)] = failure(resolve.NotFound)
	if seen, err := i.Revalidate(t.Context(), id); err == nil || seen {
		t.Errorf("a first 404: %t, %v", seen, err)
	}
	i.clock.Advance(app.NotFoundFor)
	if seen, err := i.Revalidate(t.Context(), id); err != nil || !seen || !i.stored(string(id)).Deleted {
		t.Errorf("a second 404: %t, %v", seen, err)
	}
	i.peers.objects["https://m.example/v"] = object(t, `{"id":"https://m.example/v","type":"Video","attributedTo":"https://m.example/users/ana"}`)
	if seen, err := i.Revalidate(t.Context(), "https://m.example/v"); err != nil || seen {
		t.Errorf("a video: %t, %v", seen, err)
	}
}

// Several servers that refuse our signature within an hour raise one alarm.
func TestRefusalAlarm(t *testing.T) {
	i := newInstance(t, false)
	var r refusals
	alarms := 0
	for n := range 3 * alarmDomains {
		if r.record(desk.Host(fmt.Sprintf("h%d.example", n)), i.clock.Now()) {
			alarms++
		}
	}
	if alarms != 1 || len(r.domains) > alarmDomains {
		t.Errorf("%d alarms, %d hosts remembered", alarms, len(r.domains))
	}
	i.clock.Advance(2 * alarmSpan)
	if r.record("h1.example", i.clock.Now()) {
		t.Error("one host alone raises an alarm")
	}
}

// A boost of an incident's first post by a program counts for nothing, as by an actor of
// the type Service; that of a person does. So it is where their profile is not at hand.
func TestBoostsOfProgramsAreNotFelt(t *testing.T) {
	for _, c := range []struct {
		kind   string
		forget bool
		felt   int
	}{{"Service", false, 0}, {"Application", false, 0}, {"Person", false, 1}, {"Person", true, 1}} {
		i := newInstance(t, false)
		ctx := t.Context()
		incident, err := i.App.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No internet", Publish: true, Now: true})
		if err != nil {
			t.Fatal(err)
		}
		i.update(func(tx *app.Tx) error { _, _, err := tx.PublishPost(incident.Root); return err })
		v, err := i.App.ShowIncident(ctx, incident.ID)
		if err != nil {
			t.Fatal(err)
		}
		who, err := as.ParseActor([]byte(`{"id":"` + string(ben) + `","inbox":"` + string(ben) + `/inbox","type":"` + c.kind + `"}`))
		if err != nil {
			t.Fatal(err)
		}
		i.peers.actors[ben].Bot = who.Bot
		if o := i.send(ben, activity(as.Announce, ben, "b1", jsonID(string(v.Root.Post.Object)))); o.Reason != drop.Kept {
			t.Fatal(o)
		}
		if c.forget { // as after a restart
			i.peers.cached = map[desk.ActorID]bool{}
		}
		i.process()
		if v, err = i.App.ShowIncident(ctx, incident.ID); err != nil || v.Felt != c.felt {
			t.Errorf("%s: felt by %d, want %d, %v", c.kind, v.Felt, c.felt, err)
		}
	}
}

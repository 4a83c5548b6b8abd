package fed_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
	"earshot/store"
)

// gts plays the server of a person who approves replies, as GoToSocial does.
type gts struct {
	*fed.Cluster
	t    *testing.T
	desk *fed.Provider
	peer *fed.Peer
	post string // the report's id
	said int    // answers, to number them
}

const everybody = "https://www.w3.org/ns/activitystreams#Public"

var (
	asks     = M{"automaticApproval": []string{}, "manualApproval": []string{everybody}}
	asksOld  = M{"always": []string{}, "approvalRequired": []string{everybody}}
	nobody   = M{"automaticApproval": []string{}, "manualApproval": []string{}}
	everyone = M{"automaticApproval": []string{everybody}}
)

// newGTS starts a desk, and a report heard by its tags under a policy.
func newGTS(t *testing.T, canReply M) *gts { return gtsOn(t, fed.New(t), canReply) }

func gtsOn(t *testing.T, c *fed.Cluster, canReply M) *gts {
	t.Helper()
	g := &gts{Cluster: c, t: t, desk: c.Provider(acme), peer: c.Peer()}
	g.post = g.peer.URL + "/notes/1"
	note := g.peer.Note(1, "https://elsewhere.example/users/x", "<p>down #acme #fail</p>")
	note["cc"] = []string{string(g.peer.Actor) + "/followers"}
	note["tag"] = []M{{"type": "Hashtag", "name": "#acme"}, {"type": "Hashtag", "name": "#fail"}}
	note["interactionPolicy"] = M{"canReply": canReply}
	g.peer.Serve("/notes/1", note)
	g.send(g.peer.Create(note))
	return g
}

func (g *gts) send(activity M) {
	g.t.Helper()
	if status, body := g.peer.Send(g.desk.Site.SharedInbox(), activity); status != http.StatusAccepted {
		g.t.Fatalf("%v was answered %d %s", activity["type"], status, body)
	}
	g.Settle()
}

// reply says something, and returns it with what arrived because of it.
func (g *gts) reply(change ...desk.StatusChange) (desk.Post, []M) {
	g.t.Helper()
	before := len(g.peer.Got())
	p := g.desk.Say(g.desk.Only().Issue.ID, "We see it too.", change...)
	g.Settle()
	return p, g.since(before)
}

func (g *gts) since(before int) (out []M) {
	for _, got := range g.peer.Got()[before:] {
		out = append(out, got.Body)
	}
	return out
}

func (g *gts) state(id desk.PostID) desk.PostState {
	g.t.Helper()
	return entryOf(g.desk.Only(), id).Post.State
}

// stamp serves an authorization of a reply; fields overrides.
func (g *gts) stamp(reply desk.ObjectID, fields M) string {
	doc := M{"id": g.peer.URL + "/authorizations/1", "type": "ReplyAuthorization", "attributedTo": string(g.peer.Actor),
		"interactingObject": string(reply), "interactionTarget": g.post}
	for k, v := range fields {
		doc[k] = v
	}
	g.peer.Serve("/authorizations/1", doc)
	return g.peer.URL + "/authorizations/1"
}

func (g *gts) answer(kind string, object any, result string) M {
	g.said++
	a := M{"id": fmt.Sprintf("%s/%s/%d", g.peer.URL, kind, g.said), "type": kind, "actor": string(g.peer.Actor),
		"to": string(g.desk.Site.Desk("help")), "object": object}
	if result != "" {
		a["result"] = result
	}
	return a
}

// request is the ReplyRequest as a server that answers it embeds it.
func (g *gts) request(p desk.Post) M {
	return M{"type": "ReplyRequest", "id": string(app.ReplyRequestID(g.desk.Site, p.ID)), "actor": string(p.Author), "object": g.post, "instrument": string(p.Object)}
}

func TestReplyThatIsAskedFor(t *testing.T) { onBothStores(t, replyThatIsAskedFor) }

func replyThatIsAskedFor(t *testing.T, c *fed.Cluster) {
	g := gtsOn(t, c, asks)
	p, got := g.reply(desk.StatusChange{To: desk.StatusInProgress})
	if len(got) != 1 || got[0]["type"] != "ReplyRequest" || got[0]["object"] != g.post || got[0]["instrument"].(M)["id"] != string(p.Object) {
		t.Fatalf("arrived: %v", got)
	}
	if to := fmt.Sprint(got[0]["to"]); to != fmt.Sprint([]any{string(g.peer.Actor)}) {
		t.Errorf("the question goes to %s", to)
	}
	v := g.desk.Only()
	if g.state(p.ID) != desk.PostAwaitingApproval || v.Issue.Status != desk.StatusNew || v.Issue.Pending != 1 || v.Issue.Replies != 0 {
		t.Errorf("while it waits: %s, %+v", g.state(p.ID), v.Issue)
	}
	if tally := entryOf(v, p.ID).Tally; tally.Delivered != 1 {
		t.Errorf("the question's deliveries: %+v", tally)
	}
	if status := get(t, string(p.Object)); status != http.StatusNotFound {
		t.Errorf("a stranger reads a reply that waits: %d", status)
	}
	before := len(g.peer.Got())
	accept := g.answer("Accept", g.request(p), g.stamp(p.Object, nil))
	g.send(accept)
	g.send(accept) // a duplicate changes nothing
	after := g.since(before)
	if len(after) != 1 || after[0]["type"] != "Create" {
		t.Fatalf("after the Accept arrived: %v", after)
	}
	note := after[0]["object"].(M)
	if note["replyAuthorization"] != g.peer.URL+"/authorizations/1" || note["approvedBy"] != note["replyAuthorization"] || note["inReplyTo"] != g.post {
		t.Errorf("the note: %v", note)
	}
	v = g.desk.Only()
	if g.state(p.ID) != desk.PostPublished || v.Issue.Status != desk.StatusInProgress || v.Issue.Pending != 0 || v.Issue.Replies != 1 {
		t.Errorf("after the approval: %s, %+v", g.state(p.ID), v.Issue)
	}
	if status := get(t, string(p.Object)); status != http.StatusOK {
		t.Errorf("a stranger reads an approved reply: %d", status)
	}
	// A revoked approval counts.
	before = len(g.peer.Got())
	g.send(M{"id": g.peer.URL + "/del", "type": "Delete", "actor": string(g.peer.Actor), "object": g.peer.URL + "/authorizations/1"})
	after = g.since(before)
	if len(after) == 0 || after[len(after)-1]["type"] != "Delete" || !entryOf(g.desk.Only(), p.ID).Post.Deleted {
		t.Errorf("after the leave was taken back: %v", after)
	}
	if s := g.desk.Only().Issue.Silenced; s != desk.SilenceDeclined {
		t.Errorf("silenced = %q", s)
	}
}

// Servers that know no ReplyRequest get the reply itself, and nobody else does.
func TestReplyThatAsksImplicitly(t *testing.T) {
	t.Parallel()
	g := newGTS(t, asksOld)
	fan := g.Peer()
	fan.Send(g.desk.Site.SharedInbox(), M{"id": fan.URL + "/f", "type": "Follow", "actor": string(fan.Actor), "object": string(g.desk.Site.Desk("help"))})
	g.Settle()
	p, err := g.desk.Reply(ctx, app.By{}, app.ReplyInput{Issue: g.desk.Only().Issue.ID, Text: "We see it.", Visibility: desk.VisibilityPublic, Now: true})
	if err != nil {
		t.Fatal(err)
	}
	g.Settle()
	got := g.peer.Got()
	last := got[len(got)-1].Body
	if last["type"] != "Create" || last["id"] != string(app.ReplyRequestID(g.desk.Site, p.ID)) {
		t.Fatalf("arrived: %v", last)
	}
	if n := len(fan.Got()); n != 1 { // the Accept of its Follow
		t.Errorf("a follower got %d things before the approval", n)
	}
	stamp := g.stamp(p.Object, M{"type": "ReplyApproval", "object": string(p.Object), "target": g.post})
	accept := g.answer("Accept", string(p.Object), stamp)
	accept["target"] = g.post
	g.send(accept)
	if g.state(p.ID) != desk.PostPublished {
		t.Errorf("after the Accept: %s", g.state(p.ID))
	}
	all := fan.Got()
	if last := all[len(all)-1].Body; len(all) != 2 || last["object"].(M)["approvedBy"] != stamp {
		t.Errorf("the follower got %v", all)
	}
}

func TestInvalidAuthorizations(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(g *gts, p desk.Post) M{
		"of another host": func(g *gts, p desk.Post) M {
			other := g.Peer()
			other.Serve("/authorizations/1", M{"id": other.URL + "/authorizations/1", "type": "ReplyAuthorization",
				"attributedTo": string(other.Actor), "interactingObject": string(p.Object), "interactionTarget": g.post})
			return g.answer("Accept", g.request(p), other.URL+"/authorizations/1")
		},
		"of another type": func(g *gts, p desk.Post) M {
			return g.answer("Accept", g.request(p), g.stamp(p.Object, M{"type": "LikeAuthorization"}))
		},
		"by another person": func(g *gts, p desk.Post) M {
			return g.answer("Accept", g.request(p), g.stamp(p.Object, M{"attributedTo": string(g.peer.Person("mallory", nil))}))
		},
		"for another reply": func(g *gts, p desk.Post) M {
			return g.answer("Accept", g.request(p), g.stamp(p.Object+"x", nil))
		},
		"about another post": func(g *gts, p desk.Post) M {
			return g.answer("Accept", g.request(p), g.stamp(p.Object, M{"interactionTarget": g.post + "x"}))
		},
		"that is not there": func(g *gts, p desk.Post) M {
			return g.answer("Accept", g.request(p), g.peer.URL+"/authorizations/none")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGTS(t, asks)
			p, _ := g.reply()
			before := len(g.peer.Got())
			g.send(spoil(g, p))
			if s := g.state(p.ID); s != desk.PostAwaitingApproval || len(g.since(before)) != 0 {
				t.Errorf("the reply is %s, sent %v", s, g.since(before))
			}
			g.send(g.answer("Accept", g.request(p), g.stamp(p.Object, nil))) // the right one still does
			if s := g.state(p.ID); s != desk.PostPublished {
				t.Errorf("after the right one: %s", s)
			}
		})
	}
	t.Run("sent by another actor", func(t *testing.T) {
		t.Parallel()
		g := newGTS(t, asks)
		p, _ := g.reply()
		eve := g.Peer()
		eve.Send(g.desk.Site.SharedInbox(), M{"id": eve.URL + "/accept", "type": "Accept", "actor": string(eve.Actor), "object": g.request(p)})
		eve.Send(g.desk.Site.SharedInbox(), M{"id": eve.URL + "/reject", "type": "Reject", "actor": string(eve.Actor), "object": string(p.Object)})
		g.Settle()
		if s := g.state(p.ID); s != desk.PostAwaitingApproval {
			t.Errorf("the reply is %s", s)
		}
	})
}

func TestDeclinedReply(t *testing.T) {
	t.Parallel()
	g := newGTS(t, asks)
	p, _ := g.reply(desk.StatusChange{To: desk.StatusInProgress})
	before := len(g.peer.Got())
	g.send(g.answer("Reject", g.request(p), ""))
	v := g.desk.Only()
	if g.state(p.ID) != desk.PostWithheld || v.Issue.Status != desk.StatusNew || v.Issue.Pending != 0 || v.Issue.Silenced != desk.SilenceDeclined {
		t.Errorf("after the Reject: %s, %+v", g.state(p.ID), v.Issue)
	}
	if last := v.Timeline[len(v.Timeline)-1].Event; !strings.Contains(last.Text, "declined") {
		t.Errorf("the agent is told %q", last.Text)
	}
	if after := g.since(before); len(after) != 0 {
		t.Errorf("something was said again: %v", after)
	}
	if status := get(t, string(p.Object)); status != http.StatusNotFound {
		t.Errorf("a stranger reads a declined reply: %d", status)
	}
	if _, err := g.desk.Reply(ctx, app.By{}, app.ReplyInput{Issue: v.Issue.ID, Text: "but", Now: true}); desk.ErrorCode(err) != desk.CodeForbidden {
		t.Errorf("another reply: %v", err)
	}
	// A late Accept changes nothing; a word to us does.
	g.send(g.answer("Accept", g.request(p), g.stamp(p.Object, nil)))
	if g.state(p.ID) != desk.PostWithheld {
		t.Errorf("after a late Accept: %s", g.state(p.ID))
	}
	word := g.peer.Note(2, g.desk.Site.Desk("help"), "<p>sorry, do tell</p>")
	word["inReplyTo"], word["interactionPolicy"] = g.post, M{"canReply": nobody}
	g.send(g.peer.Create(word))
	if q, got := g.reply(); g.state(q.ID) != desk.PostPublished || len(got) != 1 || got[0]["type"] != "Create" {
		t.Errorf("an answer to a person who mentions us needs approval: %v", got)
	}
}

// If the author revokes the approval before the reply has gone out, it does not
// go out.
func TestDeclinedAfterTheApproval(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(g *gts, p desk.Post, stamp string) M{
		"a Reject": func(g *gts, p desk.Post, _ string) M { return g.answer("Reject", g.request(p), "") },
		"the authorization is deleted": func(g *gts, _ desk.Post, stamp string) M {
			return M{"id": g.peer.URL + "/delete/1", "type": "Delete", "actor": string(g.peer.Actor), "object": stamp}
		},
	} {
		g := newGTS(t, asks)
		p, _ := g.reply(desk.StatusChange{To: desk.StatusInProgress})
		before, stamp := len(g.peer.Got()), g.stamp(p.Object, nil)
		if err := g.desk.Approved(ctx, p.Object, g.peer.Actor, desk.ObjectID(stamp)); err != nil {
			t.Fatal(err)
		}
		g.send(change(g, p, stamp)) // while the reply waits for its turn
		if g.state(p.ID) != desk.PostWithheld || g.desk.Only().Issue.Status != desk.StatusNew {
			t.Errorf("%s: %s, %s", name, g.state(p.ID), g.desk.Only().Issue.Status)
		}
		if after := g.since(before); len(after) != 0 {
			t.Errorf("%s: sent all the same: %v", name, after)
		}
	}
}

// An authorization is not a stranger's to delete, and nothing is kept of the try.
func TestAuthorizationOfAnother(t *testing.T) {
	t.Parallel()
	g := newGTS(t, asks)
	p, _ := g.reply()
	stamp := g.stamp(p.Object, nil)
	g.send(g.answer("Accept", g.request(p), stamp))
	eve := g.Peer()
	if status, _ := eve.Send(g.desk.Site.SharedInbox(), M{"id": eve.URL + "/d", "type": "Delete", "actor": string(eve.Actor), "object": stamp}); status != http.StatusAccepted {
		t.Errorf("answered %d", status)
	}
	if n := waiting(t, g.desk); n != 0 {
		t.Errorf("%d activities were written down", n)
	}
	g.Settle()
	if g.state(p.ID) != desk.PostPublished {
		t.Errorf("the reply is %s", g.state(p.ID))
	}
}

func TestPolicyThatForbids(t *testing.T) {
	t.Parallel()
	g := newGTS(t, nobody)
	before := len(g.peer.Got())
	_, err := g.desk.Reply(ctx, app.By{}, app.ReplyInput{Issue: g.desk.Only().Issue.ID, Text: "hello", Now: true})
	if desk.ErrorCode(err) != desk.CodeForbidden || !strings.Contains(desk.ErrorMessage(err), "chose") {
		t.Errorf("a reply that the policy forbids: %v", err)
	}
	g.Settle()
	if after := g.since(before); len(after) != 0 {
		t.Errorf("sent: %v", after)
	}
}

// A policy that was changed before the reply went out counts.
func TestPolicyChangesInBetween(t *testing.T) {
	t.Parallel()
	g := newGTS(t, everyone)
	note := g.peer.Note(1, "https://elsewhere.example/users/x", "<p>down #acme #fail</p>")
	note["cc"] = []string{string(g.peer.Actor) + "/followers"}
	note["tag"] = []M{{"type": "Hashtag", "name": "#acme"}, {"type": "Hashtag", "name": "#fail"}}
	note["interactionPolicy"] = M{"canReply": nobody}
	g.peer.Serve("/notes/1", note)
	p, got := g.reply()
	if g.state(p.ID) != desk.PostWithheld || len(got) != 0 {
		t.Errorf("the reply is %s, sent %v", g.state(p.ID), got)
	}
}

func TestTakingBackAnAwaitingReply(t *testing.T) {
	t.Parallel()
	g := newGTS(t, asks)
	p, _ := g.reply()
	if _, err := g.desk.EditPost(ctx, app.By{}, p.ID, "other words"); desk.ErrorCode(err) != desk.CodeConflict {
		t.Errorf("editing a reply that waits for approval: %v", err)
	}
	before := len(g.peer.Got())
	if _, err := g.desk.Undo(ctx, app.By{}, string(p.ID)); err != nil {
		t.Fatal(err)
	}
	g.Settle()
	if after := g.since(before); len(after) != 1 || after[0]["type"] != "Delete" {
		t.Errorf("after taking it back arrived %v", after)
	}
	g.send(g.answer("Accept", g.request(p), g.stamp(p.Object, nil)))
	if after := g.since(before); g.state(p.ID) != desk.PostUndone || len(after) != 1 {
		t.Errorf("an Accept that came too late: %s, %v", g.state(p.ID), after)
	}
}

// A crash after the question was written down asks no second time.
func TestRepeatedJobAsksOnce(t *testing.T) {
	t.Parallel()
	g := newGTS(t, asks)
	p, _ := g.reply()
	before := len(g.peer.Got())
	again := func() {
		t.Helper()
		payload, err := json.Marshal(app.Publish{Verb: app.VerbCreate, Post: p.ID})
		if err != nil {
			t.Fatal(err)
		}
		now := g.Clock.Now()
		err = g.desk.Update(ctx, func(tx *app.Tx) error {
			_, err := tx.Jobs().Add(store.Job{ID: app.CreateJob(p.ID), Queue: store.QueuePublish, Due: now, Added: now, Payload: payload})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		g.Settle()
	}
	again()
	if after := g.since(before); len(after) != 0 || g.state(p.ID) != desk.PostAwaitingApproval {
		t.Errorf("asked again: %v", after)
	}
	g.send(g.answer("Accept", g.request(p), g.stamp(p.Object, nil)))
	again()
	if after := g.since(before); len(after) != 1 || g.desk.Only().Issue.Replies != 1 {
		t.Errorf("sent again: %v", after)
	}
}

// A person who said stop meanwhile gets no reply, approved or not; but a reply
// that they have seen is taken back.
func TestApprovalAfterStopPublishesNothing(t *testing.T) {
	t.Parallel()
	g := newGTS(t, asks)
	p, _ := g.reply()
	if _, err := g.desk.AddOptOut(ctx, app.By{}, g.peer.Actor, ""); err != nil {
		t.Fatal(err)
	}
	before := len(g.peer.Got())
	g.send(g.answer("Accept", g.request(p), g.stamp(p.Object, nil)))
	if after := g.since(before); g.state(p.ID) != desk.PostWithheld || len(after) != 1 || after[0]["type"] != "Delete" {
		t.Errorf("the reply is %s, sent %v", g.state(p.ID), after)
	}
}

// The same between citizens and a desk: asked, approved, declined, taken back.
func TestCitizensApproveReplies(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.hear("fail")
	report := s.says("ana", town.PostInput{Text: "nothing works #acme #fail", Approves: true})
	id := s.desk.Only().Issue.ID
	reply := s.desk.Say(id, "We see it too.")
	s.Settle()
	if got := s.texts("ana", report); len(got) != 1 {
		t.Errorf("shown before it was approved: %q", got)
	}
	if waits := s.town.Requests("ana"); len(waits) != 1 || waits[0] != reply.Object {
		t.Fatalf("what waits for ana: %v", waits)
	}
	s.ok(s.town.Approve("ana", reply.Object))
	s.Settle()
	if got := s.texts("ana", report); len(got) != 2 || s.desk.Only().Issue.Replies != 1 {
		t.Errorf("after the approval: %q", got)
	}
	second := s.desk.Say(id, "It works again.", desk.StatusChange{To: desk.StatusFixed})
	s.Settle()
	if _, err := s.desk.Undo(ctx, app.By{}, string(second.ID)); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	if waits := s.town.Requests("ana"); len(waits) != 0 {
		t.Errorf("after it was taken back waits %v", waits)
	}
	third := s.desk.Say(id, "It works again, we hope.", desk.StatusChange{To: desk.StatusFixed})
	s.Settle()
	s.ok(s.town.Decline("ana", third.Object))
	s.Settle()
	v := s.desk.Only()
	if entryOf(v, third.ID).Post.State != desk.PostWithheld || v.Issue.Silenced != desk.SilenceDeclined || v.Issue.Status != desk.StatusAcknowledged {
		t.Errorf("after the refusal: %+v", v.Issue)
	}
	if got := s.texts("ana", report); len(got) != 2 {
		t.Errorf("the thread: %q", got)
	}
}

// Some servers keep no request: they answer one that they make up themselves, of which
// only the post that was to be answered is ours to know.
func TestAnswerToAMadeUpRequest(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]desk.PostState{"Accept": desk.PostPublished, "Reject": desk.PostWithheld} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			g := newGTS(t, asks)
			p, _ := g.reply()
			stranger := g.Cluster.Peer()
			madeUp := M{"type": "ReplyRequest", "id": g.peer.URL + "/requests/made-up", "actor": string(p.Author), "object": g.post}
			theirs := M{"id": stranger.URL + "/answer", "type": kind, "actor": string(stranger.Actor), "object": madeUp}
			if status, body := stranger.Send(g.desk.Site.SharedInbox(), theirs); status != http.StatusAccepted {
				t.Fatal(status, body)
			}
			other := M{"type": "ReplyRequest", "id": madeUp["id"], "actor": string(g.peer.Actor), "object": g.post}
			g.send(g.answer(kind, other, "")) // the request of another person
			other = M{"type": "ReplyRequest", "id": madeUp["id"], "object": g.peer.URL + "/notes/other"}
			g.send(g.answer(kind, other, "")) // about another post
			if got := g.state(p.ID); got != desk.PostAwaitingApproval {
				t.Fatalf("by answers to others the reply is %s", got)
			}
			stamp := ""
			if kind == "Accept" {
				stamp = g.stamp(p.Object, nil)
			}
			g.send(g.answer(kind, madeUp, stamp))
			if got := g.state(p.ID); got != want {
				t.Errorf("the reply is %s, want %s", got, want)
			}
		})
	}
}

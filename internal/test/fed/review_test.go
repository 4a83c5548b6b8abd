package fed_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/store"
)

// "Stop" counts also where it is a post of its own, and no later, milder cause
// weakens it.
func TestStopAsItsOwnPost(t *testing.T) {
	t.Parallel()
	s, report := heardByTags(t)
	s.says("ana", town.PostInput{Text: s.mention() + " stop"})
	for _, v := range s.desk.Issues() {
		if v.Issue.Silenced != desk.SilenceStop {
			t.Errorf("issue %s is %q", v.Issue.ID, v.Issue.Silenced)
		}
	}
	if err := s.desk.Refused(ctx, s.town.ActorOf("ana")); err != nil {
		t.Fatal(err)
	}
	s.Advance(desk.RefusedFor + time.Hour)
	before := len(s.desk.Issues())
	s.says("ana", town.PostInput{Text: "again #acme #fail"})
	if n := len(s.desk.Issues()); n != before {
		t.Error("a stop that holds for good ended with a refusal")
	}
	s.ok(s.town.Block(ctx, "ana", s.desk.Site.Desk("help")))
	if err := s.desk.RemoveOptOut(ctx, app.By{}, s.town.ActorOf("ana")); desk.ErrorCode(err) != desk.CodeForbidden {
		t.Errorf("an admin released a person who blocked us: %v", err)
	}
	_ = report
}

// An edit is a word too.
func TestNoEditAfterStop(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: s.mention() + " broken"})
	reply := s.desk.Say(s.desk.Only().Issue.ID, "We are looking.")
	s.Settle()
	s.says("ana", town.PostInput{Text: s.mention() + " stop", InReplyTo: report})
	if _, err := s.desk.EditPost(ctx, app.By{}, reply.ID, "We are still looking."); desk.ErrorCode(err) != desk.CodeForbidden {
		t.Errorf("an edit after stop: %v", err)
	}
	if _, err := s.desk.RetractPost(ctx, app.By{}, reply.ID); err != nil {
		t.Errorf("retracting is always allowed: %v", err)
	}
}

// A word that comes while our reply is on its way has not been answered by it.
func TestPostWhileAReplyIsOnItsWay(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: s.mention() + " broken"})
	id := s.desk.Only().Issue.ID
	_, err := s.desk.Reply(ctx, app.By{}, app.ReplyInput{Issue: id, Text: "Which one?", Change: desk.StatusChange{To: desk.StatusWaiting}})
	s.ok(err)
	s.Clock.Advance(2 * time.Second)
	s.says("ana", town.PostInput{Text: s.mention() + " the left one", InReplyTo: report})
	s.Advance(app.DefaultTakeBack)
	if i := s.desk.Only().Issue; !i.NeedsUs || i.WaitingSince.IsZero() || i.Status != desk.StatusAcknowledged {
		t.Errorf("the word is forgotten: answered %v, waiting since %v, %s", i.NeedsUs, i.WaitingSince, i.Status)
	}
}

// A like after fixed starts the three quiet days again; it does not stop them.
func TestQuietDaysAfterALike(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.says("ana", town.PostInput{Text: s.mention() + " broken"})
	fixed := s.desk.Say(s.desk.Only().Issue.ID, "Fixed.", desk.StatusChange{To: desk.StatusFixed})
	s.Settle()
	s.Clock.Advance(time.Hour)
	s.ok(s.town.Like("ana", fixed.Object))
	s.Advance(desk.QuietDays)
	s.Advance(time.Hour)
	if i := s.desk.Only().Issue; i.Status != desk.StatusResolved {
		t.Errorf("ten quiet days later it is %s", i.Status)
	}
}

// A dead letter does not hold up the later jobs of its lane.
func TestDeadLetterDoesNotBlockItsLane(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	eve := s.Peer()
	note := eve.Note(1, s.desk.Site.Desk("help"), "broken")
	create := eve.Create(note)
	create["object"] = note["id"]
	eve.ServeRaw("/notes/1", http.StatusServiceUnavailable, "text/plain", nil)
	eve.Send(s.desk.Site.SharedInbox(), create)
	for range 40 {
		s.Advance(3 * time.Hour)
	}
	if _, dead := s.desk.Waiting(); dead != 1 {
		t.Fatalf("%d dead letters", dead)
	}
	eve.Serve("/notes/1", note)
	create["id"] = eve.URL + "/again"
	eve.Send(s.desk.Site.SharedInbox(), create)
	s.Settle()
	s.desk.Only()
}

// An actor whose inbox always moves does not cause endless lookups.
func TestMovingInboxEnds(t *testing.T) {
	t.Parallel()
	c, p, eve, id := correspondent(t)
	for n := range 20 {
		eve.Inbox(fmt.Sprintf("/in/%d", n), http.StatusNotFound)
	}
	eve.Inbox("/users/eve/inbox", http.StatusNotFound)
	eve.Person("eve", M{"inbox": eve.URL + "/in/1"})
	p.Say(id, "one")
	c.Settle()
	eve.Person("eve", M{"inbox": eve.URL + "/in/2"})
	c.Advance(time.Hour)
	if n := len(eve.Got()); n > 3 {
		t.Errorf("%d inboxes were tried", n)
	}
}

// The answer to a repeated request holds no deleted words.
func TestRepeatedAnswersHoldNoDeletedWords(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: s.mention() + " zzsecret"})
	by := app.By{Key: "status"}
	in := app.StatusInput{Issue: s.desk.Only().Issue.ID, Change: desk.StatusChange{To: desk.StatusAcknowledged}}
	_, err := s.desk.SetStatus(ctx, by, in)
	s.ok(err)
	s.ok(s.town.Delete("ana", report))
	again, err := s.desk.SetStatus(ctx, by, in)
	if err != nil || again.Excerpt != "" {
		t.Errorf("a repeated request is answered %q, %v", again.Excerpt, err)
	}
}

// A post that its author deletes while it is a dead letter stays deleted.
func TestDeletedWhileDead(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	eve := s.Peer()
	note := eve.Note(1, s.desk.Site.Desk("help"), "zzgone")
	eve.Send(s.desk.Site.SharedInbox(), eve.Create(note))
	key := "inbound:Create " + string(eve.Actor) + " " + eve.URL + "/notes/1"
	err := s.desk.Update(ctx, func(tx *app.Tx) error {
		jobs, err := tx.Jobs().Lease(store.QueueInbound, tx.Now, tx.Now.Add(time.Hour), 1)
		if err != nil || len(jobs) != 1 || jobs[0].ID != key {
			return fmt.Errorf("leased %v: %w", jobs, err)
		}
		_, err = tx.Jobs().Bury(key, jobs[0].Lease, tx.Now, "poison")
		return err
	})
	s.ok(err)
	eve.Send(s.desk.Site.SharedInbox(), M{"id": eve.URL + "/del", "type": "Delete", "actor": string(eve.Actor), "object": eve.URL + "/notes/1"})
	s.Settle()
	if _, dead := s.desk.Waiting(); dead != 0 {
		t.Errorf("%d dead letters", dead)
	}
	// A late copy does not bring it back.
	eve.Serve("/notes/1", note)
	s.ok(s.desk.QueueFetch(ctx, desk.ObjectID(eve.URL+"/notes/1"), app.Inbox))
	if n := len(s.desk.Issues()); n != 0 {
		t.Errorf("a deleted post opened %d issues", n)
	}
}

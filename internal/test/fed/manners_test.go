package fed_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
)

// get asks for a document without a signature.
func get(t *testing.T, url string) int {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/activity+json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

func outboxCount(s *scene) (n int, err error) {
	err = s.desk.View(ctx, func(tx *app.Tx) error { n, err = tx.Posts().OutboxCount("help"); return err })
	return n, err
}

// heardByTags is a scene with one issue heard by its tags.
func heardByTags(t *testing.T) (*scene, desk.ObjectID) {
	s := newScene(t)
	s.hear("fail")
	return s, s.says("ana", town.PostInput{Text: "nothing works #acme #fail"})
}

func (s *scene) refusedReply(why string, change ...desk.StatusChange) {
	s.t.Helper()
	in := app.ReplyInput{Issue: s.desk.Issues()[0].Issue.ID, Text: "hello", Now: true}
	if len(change) > 0 {
		in.Change = change[0]
	}
	_, err := s.desk.Reply(ctx, app.By{}, in)
	if desk.ErrorCode(err) != desk.CodeForbidden || !strings.Contains(err.Error(), why) {
		s.t.Errorf("a reply was answered %v, want a refusal with %q", err, why)
	}
	s.Settle()
}

func TestHeardByTagsAndSilentSince(t *testing.T) {
	t.Parallel()
	s, report := heardByTags(t)
	id := s.desk.Only().Issue.ID
	s.desk.Say(id, "We see it too.")
	s.Settle()
	s.refusedReply("has not answered our reply")
	s.desk.Say(id, "It is over since noon.", desk.StatusChange{To: desk.StatusFixed})
	s.Settle()
	s.refusedReply("told that it is over", desk.StatusChange{To: desk.StatusInProgress})
	if got := s.texts("ana", report); len(got) != 3 {
		t.Errorf("thread: %q", got)
	}
}

func TestLikeInvites(t *testing.T) {
	t.Parallel()
	s, _ := heardByTags(t)
	id := s.desk.Only().Issue.ID
	reply := s.desk.Say(id, "We see it too.")
	s.Settle()
	s.refusedReply("has not answered")
	s.ok(s.town.Like("ana", reply.Object))
	i := s.desk.Only()
	if !i.Issue.Invited || i.Timeline[len(i.Timeline)-1].Event.Kind != desk.KindReaction {
		t.Fatalf("after a like: %+v", i.Issue)
	}
	s.desk.Say(id, "More news at six.")
	fixed := s.desk.Say(id, "It works.", desk.StatusChange{To: desk.StatusFixed})
	s.Settle()
	s.Clock.Advance(time.Minute)
	// A like after fixed is the reporter's word.
	s.ok(s.town.Like("ana", fixed.Object))
	i = s.desk.Only()
	like := i.Timeline[len(i.Timeline)-1].Event
	s.ok(s.town.Unlike("ana", fixed.Object))
	_, err := s.desk.SetStatus(ctx, app.By{}, app.StatusInput{Issue: id, Change: desk.StatusChange{To: desk.StatusResolved}, Because: string(like.ID)})
	if desk.ErrorCode(err) != desk.CodeNotFound {
		t.Errorf("a like that was taken back resolves: %v", err)
	}
	// Others' likes are not counted.
	s.ok(s.town.Follow(ctx, "bob", s.desk.Site.Desk("help")))
}

func TestRemovedTagSilences(t *testing.T) {
	t.Parallel()
	t.Run("and the source tells us", func(t *testing.T) {
		s, report := heardByTags(t)
		s.ok(s.town.Edit(ctx, "ana", report, "nothing works #acme")) // the tag actor of #fail takes its boost back
		s.refusedReply("removed the tags")
		s.Clock.Advance(6 * time.Minute) // what a source repeats is fetched once in that time
		s.ok(s.town.Edit(ctx, "ana", report, "nothing works #acme #fail"))
		s.desk.Say(s.desk.Only().Issue.ID, "We see it too.")
		s.Settle()
		if got := s.texts("ana", report); len(got) != 2 {
			t.Errorf("after the tag came back: %q", got)
		}
	})
	t.Run("and nobody tells us", func(t *testing.T) {
		s, report := heardByTags(t)
		s.ok(s.town.Edit(ctx, "ana", report, "nothing works #fail"))
		reply := s.desk.Say(s.desk.Only().Issue.ID, "hello")
		s.Settle()
		i := s.desk.Only()
		if e := entryOf(i, reply.ID); e.Post.State != desk.PostWithheld || !strings.Contains(e.Post.Withheld, "removed the tags") || i.Issue.Silenced != desk.SilenceWithdrawn {
			t.Errorf("the reply is %s, for %q, the issue %+v", e.Post.State, e.Post.Withheld, i.Issue)
		}
		if got := s.texts("ana", report); len(got) != 1 {
			t.Errorf("thread: %q", got)
		}
	})
}

// Before the first reply to a person who has not spoken to us, the report is
// fetched from its own server once more.
func TestRevalidatesBeforeTheFirstReply(t *testing.T) {
	t.Parallel()
	t.Run("deleted meanwhile", func(t *testing.T) {
		s, report := heardByTags(t)
		s.town.Refuse(string(report), http.StatusGone)
		arrived := len(s.town.Arrivals())
		reply := s.desk.Say(s.desk.Only().Issue.ID, "hello")
		// A slow server holds up its own replies only: the queue knows whose they are.
		if err := s.desk.View(t.Context(), func(tx *app.Tx) error {
			j, _, err := tx.Jobs().Get(app.CreateJob(reply.ID))
			if j.Host != report.Host() {
				t.Errorf("the job that sends it depends on %q", j.Host)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		s.Settle()
		i := s.desk.Only()
		if i.Issue.Silenced != desk.SilenceDeleted || i.Issue.Excerpt != "" || i.Issue.Replies != 0 {
			t.Errorf("issue: %+v", i.Issue)
		}
		if n := len(s.town.Arrivals()) - arrived; n != 0 {
			t.Errorf("%d things were sent", n)
		}
	})
	t.Run("the author's server refuses us", func(t *testing.T) {
		s, report := heardByTags(t)
		s.town.Refuse(string(report), http.StatusForbidden)
		s.desk.Say(s.desk.Only().Issue.ID, "hello")
		s.Settle()
		if i := s.desk.Only(); i.Issue.Silenced != desk.SilenceRefused || i.Issue.Replies != 0 {
			t.Errorf("issue: %+v", i.Issue)
		}
		// For 30 days a post with both keys opens nothing.
		s.says("ana", town.PostInput{Text: "again #acme #fail"})
		s.desk.Only()
		s.Advance(desk.RefusedFor + time.Hour)
		s.says("ana", town.PostInput{Text: "and again #acme #fail"})
		if n := len(s.desk.Issues()); n != 2 {
			t.Errorf("%d issues after 30 days, want 2", n)
		}
	})
	t.Run("narrowed meanwhile is nobody's but the author's", func(t *testing.T) {
		s, report := heardByTags(t)
		s.town.Refuse(string(report), http.StatusUnauthorized)
		s.desk.Say(s.desk.Only().Issue.ID, "hello")
		s.Settle()
		if i := s.desk.Only(); i.Issue.Silenced != "" || i.Issue.Replies != 0 || i.Issue.Pending != 1 {
			t.Errorf("a 401 may be our own fault: it is tried again, and nothing is recorded: %+v", i.Issue)
		}
		s.town.Refuse(string(report), 0)
		s.Advance(time.Hour)
		if i := s.desk.Only(); i.Issue.Replies != 1 {
			t.Errorf("after the 401 was over: %+v", i.Issue)
		}
	})
}

func TestStop(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.hear("fail")
	report := s.says("ana", town.PostInput{Text: s.mention() + " broken"})
	s.says("ana", town.PostInput{Text: s.mention() + " Stop!", InReplyTo: report})
	s.refusedReply("asked us to stop")
	s.says("ana", town.PostInput{Text: "by tags #acme #fail"})
	if n := len(s.desk.Issues()); n != 1 {
		t.Errorf("a person who said stop was heard by tags: %d issues", n)
	}
	// Calling us by name, in a thread of its own, is a change of mind.
	s.says("ana", town.PostInput{Text: s.mention() + " now I need you after all"})
	if out, _, err := s.desk.OptOuts(ctx, page); err != nil || len(out) != 0 {
		t.Errorf("still left alone: %v, %v", out, err)
	}
}

func TestBlock(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: s.mention() + " broken"})
	id := s.desk.Only().Issue.ID
	pending, err := s.desk.Reply(ctx, app.By{}, app.ReplyInput{Issue: id, Text: "on its way"})
	s.ok(err)
	s.ok(s.town.Block(ctx, "ana", s.desk.Site.Desk("help")))
	s.refusedReply("blocked")
	s.Advance(app.DefaultTakeBack)
	if got := s.texts("ana", report); len(got) != 1 {
		t.Errorf("a reply went out after the block: %q", got)
	}
	i := s.desk.Only()
	if e := entryOf(i, pending.ID); e == nil || e.Post.State != desk.PostWithheld {
		t.Errorf("the pending reply: %+v", e)
	}
	s.ok(s.town.Unblock(ctx, "ana", s.desk.Site.Desk("help")))
	s.desk.Say(id, "Welcome back.")
	s.Settle()
	if got := s.texts("ana", report); len(got) != 2 {
		t.Errorf("after the block was taken back: %q", got)
	}
}

// A block of the instance actor counts like a block of the desk.
func TestBlockOfTheInstanceActor(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.hear("fail")
	s.ok(s.town.Block(ctx, "ana", s.desk.Site.Relay()))
	s.says("ana", town.PostInput{Text: "nothing works #acme #fail"})
	if n := len(s.desk.Issues()); n != 0 {
		t.Errorf("%d issues of a person who blocked us", n)
	}
}

func entryOf(v app.IssueView, id desk.PostID) *app.Entry {
	for n := range v.Timeline {
		if v.Timeline[n].Post != nil && v.Timeline[n].Post.ID == id {
			return &v.Timeline[n]
		}
	}
	return nil
}

func TestWeBlock(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.hear("fail")
	_, err := s.desk.AddBlock(ctx, app.By{}, string(s.town.ActorOf("ana").Host()), "spam")
	s.ok(err)
	s.says("ana", town.PostInput{Text: s.mention() + " hello"})
	s.says("ana", town.PostInput{Text: "by tags #acme #fail"})
	if n := len(s.desk.Issues()); n != 0 {
		t.Errorf("%d issues from a blocked server", n)
	}
	s.ok(s.desk.RemoveBlock(ctx, app.By{}, string(s.town.ActorOf("ana").Host())))
	s.says("ana", town.PostInput{Text: s.mention() + " hello again"})
	s.desk.Only()
}

// Two Earshot desks that name each other's tags do not talk in circles.
func TestDesksDoNotLoop(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	other := s.Provider(desk.Desk{Handle: "city", Names: []string{"acme"}, Calls: []string{"fail"}})
	report := s.says("ana", town.PostInput{Text: s.mention() + " @" + other.Site.Acct("city") + " broken"})
	s.desk.Say(s.desk.Only().Issue.ID, "That is #acme #fail")
	other.Say(other.Only().Issue.ID, "And ours #acme #fail")
	s.Settle()
	if len(s.desk.Issues()) != 1 || len(other.Issues()) != 1 {
		t.Errorf("%d and %d issues", len(s.desk.Issues()), len(other.Issues()))
	}
	if got := s.town.Thread("ana", report); len(got) != 3 {
		t.Errorf("thread: %+v", got)
	}
}

package fed_test

import (
	"net/http"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/store"
)

var page = store.Page{}

func TestTwoEditsInARow(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: s.mention() + " no ligth"})
	if err := s.town.Edit(ctx, "ana", report, s.mention()+" no light"); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(time.Second)
	s.ok(s.town.Edit(ctx, "ana", report, s.mention()+" no light at all"))
	i := s.desk.Only()
	post := i.Timeline[0].Post
	if post.Edits != 2 || !contains([]string{post.Text}, "no light at all") {
		t.Errorf("after two edits: %d, %q", post.Edits, post.Text)
	}
	if !contains([]string{i.Issue.Excerpt}, "at all") {
		t.Errorf("excerpt: %q", i.Issue.Excerpt)
	}
	found, _, err := s.desk.ListIssues(ctx, app.ListInput{Search: "ligth"})
	if err != nil || len(found) != 0 {
		t.Errorf("the old words are still found: %v, %v", found, err)
	}
	found, _, err = s.desk.ListIssues(ctx, app.ListInput{Search: "LIGHT"})
	if err != nil || len(found) != 1 {
		t.Errorf("the new words are not found: %v, %v", found, err)
	}
}

// An edit can add the keys: then it is heard like a new post.
func TestEditAddsTheMention(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: "my lamp is broken"})
	s.ok(s.town.Edit(ctx, "ana", report, s.mention()+" my lamp is broken"))
	if i := s.desk.Only(); i.Issue.Heard != desk.HeardMention {
		t.Errorf("heard = %s", i.Issue.Heard)
	}
}

func TestDeletedReport(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: s.mention() + " verysecretword"})
	id := s.desk.Only().Issue.ID
	s.desk.Say(id, "We are looking.")
	s.Settle()
	s.ok(s.town.Delete("ana", report))
	i := s.desk.Only()
	if i.Issue.Status != desk.StatusClosed || i.Issue.Reason != desk.ReasonWithdrawn || i.Issue.Excerpt != "" {
		t.Errorf("issue: %+v", i.Issue)
	}
	post := i.Timeline[0].Post
	if !post.Deleted || post.Text != "" || post.HTML != "" || i.Reporter.Name != "" || i.Reporter.Acct != "" {
		t.Errorf("left of the report: %+v, of the reporter: %+v", post, i.Reporter)
	}
	if found, _, err := s.desk.ListIssues(ctx, app.ListInput{Search: "verysecretword"}); err != nil || len(found) != 0 {
		t.Errorf("deleted words are found: %v, %v", found, err)
	}
	s.refusedReply("deleted the report")
}

func TestAccountLeaves(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: s.mention() + " one"})
	s.says("ana", town.PostInput{Text: s.mention() + " two", InReplyTo: report})
	s.ok(s.town.Follow(ctx, "ana", s.desk.Site.Desk("help")))
	s.ok(s.town.Leave("ana"))
	i := s.desk.Only()
	for _, e := range i.Timeline {
		if e.Post != nil && (e.Post.Text != "" || !e.Post.Deleted) {
			t.Errorf("left: %+v", e.Post)
		}
	}
	if s.desk.Follows("help", i.Issue.Reporter) {
		t.Error("still a follower")
	}
}

// A Delete or Update of a report by another actor is refused.
func TestOnlyTheAuthorChanges(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: s.mention() + " mine"})
	if err := s.desk.Remove(ctx, report, s.town.ActorOf("bob")); err != nil {
		t.Fatal(err)
	}
	if i := s.desk.Only(); i.Timeline[0].Post.Deleted {
		t.Error("bob deleted ana's report")
	}
}

func TestUndoBeforeItGoesOut(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: s.mention() + " broken"})
	id := s.desk.Only().Issue.ID
	p, err := s.desk.Reply(ctx, app.By{}, app.ReplyInput{Issue: id, Text: "oops", Change: desk.StatusChange{To: desk.StatusFixed}})
	s.ok(err)
	if i := s.desk.Only(); i.Issue.Status != desk.StatusNew {
		t.Errorf("the status took effect before the reply: %s", i.Issue.Status)
	}
	_, err = s.desk.Undo(ctx, app.By{}, string(id))
	s.ok(err)
	s.Advance(app.DefaultTakeBack)
	if got := s.texts("ana", report); len(got) != 1 {
		t.Errorf("thread: %q", got)
	}
	if i := s.desk.Only(); i.Issue.Status != desk.StatusNew || i.Issue.Pending != 0 {
		t.Errorf("after the undo: %+v", i.Issue)
	}
	if _, err := s.desk.Undo(ctx, app.By{}, string(p.ID)); desk.ErrorCode(err) != desk.CodeConflict {
		t.Errorf("a second undo: %v", err)
	}
	sent := s.desk.Say(id, "this one stays")
	s.Settle()
	if _, err := s.desk.Undo(ctx, app.By{}, string(sent.ID)); desk.ErrorCode(err) != desk.CodeConflict {
		t.Errorf("an undo after it went out: %v", err)
	}
}

func TestDroppedReplyIsWithheld(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.says("ana", town.PostInput{Text: s.mention() + " broken"})
	id := s.desk.Only().Issue.ID
	p, err := s.desk.Reply(ctx, app.By{}, app.ReplyInput{Issue: id, Text: "wait"})
	s.ok(err)
	jobs, _, err := s.desk.Jobs(ctx, store.JobFilter{Queue: store.QueuePublish}, page)
	if err != nil || len(jobs) != 1 {
		t.Fatalf("jobs: %v, %v", jobs, err)
	}
	s.ok(s.desk.DropJob(ctx, app.By{}, jobs[0].ID))
	i := s.desk.Only()
	if e := entryOf(i, p.ID); e.Post.State != desk.PostWithheld || e.Post.Withheld != "an admin dropped it from the queue" || i.Issue.Pending != 0 {
		t.Errorf("the reply is %s, for %q, %d pending", e.Post.State, e.Post.Withheld, i.Issue.Pending)
	}
}

func TestOurEditsAndDeletionsArrive(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: s.mention() + " broken"})
	reply := s.desk.Say(s.desk.Only().Issue.ID, "We are lokking.")
	s.Settle()
	s.Clock.Advance(time.Second)
	_, err := s.desk.EditPost(ctx, app.By{}, reply.ID, "We are looking.")
	s.ok(err)
	s.Clock.Advance(time.Second)
	_, err = s.desk.EditPost(ctx, app.By{}, reply.ID, "We are looking at it.")
	s.ok(err)
	thread := s.town.Thread("ana", report)
	if len(thread) != 2 || !thread[1].Edited || !contains([]string{thread[1].Text}, "looking at it") {
		t.Fatalf("after the edits: %+v", thread)
	}
	if len(thread[1].Mentions) != 1 {
		t.Errorf("the edit lost its mention: %+v", thread[1])
	}
	_, err = s.desk.RetractPost(ctx, app.By{}, reply.ID)
	s.ok(err)
	if got := s.texts("ana", report); contains(got, "looking") {
		t.Errorf("after the deletion: %q", got)
	}
	if status := get(t, string(reply.Object)); status != http.StatusGone {
		t.Errorf("GET of a retracted reply: %d", status)
	}
	if status := get(t, string(app.CreateID(s.desk.Site, reply.ID))); status != http.StatusGone {
		t.Errorf("GET of its Create: %d", status)
	}
}

func TestFollowAndBroadcast(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.ok(s.town.Follow(ctx, "ana", s.desk.Site.Desk("help")))
	s.ok(s.town.Follow(ctx, "bob", s.desk.Site.Desk("help")))
	if !s.town.Following("ana", s.desk.Site.Desk("help")) {
		t.Fatal("the Follow was not accepted")
	}
	before := len(s.town.Arrivals())
	b, err := s.desk.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "Works tonight in Harbour Street.", Now: true})
	s.ok(err)
	home := s.town.Home("ana")
	if len(home) != 1 || home[0].Visibility != desk.VisibilityPublic || !contains([]string{home[0].Text}, "Harbour Street") {
		t.Fatalf("home: %+v", home)
	}
	if n := len(s.town.Arrivals()) - before; n != 1 {
		t.Errorf("two followers on one server got %d POSTs, want one to the shared inbox", n)
	}
	// Answers to a broadcast: one issue an author.
	s.says("ana", town.PostInput{Text: s.mention() + " and in Mill Lane?", InReplyTo: b.Object})
	s.says("ana", town.PostInput{Text: s.mention() + " hello?", InReplyTo: b.Object})
	s.says("bob", town.PostInput{Text: s.mention() + " thanks", InReplyTo: b.Object})
	if n := len(s.desk.Issues()); n != 2 {
		t.Errorf("%d issues from three answers of two people", n)
	}
	s.ok(s.town.Unfollow(ctx, "ana", s.desk.Site.Desk("help")))
	s.ok(s.town.Unfollow(ctx, "bob", s.desk.Site.Desk("help")))
	_, err = s.desk.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "Nobody hears this.", Now: true})
	s.ok(err)
	if contains(homeTexts(s, "ana"), "Nobody hears") {
		t.Error("an unfollowed broadcast arrived")
	}
}

func homeTexts(s *scene, person string) (out []string) {
	for _, m := range s.town.Home(person) {
		out = append(out, m.Text)
	}
	return out
}

func TestQuietDaysResolve(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.says("ana", town.PostInput{Text: s.mention() + " broken"})
	id := s.desk.Only().Issue.ID
	s.desk.Say(id, "Fixed, we believe.", desk.StatusChange{To: desk.StatusFixed})
	s.Settle()
	s.Advance(desk.QuietDays - time.Minute)
	if i := s.desk.Only(); i.Issue.Status != desk.StatusFixed {
		t.Errorf("too early: %s", i.Issue.Status)
	}
	arrived := len(s.town.Arrivals())
	s.Advance(2 * time.Minute)
	if i := s.desk.Only(); i.Issue.Status != desk.StatusResolved {
		t.Errorf("after three quiet days: %s", i.Issue.Status)
	}
	if n := len(s.town.Arrivals()) - arrived; n != 0 {
		t.Errorf("a timer said %d things", n)
	}
}

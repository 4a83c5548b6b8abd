package fed_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

func TestMention(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: "hello " + s.mention() + " my line is dead"})
	i := s.desk.Only()
	if i.Issue.Heard != desk.HeardMention || i.Issue.Why != "mentions @help" || !i.Issue.Invited || i.Issue.Report != report {
		t.Errorf("opened: %+v", i.Issue)
	}
	if !slices.Equal(i.Sources, []string{app.Inbox}) {
		t.Errorf("sources = %q", i.Sources)
	}
	if i.Reporter.Acct == "" || !strings.HasPrefix(i.Reporter.Acct, "ana@") {
		t.Errorf("reporter = %+v", i.Reporter)
	}
	s.desk.Say(i.Issue.ID, "We are looking.")
	s.Settle()
	thread := s.town.Thread("ana", report)
	if len(thread) != 2 || thread[1].Visibility != desk.VisibilityQuiet || thread[1].InReplyTo != report {
		t.Fatalf("thread: %+v", thread)
	}
	if got := thread[1]; len(got.Tags) != 0 || len(got.Mentions) != 1 || got.Mentions[0] != s.town.ActorOf("ana") {
		t.Errorf("the reply mentions %v and carries tags %v", got.Mentions, got.Tags)
	}
	if tally := s.desk.Only().Timeline[1].Tally; tally.Delivered != 1 || tally.Queued+tally.Failed != 0 {
		t.Errorf("delivery: %+v", tally)
	}
}

// A post without both keys is dropped in memory: no issue, and not a byte of it
// on the disk.
func TestNotForUs(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.hear("acme")
	s.hear("fail")
	s.ok(s.town.SetBio("bob", "I like trains. #nobot"))
	bot := s.Town(town.Person{Username: "weather", Name: "Weather", Bot: true})
	_, err := s.desk.AddSource(ctx, app.By{}, app.SourceSpec{Kind: "tag-actor", Tag: "fail", Actor: string(bot.TagActor("fail"))})
	s.ok(err)
	for n, c := range []struct {
		who  string
		post town.PostInput
	}{
		{"ana", town.PostInput{Text: "a name only #acme"}},
		{"ana", town.PostInput{Text: "a call only #fail"}},
		{"ana", town.PostInput{Text: "plain text #acme #fail", PlainTags: true}},
		{"ana", town.PostInput{Text: "quiet #acme #fail", Visibility: desk.VisibilityQuiet}},
		{"ana", town.PostInput{Text: "friends #acme #fail", Visibility: desk.VisibilityFollowers}},
		{"bob", town.PostInput{Text: "keep bots away #acme #fail"}},
	} {
		c.post.Text = fmt.Sprintf("marker%03d %s", n, c.post.Text)
		s.says(c.who, c.post)
	}
	if _, err := bot.Post(ctx, "weather", town.PostInput{Text: "marker900 storm #acme #fail"}); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	if all := s.desk.Issues(); len(all) != 0 {
		t.Errorf("opened: %+v", all[0].Issue)
	}
	s.notOnDisk("marker")
	// And the ears are not simply shut.
	s.says("ana", town.PostInput{Text: "both #acme #fail"})
	s.desk.Only()
}

// notOnDisk says that no byte of a text is in the data file.
func (s *scene) notOnDisk(text string) {
	s.t.Helper()
	data, err := os.ReadFile(s.desk.Path)
	if err != nil {
		s.t.Fatal(err)
	}
	if at := bytes.Index(data, []byte(text)); at >= 0 {
		s.t.Errorf("%q is in the data file: …%q…", text, data[max(0, at-40):min(len(data), at+80)])
	}
}

// aroundTheRule is a post that is not for us, for one of seven reasons, and its author.
func aroundTheRule(r *rand.Rand, n int) (who string, in town.PostInput) {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	who, in = "ana", town.PostInput{Text: fmt.Sprintf("zzmark%04d ", n)}
	switch r.IntN(7) {
	case 0:
		in.Text += pick("#acme", "#Acme #AcmeCloud", "#acmecloud #ACME", "fail #acme", "#acme #failing")
	case 1:
		in.Text += pick("#fail", "#FAIL #down", "#down acme", "#fail #acmes")
	case 2:
		in.Text += pick("#acme #fail", "#acmecloud #down")
		in.Visibility = desk.VisibilityQuiet
	case 3:
		in.Text += "#acme #fail"
		in.Visibility = desk.VisibilityFollowers
	case 4:
		in.Text += pick("#acme #fail", "#acmecloud #down #help")
		in.PlainTags = true
	case 5:
		who = "bob"
		in.Text += "#acme #fail"
	case 6:
		who = "weather"
		in.Text += "#acme #fail #down"
	}
	return who, in
}

// A thousand posts around the two-key rule, delivered straight to the inbox as
// a relay or a follower's server would: posts that are not for us leave no
// trace.
func TestThousandPostsAroundTheRule(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	crowd := append(people(), town.Person{Username: "weather", Name: "Weather", Bot: true})
	s := &scene{Cluster: c, t: t, desk: c.Provider(acme), town: c.Town(crowd...)}
	s.hear("acme")
	s.hear("fail")
	s.ok(s.town.SetBio("bob", "#nobots please"))
	// Our own words come back to us through other people's boosts.
	own, err := s.desk.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "All is well #acme #fail", Now: true})
	s.ok(err)
	eve := s.Peer()
	eve.Send(s.desk.Site.SharedInbox(), M{"id": eve.URL + "/boost", "type": "Announce", "actor": string(eve.Actor), "object": string(own.Object)})
	r := rand.New(rand.NewPCG(2011, 3))
	for n := range 1000 {
		who, in := aroundTheRule(r, n)
		if _, err := s.town.Post(ctx, who, in); err != nil {
			t.Fatal(err)
		}
		if n%100 == 99 {
			s.Settle()
		}
	}
	if all := s.desk.Issues(); len(all) != 0 {
		t.Errorf("%d issues were opened, the first: %+v", len(all), all[0].Issue)
	}
	s.notOnDisk("zzmark")
}

func TestOneIssueHoweverHeard(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.hear("acme")
	s.hear("fail")
	s.says("ana", town.PostInput{Text: "dead #acme #fail " + s.mention()})
	i := s.desk.Only()
	if len(i.Sources) != 3 {
		t.Errorf("heard through %q, want the inbox and two tags", i.Sources)
	}
	if i.Issue.Heard != desk.HeardMention {
		t.Errorf("heard = %s", i.Issue.Heard)
	}
}

func TestThreadJoins(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: s.mention() + " no light"})
	s.says("ana", town.PostInput{Text: s.mention() + " still none", InReplyTo: report})
	s.says("bob", town.PostInput{Text: s.mention() + " @ana here neither", InReplyTo: report})
	i := s.desk.Only()
	if len(i.Timeline) != 3 {
		t.Fatalf("timeline: %+v", i.Timeline)
	}
	if i.Timeline[2].Author.Name != "Bob" || i.Issue.Reporter != s.town.ActorOf("ana") {
		t.Errorf("the third person is %+v", i.Timeline[2].Author)
	}
	// A third person's word changes no status.
	_, err := s.desk.SetStatus(ctx, app.By{}, app.StatusInput{Issue: i.Issue.ID, Change: desk.StatusChange{To: desk.StatusWaiting}})
	s.ok(err)
	s.says("bob", town.PostInput{Text: s.mention() + " hello?", InReplyTo: report})
	if i = s.desk.Only(); i.Issue.Status != desk.StatusWaiting || i.Issue.NeedsUs {
		t.Errorf("bob made it %s, answered %v", i.Issue.Status, i.Issue.NeedsUs)
	}
	// Another post with both keys in a thread of its own is another issue.
	s.says("ana", town.PostInput{Text: s.mention() + " something else"})
	if n := len(s.desk.Issues()); n != 2 {
		t.Errorf("%d issues, want 2", n)
	}
}

func TestDirectPostIsAnsweredDirectly(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: s.mention() + " my customer number is 1234", Visibility: desk.VisibilityDirect})
	i := s.desk.Only()
	if _, err := s.desk.Reply(ctx, app.By{}, app.ReplyInput{Issue: i.Issue.ID, Text: "x", Visibility: desk.VisibilityQuiet}); desk.ErrorCode(err) != desk.CodeForbidden {
		t.Errorf("a quiet answer to a direct post: %v", err)
	}
	reply := s.desk.Say(i.Issue.ID, "Thank you, Ana.")
	s.Settle()
	thread := s.town.Thread("ana", report)
	if len(thread) != 2 || thread[1].Visibility != desk.VisibilityDirect {
		t.Fatalf("thread: %+v", thread)
	}
	if got := s.texts("bob", report); contains(got, "Thank you") {
		t.Errorf("bob reads %q", got)
	}
	if status := get(t, string(reply.Object)); status != 404 {
		t.Errorf("an unsigned GET of a direct reply: %d", status)
	}
	if n, err := outboxCount(s); err != nil || n != 0 {
		t.Errorf("the outbox counts %d, %v", n, err)
	}
}

func TestCommentNeverLeaves(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: s.mention() + " help"})
	before := len(s.town.Arrivals())
	c, err := s.desk.Comment(ctx, app.By{Agent: "ab@acme.example"}, s.desk.Only().Issue.ID, "the customer is always angry")
	s.ok(err)
	if c.Object != "" {
		t.Errorf("a comment has the id %s", c.Object)
	}
	if n := len(s.town.Arrivals()); n != before {
		t.Errorf("%d things arrived", n-before)
	}
	if got := s.texts("ana", report); len(got) != 1 {
		t.Errorf("thread: %q", got)
	}
	if status := get(t, string(s.desk.Site.Post(c.ID))); status != 404 {
		t.Errorf("GET of a comment: %d", status)
	}
}

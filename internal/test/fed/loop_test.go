package fed_test

import (
	"context"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

var ctx = context.Background()

// acme is the provider's desk in these tests.
var acme = desk.Desk{Handle: "help", Name: "Acme help", Names: []string{"acme", "acmecloud"}, Calls: []string{"fail", "down"}}

func people() []town.Person {
	return []town.Person{{Username: "ana", Name: "Ana", Language: "en"}, {Username: "bob", Name: "Bob", Language: "en"}}
}

// scene is a provider, and a town whose hashtag actor the provider follows.
type scene struct {
	*fed.Cluster
	t    *testing.T
	desk *fed.Provider
	town *town.Town
}

func newScene(t *testing.T) *scene { return sceneOn(t, fed.New(t)) }

func sceneOn(t *testing.T, c *fed.Cluster) *scene {
	t.Helper()
	return &scene{Cluster: c, t: t, desk: c.Provider(acme), town: c.Town(people()...)}
}

// hear makes the provider follow the town's actor of a tag.
func (s *scene) hear(tag string) {
	s.t.Helper()
	_, err := s.desk.AddSource(ctx, app.By{}, app.SourceSpec{Kind: "tag-actor", Tag: tag, Actor: string(s.town.TagActor(tag))})
	if err != nil {
		s.t.Fatal(err)
	}
	s.Settle()
}

// says posts as a person of the town and settles.
func (s *scene) says(person string, in town.PostInput) desk.ObjectID {
	s.t.Helper()
	id, err := s.town.Post(ctx, person, in)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Settle()
	return id
}

func (s *scene) mention() string { return "@" + s.desk.Site.Acct("help") }

// texts are the words of a thread as a person sees it.
func (s *scene) texts(person string, id desk.ObjectID) []string {
	var out []string
	for _, m := range s.town.Thread(person, id) {
		out = append(out, m.Text)
	}
	return out
}

func (s *scene) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	s.Settle()
}

func contains(list []string, part string) bool {
	for _, s := range list {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// onBothStores runs a story with providers that keep everything in a file, and
// again with ones that keep it in PostgreSQL.
func onBothStores(t *testing.T, story func(*testing.T, *fed.Cluster)) {
	t.Helper()
	t.Parallel()
	for name, in := range map[string]bool{"file": false, "PostgreSQL": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := fed.New(t)
			c.PostgreSQL = in
			story(t, c)
		})
	}
}

// The 10/25 story: one post with two tags, noticed by a person, a question, an
// answer, the truth, "works again, thanks", resolved. The reporter writes
// posts and does nothing else.
func TestStory(t *testing.T) { onBothStores(t, story) }

func story(t *testing.T, c *fed.Cluster) {
	s := sceneOn(t, c)
	s.hear("fail")

	report := s.says("ana", town.PostInput{Text: "Nothing works since nine #acme #fail"})
	i := s.desk.Only()
	if i.Issue.Status != desk.StatusNew || i.Issue.Why != "#acme and #fail" || i.Issue.Heard != desk.HeardTags {
		t.Fatalf("opened: %+v", i.Issue)
	}
	if len(i.Sources) != 1 || !strings.Contains(i.Sources[0], "#fail") {
		t.Errorf("sources = %q", i.Sources)
	}
	if i.Reporter.Name != "Ana" || i.Issue.Excerpt != "Nothing works since nine #acme #fail" {
		t.Errorf("reporter %+v, excerpt %q", i.Reporter, i.Issue.Excerpt)
	}

	s.Settle()
	question := s.desk.Say(i.Issue.ID, "Sorry to hear it. Which street are you in?", desk.StatusChange{To: desk.StatusWaiting})
	s.Settle()
	if got := s.texts("ana", report); !contains(got, "Which street") {
		t.Fatalf("the reporter's thread: %q", got)
	}
	if n := s.town.Notifications("ana"); len(n) != 1 || n[0].Kind != "mention" {
		t.Errorf("notifications: %+v", n)
	}
	if i = s.desk.Only(); i.Issue.Status != desk.StatusWaiting {
		t.Errorf("status %s after the question", i.Issue.Status)
	}

	s.says("ana", town.PostInput{Text: s.mention() + " Harbour Street", InReplyTo: question.Object})
	i = s.desk.Only()
	if i.Issue.Status != desk.StatusAcknowledged || !i.Issue.NeedsUs || !i.Issue.Invited {
		t.Errorf("after the answer: %+v", i.Issue)
	}

	s.desk.Say(i.Issue.ID, "We are short of capacity there and are working on it.", desk.StatusChange{To: desk.StatusInProgress})
	s.Settle()
	fixed := s.desk.Say(i.Issue.ID, "Should work again since 9:25. Does it for you?", desk.StatusChange{To: desk.StatusFixed})
	s.Advance(1)
	s.Clock.Advance(1e9)
	thanks := s.says("ana", town.PostInput{Text: s.mention() + " works again, thanks", InReplyTo: fixed.Object})
	i = s.desk.Only()
	if i.Issue.Status != desk.StatusFixed || !i.Issue.NeedsUs {
		t.Errorf("after thanks: %+v", i.Issue)
	}
	_, err := s.desk.SetStatus(ctx, app.By{}, app.StatusInput{Issue: i.Issue.ID, Change: desk.StatusChange{To: desk.StatusResolved}, Because: string(thanks)})
	s.ok(err)
	if i = s.desk.Only(); i.Issue.Status != desk.StatusResolved {
		t.Errorf("at the end: %s", i.Issue.Status)
	}
	if got := s.texts("ana", report); len(got) != 6 {
		t.Errorf("the thread has %d posts, want 6: %q", len(got), got)
	}
	if waiting, dead := s.desk.Waiting(); waiting != 0 || dead != 0 {
		t.Errorf("%d jobs wait, %d are dead", waiting, dead)
	}
}

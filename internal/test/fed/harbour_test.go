package fed_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/store"
)

// A town whose people nobody here knows is asked for a hashtag, page by page: its
// reports are heard, and answered in their own threads there.
func TestTownIsAskedForAHashtag(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	harbour := s.Town(town.Person{Username: "faye", Name: "Faye"}, town.Person{Username: "bot", Name: "Bot", Bot: true})
	home, err := url.Parse(string(harbour.ActorOf("faye")))
	s.ok(err)
	says := func(who, text string, v desk.Visibility) desk.ObjectID {
		o, err := harbour.Post(ctx, who, town.PostInput{Text: text, Visibility: v})
		s.ok(err)
		return o
	}
	says("faye", "History #acme #fail", "")
	s.Advance(time.Minute)
	id := s.through(app.SourceSpec{Kind: "timeline", URL: "http://" + home.Host, Tag: "acme"})
	report := says("faye", "No line in the harbour #Acme #fail", "")
	says("faye", "Quietly #acme #fail", desk.VisibilityQuiet)
	says("bot", "By a bot #acme #fail", "")
	for range 60 { // more than a page
		says("faye", "My boat, says #acme", "")
	}
	s.Advance(5 * time.Minute)
	i := s.desk.Only()
	if i.Issue.Report != report || len(i.Sources) != 1 || !strings.HasPrefix(i.Sources[0], "timeline ") {
		t.Errorf("heard %s through %q", i.Issue.Report, i.Sources)
	}
	s.ok(s.desk.CountSources(ctx))
	if src := s.source(id); src.State != store.SourcePolling || src.Error != "" || src.Matched != 1 || src.Heard != 62 {
		t.Errorf("%+v", src)
	}
	s.desk.Say(i.Issue.ID, "We are on our way.")
	s.Settle()
	if thread := harbour.Thread("faye", report); len(thread) != 2 {
		t.Errorf("the reporter's thread: %+v", thread)
	}
}

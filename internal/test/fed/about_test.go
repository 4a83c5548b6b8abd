package fed_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

// howOften counts what a peer was asked of itself since this was called last.
func howOften(p *fed.Peer) (n int) {
	for _, a := range p.Asked() {
		if strings.HasPrefix(a, "GET /api/v2/instance") {
			n++
		}
	}
	return n
}

// When a reporter speaks, we ask their server how long a post may be, once a
// day at most. The answer stays, even if deliveries fail.
func TestMaxCharactersIsLearned(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, eve := c.Provider(acme), c.Peer()
	limit := func(n int) {
		eve.Serve("/api/v2/instance", fed.M{"configuration": fed.M{"statuses": fed.M{"max_characters": n}}})
	}
	n := 0
	speaks := func() {
		n++
		if status, answer := eve.Send(p.Site.SharedInbox(), eve.Create(eve.Note(n, p.Site.Desk("help"), "broken"))); status != http.StatusAccepted {
			t.Fatalf("%d %s", status, answer)
		}
		c.Settle()
	}
	var issue desk.IssueID
	known := func(want int) {
		t.Helper()
		v, err := p.ShowIssue(ctx, issue)
		if err != nil {
			t.Fatal(err)
		}
		if v.MaxCharacters != want {
			t.Errorf("%d characters, want %d", v.MaxCharacters, want)
		}
	}
	limit(5000)
	speaks()
	issue = p.Only().Issue.ID
	known(5000)
	speaks()
	if got := howOften(eve); got != 1 {
		t.Errorf("asked %d times within a day", got)
	}

	// The breaker opens and closes; our knowledge of the server stays.
	eve.Inbox("/users/eve/inbox", http.StatusServiceUnavailable)
	p.Say(issue, "one")
	c.Settle()
	c.Advance(time.Hour)
	known(5000)
	eve.Inbox("/users/eve/inbox", http.StatusAccepted)
	c.Advance(13 * time.Hour)
	known(5000)

	limit(700)
	c.Advance(12 * time.Hour)
	if got := howOften(eve); got != 0 {
		t.Errorf("asked %d times while nobody spoke", got)
	}
	speaks()
	known(700)

	// A server that does not answer any more is believed as before, and asked no more often.
	eve.ServeRaw("/api/v2/instance", http.StatusInternalServerError, "text/plain", nil)
	c.Advance(25 * time.Hour)
	speaks()
	speaks()
	known(700)
	if got := howOften(eve); got != 2 {
		t.Errorf("asked %d times in two days", got)
	}
	// After a month in which nobody spoke it is forgotten.
	c.Advance(31 * 24 * time.Hour)
	if err := p.Upkeep(ctx); err != nil {
		t.Fatal(err)
	}
	known(0)
}

// The town says it too.
func TestMaxCharactersOfTheTown(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.says("ana", town.PostInput{Text: s.mention() + " broken"})
	s.Settle()
	v, err := s.desk.ShowIssue(ctx, s.desk.Only().Issue.ID)
	s.ok(err)
	if v.MaxCharacters != 5000 {
		t.Errorf("%d characters", v.MaxCharacters)
	}
}

package fed_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
	"earshot/internal/test/foreign"
)

// An ordinary bot on activitypub-bot and a desk, where both sides sign and take
// one scheme alone. Each starts with the one it likes best and has to learn the
// other: the library falls back to draft-cavage, we to RFC 9421.
func TestForeignBot(t *testing.T) {
	t.Parallel()
	for _, scheme := range []foreign.Scheme{foreign.RFC9421, foreign.Cavage} {
		t.Run("where all take "+string(scheme)+" alone", func(t *testing.T) {
			t.Parallel()
			a := newBotAbroad(t, scheme)
			a.conversation()
			a.private()
			a.poll()
			a.newKeys()
			taken, refused := a.gate.counts()
			// The library knocks with RFC 9421, and falls back where that is refused.
			if taken == 0 || (refused > 0) != (scheme == foreign.Cavage) {
				t.Errorf("the desk took %d deliveries by %s and refused %d", taken, scheme, refused)
			}
			if refusals := a.robin.Refusals(); len(refusals) > 0 {
				t.Errorf("the library refused deliveries: %q", refusals)
			}
		})
	}
}

// botAbroad is a provider and a bot on activitypub-bot.
type botAbroad struct {
	abroad
	robin foreign.Robin
}

func newBotAbroad(t *testing.T, scheme foreign.Scheme) *botAbroad {
	t.Helper()
	c := fed.New(t)
	g := newGate(c, scheme)
	bot := foreign.StartTagBot(t, foreign.TagBotOptions{Takes: scheme})
	return &botAbroad{abroad{Cluster: c, t: t, desk: c.Provider(acme), gate: g}, bot.Robin()}
}

// opens waits for the issue of a post.
func (a *botAbroad) opens(object string) (issue desk.Issue) {
	a.t.Helper()
	a.until("the issue of "+object, func() bool {
		for _, v := range a.desk.Issues() {
			if v.Issue.Report == desk.ObjectID(object) {
				issue = v.Issue
				return true
			}
		}
		return false
	})
	return issue
}

// arrives waits for something of ours that the library verified and handed to
// the bot, signed by the one scheme that it takes, by a key of the desk.
func (a *botAbroad) arrives(what, key string, match func(foreign.Received) bool) foreign.Received {
	a.t.Helper()
	a.Settle()
	got := a.robin.Await(patience, what, match)
	want := foreign.Signature{Scheme: a.gate.takes, KeyID: a.help() + key, Owner: a.help(), VerifiedBy: "activitypub-bot"}
	if got.Signature != want {
		a.t.Errorf("%s is signed %+v, want %+v", what, got.Signature, want)
	}
	return got
}

// conversation: report, edits, reply, our edit, an answer without a mention,
// our retraction, their deletions.
func (a *botAbroad) conversation() {
	t := a.t
	report := a.robin.Post("My line is dead", a.help(), foreign.Public)
	issue := a.opens(report)
	if issue.Why != "mentions @help" || !strings.Contains(issue.Excerpt, "My line is dead") {
		t.Errorf("opened: %+v", issue)
	}
	for n, words := range []string{"My line is very dead", "My line is quite dead"} {
		a.robin.Edit(report, words)
		a.until("the edit to "+words, func() bool { return a.desk.Show(issue.ID).Timeline[0].Post.Edits == n+1 })
	}
	if got := a.desk.Show(issue.ID).Issue.Excerpt; !strings.Contains(got, "quite dead") {
		t.Errorf("after two edits: %q", got)
	}

	reply := a.desk.Say(issue.ID, "We are lokking.")
	got := a.arrives("our reply", "#main-key", func(r foreign.Received) bool { return r.Notified && r.RepliesTo(report) })
	if got.ObjectID != string(reply.Object) || !slices.Equal(got.To, []string{a.robin.ID}) || !strings.Contains(got.Object.Content, "lokking") {
		t.Errorf("our reply arrived as %+v of %+v", got, got.Object)
	}
	a.Clock.Advance(time.Second)
	if _, err := a.desk.EditPost(ctx, app.By{}, reply.ID, "We are looking."); err != nil {
		t.Fatal(err)
	}
	edit := a.arrives("our edit", "#main-key", func(r foreign.Received) bool { return r.Is("Update", a.help(), string(reply.Object)) })
	if !strings.Contains(edit.Object.Content, "looking") {
		t.Errorf("our edit arrived as %+v", edit.Object)
	}

	answer := a.robin.Answer("Thanks for looking", string(reply.Object))
	a.until("the answer without a mention", func() bool { return a.desk.Show(issue.ID).Issue.NeedsUs })
	if n := len(a.desk.Issues()); n != 1 {
		t.Errorf("%d issues, want the one", n)
	}
	if _, err := a.desk.RetractPost(ctx, app.By{}, reply.ID); err != nil {
		t.Fatal(err)
	}
	gone := a.arrives("our retraction", "#main-key", func(r foreign.Received) bool { return r.Is("Delete", a.help(), string(reply.Object)) })
	if gone.Object == nil || gone.Object.Type != "Tombstone" {
		t.Errorf("our retraction arrived as %+v", gone.Object)
	}

	a.robin.Delete(answer)
	a.robin.Delete(report)
	a.until("their deletions", func() bool {
		erased := map[desk.PostID]bool{} // an edit shows its post again
		for _, e := range a.desk.Show(issue.ID).Timeline {
			if e.Post != nil && !e.Post.Ours() {
				erased[e.Post.ID] = e.Post.Deleted && e.Post.Text == ""
			}
		}
		return len(erased) == 2 && !slices.Contains(slices.Collect(maps.Values(erased)), false)
	})
}

// private: a direct note is answered directly.
func (a *botAbroad) private() {
	t := a.t
	note := a.robin.Post("My number is 1234", a.help(), foreign.Direct)
	issue := a.opens(note)
	reply := a.desk.Say(issue.ID, "Thank you.")
	got := a.arrives("the direct reply", "#main-key", func(r foreign.Received) bool { return r.Notified && r.RepliesTo(note) })
	for _, to := range [][]string{got.To, got.Object.To} {
		if !slices.Equal(to, []string{a.robin.ID}) {
			t.Errorf("the direct reply is addressed to %v", to)
		}
	}
	if len(got.Cc) != 0 || len(got.Object.Cc) != 0 || got.ObjectID != string(reply.Object) {
		t.Errorf("the direct reply arrived as %+v of %+v", got, got.Object)
	}
}

// poll: a Question opens an issue and is answered; the counts of its votes and
// its end are no posts and no edits.
func (a *botAbroad) poll() {
	t := a.t
	question := a.robin.Poll("Is it down for you too?", a.help(), "Down here", "Works here")
	issue := a.opens(question)
	before := a.desk.Show(issue.ID).Timeline
	for _, want := range []string{"Is it down for you too?", "• Down here", "• Works here", "(votes until "} {
		if !strings.Contains(before[0].Post.Text, want) {
			t.Errorf("the poll reads %q, without %q", before[0].Post.Text, want)
		}
	}
	taken, _ := a.gate.counts()
	a.robin.Count(question, []int{1, 0}, false)
	a.robin.Count(question, []int{2, 1}, true)
	a.until("the count and the end", func() bool { now, _ := a.gate.counts(); return now == taken+2 })
	a.Settle()
	after := a.desk.Show(issue.ID).Timeline
	if len(after) != len(before) || after[0].Post.Edits != 0 || after[0].Post.Text != before[0].Post.Text {
		t.Errorf("after the poll: %d entries, want %d; the report is %+v", len(after), len(before), after[0].Post)
	}
	reply := a.desk.Say(issue.ID, "For everybody, yes.")
	a.arrives("the reply to the poll", "#main-key", func(r foreign.Received) bool {
		return r.Notified && r.RepliesTo(question) && r.ObjectID == string(reply.Object)
	})
}

// newKeys: the library changes its key under the old id, we change ours under a
// new one, and each goes on believing the other.
func (a *botAbroad) newKeys() {
	t := a.t
	report := a.robin.Post("It is dead again", a.help(), foreign.Public)
	issue := a.opens(report)
	a.robin.RotateKeys()
	a.robin.Edit(report, "It is dead again, says a new key")
	a.until("the edit signed by a new key", func() bool {
		return strings.Contains(a.desk.Show(issue.ID).Timeline[0].Post.Text, "says a new key")
	})

	if _, err := a.desk.RotateKey(ctx, app.By{}, "help", false); err != nil {
		t.Fatal(err)
	}
	a.arrives("the news of our new key", "#main-key", func(r foreign.Received) bool { return r.Is("Update", a.help(), a.help()) })
	seesNewKey(t, a.desk, report)
	reply := a.desk.Say(issue.ID, "Done.")
	a.arrives("the reply signed by our new key", "#main-key-2", func(r foreign.Received) bool {
		return r.Notified && r.Is("Create", a.help(), string(reply.Object))
	})
}

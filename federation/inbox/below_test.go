package inbox

import (
	"fmt"
	"slices"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// has gives an author's server a post, with more members.
func (i *instance) has(author desk.ActorID, n, more string) {
	i.t.Helper()
	o := object(i.t, note(author, n, more))
	i.peers.objects[o.ID] = o
}

// bring has a source tell of a post.
func (i *instance) bring(o string) {
	i.t.Helper()
	if err := i.App.QueueFetch(i.t.Context(), desk.ObjectID(o), "source"); err != nil {
		i.t.Fatal(err)
	}
	i.process()
}

func answering(o string) string { return fmt.Sprintf(`,"inReplyTo":%q`, o) }

func answered(by ...string) string {
	return fmt.Sprintf(`,"replies":{"type":"Collection","first":{"type":"CollectionPage","next":"https://m.example/more","items":[%s]}}`, list(by))
}

func list(ids []string) (out string) {
	for n, id := range ids {
		if n > 0 {
			out += ","
		}
		out += jsonID(id)
	}
	return out
}

// What an author says below a report of their own, in the same breath, is in the issue:
// often the trouble itself is there, and the tags are above.
func TestAuthorsOwnAnswersAreRead(t *testing.T) {
	i := newInstance(t, false)
	mine, his, away := noteID(ana, "2"), noteID(ben, "3"), "https://other.example/notes/4"
	i.has(ana, "1", twoKeys+answered(mine, his, away, noteID(ana, "5"), noteID(ana, "6"), noteID(ana, "7")))
	i.has(ana, "2", answering(noteID(ana, "1")))
	i.has(ben, "3", answering(noteID(ana, "1")))
	i.has(ana, "5", answering("https://other.example/notes/9")) // another thread
	i.has(ana, "6", answering(noteID(ana, "1")))
	i.peers.objects[desk.ObjectID(noteID(ana, "6"))].To = []string{string(ben)}                               // not public
	i.peers.objects[desk.ObjectID(noteID(ana, "7"))] = object(t, note(ben, "8", answering(noteID(ana, "1")))) // another post
	i.bring(noteID(ana, "1"))
	issues := i.issues()
	if len(issues) != 1 {
		t.Fatalf("%d issues", len(issues))
	}
	if p := i.stored(mine); p.Issue != issues[0].ID || p.Role != desk.RolePost {
		t.Errorf("the author's own answer: %+v", p)
	}
	for _, o := range []string{his, away, noteID(ana, "5"), noteID(ana, "6"), noteID(ana, "7"), noteID(ben, "8")} {
		if p := i.stored(o); p.ID != "" {
			t.Errorf("%s is stored", o)
		}
	}
	if slices.Contains(i.peers.fetched, away) {
		t.Error("another server was asked")
	}
	// Told again, nothing is fetched that is here.
	i.peers.fetched = nil
	i.bring(noteID(ana, "1"))
	if slices.Contains(i.peers.fetched, mine) {
		t.Errorf("fetched again: %q", i.peers.fetched)
	}
}

// A thread without end is followed for ten posts.
func TestAuthorsThreadIsBounded(t *testing.T) {
	i := newInstance(t, false)
	i.has(ana, "0", twoKeys+answered(noteID(ana, "1")))
	for n := 1; n < 40; n++ {
		i.has(ana, fmt.Sprint(n), answering(noteID(ana, fmt.Sprint(n-1)))+answered(noteID(ana, fmt.Sprint(n+1))))
	}
	i.bring(noteID(ana, "0"))
	if last := i.stored(noteID(ana, fmt.Sprint(app.MaxBelow))); last.ID == "" {
		t.Error("the thread is cut too early")
	}
	if over := i.stored(noteID(ana, fmt.Sprint(app.MaxBelow+1))); over.ID != "" {
		t.Error("the thread is followed on")
	}
}

package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// shown is what a page of a thread shows, in order: r for the report, a for the
// reporter's later words, n for notices and t for third persons', with their texts.
func shown(v app.IssueView) string {
	var out []string
	for _, e := range v.Timeline {
		name, words := "n", e.Event.Text
		switch {
		case e.Event.Kind == desk.KindReport:
			name = "r"
		case e.Event.Third:
			name = "t"
		case e.Event.Kind == desk.KindPost:
			name = "a"
		}
		if e.Post != nil {
			words, _, _ = strings.Cut(e.Post.Text, " ")
		}
		out = append(out, name+words)
	}
	return strings.Join(out, " ")
}

func (h *house) thread(id desk.IssueID, in app.ThreadInput) app.IssueView {
	h.t.Helper()
	v, err := h.ShowThread(ctx, id, in)
	h.ok(err)
	return v
}

// notice adds an entry of a number to an issue.
func (h *house) notice(id desk.IssueID, n int) {
	h.t.Helper()
	h.clock.Advance(time.Second)
	h.ok(h.Update(ctx, func(tx *app.Tx) error {
		return tx.Events().Add(desk.Event{ID: desk.EventID(tx.NewID()), Issue: id, Kind: desk.KindNotice, At: tx.Now, Text: fmt.Sprint(n)})
	}))
}

// A page has the report and the newest entries, and says how many are before them.
func TestThreadPages(t *testing.T) {
	h := newHouse(t)
	id := h.hear("ana", "1", "down", "").Issue
	for n := range 120 {
		h.notice(id, n)
	}
	v := h.view(id)
	if got := v.Timeline; len(got) != 51 || got[0].Event.Kind != desk.KindReport || got[0].Post.Text != "down" || got[0].Author.Name != "ana" || got[1].Event.Text != "70" || got[50].Event.Text != "119" {
		t.Errorf("the newest page: %s", shown(v))
	}
	if v.Earlier != 71 || v.Before != v.Timeline[1].Event.ID || v.Folded != (store.ThreadCount{}) {
		t.Errorf("%d earlier than %s, folded %v", v.Earlier, v.Before, v.Folded)
	}
	v = h.thread(id, app.ThreadInput{Before: v.Before, Limit: 5})
	if shown(v) != "rdown n65 n66 n67 n68 n69" || v.Earlier != 66 {
		t.Errorf("the page before: %s, %d earlier", shown(v), v.Earlier)
	}
	v = h.thread(id, app.ThreadInput{Before: v.Before, Limit: 200})
	if len(v.Timeline) != 66 || v.Earlier != 0 || v.Before != "" {
		t.Errorf("the first page: %s, %d earlier", shown(v), v.Earlier)
	}
	if v = h.thread(id, app.ThreadInput{Limit: 5000}); len(v.Timeline) != app.ThreadLimit+1 {
		t.Errorf("%d entries on a page", len(v.Timeline))
	}
	_, err := h.ShowThread(ctx, id, app.ThreadInput{Before: "none"})
	if desk.ErrorCode(err) != desk.CodeNotFound {
		t.Errorf("before an unknown entry: %v", err)
	}
}

// A page ends before its posts are too long.
func TestThreadBytes(t *testing.T) {
	h := newHouse(t)
	id := h.hear("ana", "1", "down", "").Issue
	long := strings.Repeat("long ", 8_000) // 40 kB, twice
	for n := range 20 {
		h.clock.Advance(time.Second)
		h.hear("ana", fmt.Sprint("a", n), fmt.Sprint(n, " ", long), "https://m.example/notes/1")
		h.hear("eve", fmt.Sprint("e", n), fmt.Sprint(n, " ", long), "https://m.example/notes/1")
	}
	v := h.view(id)
	bytes := 0
	for _, e := range v.Timeline {
		bytes += len(e.Post.Text) + len(e.Post.HTML)
	}
	if shown(v) != "rdown a17 a18 a19 t19" || bytes > 400<<10 || v.Folded != (store.ThreadCount{Entries: 19, Accounts: 1}) {
		t.Errorf("%s: %d bytes, folded %v", shown(v), bytes, v.Folded)
	}
}

// Third persons' words have places of their own: they push out no other ones.
func TestThirdPersonsAreFolded(t *testing.T) {
	h := newHouse(t)
	id := h.hear("ana", "1", "down", "").Issue
	for n := range 212 {
		h.clock.Advance(time.Second)
		if n == 100 {
			h.hear("ana", "more", "still", "https://m.example/notes/1")
		}
		h.hear([]string{"eve", "bob"}[n%2], fmt.Sprint("e", n), fmt.Sprint(n), "https://m.example/notes/1")
	}
	v := h.view(id)
	if shown(v) != "rdown astill t202 t203 t204 t205 t206 t207 t208 t209 t210 t211" || v.Earlier != 0 {
		t.Errorf("the page: %s", shown(v))
	}
	if v.Folded != (store.ThreadCount{Entries: 202, Accounts: 2}) {
		t.Errorf("folded: %v", v.Folded)
	}
	third := h.thread(id, app.ThreadInput{Third: true})
	if len(third.Timeline) != 51 || third.Timeline[0].Event.Kind != desk.KindReport || third.Timeline[1].Post.Text != "162" || third.Earlier != 162 || third.Folded.Entries != 0 {
		t.Errorf("their own page: %s, %d earlier", shown(third), third.Earlier)
	}
	if third = h.thread(id, app.ThreadInput{Third: true, Before: third.Before, Limit: 2}); shown(third) != "rdown t160 t161" || third.Earlier != 160 {
		t.Errorf("the page before: %s, %d earlier", shown(third), third.Earlier)
	}
	for n := range 60 { // none of theirs is in the time of the newest page
		h.notice(id, n)
	}
	if v = h.view(id); strings.Contains(shown(v), "t") || v.Folded != (store.ThreadCount{Entries: 212, Accounts: 2}) {
		t.Errorf("later: %s, folded %v", shown(v), v.Folded)
	}
}

// What the reporter answers belongs to the report; what third persons did to their
// own words is theirs.
func TestWhoIsAThirdPerson(t *testing.T) {
	h := newHouse(t)
	bob := desk.ActorID("https://m.example/bob")
	above := app.Heard{Author: desk.Actor{ID: bob, Acct: "bob@m.example", Name: "bob", Inbox: "https://m.example/inbox"},
		Post: desk.Post{Object: "https://m.example/notes/0", Author: bob, Text: "above", Visibility: desk.VisibilityPublic}}
	r, err := h.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: "https://m.example/ana", Acct: "ana@m.example", Name: "ana"}, Ancestors: []app.Heard{above},
		Post: desk.Post{Object: "https://m.example/notes/1", Author: "https://m.example/ana", Text: "down", InReplyTo: above.Post.Object, Tags: []string{"acme", "fail"}, Visibility: desk.VisibilityPublic}})
	h.ok(err)
	h.clock.Advance(time.Minute)
	h.hear("bob", "2", "me", "https://m.example/notes/1")
	h.clock.Advance(time.Minute)
	h.hear("ana", "3", "thanks", "https://m.example/notes/2")
	if got := shown(h.view(r.Issue)); got != "aabove rdown tme athanks" {
		t.Error(got)
	}
	h.clock.Advance(time.Minute)
	h.hear("bob", "2", "us", "https://m.example/notes/1")
	h.clock.Advance(time.Minute)
	h.ok(h.Remove(ctx, "https://m.example/notes/2", bob))
	v := h.view(r.Issue)
	for _, e := range v.Timeline[len(v.Timeline)-2:] {
		if !e.Event.Third {
			t.Errorf("%s by a third person counts among the main words", e.Event.Kind)
		}
	}
}

package app_test

import (
	"fmt"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// A crowd among the open issues is suggested; what was closed, is old, or shouts at
// strangers is not among it.
func TestSuggestIncidents(t *testing.T) {
	h := newHouse(t)
	say := func(n int, words string, mentions ...desk.ActorID) desk.IssueID {
		author := desk.ActorID(fmt.Sprintf("https://s%d.example/u", n))
		r, err := h.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: author, Inbox: string(author) + "/inbox"},
			Post: desk.Post{Object: desk.ObjectID(fmt.Sprintf("https://s%d.example/1", n)), Author: author, Text: words, HTML: words, Tags: []string{"acme", "fail"},
				Mentions: mentions, Visibility: desk.VisibilityPublic, Published: h.Now()}})
		h.ok(err)
		h.clock.Advance(time.Minute)
		return r.Issue
	}
	say(100, "Hafenstraße dark")
	h.clock.Advance(25 * time.Hour)
	var want []desk.IssueID
	for n := range 6 {
		want = append(want, say(n, []string{"Hafenstraße dark", "no power, Hafenstrasse", "nothing at hafenstrasse"}[n%3]))
	}
	closed := say(6, "Hafenstraße, again")
	_, err := h.SetStatus(ctx, app.By{}, app.StatusInput{Issue: closed, Change: desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonNotACall}})
	h.ok(err)
	say(7, "Hafenstraße @a @b", "https://x.example/a", "https://x.example/b")

	got, err := h.SuggestIncidents(ctx, "help")
	h.ok(err)
	if len(got) != 1 || got[0].People != 6 || fmt.Sprint(got[0].Issues) != fmt.Sprint(want) {
		t.Fatalf("got %+v, want %v", got, want)
	}
	if _, err := h.SuggestIncidents(ctx, "none"); desk.ErrorCode(err) != desk.CodeNotFound {
		t.Errorf("of no desk: %v", err)
	}
}

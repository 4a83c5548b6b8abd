package app_test

import (
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// A third person's post becomes an issue of its own only if it would have been
// one had it stood alone.
func TestSplitThirdPerson(t *testing.T) {
	const report, desks = "https://m.example/notes/1", "https://help.acme.example/desks/help"
	for _, c := range []struct {
		name  string
		post  desk.Post
		since func(*house)
		says  string // "": it may
		heard desk.Heard
	}{
		{name: "said to the reporter", post: desk.Post{}, says: "said to the reporter and not to the desk"},
		{name: "a call alone", post: desk.Post{Tags: []string{"fail"}}, says: "said to the reporter"},
		{name: "two keys", post: desk.Post{Tags: []string{"acme", "fail"}}, heard: desk.HeardTags},
		{name: "two keys, not in public", post: desk.Post{Tags: []string{"acme", "fail"}, Visibility: desk.VisibilityQuiet}, says: "said to the reporter"},
		{name: "two keys, and a stop since", post: desk.Post{Tags: []string{"acme", "fail"}}, says: "said to the reporter", since: func(h *house) {
			_, err := h.AddOptOut(ctx, app.By{}, "https://m.example/ben", "")
			h.ok(err)
		}},
		{name: "a mention", post: desk.Post{Mentions: []desk.ActorID{desks}}, heard: desk.HeardAnswer},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			id := h.hear("ana", "1", "down", "").Issue
			if _, err := h.AddOptOut(ctx, app.By{}, "https://m.example/ana", ""); err != nil { // is not theirs
				t.Fatal(err)
			}
			p := c.post
			p.Object, p.Author, p.Text, p.InReplyTo, p.Published = "https://m.example/notes/2", "https://m.example/ben", "with me too", report, h.Now()
			if p.Visibility == "" {
				p.Visibility = desk.VisibilityPublic
			}
			r, err := h.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: p.Author, Acct: "ben@m.example"}, Post: p})
			h.ok(err)
			if r.Issue != id {
				t.Fatalf("%+v", r)
			}
			if c.since != nil {
				c.since(h)
			}
			var post desk.PostID
			for _, e := range h.view(id).Timeline {
				if e.Event.Kind == desk.KindPost {
					post = e.Event.Post
				}
			}
			i, err := h.Split(ctx, app.By{}, id, post)
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%v, want %q", err, c.says)
			}
			if err == nil && (i.Heard != c.heard || i.Silenced != "" || i.Invited != (c.heard == desk.HeardAnswer) || i.Reporter != p.Author) {
				t.Errorf("%+v", i)
			}
		})
	}
}

// A post that the desk has answered cannot be split off.
func TestSplitAnswered(t *testing.T) {
	h := newHouse(t)
	id := h.hear("ana", "1", "down", "").Issue
	h.hear("ana", "2", "and the phone", "https://m.example/notes/1")
	_, err := h.Reply(ctx, app.By{}, app.ReplyInput{Issue: id, Text: "Which phone?", Now: true})
	h.ok(err)
	h.publish(id)
	for _, e := range h.view(id).Timeline {
		if e.Event.Kind == desk.KindPost {
			if _, err := h.Split(ctx, app.By{}, id, e.Event.Post); desk.ErrorCode(err) != desk.CodeConflict || !strings.Contains(err.Error(), "split off a later post") {
				t.Errorf("%v", err)
			}
		}
	}
}

package app_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

// answer has a person answer a post.
func (l *limited) answer(who desk.ActorID, name string, to desk.ObjectID, source string) (app.Result, error) {
	l.clock.Advance(time.Second)
	return l.Hear(ctx, app.Heard{Source: source, Author: desk.Actor{ID: who, Inbox: string(who) + "/inbox"},
		Post: desk.Post{Object: desk.ObjectID(string(who) + "/notes/" + name), Author: who, Text: "me too", InReplyTo: to, Visibility: desk.VisibilityPublic, Published: l.Now()}})
}

// joined has n persons answer once each, and counts those whose words were kept.
func (l *limited) joined(who func(n int) desk.ActorID, n int, to desk.ObjectID) (joined int) {
	l.t.Helper()
	for i := range n {
		r, err := l.answer(who(i), fmt.Sprint("a", i), to, app.Inbox)
		if err != nil && !errors.Is(err, app.ErrRationed) {
			l.t.Fatal(err)
		}
		if r.Outcome == app.Joined {
			joined++
		}
	}
	return joined
}

// What third persons add has limits: of one person, of one domain, of one issue.
func TestThirdPersonsAreRationed(t *testing.T) {
	l := newLimited(t)
	first := l.report("m.example", 1)
	report := desk.ObjectID("https://m.example/users/1/notes/1")
	if n := l.joined(func(int) desk.ActorID { return "https://eve.example/users/eve" }, 100, report); n < 30 || n > 31 {
		t.Errorf("one person added %d", n)
	}
	if n := l.joined(func(n int) desk.ActorID { return desk.ActorID(fmt.Sprintf("https://h%d.spam.example/u", n)) }, 300, report); n > 175 || n < 165 {
		t.Errorf("to an issue were added %d more", n) // 200 in all, and one in 7 min
	}
	second := l.report("m.example", 2)
	report2 := desk.ObjectID("https://m.example/users/2/notes/1")
	if n := l.joined(func(n int) desk.ActorID { return desk.ActorID(fmt.Sprintf("https://h%d.spam.example/u", n)) }, 300, report2); n < 30 || n > 75 {
		t.Errorf("one domain added %d more to another issue", n) // 200 in all, and one in 18 s
	}
	ana := desk.ActorID("https://m.example/users/1")
	if n := l.joined(func(int) desk.ActorID { return ana }, 300, report); n != 300 {
		t.Errorf("the reporter added %d of 300", n)
	}
	l.joined(func(int) desk.ActorID { return "https://eve.example/users/eve" }, 40, report2)
	r, err := l.answer("https://eve.example/users/eve", "told", report, "a source")
	if err != nil || r.Outcome != app.Dropped || r.Reason != drop.Limited {
		t.Errorf("what a source tells of a third person: %+v, %v", r, err)
	}
	for _, id := range []desk.IssueID{first.Issue, second.Issue} {
		l.ok(l.View(ctx, func(tx *app.Tx) error {
			n, err := tx.Events().CountThread(store.ThreadQuery{Issue: id, Part: store.ThreadThird})
			if n.Entries > 205 {
				t.Errorf("%+v entries of third persons", n)
			}
			return err
		}))
	}
}

// A post beyond the limits is refused before it is accepted; it may come later.
func TestRationedBeforeAccepting(t *testing.T) {
	l := newLimited(t)
	l.report("m.example", 1)
	eve, report := desk.ActorID("https://eve.example/users/eve"), desk.ObjectID("https://m.example/users/1/notes/1")
	ask := func(who desk.ActorID) app.Decision {
		t.Helper()
		d, err := l.Triage(ctx, who, app.AboutPost(app.Heard{Author: desk.Actor{ID: who}, Post: desk.Post{Object: "https://eve.example/new", Author: who, InReplyTo: report, Visibility: desk.VisibilityPublic}}, true))
		l.ok(err)
		return d
	}
	if d := ask(eve); !d.ForUs || d.Rationed {
		t.Errorf("at first: %+v", d)
	}
	l.joined(func(int) desk.ActorID { return eve }, 40, report)
	if d := ask(eve); !d.Rationed {
		t.Errorf("after 40: %+v", d)
	}
	if d := ask("https://m.example/users/1"); !d.ForUs || d.Rationed {
		t.Errorf("the reporter: %+v", d)
	}
	l.clock.Advance(time.Hour)
	if d := ask(eve); d.Rationed {
		t.Errorf("an hour later: %+v", d)
	}
}

// An edit that third persons may not add an entry for has effect all the same.
func TestEditsOfThirdPersons(t *testing.T) {
	l := newLimited(t)
	id := l.report("m.example", 1).Issue
	eve, report := desk.ActorID("https://eve.example/users/eve"), desk.ObjectID("https://m.example/users/1/notes/1")
	for n := range 60 {
		l.clock.Advance(time.Second)
		_, err := l.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: eve}, Post: desk.Post{Object: "https://eve.example/1", Author: eve, Text: fmt.Sprint(n), InReplyTo: report, Visibility: desk.VisibilityPublic, Updated: l.Now()}})
		l.ok(err)
	}
	v, err := l.ShowThread(ctx, id, app.ThreadInput{Third: true})
	l.ok(err)
	if n := len(v.Timeline); n > 33 || v.Timeline[n-1].Post.Text != "59" {
		t.Errorf("%d entries, the words are %q", n, v.Timeline[n-1].Post.Text)
	}
}

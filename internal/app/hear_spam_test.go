package app_test

import (
	"fmt"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/crowds"
	"earshot/store"
)

// hear has the desk hear a made-up post, and says why it is held back.
func (l *limited) hear(n int, c crowds.Post) (app.Result, desk.Flood) {
	l.t.Helper()
	who := desk.ActorID(c.Person)
	p := desk.Post{Object: desk.ObjectID(fmt.Sprintf("%s/notes/%d", who, n)), Author: who, Text: c.Text, Tags: c.Tags, Language: c.Language, Visibility: desk.VisibilityPublic, Published: c.At}
	for _, s := range c.Strangers {
		p.Mentions = append(p.Mentions, desk.ActorID("https://elsewhere.example/"+s))
	}
	if len(c.Tags) == 0 {
		p.Mentions = append(p.Mentions, l.Site().Desk("help"))
	}
	r, err := l.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: who, Inbox: string(who) + "/inbox"}, Post: p})
	l.ok(err)
	if r.Outcome != app.HeldBack {
		return r, ""
	}
	var q desk.Quarantined
	l.ok(l.View(ctx, func(tx *app.Tx) (err error) { q, _, err = tx.Quarantine().Get(p.Object); return err }))
	return r, q.Flood
}

// fate is where the posts of a crowd ended.
type fate struct {
	opened int
	held   map[desk.Flood]int
}

func (l *limited) fates(posts []crowds.Post) map[crowds.About]*fate {
	l.t.Helper()
	out := map[crowds.About]*fate{}
	for n, p := range posts {
		if p.At.After(l.Now()) {
			l.clock.Advance(p.At.Sub(l.Now()))
		}
		f := out[p.About]
		if f == nil {
			f = &fate{held: map[desk.Flood]int{}}
			out[p.About] = f
		}
		switch r, why := l.hear(n, p); r.Outcome {
		case app.Opened:
			f.opened++
		case app.HeldBack:
			f.held[why]++
		}
	}
	return out
}

func newCrowded(t *testing.T) *limited {
	l := newLimited(t)
	_, err := l.EditDesk(ctx, app.By{}, "help", app.DeskEdit{Names: crowds.Names, Calls: crowds.Calls})
	l.ok(err)
	return l
}

// The wave of February 2024 is held back. What people say at the same time about
// matters of their own is not.
func TestWaveIsHeldBack(t *testing.T) {
	l := newCrowded(t)
	day, from := crowds.New(2024), l.Now()
	got := l.fates(crowds.Mixed(day.Wave(1000, from, time.Hour), day.Usual(60, from, time.Hour)))
	for about, f := range got {
		t.Logf("%s: %d issues, held back %v", about, f.opened, f.held)
	}
	if wave := got[crowds.Rubbish]; wave.opened > 0 || wave.held[desk.SpamStrangers] != 1000 {
		t.Errorf("of the wave %d opened issues, %v are held back", wave.opened, wave.held)
	}
	if own := got[crowds.Own]; own.opened != 60 {
		t.Errorf("of 60 others %d opened issues, %v are held back", own.opened, own.held)
	}
	if n, err := l.QuarantineCount(ctx); err != nil || n != 1000 {
		t.Errorf("%d are held back, %v", n, err)
	}
}

// An outage that 400 people of one server tell is not spam, and no more in words
// of five languages from everywhere.
func TestOutageIsNotHeldBack(t *testing.T) {
	for name, host := range map[string]string{"one server": "big.example", "many servers": ""} {
		t.Run(name, func(t *testing.T) {
			l := newCrowded(t)
			day, from := crowds.New(400), l.Now()
			posts := day.Outage(crowds.Internet, 400, from, 15*time.Minute)
			if host != "" {
				for n := range posts {
					posts[n].Person = fmt.Sprintf("https://%s/users/p%d", host, n)
				}
			}
			got := l.fates(crowds.Mixed(posts))[crowds.Internet]
			t.Logf("%s: of 400, %d issues, held back %v", name, got.opened, got.held)
			if got.opened != 400 {
				t.Errorf("%d opened issues, %v are held back", got.opened, got.held)
			}
		})
	}
}

// A text that many accounts send is held back from the fourth on, of each of its
// wordings.
func TestCopiesAreHeldBack(t *testing.T) {
	l := newCrowded(t)
	got := l.fates(crowds.Mixed(crowds.New(7).Copies(200, l.Now(), time.Hour)))[crowds.Rubbish]
	t.Logf("of 200 copies, %d issues, held back %v", got.opened, got.held)
	if got.opened > 3*3 || got.held[desk.SpamCopies] != 200-got.opened {
		t.Errorf("of 200 copies %d opened issues, %v are held back", got.opened, got.held)
	}
	l.clock.Advance(25 * time.Hour)
	l.ok(l.Upkeep(ctx))
	if r := l.report("later.example", 1); r.Outcome != app.Opened {
		t.Errorf("%+v", r)
	}
}

// Each reason to hold a report back, and reports like it that are heard.
func TestLikelySpam(t *testing.T) {
	const strangers = 2
	for _, tt := range []struct {
		name      string
		text      string
		tags      []string
		strangers int
		want      desk.Flood
	}{
		{"a word", "@help down", nil, 0, ""},
		{"nothing but tags", "#acme #fail", []string{"acme", "fail"}, 0, ""},
		{"a mention and a link", "@help https://x.example/1", nil, 0, desk.SpamNothing},
		{"the same with a word", "@help see https://x.example/1", nil, 0, desk.SpamNothing},
		{"a link with a sentence", "@help this page shows an error: https://x.example/1", nil, 0, ""},
		{"both keys and a link", "down https://x.example/1 #acme #fail", []string{"acme", "fail"}, 0, ""},
		{"a friend who has it too", "@help @bo no internet here since this morning", nil, 1, ""},
		{"two strangers, and nothing said", "@help @bo @cy look", nil, strangers, desk.SpamStrangers},
		{"many strangers", "@help @a @b @c @d my internet is broken since this morning", nil, 4, desk.SpamStrangers},
		{"many strangers with both keys", "@a @b @c @d my internet is broken since this morning #acme #fail", []string{"acme", "fail"}, 4, desk.SpamStrangers},
	} {
		l := newLimited(t)
		p := crowds.Post{Person: "https://new.example/users/a", Text: tt.text, Tags: tt.tags, At: l.Now()}
		for n := range tt.strangers {
			p.Strangers = append(p.Strangers, fmt.Sprint("s", n))
		}
		if r, why := l.hear(1, p); why != tt.want || (r.Outcome == app.HeldBack) != (tt.want != "") || tt.want != "" && r.Why != tt.want.Words() {
			t.Errorf("%s: %+v, %q", tt.name, r, why)
		}
	}
}

// A server of which three reports were dropped, and nobody answered, is held back
// until an agent vouches for it; one that was answered never is for that.
func TestDroppedBefore(t *testing.T) {
	l := newLimited(t)
	heard := l.report("fair.example", 1)
	l.replyTo(heard.Issue)
	for n := range 3 {
		for _, host := range []string{"bad.example", "fair.example"} {
			if r := l.report(host, 10+n); r.Outcome != app.Opened {
				t.Fatalf("%s: %+v", host, r)
			}
			l.shout(host, 20+n)
			_, err := l.Drop(ctx, app.By{}, app.Choice{All: true})
			l.ok(err)
		}
	}
	if r := l.report("s1.bad.example", 30); r.Outcome != app.HeldBack || r.Why != desk.SpamDropped.Words() {
		t.Errorf("%+v", r)
	}
	if r := l.report("fair.example", 30); r.Outcome != app.Opened {
		t.Errorf("%+v", r)
	}
	done, err := l.Release(ctx, app.By{}, app.Choice{Host: "bad.example"})
	l.ok(err)
	if r := l.report("bad.example", 31); r.Outcome != app.Opened || len(done.Opened) != 1 {
		t.Errorf("after the release %+v: %+v", done, r)
	}
	left, _, err := l.Quarantine(ctx, store.QuarantineFilter{}, store.Page{})
	l.ok(err)
	if len(left) > 0 {
		t.Errorf("%d are held back", len(left))
	}
}

// An agent closes spam that was heard: one report, all of its server, or all that say
// the same, if no agent has acted on them. Its server and its text are held back then.
func TestSpam(t *testing.T) {
	const advert = "Tired of outages? Switch to Zappo fibre today and get three months free, no contract at all"
	for _, tt := range []struct {
		name      string
		in        app.SpamInput
		closed    int // of the three of each server
		laterBad  app.Outcome
		laterText app.Outcome
	}{
		{"one", app.SpamInput{}, 1, app.Opened, app.Opened},
		{"all of its server", app.SpamInput{Server: true}, 3, app.HeldBack, app.Opened},
		{"all that say the same", app.SpamInput{Alike: true}, 2, app.Opened, app.HeldBack},
		{"both", app.SpamInput{Server: true, Alike: true}, 4, app.HeldBack, app.HeldBack},
	} {
		l := newLimited(t)
		heard := func(host string, n int, text string) desk.IssueID {
			r, err := l.try(host, n, text)
			l.ok(err)
			return r.Issue
		}
		first := heard("a.bad.example", 1, advert)
		heard("b.bad.example", 2, "no internet")
		heard("b.bad.example", 3, "no mail")
		heard("other.example", 4, advert)
		mine := heard("b.bad.example", 5, "no phone")
		_, err := l.SetStatus(ctx, app.By{}, app.StatusInput{Issue: mine, Change: desk.StatusChange{To: desk.StatusAcknowledged}})
		l.ok(err)
		tt.in.Issue = first
		done, err := l.Spam(ctx, app.By{Key: "k"}, tt.in)
		l.ok(err)
		if len(done.Closed) != tt.closed || done.Closed[0] != first || done.More {
			t.Errorf("%s: %+v", tt.name, done)
		}
		if again, err := l.Spam(ctx, app.By{Key: "k"}, tt.in); err != nil || len(again.Closed) != tt.closed {
			t.Errorf("%s: the same request again: %+v, %v", tt.name, again, err)
		}
		if later, _ := l.try("c.bad.example", 6, "still no internet"); later.Outcome != tt.laterBad {
			t.Errorf("%s: a further report of the server: %+v", tt.name, later)
		}
		if later, _ := l.try("third.example", 7, advert); later.Outcome != tt.laterText {
			t.Errorf("%s: a further copy: %+v", tt.name, later)
		}
	}
}

// More than one transaction closes is closed in portions, each report once.
func TestSpamInPortions(t *testing.T) {
	l := newLimited(t)
	for n := range 120 {
		l.report("bad.example", n)
	}
	first := l.report("bad.example", 200).Issue
	closed := map[desk.IssueID]bool{}
	for portion := range 4 {
		done, err := l.Spam(ctx, app.By{}, app.SpamInput{Issue: first, Server: true})
		l.ok(err)
		for _, i := range done.Closed {
			if closed[i] {
				t.Fatalf("%s was closed twice", i)
			}
			closed[i] = true
		}
		if done.More != (portion < 2) {
			t.Fatalf("after portion %d: more %v", portion, done.More)
		}
		if !done.More {
			break
		}
	}
	if _, all := l.taken("bad.example"); len(closed) != 121 || all.Open != 0 {
		t.Errorf("%d are closed, %d open", len(closed), all.Open)
	}
}

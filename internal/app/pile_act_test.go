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

// piled fills a pile with so many people, on three servers in turn.
func (l *limited) piled(people int) desk.Pile {
	l.t.Helper()
	for n := range people {
		host := []string{"a.example", "s1.b.example", "s2.b.example"}[n%3]
		l.hear(n, crowds.Post{Person: fmt.Sprintf("https://%s/users/%d", host, n), Text: fmt.Sprintf("no internet in Ostviertel %d", n), Tags: []string{"acme", "fail"}, At: l.Now()})
	}
	_, piles := l.stands()
	if len(piles) != 1 || piles[0].People != people {
		l.t.Fatalf("%+v", piles)
	}
	return piles[0]
}

// portions makes the further portions of actions on piles.
func (l *limited) portions() (made int) {
	l.t.Helper()
	for {
		var due []store.Job
		l.ok(l.View(ctx, func(tx *app.Tx) (err error) {
			due, _, err = tx.Jobs().List(store.JobFilter{Queue: store.QueueTimer}, store.Page{})
			return err
		}))
		before := made
		for _, j := range due {
			if j.Lane == "" && len(j.ID) > 11 && j.ID[:11] == "timer:pile:" {
				l.ok(l.RunTimer(ctx, j))
				l.ok(l.RunTimer(ctx, j)) // as after a crash: it changes nothing
				l.ok(l.Update(ctx, func(tx *app.Tx) error { _, err := tx.Jobs().Drop(j.ID, time.Time{}); return err }))
				made++
			}
		}
		if made == before {
			return made
		}
	}
}

// An action on a pile changes each report that stands in it then, in portions, once, and
// is taken back as one.
func TestActsOnPile(t *testing.T) {
	closed := desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonCannot}
	for _, tt := range []struct {
		name string
		in   app.PileInput
		done int
		is   func(desk.Issue) bool
	}{
		{"assign", app.PileInput{Do: desk.PileAssign, Assignee: "bo@acme.example"}, 120, func(i desk.Issue) bool { return i.Assignee == "bo@acme.example" }},
		{"close", app.PileInput{Do: desk.PileStatus, Change: closed}, 120, func(i desk.Issue) bool { return i.Status == desk.StatusClosed && i.Reason == desk.ReasonCannot }},
		{"link", app.PileInput{Do: desk.PileLink}, 120, func(i desk.Issue) bool { return i.Incident != "" }},
		{"spam", app.PileInput{Do: desk.PileSpam}, 120, func(i desk.Issue) bool { return i.Reason == desk.ReasonNotACall }},
		{"spam of a server", app.PileInput{Do: desk.PileSpam, Server: true}, 80, func(i desk.Issue) bool { return i.Reason == desk.ReasonNotACall }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLimited(t)
			_, err := l.AddAgent(ctx, app.By{}, desk.Agent{Email: "bo@acme.example", Name: "Bo", Role: desk.RoleAgent})
			l.ok(err)
			p := l.piled(120)
			issues := l.inPile(p.ID)
			tt.in.Pile = p.ID
			later := 1 // who reports after that: not after three drops of their server
			if tt.in.Do == desk.PileSpam && !tt.in.Server {
				later = 0
			}
			if tt.in.Server {
				tt.in.Like = issues[1].ID
			}
			if tt.in.Do == desk.PileLink {
				i, err := l.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No internet"})
				l.ok(err)
				tt.in.Incident = i.ID
			}
			begun, err := l.ActOnPile(ctx, app.By{Key: "k"}, tt.in)
			l.ok(err)
			if begun.Act.Over || begun.Act.Portion != 1 {
				t.Fatalf("after the first portion: %+v", begun.Act)
			}
			if _, err := l.ActOnPile(ctx, app.By{}, tt.in); desk.ErrorCode(err) != desk.CodeConflict {
				t.Errorf("while it is being done: %v", err)
			}
			l.clock.Advance(time.Second)
			l.hear(0, crowds.Post{Person: "https://a.example/users/later", Text: "no internet in Ostviertel", Tags: []string{"acme", "fail"}, At: l.Now()})
			l.portions()
			v, err := l.ShowPile(ctx, p.ID)
			l.ok(err)
			changed := l.count(issues, tt.is)
			if !v.Act.Over || v.Act.Done != tt.done || changed != tt.done || v.People != 120+later-tt.done {
				t.Errorf("%+v: %d are changed, %d stand there", v.Act, changed, v.People)
			}
			if tt.in.Incident != "" {
				l.voices(tt.in.Incident, tt.done)
			}
			_, err = l.UndoPile(ctx, app.By{}, p.ID)
			l.ok(err)
			l.portions()
			v, err = l.ShowPile(ctx, p.ID)
			l.ok(err)
			if changed = l.count(issues, tt.is); !v.Act.Over || v.Act.Done != tt.done || changed != 0 || v.People != 120+later {
				t.Errorf("after the undo %+v: %d are changed, %d stand there", v.Act, changed, v.People)
			}
			if tt.in.Incident != "" {
				l.voices(tt.in.Incident, 0)
			}
			if _, err = l.UndoPile(ctx, app.By{}, p.ID); desk.ErrorCode(err) != desk.CodeConflict {
				t.Errorf("a second undo: %v", err)
			}
		})
	}
}

func (l *limited) count(issues []desk.Issue, is func(desk.Issue) bool) (n int) {
	l.t.Helper()
	l.ok(l.View(ctx, func(tx *app.Tx) error {
		n = 0
		for _, one := range issues {
			i, _, err := tx.Issues().Get(one.ID)
			if err != nil {
				return err
			}
			if is(i) {
				n++
			}
		}
		return nil
	}))
	return n
}

func (l *limited) voices(id desk.IncidentID, want int) {
	l.t.Helper()
	v, err := l.ShowIncident(ctx, id)
	l.ok(err)
	if v.Incident.Voices != want {
		l.t.Errorf("%d voices, %d are linked", v.Incident.Voices, want)
	}
}

// Reports are taken out of a pile for good, and put back; the words of a pile expire.
func TestTakeFromPile(t *testing.T) {
	l := newLimited(t)
	p := l.piled(40)
	two := []desk.IssueID{l.inPile(p.ID)[0].ID, l.inPile(p.ID)[7].ID}
	after, err := l.TakeFromPile(ctx, app.By{}, p.ID, two)
	l.ok(err)
	if rows, _ := l.stands(); after.People != 38 || !contains(rows, two[0]) || !contains(rows, two[1]) {
		t.Errorf("%d people, rows %d", after.People, len(rows))
	}
	if _, err := l.TakeFromPile(ctx, app.By{}, p.ID, two); desk.ErrorCode(err) != desk.CodeConflict {
		t.Errorf("taken twice: %v", err)
	}
	after, err = l.PutBackInPile(ctx, app.By{}, p.ID, two[:1])
	l.ok(err)
	if rows, _ := l.stands(); after.People != 39 || contains(rows, two[0]) {
		t.Errorf("put back: %d people", after.People)
	}
	if len(p.Words) == 0 || len(p.Weights) == 0 {
		t.Fatalf("%+v", p)
	}
	l.clock.Advance(app.DefaultWordsExpire + time.Hour)
	l.ok(l.Upkeep(ctx))
	v, err := l.ShowPile(ctx, p.ID)
	l.ok(err)
	if len(v.Words) > 0 || len(v.Weights) > 0 || v.People != 39 {
		t.Errorf("after they expired: %+v", v.Pile)
	}
	_, err = l.ActOnPile(ctx, app.By{}, app.PileInput{Pile: p.ID, Do: desk.PileStatus, Change: desk.StatusChange{To: desk.StatusAcknowledged}})
	l.ok(err)
	l.ok(l.Upkeep(ctx))
	if _, err := l.ShowPile(ctx, p.ID); desk.ErrorCode(err) != desk.CodeNotFound {
		t.Errorf("an empty pile of long ago: %v", err)
	}
}

// An object is of a pile that is held back: with it nothing is done with all of the issues.
func TestObjectIsOfNoIssue(t *testing.T) {
	l := newLimited(t)
	p := l.piled(30)
	o := l.inPile(p.ID)[0].Report
	for _, in := range []app.PileInput{{Object: o}, {Object: o, Server: true}, {Object: o, Like: l.inPile(p.ID)[0].ID}} {
		in.Pile, in.Do = p.ID, desk.PileSpam
		if _, err := l.ActOnPile(ctx, app.By{}, in); desk.ErrorID(err) != "pile_other_kind" {
			t.Errorf("%+v: %v", in, err)
		}
	}
	if n := len(l.inPile(p.ID)); n != 30 {
		t.Errorf("%d stand in the pile", n)
	}
}

// To close reports, or to call them spam, is decided on what was read: one that came later
// stays, and so does one whose reporter, or a colleague, said more since.
func TestActsOnPileAsRead(t *testing.T) {
	for _, in := range []app.PileInput{
		{Do: desk.PileSpam},
		{Do: desk.PileStatus, Change: desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonCannot}},
	} {
		t.Run(string(in.Do), func(t *testing.T) {
			l := newLimited(t)
			in.Pile = l.piled(60).ID
			issues := l.inPile(in.Pile)
			read := l.Now()
			l.clock.Advance(time.Second)
			l.hear(0, crowds.Post{Person: "https://c.example/users/later", Text: "no internet in Ostviertel", Tags: []string{"acme", "fail"}, At: l.Now()})
			_, err := l.AddAgent(ctx, app.By{}, desk.Agent{Email: "cy@acme.example", Name: "Cy", Role: desk.RoleAgent})
			l.ok(err)
			_, err = l.Comment(ctx, app.By{Agent: "cy@acme.example"}, issues[59].ID, "I know them")
			l.ok(err)
			if _, err := l.ActOnPile(ctx, app.By{Agent: "bo@acme.example", SeenAt: l.Now().Add(time.Hour)}, in); desk.ErrorCode(err) != desk.CodeInvalid {
				t.Errorf("read in an hour: %v", err)
			}
			like := in
			like.Like, like.Alike = issues[59].ID, true
			if _, err := l.ActOnPile(ctx, app.By{Agent: "bo@acme.example", SeenAt: read}, like); desk.ErrorID(err) != "issue_moved_on" {
				t.Errorf("those that say what one said that has changed since: %v", err)
			}
			_, err = l.ActOnPile(ctx, app.By{Agent: "bo@acme.example", SeenAt: read}, in)
			l.ok(err)
			l.portions()
			v, err := l.ShowPile(ctx, in.Pile)
			l.ok(err)
			if v.Act.Done != 59 || v.Act.Skipped != 1 || v.People != 2 {
				t.Errorf("%+v; %d stand there", v.Act, v.People)
			}
			l.clock.Advance(time.Second)
			_, err = l.ActOnPile(ctx, app.By{Agent: "bo@acme.example", SeenAt: l.Now()}, in)
			l.ok(err)
			if v, err = l.ShowPile(ctx, in.Pile); err != nil || v.Act.Done != 2 || v.People != 0 {
				t.Errorf("read again: %+v; %d stand there, %v", v.Act, v.People, err)
			}
		})
	}
}

package app_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/crowds"
	"earshot/store"
)

// stands is what a list of a desk has: the new issues on rows, and the piles.
func (l *limited) stands() (rows []desk.Issue, piles []desk.Pile) {
	l.t.Helper()
	l.ok(l.View(ctx, func(tx *app.Tx) error {
		rows, piles = nil, nil
		if err := store.EachPage(func(p store.Page) (string, error) {
			issues, next, err := tx.Issues().List(store.IssueFilter{Desk: "help", Status: desk.StatusNew, Rows: true}, p)
			rows = append(rows, issues...)
			return next, err
		}); err != nil {
			return err
		}
		return store.EachPage(func(p store.Page) (string, error) {
			some, next, err := tx.Piles().List(store.PileFilter{Desk: "help", Standing: true}, p)
			piles = append(piles, some...)
			return next, err
		})
	}))
	return rows, piles
}

// heardAll hears a crowd, and says of each issue what its report is about.
func (l *limited) heardAll(posts []crowds.Post) map[desk.IssueID]crowds.About {
	l.t.Helper()
	out := map[desk.IssueID]crowds.About{}
	for n, p := range posts {
		if p.At.After(l.Now()) {
			l.clock.Advance(p.At.Sub(l.Now()))
		}
		if r, _ := l.hear(n, p); r.Outcome == app.Opened {
			out[r.Issue] = p.About
		}
	}
	return out
}

func (l *limited) inPile(id desk.PileID) (issues []desk.Issue) {
	l.t.Helper()
	l.ok(l.View(ctx, func(tx *app.Tx) error {
		issues = nil
		return store.EachPage(func(p store.Page) (string, error) {
			some, next, err := tx.Issues().List(store.IssueFilter{Pile: id}, p)
			issues = append(issues, some...)
			return next, err
		})
	}))
	return issues
}

// An outage that 400 people tell stands on few lines, on one server and on many, with
// and without 60 others who tell of matters of their own.
func TestOutageStandsInPiles(t *testing.T) {
	for _, tt := range []struct {
		name   string
		server string
		others int
		in     []string
	}{
		{"one server and others", "big.example", 60, nil},
		{"one language and others", "", 60, []string{"de"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newCrowded(t)
			day, from := crowds.New(400), l.Now()
			outage := day.Outage(crowds.Internet, 400, from, 15*time.Minute, tt.in...)
			for n := range outage {
				if tt.server != "" {
					outage[n].Person = fmt.Sprintf("https://%s/users/p%d", tt.server, n)
				}
			}
			about := l.heardAll(crowds.Mixed(outage, day.Usual(tt.others, from, time.Hour)))
			rows, piles := l.stands()
			on := map[crowds.About]int{}
			for _, i := range rows {
				on[about[i.ID]]++
			}
			t.Logf("of %d: %d rows (%v), %d piles", len(about), len(rows), on, len(piles))
			most, in := 0, len(rows)
			for _, p := range piles {
				of := map[crowds.About]int{}
				issues := l.inPile(p.ID)
				for _, i := range issues {
					of[about[i.ID]]++
				}
				t.Logf("others %v, %d people on %d servers, %v: %v %v", p.Others, p.People, len(p.Servers)+p.Further, p.Spoken(), p.Words, of)
				if p.People != len(issues) {
					t.Errorf("%d people are counted, %d issues are there", p.People, len(issues))
				}
				most = max(most, of[crowds.Internet])
				in += len(issues)
			}
			if on[crowds.Internet] > 30 || on[crowds.Own] < 35 || len(piles) > 5 || most < 350 {
				t.Errorf("rows %v, %d piles, %d in the largest", on, len(piles), most)
			}
			if in != len(about) || len(about) != 400+tt.others {
				t.Errorf("of %d issues %d are on rows and in piles", len(about), in)
			}
		})
	}
}

// Who is known here stands on a row, and so does everybody else as soon as they say more.
func TestWhoStandsOnARow(t *testing.T) {
	l := newLimited(t)
	say := func(person, text string, n int) desk.IssueID {
		r, _ := l.hear(n, crowds.Post{Person: person, Text: text, Tags: []string{"acme", "fail"}, At: l.Now()})
		return r.Issue
	}
	say("https://known.example/users/k", "my invoice is wrong", 1)
	l.clock.Advance(48 * time.Hour)
	var last desk.IssueID
	for n := range 40 {
		last = say(fmt.Sprintf("https://s%d.example/users/%d", n%7, n), fmt.Sprint("no internet in Ostviertel ", n), 2)
	}
	again := say("https://known.example/users/k", "no internet in Ostviertel either", 3)
	rows, piles := l.stands()
	if len(piles) != 1 || piles[0].People != 40 || piles[0].Further+len(piles[0].Servers) != 7 {
		t.Fatalf("%+v", piles)
	}
	if len(rows) != 2 {
		t.Errorf("%d rows", len(rows))
	}
	say("https://s4.example/users/39", "and still", 4) // another report of a person who is known by then
	if rows, piles = l.stands(); len(rows) != 3 || piles[0].People != 40 {
		t.Errorf("after a second report of a person: %d rows, %d people", len(rows), piles[0].People)
	}
	l.ok(l.Update(ctx, func(tx *app.Tx) error {
		i, _, err := tx.Issues().Get(last)
		l.ok(err)
		i.ReporterSpoke(tx.Now)
		return tx.Issues().Put(i)
	}))
	if rows, piles = l.stands(); len(rows) != 4 || piles[0].People != 39 {
		t.Errorf("after a further word: %d rows, %d people", len(rows), piles[0].People)
	}
	l.clock.Advance(2 * time.Hour) // the crowd is over
	late := say("https://late.example/users/1", "no internet in Ostviertel", 5)
	if rows, _ = l.stands(); !contains(rows, late) || !contains(rows, again) {
		t.Errorf("%s or %s is on no row", late, again)
	}
}

func contains(rows []desk.Issue, id desk.IssueID) bool {
	return slices.ContainsFunc(rows, func(i desk.Issue) bool { return i.ID == id })
}

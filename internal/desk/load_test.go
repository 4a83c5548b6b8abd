package desk

import (
	"fmt"
	"testing"
	"time"
)

// A desk can look at three times the usual, and a desk without a history at twenty.
func TestLoadLimit(t *testing.T) {
	for _, tt := range []struct {
		days []int
		want int
	}{
		{nil, 20},
		{[]int{1, 1, 1, 1, 1, 1}, 20},
		{[]int{1, 1, 1, 1, 1, 1, 1}, 10},
		{[]int{5, 9, 8, 7, 400, 6, 8}, 24}, // one bad day changes little
		{[]int{90, 90, 90, 90, 90, 90, 90}, 200},
	} {
		if got := (Load{Days: tt.days}).Limit(); got != tt.want {
			t.Errorf("%v: %d, want %d", tt.days, got, tt.want)
		}
	}
}

// Twenty on rows are no crowd; who reads them keeps it so. What stood in piles is no history.
func TestLoadFills(t *testing.T) {
	var l Load
	var rows LoadRows
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	stand := func(id string, at time.Time, odd bool) {
		l.Stand(at)
		rows = rows.Add(LoadRow{Issue: IssueID(id), At: at, Odd: odd}, &l)
	}
	pass := func(now time.Time) {
		l.Pass(now)
		rows = rows.Pass(l, now)
	}
	for n := range 20 {
		pass(at(0))
		if l.Full(at(0)) {
			t.Fatalf("full with %d", n)
		}
		stand(fmt.Sprint(n), at(0), false)
	}
	l.Unstand(at(0))
	if rows, _ = rows.Leave("3", &l); len(rows) != 19 || l.Full(at(1)) || l.Lately(at(1)) {
		t.Error("full after one was read")
	}
	if _, ok := rows.Leave("3", &l); ok {
		t.Error("it left twice")
	}
	l.Restand(at(0))
	if !l.Full(at(0)) {
		t.Error("not full after it was unread again")
	}
	l = Load{Minutes: l.Minutes, Most: l.Most, Day: l.Day}
	l.Unstand(at(0))
	stand("20", at(1), false)
	if !l.Full(at(2)) {
		t.Error("not full with 20")
	}
	for range 30 {
		l.Pile(at(3))
	}
	if l.Unread() != 50 || l.Most != 20 {
		t.Errorf("%d unread, most %d", l.Unread(), l.Most)
	}
	for n := range loadOdd {
		if !l.OddRoom() {
			t.Fatalf("no room after %d", n)
		}
		stand(fmt.Sprint("odd", n), at(5), true)
	}
	if l.OddRoom() {
		t.Error("room for more")
	}
	if rows, _ = rows.Leave("odd7", &l); !l.OddRoom() {
		t.Error("no room after one left")
	}
	pass(at(14))
	if l.Unread() != 100 {
		t.Errorf("%d unread after a quarter of an hour", l.Unread())
	}
	pass(at(15))
	if l.Unread() != 81 {
		t.Errorf("%d unread after a quarter of an hour", l.Unread())
	}
	pass(at(30)) // the pile goes on, and the rows are remembered
	if l.Full(at(30)) || !l.Lately(at(30)) || len(rows) != 69 {
		t.Errorf("after half an hour %d rows", len(rows))
	}
	pass(at(63))
	if l.Lately(at(63)) || len(rows) > 0 || l.Odd > 0 {
		t.Errorf("after an hour %d rows", len(rows))
	}
	most := l.Most
	pass(noon.Add(36 * time.Hour))
	if len(l.Days) != 1 || l.Days[0] != most || l.Most != 0 {
		t.Errorf("%+v", l)
	}
	for n := range 3 * loadRemembers {
		stand(fmt.Sprint(n), noon.Add(37*time.Hour), n < loadRemembers)
	}
	if len(rows) != loadRemembers || l.Odd != 0 || l.Most != loadRemembers {
		t.Errorf("%d rows are remembered, %d of them odd, most %d", len(rows), l.Odd, l.Most)
	}
}

// Reports that came long before there were too many come into no pile.
func TestLoadRowsOfBefore(t *testing.T) {
	var l Load
	var rows LoadRows
	rows = rows.Add(LoadRow{Issue: "early", At: noon}, &l)
	rows = rows.Add(LoadRow{Issue: "late", At: noon.Add(10 * time.Minute)}, &l)
	for range loadFirst {
		l.Stand(noon.Add(10 * time.Minute))
	}
	for _, minutes := range []int{16, 20, 40} { // rows are not read each time
		now := noon.Add(time.Duration(minutes) * time.Minute)
		l.Pass(now)
		l.Full(now)
	}
	if rows = rows.Pass(l, noon.Add(40*time.Minute)); len(rows) != 1 || rows[0].Issue != "late" {
		t.Errorf("%+v", rows)
	}
}

// A pile counts who comes and leaves, however many servers and languages there are.
func TestPileCounts(t *testing.T) {
	var p Pile
	person := func(n int) Issue {
		return Issue{Reporter: ActorID(fmt.Sprintf("https://s%d.example/u", n%150)), Language: []string{"de", "de", "en", ""}[n%4]}
	}
	for n := range 400 {
		p.Count(person(n), 1)
	}
	if p.People != 400 || len(p.Servers) != 100 || p.Further == 0 || fmt.Sprint(p.Spoken()) != "[de en]" {
		t.Errorf("%d people, %d servers and %d, %v", p.People, len(p.Servers), p.Further, p.Spoken())
	}
	for n := range 400 {
		p.Count(person(n), -1)
	}
	if p.People != 0 || len(p.Servers) != 0 || p.Further != 0 || len(p.Languages) != 0 {
		t.Errorf("%+v", p)
	}
}

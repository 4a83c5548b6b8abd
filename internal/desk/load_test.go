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
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	for n := range 20 {
		l.Pass(at(0))
		if l.Full(at(0)) {
			t.Fatalf("full with %d", n)
		}
		l.Stand(LoadRow{Issue: IssueID(fmt.Sprint(n)), At: at(0)})
	}
	if _, ok := l.Leave("3"); !ok || l.Full(at(1)) || l.Lately(at(1)) {
		t.Error("full after one was read")
	}
	if _, ok := l.Leave("3"); ok {
		t.Error("it left twice")
	}
	l.Stand(LoadRow{Issue: "20", At: at(1)})
	if !l.Full(at(2)) {
		t.Error("not full with 20")
	}
	for range 30 {
		l.Pile(at(3))
	}
	l.Other("o")
	if l.Unread(at(4)) != 50 || l.Most != 20 {
		t.Errorf("%d unread, most %d", l.Unread(at(4)), l.Most)
	}
	for n := range loadOdd {
		if !l.OddRoom() {
			t.Fatalf("no room after %d", n)
		}
		l.Stand(LoadRow{Issue: IssueID(fmt.Sprint("odd", n)), At: at(5), Odd: true})
	}
	if l.OddRoom() {
		t.Error("room for more")
	}
	l.Pass(at(30)) // the pile goes on, and the rows are remembered
	if l.Full(at(30)) || !l.Lately(at(30)) || len(l.Rows) != 70 || len(l.Others) != 1 {
		t.Errorf("after half an hour %d rows", len(l.Rows))
	}
	l.Pass(at(63))
	if l.Lately(at(63)) || len(l.Rows) > 0 || len(l.Others) > 0 {
		t.Errorf("after an hour %d rows", len(l.Rows))
	}
	most := l.Most
	l.Pass(noon.Add(36 * time.Hour))
	if len(l.Days) != 1 || l.Days[0] != most || l.Most != 0 {
		t.Errorf("%+v", l)
	}
	for n := range 3 * loadRemembers {
		l.Stand(LoadRow{Issue: IssueID(fmt.Sprint(n)), At: noon.Add(37 * time.Hour)})
	}
	if len(l.Rows) != loadRemembers {
		t.Errorf("%d rows are remembered", len(l.Rows))
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

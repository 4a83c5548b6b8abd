package drop_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"earshot/internal/desk"
	"earshot/internal/drop"
)

var start = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func every(desk.Handle) bool { return true }

func TestCounts(t *testing.T) {
	l := drop.NewLog(start)
	l.Add(drop.Event{Reason: drop.Kept, Ours: true}, start)
	l.Add(drop.Event{Reason: drop.NotAddressed}, start)
	l.Add(drop.Event{Reason: drop.NotAddressed}, start)
	l.Add(drop.Event{Reason: drop.Signature, Ours: true}, start)
	l.Add(drop.Event{}, start)
	l.Add(drop.Event{Reason: "words of a stranger"}, start)
	want := []drop.Count{{drop.Signature, 1, 1}, {drop.NotAddressed, 2, 0}, {drop.Unexplained, 2, 0}}
	s := l.Summary(every)
	if !slices.Equal(s.Counts, want) || len(s.Tail) != 1 || !s.Since.Equal(start) {
		t.Errorf("%+v", s)
	}
	n := 0
	for _, c := range l.Counts() {
		n += c.All
	}
	if n != 5 || len(l.Counts()) != len(drop.Reasons()) {
		t.Errorf("%d counted in %v", n, l.Counts())
	}
	var none *drop.Log
	none.Add(drop.Event{Reason: drop.Bot}, start)
	if s := none.Summary(every); len(s.Counts) != 0 {
		t.Errorf("%+v", s)
	}
}

// The same again is one entry with a count, and comes first again.
func TestRepeats(t *testing.T) {
	l := drop.NewLog(start)
	e := drop.Event{Reason: drop.Malformed, Type: "Create", Host: "m.example", Ours: true, Desks: []desk.Handle{"help", "gone", "help"}}
	l.Add(e, start)
	l.Add(drop.Event{Reason: drop.Malformed, Type: "Update", Host: "m.example", Ours: true}, start.Add(time.Minute))
	l.Add(e, start.Add(time.Hour))
	s := l.Summary(func(h desk.Handle) bool { return h == "help" })
	got, err := json.Marshal(s.Tail)
	want := `[{"reason":"malformed","type":"Create","host":"m.example","desks":["help"],"times":2,"first":"2026-01-01T12:00:00Z","last":"2026-01-01T13:00:00Z"},` +
		`{"reason":"malformed","type":"Update","host":"m.example","times":1,"first":"2026-01-01T12:01:00Z","last":"2026-01-01T12:01:00Z"}]`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}

func has(s drop.Summary, h desk.Host) bool {
	return slices.ContainsFunc(s.Tail, func(e drop.Entry) bool { return e.Host == h })
}

// One stranger pushes nobody else out of the tail: not with a domain of many hosts,
// and not by claiming the hosts of others.
func TestNobodyElsesPlaceIsTaken(t *testing.T) {
	l := drop.NewLog(start)
	l.Add(drop.Event{Reason: drop.Malformed, Host: "good.example", Ours: true}, start)
	l.Add(drop.Event{Reason: drop.Signature, Host: "honest.example", Claimed: true, Sender: "192.0.2.1", Ours: true}, start)
	for n := range 1000 {
		l.Add(drop.Event{Reason: drop.Bot, Host: desk.Host(fmt.Sprintf("h%d.evil.example", n)), Ours: true}, start)
		l.Add(drop.Event{Reason: drop.Signature, Host: desk.Host(fmt.Sprintf("claimed%d.example", n)), Claimed: true, Sender: "192.0.2.66", Ours: true}, start)
	}
	s := l.Summary(every)
	if !has(s, "good.example") || !has(s, "honest.example") || len(s.Tail) != 22 {
		t.Fatalf("%d entries: %v", len(s.Tail), s.Tail)
	}
	for n := range 1000 { // many addresses: the claims have a part of their own
		l.Add(drop.Event{Reason: drop.Signature, Host: "x.example", Claimed: true, Sender: fmt.Sprint(n), Ours: true}, start)
	}
	if s = l.Summary(every); !has(s, "good.example") || len(s.Tail) != 11+60 {
		t.Fatalf("%d entries", len(s.Tail))
	}
	for n := range 1000 { // many domains push out what is oldest, and the largest share first
		l.Add(drop.Event{Reason: drop.Bot, Host: desk.Host(fmt.Sprintf("site%d.example", n)), Ours: true}, start)
	}
	if s = l.Summary(every); len(s.Tail) != 200 || !has(s, "site999.example") || has(s, "site0.example") {
		t.Fatalf("%d entries", len(s.Tail))
	}
}

func TestHosts(t *testing.T) {
	l := drop.NewLog(start)
	for range 3 {
		l.Add(drop.Event{Reason: drop.Bot, Host: "b.example", Ours: true}, start)
	}
	l.Add(drop.Event{Reason: drop.Bot, Host: "a.example", Ours: true}, start)
	l.Add(drop.Event{Reason: drop.Signature, Host: "claimed.example", Claimed: true, Ours: true}, start)
	s := l.Summary(every)
	if got := s.Hosts(5); !slices.Equal(got, []desk.Host{"b.example", "a.example"}) {
		t.Error(got)
	}
	if got := s.Hosts(1); len(got) != 1 {
		t.Error(got)
	}
}

package app

import (
	"fmt"
	"testing"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// A source that tells of a post again and again has it fetched once in five minutes, and
// at the end of them, so that the last thing it told of is seen.
func TestPauseOfOffers(t *testing.T) {
	var o offers
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	fetches := map[time.Time]bool{}
	for n := range 30 * 60 { // every second for half an hour
		now := start.Add(time.Duration(n) * time.Second)
		pause := o.pause("relay", "https://m.example/1", now)
		if o.pause("relay", "https://m.example/1", now) != pause {
			t.Fatal("a look is remembered")
		}
		o.waits("relay", "https://m.example/1", now, pause)
		at := now.Add(pause)
		if at.Before(now) || at.Sub(now) > fetchAgainAfter {
			t.Fatalf("%v after %v", at.Sub(now), now.Sub(start))
		}
		fetches[at] = true
	}
	if len(fetches) != 7 { // at 0, 5, … 30 minutes
		t.Errorf("%d fetches", len(fetches))
	}
	now := start.Add(time.Minute)
	if o.pause("another", "https://m.example/1", now) != 0 || o.pause("relay", "https://m.example/2", now) != 0 {
		t.Error("another source, or another post, waits")
	}
	for n := range offersMost + 10 {
		o.waits("flood", desk.ObjectID(fmt.Sprint("https://m.example/", n)), now, 0)
	}
	if n := o.at.Len(); n > offersMost {
		t.Errorf("%d are remembered", n)
	}
}

// herd is a mechanism that tells many servers at once.
type herd struct {
	Prober
	is bool
}

func (h herd) Way(store.Source) Way { return Way{Herd: h.is} }

// The fetches of a post that many servers are told of at once are spread over the delay, by
// instance and post, and each waits as long when it is told again. What only we are told of
// is fetched at once.
func TestFetchesOfAHerdAreSpread(t *testing.T) {
	const most = time.Minute
	thirds := [3]int{}
	for n := range 300 {
		a := &App{fetchDelay: most, probe: herd{is: true}, site: desk.Site{URL: fmt.Sprintf("https://help%d.example", n)}}
		d := a.delay(store.Source{}, "https://m.example/notes/1")
		if d < 0 || d >= most || d != a.delay(store.Source{}, "https://m.example/notes/1") {
			t.Fatalf("it waits %v", d)
		}
		thirds[3*d/most]++
		a.probe = herd{}
		if d := a.delay(store.Source{}, "https://m.example/notes/1"); d != 0 {
			t.Fatalf("alone, it waits %v", d)
		}
	}
	for _, n := range thirds {
		if n < 60 {
			t.Errorf("300 instances fetch in the thirds of the delay: %v", thirds)
		}
	}
}

package inbox

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
)

// wrote has accounts send activities of a size until one is refused, at most n.
func (i *instance) wrote(who func(n int) desk.ActorID, size, n int) (bytes int) {
	i.t.Helper()
	a := &as.Activity{Type: as.Create, Raw: make([]byte, size)}
	for k := range n {
		if i.affordBytes(i.t.Context(), a, decision{}, who(k)) != nil {
			break
		}
		bytes += size
	}
	return bytes
}

func only(who desk.ActorID) func(int) desk.ActorID { return func(int) desk.ActorID { return who } }

// eachOf is a person of a domain for every number.
func eachOf(domain string) func(int) desk.ActorID {
	return func(n int) desk.ActorID {
		return desk.ActorID(fmt.Sprintf("https://s%d.%s/users/%d", n%50, domain, n))
	}
}

// What one account and one domain make us write in a day has a limit, whatever they
// send; a domain whose people were answered has a larger one.
func TestBytesOfADay(t *testing.T) {
	const mib = 1 << 20
	i := newInstance(t, true)
	i.Budget = NewBudget()
	actor := bytesOfActor.Burst << 10
	if got := i.wrote(only("https://one.example/eve"), mib, 1000); got > actor || got < actor-mib {
		t.Errorf("one account wrote %d MiB at once", got/mib)
	}
	i.clock.Advance(24 * time.Hour)
	if got := i.wrote(only("https://one.example/eve"), mib, 1000); got > actor || got < actor-mib {
		t.Errorf("one account wrote %d MiB the day after", got/mib)
	}
	if got := i.wrote(eachOf("evil.example"), mib, 1000); got > desk.DayBytes || got < desk.DayBytes-2*mib {
		t.Errorf("50 hosts of one domain wrote %d MiB", got/mib)
	}
	i.wrote(eachOf("evil.example"), 100, 2000) // the rest
	if i.wrote(only("https://s1.evil.example/users/new"), 100, 10) != 0 {
		t.Error("small activities of the domain are stored after that")
	}
	i.update(func(tx *app.Tx) error {
		return tx.Standings().Put(desk.Standing{Key: "big.example", Since: tx.Now.AddDate(0, -1, 0), People: 50, Answered: 64, Expires: tx.Now.AddDate(1, 0, 0)})
	})
	may, err := i.App.DayBytes(t.Context(), "social.big.example")
	if err != nil || may != 768*mib {
		t.Fatalf("a known server may write %d MiB, %v", may/mib, err)
	}
	first := i.wrote(eachOf("big.example"), mib, 2000)
	i.clock.Advance(24 * time.Hour)
	if day := i.wrote(eachOf("big.example"), mib, 2000); first > may || first < may-10*mib || day > may || day < may-10*mib {
		t.Errorf("a known server wrote %d MiB, and %d the day after", first/mib, day/mib)
	}
}

// An outage hits neither the reporter who writes much nor the big server.
func TestBytesOfAnOutage(t *testing.T) {
	i := newInstance(t, true)
	i.Budget = NewBudget()
	if i.wrote(only("https://m.example/ana"), 50_000, 30) != 30*50_000 {
		t.Error("30 long words of one reporter are too much")
	}
	if i.wrote(eachOf("new.example"), 8_000, 8_000) != 8_000*8_000 {
		t.Error("a word of each of 8,000 reporters is too much")
	}
	i.update(func(tx *app.Tx) error {
		return tx.Standings().Put(desk.Standing{Key: "big.example", Since: tx.Now, Vouched: tx.Now, Expires: tx.Now.AddDate(1, 0, 0)})
	})
	if i.wrote(eachOf("big.example"), 8_000, 4*8_000) != 4*8_000*8_000 {
		t.Error("four words of each of 8,000 reporters of a known server are too much")
	}
}

// A Delete costs nothing, unless it is long. A source pays nothing either.
func TestBytesOfOthers(t *testing.T) {
	i := newInstance(t, true)
	i.Budget = NewBudget()
	who := desk.ActorID("https://one.example/eve")
	i.wrote(only(who), 1<<20, 1000)
	i.wrote(only(who), 1000, 1000)
	send := func(kind as.Type, size int, d decision) bool {
		return i.affordBytes(t.Context(), &as.Activity{Type: kind, Raw: make([]byte, size)}, d, who) == nil
	}
	if !send(as.Delete, 4<<10, decision{}) || send(as.Delete, 500_000, decision{}) {
		t.Error("a short Delete is too much, or a long one is not")
	}
	if send(as.Create, 100, decision{}) || !send(as.Announce, 100, decision{plan: plan{source: true}}) {
		t.Error("a Create is not too much, or a source is")
	}
}

// What a source announces is not kept if its author has sent too much today.
func TestBytesOfFetchedPosts(t *testing.T) {
	i := newInstance(t, true)
	i.Budget = NewBudget()
	i.wrote(only(ana), 1<<20, 1000)
	i.wrote(only(ana), 1000, 1000)
	o, err := as.ParseObject([]byte(note(ana, "1", mention+strings.Repeat(" ", 10))))
	if err != nil {
		t.Fatal(err)
	}
	r, err := i.hear(t.Context(), o, nil, "source", reason{})
	if err != nil || r.Outcome != app.Dropped || r.Reason != drop.Limited {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err = i.hear(t.Context(), o, nil, "", reason{}); err != nil || r.Reason == drop.Limited {
		t.Errorf("fetched for ourselves: %+v, %v", r, err)
	}
}

// docs/operations/limits.md has the figures of the code.
func TestBytesAreDocumented(t *testing.T) {
	b, err := os.ReadFile("../../docs/operations/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	known := desk.Standing{Vouched: now}
	for _, row := range []string{
		fmt.Sprintf("each counts %d KiB more. A `Delete` of %d KiB is free | %d MiB, then %d MiB a day", entryBytes>>10, entryBytes>>10, bytesOfActor.Burst>>10, bytesOfActor.Burst>>10),
		fmt.Sprintf("| %d MiB, then as much a day; %d MiB more for a known one, %d MiB more for each answered issue, at most %d GiB |", 2*bytesOfDomain.Burst>>10,
			(known.DayBytes(now)-desk.DayBytes)>>20, (desk.Standing{Answered: 1}.DayBytes(now)-desk.DayBytes)>>20, desk.Standing{Answered: 1e9}.DayBytes(now)>>30),
	} {
		if !strings.Contains(string(b), row) {
			t.Errorf("the table lacks %q", row)
		}
	}
}

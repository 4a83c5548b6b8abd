package desk

import (
	"testing"
	"time"
)

// A snooze that is taken back leaves an issue in its pile; after one that has ended an
// agent has acted on it.
func TestSnoozeOfAPile(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	i := Issue{Status: StatusNew, Pile: "p"}
	i.Doze(Snooze{Since: at})
	if i.InPile() != "" {
		t.Error("it is snoozed, and stands in its pile")
	}
	i.Undo(Event{Kind: KindSnooze, At: at, Was: &Snapshot{}}, at.Add(time.Minute))
	if i.InPile() != "p" {
		t.Error("the snooze is taken back, and the pile has lost it")
	}
	i.Doze(Snooze{Since: at})
	i.Wake(at.Add(time.Hour))
	if i.InPile() != "" {
		t.Error("after a snooze it is back in its pile, where nobody sees it")
	}
}

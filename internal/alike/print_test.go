package alike_test

import (
	"testing"
	"time"

	"earshot/internal/alike"
	"earshot/internal/test/crowds"
)

// Of twenty thousand people who tell of one outage, many say the same by chance: short
// sentences have few words to choose from. They are no copies; an advertisement is one from
// its first words on.
func TestPrintOfManyPeople(t *testing.T) {
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	same := func(posts []crowds.Post) (copies int) {
		seen := map[string]int{}
		for _, p := range posts {
			if print := (alike.Report{Text: p.Text}).Print(); print != "" {
				if seen[print]++; seen[print] > 3 {
					copies++
				}
			}
		}
		return copies
	}
	d := crowds.New(11)
	if got := same(d.Outage(crowds.Internet, 20_000, now, time.Hour)); got > 20 {
		t.Errorf("%d of 20,000 people are taken for copies of others", got)
	}
	if got := same(d.Copies(200, now, time.Hour)); got < 150 {
		t.Errorf("%d of 200 copies are known", got)
	}
}

// A name of the web is a link, also without its scheme; a sentence that begins without a
// space is none.
func TestPrintOfALink(t *testing.T) {
	for text, long := range map[string]bool{
		"Win a new telephone only today, see prizes.com/x and hurry":     true,
		"Win a new telephone only today, see www.prizes.example, hurry":  true,
		"No light here since nine.Nobody answers the telephone, help us": false,
		"No light here since nine, and ana@m.com knows nothing of it":    false,
	} {
		if got := (alike.Report{Text: text}).Print() != ""; got != long {
			t.Errorf("%s: %v", text, got)
		}
	}
}

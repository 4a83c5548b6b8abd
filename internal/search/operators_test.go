package search_test

import (
	"reflect"
	"strings"
	"testing"

	"earshot/internal/search"
	"earshot/internal/test/cost"
)

// Operators stand before a colon; quotes and addresses are words.
func TestParts(t *testing.T) {
	for typed, want := range map[string][]search.Part{
		`line from:ana`:          {{"", "line", "line"}, {"from", "ana", "from:ana"}},
		`FROM:"Ana Berg" x`:      {{"from", "Ana Berg", `FROM:"Ana Berg"`}, {"", "x", "x"}},
		`from:„Ana Berg“`:        {{"from", "Ana Berg", "from:„Ana Berg“"}},
		`"from:ana"`:             {{"", "from:ana", `"from:ana"`}},
		`https://m.example/@ana`: {{"", "https://m.example/@ana", "https://m.example/@ana"}},
		`12:30 is:`:              {{"", "12:30", "12:30"}, {"is", "", "is:"}},
		`Störung:Netz :x`:        {{"", "Störung:Netz", "Störung:Netz"}, {"", ":x", ":x"}},
		`6" pipe`:                {{"", "6", `6"`}, {"", "pipe", "pipe"}},
		"  ":                     nil,
	} {
		if got := search.Parts(typed); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
	for who, is := range map[string]bool{"ana": true, "muller": true, "müller ana": true, "@ana_m": true, "bo": false, "ana bo": false, "na": false} {
		if got := search.Begins(who, "Ana Müller", "ana_m@m.example"); got != is {
			t.Errorf("%q: %v", who, got)
		}
	}
	if !search.Begins("ana_m@m.example", "Ana", "ana_m@m.example") || search.Begins("ana@m.example", "Ana", "ana_m@m.example") {
		t.Error("an address is not told from another")
	}
}

// A search is read in a time that grows with its length.
func TestPartsCost(t *testing.T) {
	for name, piece := range map[string]string{"operators": "is:mine ", "quotes": `"a `, "open quotes": `a"b `, "spaces": "  "} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 1<<10, func(n int) func() {
				s := strings.Repeat(piece, n/len(piece))
				return func() { search.Parts(s) }
			})
		})
	}
}

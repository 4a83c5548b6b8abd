package desk

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// What the agents are told stands in docs/compatibility.md, in the platform's row
// and in these words.
func TestPlatformsInTheDocument(t *testing.T) {
	words := map[Caveat]string{
		CaveatDirectDropped: "**drops direct replies**", CaveatEditsIgnored: "**ignores edits**",
		CaveatModerated: "**moderat", CaveatMayNotBeShown: "show",
	}
	doc, err := os.ReadFile("../../docs/compatibility.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(string(doc), "\n")
	seen := map[string]bool{}
	for _, p := range Platforms {
		n := slices.IndexFunc(rows, func(row string) bool { return strings.HasPrefix(row, "| "+p.Name+" |") })
		if n < 0 {
			t.Errorf("%s has no row", p.Name)
			continue
		}
		for caveat, say := range words {
			if strings.HasPrefix(say, "**") && strings.Contains(rows[n], say) != slices.Contains(p.Caveats, caveat) || slices.Contains(p.Caveats, caveat) && !strings.Contains(rows[n], say) {
				t.Errorf("%s: the row and the table differ on %s", p.Name, caveat)
			}
		}
		for _, s := range p.Software {
			if seen[s] || s != strings.ToLower(s) || !slices.Equal(CaveatsOf(s), p.Caveats) {
				t.Errorf("%s is not found, or twice", s)
			}
			seen[s] = true
		}
	}
	// And no other row says it in bold.
	for _, row := range rows {
		name, _, _ := strings.Cut(strings.TrimPrefix(row, "| "), " |")
		inTable := slices.ContainsFunc(Platforms, func(p Platform) bool { return p.Name == name })
		for _, say := range words {
			if !inTable && strings.HasPrefix(say, "**") && strings.Contains(row, say) {
				t.Errorf("the row of %s says %s, the table does not", name, say)
			}
		}
	}
	if CaveatsOf("mastodon") != nil || CaveatsOf("") != nil {
		t.Error("a caveat of software that has none")
	}
}

package desk_test

import (
	"strings"
	"testing"

	"earshot/internal/desk"
	"earshot/internal/test/cost"
)

func TestSameID(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"https://a.example/u", "https://a.example/u", true},
		{"https://A.example:443/u", "https://a.example/u", true},
		{"https://bücher.example/u", "https://xn--bcher-kva.example/u", true},
		{"https://a.example/jürgen", "https://a.example/j%C3%BCrgen", true},
		{"https://a.example/j%c3%bcrgen#main-key", "https://a.example/jürgen#main-key", true},
		{"https://a.example/%40ada", "https://a.example/@ada", true},
		{"https://a.example/%61da", "https://a.example/ada", true},
		{"https://a.example", "https://a.example/", true},
		{"https://a.example#k", "https://a.example/#k", true},
		{"https://a.example/停電?q=é", "https://a.example/%E5%81%9C%E9%9B%BB?q=%C3%A9", true},
		// Other resources.
		{"https://a.example/u", "https://a.example/U", false},
		{"https://a.example/u", "https://a.example/u/", false},
		{"https://a.example/u", "http://a.example/u", false},
		{"https://a.example/u", "https://a.example/u#main-key", false},
		{"https://a.example/a/b", "https://a.example/a%2Fb", false},
		{"https://a.example/a?b", "https://a.example/a%3Fb", false},
		{"https://a.example/a#b", "https://a.example/a%23b", false},
		{"https://a.example/a+b", "https://a.example/a%2Bb", false},
		{"https://a.example/a%", "https://a.example/a%25", false},
		{"https://a.example/a%2540", "https://a.example/a%40", false},
		{"https://a.example/jürgen", "https://a.example/ju\u0308rgen", false},
		{"https://a.example/u", "https://b.example/u", false},
		{"", "", false}, {"ada", "ada", true}, {"ada", "Ada", false},
	} {
		if desk.SameID(c.a, c.b) != c.same || desk.SameID(c.b, c.a) != c.same {
			t.Errorf("%q and %q: not %v", c.a, c.b, c.same)
		}
	}
}

func FuzzSpelling(f *testing.F) {
	for _, s := range []string{"https://bücher.example/jürgen#k", "https://a.example/%40a%2F%", "http://A.example:80?x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once, ok := desk.Spelling(s)
		if !ok {
			return
		}
		if twice, ok := desk.Spelling(once); !ok || twice != once {
			t.Errorf("Spelling(%q) = %q, then %q, %v", s, once, twice, ok)
		}
	})
}

func TestCostOfSpelling(t *testing.T) {
	for name, piece := range map[string]string{"letters": "ü", "encoded": "%C3%BC", "percents": "%", "plain": "a"} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 8<<10, func(n int) func() {
				s := "https://a.example/" + strings.Repeat(piece, n/len(piece))
				return func() { desk.Spelling(s) }
			})
		})
	}
}

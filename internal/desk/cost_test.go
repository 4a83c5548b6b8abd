package desk

import (
	"fmt"
	"strings"
	"testing"

	"earshot/internal/test/cost"
)

// letters are n bytes of letters, of which each is another.
func letters(n int) string {
	out := make([]rune, n/3)
	for i := range out {
		out[i] = rune(0x4e00 + i*7919%20_000)
	}
	return string(out)
}

// Hosts and tags come from strangers. Their cost grows at most with their
// length, also if they are not ASCII and must be rewritten (Punycode is
// quadratic).
func TestCost(t *testing.T) {
	for name, read := range map[string]func(s string){
		"CanonicalHost": func(s string) { _, _ = CanonicalHost(s, "https") },
		"HostOf":        func(s string) { _, _ = HostOf("https://" + s + "/x") },
		"FoldTag":       func(s string) { FoldTag("#" + s) },
		"CleanTag":      func(s string) { CleanTag("#" + s) },
	} {
		for shape, of := range map[string]func(n int) string{
			"letters":    letters,
			"labels":     func(n int) string { return strings.Repeat("ä.", n/3) },
			"marks":      func(n int) string { return "a" + strings.Repeat("\u0301\u0316", n/4) },
			"ligatures":  func(n int) string { return strings.Repeat("\ufdfa", n/3) },
			"hidden":     func(n int) string { return strings.Repeat("\u00ad", n/2) },
			"punycode":   func(n int) string { return "xn--" + strings.Repeat("a", n) },
			"bidi":       func(n int) string { return strings.Repeat("א", n/2) },
			"full stops": func(n int) string { return strings.Repeat("。", n/3) },
		} {
			t.Run(fmt.Sprint(name, " ", shape), func(t *testing.T) {
				cost.NLogN(t, 2<<10, func(n int) func() {
					s := of(n)
					return func() { read(s) }
				})
			})
		}
	}
}

// A host that is too long is refused before it is parsed.
func TestLongHosts(t *testing.T) {
	long := strings.Repeat("a", 63)
	for name, ok := range map[string]bool{
		strings.Join([]string{long, long, long, strings.Repeat("a", 61)}, "."):       true,
		strings.Join([]string{long, long, long, strings.Repeat("a", 61)}, ".") + ".": true,
		strings.Join([]string{long, long, long, strings.Repeat("a", 62)}, "."):       false,
		long + "a.example":                          false,
		letters(3*58) + ".example":                  false,
		letters(3*16) + ".example":                  true,
		strings.Repeat("ü", 57) + ".example":        true,
		strings.Repeat("ü", 64) + ".example":        false,
		"ü。" + strings.Repeat("ü。", 20) + "example": true,
	} {
		if h, err := CanonicalHost(name, "https"); (err == nil) != ok {
			t.Errorf("%s: %q, %v", name, h, err)
		}
	}
}

// A tag that is too long is not a tag.
func TestLongTags(t *testing.T) {
	if got := CleanTag(strings.Repeat("ä", MaxTag/2)); len(got) != MaxTag {
		t.Errorf("%d bytes are left of a long tag", len(got))
	}
	for _, s := range []string{strings.Repeat("ä", MaxTag/2+1), strings.Repeat("\ufdfa", MaxTag/3), strings.Repeat("\u00ad", MaxTag) + "a"} {
		if got := FoldTag(s); got != "" {
			t.Errorf("%d bytes are left of a tag of %d", len(got), len(s))
		}
		if got := CleanTag(s); len(got) > MaxTag {
			t.Errorf("%d bytes are left of a tag of %d", len(got), len(s))
		}
	}
}

// Words that are allowed to be said, again and again, in one sentence.
func TestCostOfWords(t *testing.T) {
	for name, piece := range map[string]string{"never": "never send us your pin ", "marks": "never send pin,, ", "letters": "aaaa ", "nothing": "send  ", "payments": "never pay us "} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 512, func(n int) func() {
				s := strings.Repeat(piece, n/len(piece))
				return func() { _ = CheckWords(s) }
			})
		})
	}
	if err := CheckWords(strings.Repeat("never send us your pin ", 200)); err != nil {
		t.Error(err)
	}
	if err := CheckWords(strings.Repeat("never send us your pin ", 200) + strings.Repeat("and so on ", 60) + "send us your pin"); err == nil {
		t.Error("a request that is forbidden at the beginning of a long sentence is allowed at its end")
	}
}

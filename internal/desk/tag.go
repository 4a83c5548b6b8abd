package desk

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// MaxTag bounds a tag, in bytes, before and after it is brought into its form: one
// character of Unicode may unfold to eighteen. Nobody writes longer ones.
const MaxTag = 400

// NormalTag brings a hashtag into the form in which tags are compared: without
// the #, NFKC, case-folded, without zero-width marks. A tag of which nothing
// is left, or that is too long, is "".
func NormalTag(s string) string {
	for range 4 { // folding may undo the composition, and marks may hide a space
		if len(s) > MaxTag {
			return ""
		}
		t := norm.NFKC.String(s)
		if len(t) > MaxTag {
			return ""
		}
		t = cases.Fold().String(t)
		t = strings.Map(func(r rune) rune {
			// Cf holds the zero-width marks: ZWSP, ZWJ, BOM, soft hyphen, bidi
			// controls. Variation selectors are invisible too.
			if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) {
				return -1
			}
			return r
		}, t)
		t = strings.TrimSpace(strings.TrimLeftFunc(norm.NFKC.String(t), func(r rune) bool { return r == '#' || unicode.IsSpace(r) }))
		if t == s {
			break
		}
		s = t
	}
	if len(s) > MaxTag {
		return ""
	}
	return s
}

// NormalTags normalises tags an admin typed and drops repetitions; a tag of
// which nothing is left, or with a space in it, is refused.
func NormalTags(in []string) ([]string, error) {
	out := make([]string, 0, len(in))
	seen := map[string]bool{}
	for _, s := range in {
		if len(s) > MaxTag {
			return nil, Invalid("hashtag_too_long", "the hashtag %.20q… is too long", s)
		}
		t := NormalTag(s)
		if t == "" || strings.ContainsFunc(t, unicode.IsSpace) || strings.Contains(t, "#") {
			return nil, Invalid("hashtag_invalid", "%q is not a hashtag", s)
		}
		if len(t) > 200 {
			return nil, Invalid("hashtag_too_long", "the hashtag %.20q… is too long", s)
		}
		if !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out, nil
}

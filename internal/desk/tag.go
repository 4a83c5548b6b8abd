package desk

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// MaxTag bounds a tag, in bytes, before and after it is folded: one
// character of Unicode may unfold to eighteen. Nobody writes longer ones.
const MaxTag = 400

// CleanTag returns a hashtag as it was written and is shown: without the #, in
// NFC, without invisible marks. A tag of which nothing is left, or that is too
// long, is "".
func CleanTag(s string) string {
	for range 4 { // marks may hide a space or a #
		if len(s) > MaxTag {
			return ""
		}
		t := trimTag(norm.NFC.String(strings.Map(visibleInTag, s)))
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

// visibleInTag drops what a reader does not see: Cf holds ZWSP, BOM, soft hyphen
// and bidi controls. The joiners stay, since they shape Persian and Indic words.
func visibleInTag(r rune) rune {
	if isJoiner(r) || !unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Variation_Selector, r) {
		return r
	}
	return -1
}

func isJoiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

func trimTag(s string) string {
	return strings.TrimFunc(strings.TrimLeftFunc(s, func(r rune) bool { return r == '#' || r == '＃' || unicode.IsSpace(r) || isJoiner(r) }),
		func(r rune) bool { return unicode.IsSpace(r) || isJoiner(r) })
}

// FoldTag brings a hashtag into the form in which tags are compared, of both
// sides: NFKC, case-folded, without what some servers or writers leave out.
// Mastodon sends #Störung as #storung and #Łódź as #lodz; capital Greek, and
// most Hebrew and Arabic, is written without its marks. It folds letter by
// letter: æ is no a and no ae. Only ß is ss, as it is in capitals; Mastodon,
// GoToSocial and Misskey keep it. A tag of which nothing is left, or that is
// too long, is "".
func FoldTag(s string) string {
	for range 6 { // one step may make work for another
		if isPlainTag(s) {
			return s
		}
		t := foldTagOnce(s)
		if t == s || t == "" {
			return t
		}
		s = t
	}
	return s
}

// isPlainTag spares most tags the tables of Unicode.
func isPlainTag(s string) bool {
	if len(s) > MaxTag {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

func foldTagOnce(s string) string {
	if len(s) > MaxTag {
		return ""
	}
	t := norm.NFKC.String(s)
	if len(t) > MaxTag {
		return ""
	}
	t = norm.NFKD.String(cases.Fold().String(t))
	var b strings.Builder
	base := rune(0)
	for _, r := range t {
		if !unicode.Is(unicode.Mn, r) {
			base = r
		}
		if !isFoldedAway(base, r) {
			b.WriteRune(foldLetter(r))
		}
	}
	t = trimTag(norm.NFKC.String(b.String()))
	if len(t) > MaxTag {
		return ""
	}
	return t
}

// optionalMarks are the marks that writers leave out: the accents of Latin,
// Greek and Cyrillic, and the points of Hebrew, Arabic and Syriac. Elsewhere a
// mark makes another letter: か is not が.
var optionalMarks = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x0300, Hi: 0x036F, Stride: 1}, {Lo: 0x0483, Hi: 0x0487, Stride: 1}, {Lo: 0x0591, Hi: 0x05C7, Stride: 1},
	{Lo: 0x0610, Hi: 0x061A, Stride: 1}, {Lo: 0x064B, Hi: 0x065F, Stride: 1}, {Lo: 0x0670, Hi: 0x0670, Stride: 1},
	{Lo: 0x06D6, Hi: 0x06ED, Stride: 1}, {Lo: 0x0711, Hi: 0x0711, Stride: 1}, {Lo: 0x0730, Hi: 0x074A, Stride: 1},
	{Lo: 0x1AB0, Hi: 0x1AFF, Stride: 1}, {Lo: 0x1DC0, Hi: 0x1DFF, Stride: 1}, {Lo: 0xFE20, Hi: 0xFE2F, Stride: 1},
}}

func isFoldedAway(base, r rune) bool {
	const breve, tatweel = '\u0306', '\u0640'
	switch {
	case r == breve && base == 'и': // й is a letter of its own, unlike ё
		return false
	case unicode.Is(unicode.Mn, r):
		return unicode.Is(optionalMarks, r) || unicode.Is(unicode.Variation_Selector, r)
	}
	return r == tatweel || unicode.Is(unicode.Cf, r)
}

// foldLetter maps the letters that Unicode does not take apart to those that
// servers and keyboards write for them.
func foldLetter(r rune) rune {
	if r < 0x80 {
		return r
	}
	if f, ok := foldedLetters[r]; ok {
		return f
	}
	return r
}

var foldedLetters = map[rune]rune{
	'ⱥ': 'a', 'ƀ': 'b', 'ȼ': 'c', 'đ': 'd', 'ð': 'd', 'ɇ': 'e', 'ǥ': 'g', 'ħ': 'h', 'ı': 'i', 'ɨ': 'i', 'ɉ': 'j', 'ĸ': 'k',
	'ł': 'l', 'ƚ': 'l', 'ŋ': 'n', 'ø': 'o', 'ɍ': 'r', 'ŧ': 't', 'ⱦ': 't', 'ʉ': 'u', 'ɏ': 'y', 'ƶ': 'z',
	'ك': 'ک', 'ي': 'ی', 'ى': 'ی', // Arabic and Persian keyboards
}

// SameTag says whether two tags are one, however they are written.
func SameTag(a, b string) bool { return a == b || FoldTag(a) == FoldTag(b) }

// ParseTags cleans tags that an admin typed and drops repetitions. It refuses a
// text that is no tag, and a tag that no post can carry as it is written,
// unless it is among had.
func ParseTags(in []string, had ...string) ([]string, error) {
	out := make([]string, 0, len(in))
	for _, s := range in {
		t, err := parseTag(s, had)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(out, func(o string) bool { return SameTag(o, t) }) {
			out = append(out, t)
		}
	}
	return out, nil
}

func parseTag(s string, had []string) (string, error) {
	t := CleanTag(s)
	switch folded := FoldTag(t); {
	case len(s) > MaxTag || len(t) > 200:
		return "", Invalid("hashtag_too_long", "the hashtag %.20q… is too long", s)
	case folded == "" || strings.ContainsFunc(folded, unicode.IsSpace) || strings.Contains(folded, "#"):
		return "", Invalid("hashtag_invalid", "%q is not a hashtag", s)
	case slices.Contains(had, t):
		return t, nil
	}
	return t, carried(t)
}

// carried says why no post can carry a tag as it is written. Servers end a
// hashtag before the first character that is no letter, mark, digit or _, and
// take digits alone for a number.
func carried(tag string) error {
	if i := strings.IndexFunc(tag, endsTag); i == 0 {
		return Invalid("hashtag_invalid", "%q is not a hashtag", tag)
	} else if i > 0 {
		end, _ := utf8.DecodeRuneInString(tag[i:])
		return Invalid("hashtag_cut", "no post is heard by the hashtag %q: servers end a hashtag before %q, and read %q", tag, string(end), tag[:i])
	}
	if !strings.ContainsFunc(tag, unicode.IsLetter) {
		return Invalid("hashtag_digits", "no post is heard by the hashtag %q: servers read a hashtag only if it has a letter", tag)
	}
	return nil
}

func endsTag(r rune) bool {
	const middleDot, katakanaDot = '\u00b7', '\u30fb'
	return !unicode.In(r, unicode.L, unicode.M, unicode.Nd) && r != '_' && r != middleDot && r != katakanaDot && !isJoiner(r)
}

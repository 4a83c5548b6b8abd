package desk

import (
	"strings"
	"unicode"
)

// CleanName returns a name on one line, without characters that control a
// terminal (C0, C1) or turn the direction of writing. A name of which nothing can
// be seen is "".
func CleanName(s string) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), turns(r):
			return -1
		}
		return r
	}, s)), " ")
	if strings.ContainsFunc(s, isSeen) {
		return s
	}
	return ""
}

// turns says whether a character turns the direction of what follows, or of
// what stands around it (Unicode Annex 9).
func turns(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0x200E || r == 0x200F || r == 0x061C
}

// isSeen says whether a character leaves anything on the page: fillers and
// Braille's blank are letters and symbols that do not.
func isSeen(r rune) bool {
	const braille = '\u2800'
	filler := r == 0x115F || r == 0x1160 || r == 0x3164 || r == 0xFFA0
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.M, r) && r != braille && !filler
}

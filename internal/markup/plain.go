package markup

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

var mentionPattern = regexp.MustCompile(`^@[\pL\pN_][\pL\pN_.-]*(?:@[\pL\pN.:\[\]-]+)?$`)

// StripMentions returns plain text as one line without the words in it that are
// mentions (@user, @user@host). "@help stop" becomes "stop".
func StripMentions(text string) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(text), func(word string) bool {
		return mentionPattern.MatchString(strings.TrimRight(word, ",:;"))
	}), " ")
}

// Excerpt returns plain text as one line of at most max runes. A longer text
// ends with … after a whole word, or within a word that is too long, never
// within a character as people see it. Control characters and those that change
// the direction of writing are left out.
func Excerpt(text string, max int) string {
	if max <= 0 {
		return ""
	}
	line := strings.Join(strings.Fields(strings.Map(visible, text)), " ")
	if utf8.RuneCountInString(line) <= max {
		return line
	}
	runes := []rune(clip(line, 4*max+4)) // a rune has at most four bytes
	cut := max - 1                       // one for the …
	for cut > 0 && joined(runes[cut-1], runes[cut]) {
		cut--
	}
	if word := lastSpace(runes[:cut+1]); word > cut/2 {
		cut = word
	}
	return strings.TrimRight(string(runes[:cut]), " ,;:-") + "…"
}

func lastSpace(runes []rune) int {
	for i, r := range slices.Backward(runes) {
		if r == ' ' {
			return i
		}
	}
	return -1
}

func visible(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
		return -1
	}
	return r
}

// joined says whether two runes may belong to one character: marks, joiners,
// variation selectors, skin tones, and the halves of flags.
func joined(a, b rune) bool {
	const joiner = '\u200D'
	flag := func(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }
	return unicode.Is(unicode.M, b) || b == joiner || a == joiner ||
		b >= 0x1F3FB && b <= 0x1F3FF || b >= 0xE0020 && b <= 0xE007F || flag(a) && flag(b)
}

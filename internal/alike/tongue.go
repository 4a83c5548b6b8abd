package alike

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// tongues are the small words of each language, which tell it from the others.
var tongues = map[string]map[string]bool{
	"en": words(english), "de": words(german), "fr": words(french), "es": words(spanish), "nl": words(dutch), "it": words(italian), "pt": words(portuguese),
}

const (
	tongueWords = 4  // small words of a language are needed at least
	tongueShare = 3  // of so many words one must be a small one
	tongueTwice = 2  // times as many as of the language that is claimed
	tongueMost  = 80 // words are looked at
)

// OtherTongue returns the language that a text is clearly in, if that is another one than
// the one it is said to be in: a BCP 47 code; "" where its words do not tell, or one of the
// two languages is not known here. It is for a question to the writer, and decides nothing.
func OtherTongue(text, said string) string {
	base, _, _ := strings.Cut(strings.ToLower(said), "-")
	if tongues[base] == nil {
		return ""
	}
	found, all := map[string]int{}, 0
	for word := range strings.FieldsFuncSeq(norm.NFD.String(strings.ToLower(text)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) }) {
		if all++; all > tongueMost {
			break
		}
		word = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, word)
		for code, small := range tongues {
			if small[word] {
				found[code]++
			}
		}
	}
	best, second := "", 0
	for code, n := range found {
		if n > found[best] || n == found[best] && code < best {
			best = code
		}
	}
	for code, n := range found {
		if code != best {
			second = max(second, n)
		}
	}
	n := found[best]
	if best == base || n < tongueWords || n == second || n*tongueShare < all || n < tongueTwice*found[base]+1 {
		return ""
	}
	return best
}

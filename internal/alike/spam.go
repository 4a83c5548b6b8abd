package alike

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"

	"earshot/internal/search"
)

// Shouts says whether a report mentions strangers rather than says something.
func (p Report) Shouts() bool {
	if p.Strangers == 0 || p.Strangers > mostStrangers {
		return p.Strangers > 0
	}
	return wordsSaid(p.Text) < fewWords
}

// OnlyLinks says whether a report has a link, and hardly a word beside it.
func (p Report) OnlyLinks() bool {
	return wordsSaid(p.Text) < fewWords-2 && slices.ContainsFunc(strings.Fields(p.Text), isLink)
}

// Spoken is what a report says, without mentions and addresses, in lower case and in
// one way of spacing.
func (p Report) Spoken() string { return strings.Join(wordsIn(spoken(p.Text)), " ") }

// wordsSaid is how many words a text has without addresses and mentions.
func wordsSaid(text string) int {
	said := 0
	for _, w := range parts(spoken(text)) {
		if strings.ContainsFunc(w, search.Unspaced) {
			said++ // a pair
		} else {
			said += pairsOfWord
		}
	}
	return said / pairsOfWord
}

// longerWithoutLink: of a text without a link, so many times as many words are needed, and
// compared.
const longerWithoutLink = 2

// printWords is how many words of a text its print is made of.
const printWords = 6

// Print is the same for texts that are copies of one, with a short word changed here
// and there: a digest of the longest words. It is "" for a short text, which different
// people may well write; one with a link is long sooner.
func (p Report) Print() string {
	said := spoken(p.Text)
	words := wordsIn(said)
	least, _ := long(said)
	compared := printWords
	if !slices.ContainsFunc(strings.Fields(p.Text), func(w string) bool { return isLink(w) || isDomain(w) }) {
		least, compared = least*longerWithoutLink, compared*longerWithoutLink
	}
	if len(words) < least {
		return ""
	}
	if strings.ContainsFunc(said, search.Unspaced) {
		return digest(strings.Join(words, ""))
	}
	slices.Sort(words)
	words = slices.Compact(words)
	slices.SortStableFunc(words, func(a, b string) int { return cmp.Compare(utf8.RuneCountInString(b), utf8.RuneCountInString(a)) })
	words = words[:min(len(words), compared)]
	return digest(strings.Join(words, " "))
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// wordsIn are the words of a text in their order; of scripts without spaces the
// characters.
func wordsIn(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsMark(c) })
	if strings.ContainsFunc(text, search.Unspaced) {
		return strings.Split(strings.Join(words, ""), "")
	}
	return words
}

// long is from how many words on a text may be a copy, and how many in a row are
// compared.
func long(text string) (words, run int) {
	if strings.ContainsFunc(text, search.Unspaced) {
		return longUnspaced, runUnspaced
	}
	return longText, runOfWords
}

// isDomain says whether a word is a name of the web, which some write in place of a link.
func isDomain(word string) bool {
	name := strings.ToLower(strings.TrimFunc(word, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }))
	name, _, _ = strings.Cut(name, "/")
	suffix, real := publicsuffix.PublicSuffix(name)
	return real && len(suffix) < len(name) && !strings.Contains(name, "@")
}

func isLink(word string) bool {
	return strings.Contains(word, "://") || strings.HasPrefix(word, "www.")
}

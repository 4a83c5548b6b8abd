// Package search is the one tokeniser: what is indexed and what is asked for
// go through it alike, on every store. It is pure.
package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

const (
	maxTerms = 400 // of one text
	maxBytes = 64  // of one term
)

// Terms returns the different words of a text, folded, in the order in which
// they first appear. Scripts that are written without spaces yield their
// single characters and pairs, so that any part of them can be found.
func Terms(text string) []string {
	text = cases.Fold().String(norm.NFKC.String(text))
	var out []string
	seen := map[string]bool{}
	add := func(t string) {
		if t != "" && !seen[t] && len(out) < maxTerms {
			seen[t] = true
			out = append(out, t)
		}
	}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) }) {
		if strings.ContainsFunc(w, unspaced) {
			pairs(w, add)
			continue
		}
		add(clip(w))
	}
	return out
}

// unspaced says whether a script is written without spaces between words.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Khmer, unicode.Lao)
}

func pairs(w string, add func(string)) {
	runes := []rune(w)
	for i := range runes {
		add(string(runes[i]))
		if i+1 < len(runes) {
			add(string(runes[i : i+2]))
		}
	}
}

// clip cuts an overlong word between two characters.
func clip(w string) string {
	if len(w) <= maxBytes {
		return w
	}
	cut := maxBytes
	for cut > 0 && !utf8.RuneStart(w[cut]) {
		cut--
	}
	return w[:cut]
}

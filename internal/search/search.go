// Package search is the one tokeniser: posts for the index and searches go
// through it alike, on every store. It is pure.
package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

const (
	maxTerms = 400 // of one text, or query
	maxBytes = 64  // of one term
)

// Terms returns the different words of a text, folded, in the order in which
// they first appear. Scripts that are written without spaces yield their
// single characters and pairs, so that any part of them can be found.
func Terms(text string) []string {
	text = fold(text)
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

// The beginnings of terms that are no words: no word has them.
const (
	tagMark    = "#"
	personMark = "@"
	hostMark   = "host:"
)

// About returns the terms by which a post is found beside its words: its tags,
// its author's user@host, and their host. An unknown part is "".
func About(tags []string, acct, host string) []string {
	var out []string
	for _, t := range tags {
		out = append(out, tagMark+clip(fold(t)))
	}
	if acct != "" {
		out = append(out, personMark+clip(fold(acct)))
	}
	if host != "" {
		out = append(out, hostMark+clip(fold(host)))
	}
	return out
}

// Query returns the terms of what a person typed: words, #tag, @user or
// @user@host, and host:example.org.
func Query(text string) (out []string) {
	var words []string
	for _, w := range strings.Fields(text) {
		f := clip(fold(w))
		for _, mark := range []string{tagMark, personMark, hostMark} {
			if len(out) < maxTerms && strings.HasPrefix(f, mark) && len(f) > len(mark) {
				out = append(out, f)
				w = ""
				break
			}
		}
		words = append(words, w)
	}
	out = append(out, Terms(strings.Join(words, " "))...)
	return out[:min(len(out), maxTerms)]
}

func fold(s string) string { return cases.Fold().String(norm.NFKC.String(s)) }

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

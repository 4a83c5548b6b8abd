// Package search is the one tokeniser: posts for the index and searches go
// through it alike, on every store. It is pure.
//
// Letters are folded: case, accents and other marks that people leave out, the
// letters of one language that others write with two (ø, ß), and traditional Han
// characters. Of an umlaut both common spellings are found.
package search

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Version is the number of these rules, and of how stores keep what follows from them:
// posts that were indexed by others are indexed again.
const Version = 4

const (
	maxTerms = 400 // of one text, or query
	maxBytes = 64  // of one term
)

// Terms returns the different words of a text, folded, in the order in which
// they first appear, and the addresses in it. Scripts that are written without spaces
// yield their single characters and pairs, so that any part of them can be found.
func Terms(text string) []string {
	all := collection{seen: map[string]bool{}}
	all.words(text)
	for _, w := range strings.Fields(text) {
		if term := address(w); term != "" {
			all.add(term)
		}
	}
	return all.terms
}

// collection is the different terms, up to the most that are kept.
type collection struct {
	terms []string
	seen  map[string]bool
}

// add leaves out what no store can keep: a text of PostgreSQL has no NUL.
func (c *collection) add(t string) {
	if t != "" && !c.seen[t] && len(c.terms) < maxTerms && strings.IndexByte(t, 0) < 0 {
		c.seen[t] = true
		c.terms = append(c.terms, t)
	}
}

// words adds the words of a text, each in all spellings.
func (c *collection) words(text string) {
	var long []string
	for _, w := range strings.FieldsFunc(lower(text), between) {
		if len(c.terms) >= maxTerms {
			return
		}
		if strings.ContainsFunc(w, Unspaced) {
			pairs(bare(w), c.add)
			continue
		}
		c.spellings("", w)
		if len(w) >= compound {
			long = append(long, bare(w))
		}
	}
	for _, w := range long { // after the words, as there may be too many
		c.parts(w)
	}
}

// A compound is found by its later parts too: Glasfaserkabel by Kabel. Shorter words
// seldom are compounds, longer ones are no words.
const (
	compound     = 12 // characters
	compoundMost = 40
	part         = 4
)

// parts adds the later parts of a word.
func (c *collection) parts(w string) {
	runes := []rune(w)
	if len(runes) < compound || len(runes) > compoundMost || strings.ContainsFunc(w, unicode.IsNumber) {
		return
	}
	for at := part; at <= len(runes)-part; at++ {
		c.add(clip(string(runes[at:])))
	}
}

// spellings adds a word as people write it: as it is, and with the other spelling of
// umlauts. A word with no such letters has one.
func (c *collection) spellings(mark, w string) {
	for _, s := range []string{w, umlauts.Replace(w), digraphs.Replace(w)} {
		c.add(mark + clip(bare(s)))
	}
}

// Umlauts are written with two letters where a keyboard has none, and without the dots.
var (
	umlauts  = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue")
	digraphs = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u")
)

// The beginnings of terms that are no words: no word has them.
const (
	tagMark    = "#"
	personMark = "@"
	hostMark   = "host:"
	linkMark   = "link:"
)

// Subject has the facts by which a post is found beside its words. An unknown part is "".
type Subject struct {
	Tags  []string
	Name  string   // of its author
	Acct  string   // user@host
	Host  string   // the author's
	Links []string // where the post itself is
}

// About returns the terms by which a post is found beside its words.
func About(s Subject) []string {
	all := collection{seen: map[string]bool{}}
	for _, t := range s.Tags {
		all.spellings(tagMark, lower(t))
	}
	if s.Acct != "" {
		all.add(personMark + clip(fold(s.Acct)))
		user, _, _ := strings.Cut(s.Acct, "@")
		all.words(user)
	}
	if s.Host != "" {
		all.add(hostMark + clip(fold(s.Host)))
	}
	for _, l := range s.Links {
		all.add(link(l))
	}
	all.words(s.Name)
	return all.terms
}

// link is the term of an address on the web, "" of another word. In a text, the address
// may end a sentence.
func link(s string) string {
	u, err := url.Parse(strings.TrimRight(s, ".,;:!?)]>»”'\""))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.ToLower(u.Host) + strings.TrimSuffix(u.EscapedPath(), "/") + "?" + u.RawQuery))
	return linkMark + hex.EncodeToString(sum[:8])
}

// address is the term of user@host, or of an address on the web; "" for another word.
func address(w string) string {
	if !strings.ContainsAny(w, "@:") {
		return ""
	}
	if at := link(w); at != "" {
		return at
	}
	f := strings.Trim(fold(w), "@.,;:!?()[]<>«»“”'\"")
	user, host, ok := strings.Cut(f, "@")
	name, port, _ := strings.Cut(host, ":")
	if ok && user != "" && strings.Contains(name, ".") && !strings.ContainsAny(user+name, "/:") && strings.Trim(port, "0123456789") == "" {
		return clip(personMark + f)
	}
	return ""
}

// Query returns the terms of what a person typed: words, #tag, user@host with and
// without an @ before, @user, host:example.org, and an address on the web.
func Query(text string) []string {
	all := collection{seen: map[string]bool{}}
	var words []string
	for _, w := range strings.Fields(text) {
		if term := special(w); term != "" {
			all.add(term)
			continue
		}
		words = append(words, w)
	}
	for _, w := range strings.FieldsFunc(lower(strings.Join(words, " ")), between) {
		if w = bare(w); strings.ContainsFunc(w, Unspaced) {
			pairs(w, all.add)
			continue
		}
		all.add(clip(w))
	}
	return all.terms
}

// special is the term of a typed word that is no word of a text, else "".
func special(w string) string {
	if at := address(w); at != "" {
		return at
	}
	f := clip(fold(w))
	for _, mark := range []string{tagMark, personMark, hostMark} {
		if strings.HasPrefix(f, mark) && len(f) > len(mark) {
			return f
		}
	}
	return ""
}

func between(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) }

// fold makes one spelling of those that mean the same.
func fold(s string) string { return bare(lower(s)) }

func lower(s string) string { return cases.Fold().String(norm.NFKC.String(s)) }

// bare takes accents off.
func bare(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		plain = plain && s[i] < utf8.RuneSelf
	}
	if plain {
		return s
	}
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(leftOut, r) {
			return -1
		}
		if han, ok := simplified()[r]; ok {
			return han
		}
		return r
	}, norm.NFD.String(twoLetters.Replace(s))))
}

var twoLetters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i", "ħ", "h")

// leftOut are the marks that people leave out, and which do not make another word of it:
// accents, the points of Hebrew, the short vowels of Arabic. The vowel signs of Indic
// scripts and the marks of kana stay.
var leftOut = &unicode.RangeTable{R16: []unicode.Range16{{0x0300, 0x036f, 1}, {0x0591, 0x05bd, 1}, {0x05bf, 0x05c7, 1}, {0x0640, 0x0640, 1}, {0x064b, 0x065f, 1}, {0x0670, 0x0670, 1}}}

// firstUnspaced begins Thai, the first of these scripts in Unicode: nearly every letter ends here.
const firstUnspaced = 0x0e00

// Unspaced says whether a script is written without spaces between words.
func Unspaced(r rune) bool {
	return r >= firstUnspaced && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Khmer, unicode.Lao)
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

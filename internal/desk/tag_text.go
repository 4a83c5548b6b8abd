package desk

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxTags is how many hashtags a broadcast carries; others in it are text.
const MaxTags = 30

// NextTag finds the first hashtag of a plain text, where servers would read one:
// a # before which no word and no address goes on, then letters, marks, digits
// and underscores with a letter among them. It is looked for from an offset on, and
// is text[at:end]; the tag is "" if the text has no more.
func NextTag(text string, from int) (at, end int, tag string) {
	before := ' '
	if from > 0 {
		before, _ = utf8.DecodeLastRuneInString(text[:from])
	}
	for at = from; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		if r != '#' && r != '＃' {
			before = r
			at += size
			continue
		}
		name := text[at+size:]
		if stop := strings.IndexFunc(name, endsTag); stop >= 0 {
			name = name[:stop]
		}
		end = at + size + len(name)
		tag = CleanTag(name)
		begins := endsTag(before) && !strings.ContainsRune("/&#＃=?", before)
		if begins && tag != "" && len(tag) <= 200 && strings.ContainsFunc(tag, unicode.IsLetter) {
			return at, end, tag
		}
		before, at = r, at+size
		if name != "" {
			before, _ = utf8.DecodeLastRuneInString(name)
			at = end
		}
	}
	return len(text), len(text), ""
}

// TagPage is the page of a desk's broadcasts with a hashtag: the same for all its
// spellings.
func (s Site) TagPage(h Handle, tag string) string {
	return s.Profile(h) + "?tag=" + url.QueryEscape(FoldTag(tag))
}

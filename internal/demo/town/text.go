package town

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"earshot/internal/desk"
)

const maxText = 5000 // characters of a post

// piece is a stretch of a post's text: plain, or a link, tag or mention.
type piece struct {
	kind rune // 't' plain text, 'u' URL, '#' tag, '@' mention
	text string
}

var marked = regexp.MustCompile(`https?://[^\s<>"]+|@[A-Za-z0-9_][A-Za-z0-9_.-]*(?:@[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?)?|#[\pL\pM\pN_]+`)

// split finds links, tags and mentions where they stand at the beginning of a
// word.
func split(text string) []piece {
	var out []piece
	last := 0
	for _, at := range marked.FindAllStringIndex(text, -1) {
		start, end := at[0], at[1]
		word := strings.TrimRight(text[start:end], ".,;:!?)-")
		if start < last || inWord(text[:start]) || !meant(word) {
			continue
		}
		if start > last {
			out = append(out, piece{'t', text[last:start]})
		}
		kind := rune(word[0])
		if kind == 'h' {
			kind = 'u'
		}
		out = append(out, piece{kind, word})
		last = start + len(word)
	}
	if last < len(text) {
		out = append(out, piece{'t', text[last:]})
	}
	return out
}

func inWord(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	return before != "" && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_/@&#", r))
}

// meant says whether a find is one: a tag of digits only is a number.
func meant(word string) bool {
	if len(word) < 2 {
		return false
	}
	return word[0] != '#' || strings.ContainsFunc(word[1:], func(r rune) bool { return unicode.IsLetter(r) || r == '_' })
}

// mention is a person mentioned in a post.
type mention struct {
	id   desk.ActorID
	acct string // user@host
	url  string // their page
}

// rendered is a text with its tags and mentions.
type rendered struct {
	html     string
	tags     []string // as written, without #
	mentions []mention
}

// render makes HTML in the shape Mastodon gives it. mentions are those that
// could be resolved, by the word as written; the others stay text.
func (t *Town) render(text string, plainTags bool, mentions map[string]mention) rendered {
	var r rendered
	var b strings.Builder
	seenTag, seenMention := map[string]bool{}, map[desk.ActorID]bool{}
	b.WriteString("<p>")
	for _, p := range split(text) {
		escaped := html.EscapeString(p.text)
		m, resolved := mentions[p.text]
		switch {
		case p.kind == 'u':
			b.WriteString(`<a href="` + escaped + `" target="_blank" rel="nofollow noopener noreferrer">` + escaped + `</a>`)
		case p.kind == '#' && !plainTags:
			b.WriteString(`<a href="` + html.EscapeString(t.tagURL(p.text[1:])) + `" class="mention hashtag" rel="tag">#<span>` + escaped[1:] + `</span></a>`)
			if n := desk.FoldTag(p.text); !seenTag[n] {
				seenTag[n] = true
				r.tags = append(r.tags, p.text[1:])
			}
		case p.kind == '@' && resolved:
			user, _, _ := strings.Cut(m.acct, "@")
			b.WriteString(`<span class="h-card" translate="no"><a href="` + html.EscapeString(m.url) + `" class="u-url mention">@<span>` + html.EscapeString(user) + `</span></a></span>`)
			if !seenMention[m.id] {
				seenMention[m.id] = true
				r.mentions = append(r.mentions, m)
			}
		default:
			b.WriteString(breaks.Replace(escaped))
		}
	}
	b.WriteString("</p>")
	r.html = b.String()
	return r
}

var breaks = strings.NewReplacer("\n\n", "</p><p>", "\n", "<br>")

func (t *Town) tagURL(tag string) string {
	return t.base + "/tags/" + url.PathEscape(desk.FoldTag(tag))
}

// cleanText brings a typed text into a form that can be sent.
func cleanText(s string) (string, error) {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == 0 {
			return -1
		}
		return r
	}, s))
	if s == "" {
		return "", desk.Invalid("town_text_empty", "a post needs some words")
	}
	if utf8.RuneCountInString(s) > maxText {
		return "", desk.Invalid("town_text_too_long", "a post has at most %d characters", maxText)
	}
	return s, nil
}

func escape(s string) string { return html.EscapeString(s) }

package markup

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// Person is a person that a reply mentions.
type Person struct {
	URL  string // the page or id of the account
	Acct string // user@host, with or without a leading @
}

var (
	blankLines = regexp.MustCompile(`\n[ \t]*\n\s*`)
	webAddress = regexp.MustCompile(`\bhttps?://[^\s<>"]+`)
)

// Render returns our plain text as the HTML that we send: paragraphs at empty
// lines, line breaks, http and https addresses as links, nothing else; # makes
// no hashtag. With a mention it starts with the markup that Mastodon and others
// show as one; to notify, the post needs the Mention tag as well.
func Render(text string, mention *Person) string { return render(text, mention, nil) }

// FindTag finds the first hashtag in a text from an offset on: it is text[at:end],
// and link is the page that it leads to; "" if the text has no more.
type FindTag func(text string, from int) (at, end int, link string)

// RenderTagged is Render with hashtags as links, in the markup that Mastodon and
// others read. To be found by them, the post needs the Hashtag tags as well.
func RenderTagged(text string, find FindTag) string { return render(text, nil, find) }

func render(text string, mention *Person, find FindTag) string {
	text = strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
	var b strings.Builder
	for i, paragraph := range blankLines.Split(text, -1) {
		b.WriteString("<p>")
		if i == 0 && mention != nil {
			b.WriteString(mention.markup())
			if paragraph != "" {
				b.WriteByte(' ')
			}
		}
		for j, line := range strings.Split(paragraph, "\n") {
			if j > 0 {
				b.WriteString("<br>")
			}
			renderLine(&b, line, find)
		}
		b.WriteString("</p>")
	}
	return b.String()
}

func (p *Person) markup() string {
	user, _, _ := strings.Cut(strings.TrimPrefix(p.Acct, "@"), "@")
	user = html.EscapeString(user)
	link := webLink(p.URL)
	if link == "" {
		return "@" + user
	}
	return `<span class="h-card"><a href="` + html.EscapeString(link) + `" class="u-url mention">@<span>` + user +
		`</span></a></span>`
}

func renderLine(b *strings.Builder, line string, find FindTag) {
	for {
		at := webAddress.FindStringIndex(line)
		if at == nil {
			break
		}
		address := trimAddress(cutAddress(line[at[0]:at[1]]))
		end := at[0] + len(address)
		if link := webLink(address); link != "" {
			renderWords(b, line[:at[0]], find)
			b.WriteString(`<a href="` + html.EscapeString(link) + `" rel="nofollow noopener noreferrer">` +
				html.EscapeString(address) + `</a>`)
		} else {
			end = max(end, at[0]+len("http")) // past this one
			b.WriteString(html.EscapeString(line[:end]))
		}
		line = line[end:]
	}
	renderWords(b, line, find)
}

// renderWords writes text without web addresses.
func renderWords(b *strings.Builder, text string, find FindTag) {
	from := 0
	for find != nil {
		at, end, link := find(text, from)
		if link == "" {
			break
		}
		_, sign := utf8.DecodeRuneInString(text[at:])
		b.WriteString(html.EscapeString(text[from:at]))
		b.WriteString(`<a href="` + html.EscapeString(link) + `" class="mention hashtag" rel="tag">#<span>` +
			html.EscapeString(text[at+sign:end]) + `</span></a>`)
		from = end
	}
	b.WriteString(html.EscapeString(text[from:]))
}

// cutAddress ends an address where text in any script goes on: at a space, a
// quotation mark, a bracket or the punctuation of a sentence outside ASCII.
// Dashes and what stands between letters (it’s, col·lecció) are part of it.
func cutAddress(s string) string {
	before := rune(0)
	for at, r := range s {
		if r >= utf8.RuneSelf && endsAddress(r) && !(joins(r) && unicode.IsLetter(before) && letterAt(s[at+utf8.RuneLen(r):])) {
			return s[:at]
		}
		before = r
	}
	return s
}

func endsAddress(r rune) bool {
	return unicode.In(r, unicode.Z, unicode.C, unicode.Ps, unicode.Pe, unicode.Pi, unicode.Pf, unicode.Po)
}

func joins(r rune) bool { return r == '’' || r == '·' }

func letterAt(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r)
}

// trimAddress leaves off the punctuation of the sentence around an address; a
// closing bracket belongs to the address if it was opened there.
func trimAddress(s string) string {
	round := strings.Count(s, ")") - strings.Count(s, "(")
	square := strings.Count(s, "]") - strings.Count(s, "[")
	for s != "" {
		switch last := s[len(s)-1]; {
		case strings.IndexByte(".,;:!?'*~", last) >= 0:
		case last == ')' && round > 0:
			round--
		case last == ']' && square > 0:
			square--
		default:
			return s
		}
		s = s[:len(s)-1]
	}
	return s
}

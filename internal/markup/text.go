package markup

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Text returns remote HTML as the plain text that a reader of Mastodon sees:
// paragraphs apart by an empty line, links by their text, `invisible` parts of
// links left out, an … after `ellipsis` parts, images by their alternative text.
// White space is collapsed but in pre. It never panics.
func Text(remote string) (text string) {
	remote = clip(remote, MaxInput)
	defer func() {
		if recover() != nil {
			text = strings.TrimSpace(remote)
		}
	}()
	w := textWriter{}
	if !strings.ContainsAny(remote, "<&\r\x00") { // nothing to take apart
		w.text(remote)
		return w.out.String()
	}
	z := html.NewTokenizer(strings.NewReader(remote))
	var skip skipper
	for z.Next() != html.ErrorToken {
		if t := z.Token(); !skip.hides(t) {
			w.token(t)
		}
	}
	return w.out.String()
}

type textWriter struct {
	out      strings.Builder
	newlines int  // to write before the next character
	space    bool // likewise
	pre      int
	spans    []spanKind // open spans, innermost last
	hidden   int        // how many of them are invisible
}

type spanKind int

const (
	plain spanKind = iota
	invisible
	ellipsis
)

// maxSpans bounds the open spans that are told apart; the rest counts as plain.
const maxSpans = 256

func (w *textWriter) token(t html.Token) {
	switch t.Type {
	case html.TextToken:
		w.text(t.Data)
	case html.StartTagToken, html.SelfClosingTagToken:
		w.start(t)
	case html.EndTagToken:
		w.end(t)
	}
}

func (w *textWriter) start(t html.Token) {
	switch t.DataAtom {
	case atom.Br, atom.Hr:
		w.newlines = min(w.newlines+1, 2)
	case atom.Img:
		w.text(attr(t, "alt"))
	case atom.Li:
		w.newlines = max(w.newlines, 1)
		w.text("- ")
	case atom.Span:
		if t.Type == html.StartTagToken {
			w.push(kindOf(t))
		}
	case atom.Td, atom.Th:
		w.space = true
	case atom.Pre:
		w.pre++
		w.block(t)
	default:
		w.block(t)
	}
}

func (w *textWriter) end(t html.Token) {
	switch t.DataAtom {
	case atom.Span:
		w.pop()
	case atom.A:
		w.popAll() // a span left open must not hide the text after its link
	case atom.Pre:
		w.pre = max(w.pre-1, 0)
		w.block(t)
	default:
		w.block(t)
	}
}

// block starts a new paragraph if the element is one.
func (w *textWriter) block(t html.Token) {
	switch names := translate(t); {
	case len(names) == 0 || !isBlock(names[0]):
	case names[0] == "li":
		w.newlines = max(w.newlines, 1)
	default:
		w.popAll()
		w.newlines = 2
	}
}

func kindOf(t html.Token) spanKind {
	for _, c := range strings.Fields(attr(t, "class")) {
		switch c {
		case "invisible":
			return invisible
		case "ellipsis":
			return ellipsis
		}
	}
	return plain
}

func (w *textWriter) push(k spanKind) {
	if len(w.spans) == maxSpans {
		return
	}
	w.spans = append(w.spans, k)
	if k == invisible {
		w.hidden++
	}
}

func (w *textWriter) pop() {
	if len(w.spans) == 0 {
		return
	}
	k := w.spans[len(w.spans)-1]
	w.spans = w.spans[:len(w.spans)-1]
	switch k {
	case invisible:
		w.hidden--
	case ellipsis:
		w.text("…")
	}
}

func (w *textWriter) popAll() {
	for len(w.spans) > 0 {
		w.pop()
	}
}

func (w *textWriter) text(s string) {
	if w.hidden > 0 {
		return
	}
	for _, r := range s {
		switch {
		case w.pre > 0 && r == '\n':
			w.newlines = min(w.newlines+1, 2)
		case r == ' ' && w.pre == 0:
			w.space = true
		case unicode.IsControl(r): // some part words: line ends, tabs, U+0085
			w.space = w.space || unicode.IsSpace(r)
		default:
			w.flush()
			w.out.WriteRune(r)
		}
	}
}

// flush writes the white space that stands before a character.
func (w *textWriter) flush() {
	if w.out.Len() > 0 {
		if w.newlines > 0 {
			w.out.WriteString("\n\n"[:w.newlines])
		} else if w.space {
			w.out.WriteByte(' ')
		}
	}
	w.newlines, w.space = 0, false
}

// Package roff writes manual pages in the man(7) macros. It escapes every text,
// so that none can be read as a request.
package roff

import (
	"fmt"
	"strings"
	"time"
)

// width is where lines of prose are broken; man(7) joins them again.
const width = 78

// Page is a manual page that is being written. The zero value is empty.
type Page struct{ b strings.Builder }

// String returns the page.
func (p *Page) String() string { return p.b.String() }

// Title begins the page. Words in it are not broken: many are commands.
func (p *Page) Title(name, section string, day time.Time, source, manual string) {
	date := day.UTC().Format(time.DateOnly) // with plain hyphens, or it is not read as a date
	fmt.Fprintf(&p.b, ".TH \"%s\" \"%s\" \"%s\" \"%s\" \"%s\"\n.nh\n", escape(strings.ToUpper(name)), escape(section), date, escape(source), escape(manual))
}

// Section begins a section; its name is written in capitals.
func (p *Page) Section(name string) { p.request("SH", strings.ToUpper(name)) }

// Subsection begins a part of a section.
func (p *Page) Subsection(name string) { p.request("SS", name) }

// Paragraph writes a paragraph. It needs at least one text.
func (p *Page) Paragraph(texts ...Text) {
	p.b.WriteString(".PP\n")
	p.fill(join(texts))
}

// First writes the first paragraph of a section, which its heading begins.
func (p *Page) First(texts ...Text) { p.fill(join(texts)) }

// Item writes a term, and its explanation beside it.
func (p *Page) Item(term Text, about Text) {
	p.b.WriteString(".TP\n")
	p.line(string(term))
	p.fill(string(about))
}

// Example writes lines as they are.
func (p *Page) Example(lines []string) {
	p.b.WriteString(".PP\n.in +4n\n.EX\n")
	for _, l := range lines {
		p.line(escape(l))
	}
	p.b.WriteString(".EE\n.in\n")
}

func (p *Page) request(name, arg string) {
	fmt.Fprintf(&p.b, ".%s \"%s\"\n", name, escape(arg))
}

// fill writes prose in lines of at most width bytes, if its words allow that.
func (p *Page) fill(s string) {
	var line string
	for word := range strings.FieldsSeq(s) {
		if line != "" && len(line)+1+len(word) > width {
			p.line(line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	p.line(line)
}

// line writes one line. A dot or an apostrophe at its start would make it a request.
func (p *Page) line(s string) {
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	if s == "" {
		s = `\&`
	}
	p.b.WriteString(s + "\n")
}

// Text is escaped text with its fonts.
type Text string

// Plain is text in the font of the page.
func Plain(s string) Text { return Text(escape(s)) }

// Bold is text that the reader types as it stands.
func Bold(s string) Text { return Text(`\fB` + escape(s) + `\fR`) }

// Italic is a name that the reader replaces by a value.
func Italic(s string) Text { return Text(`\fI` + escape(s) + `\fR`) }

// Prose is plain text in which words between backquotes are bold.
func Prose(s string) Text {
	var out Text
	for n, part := range strings.Split(s, "`") {
		if n%2 == 1 {
			out += Bold(part)
		} else {
			out += Plain(part)
		}
	}
	return out
}

func join(texts []Text) string {
	var b strings.Builder
	for _, t := range texts {
		b.WriteString(string(t))
	}
	return b.String()
}

// special are the characters that roff prints as others, see groff_char(7). A
// hyphen would not be found or pasted as the minus that it is.
var special = map[rune]string{
	'\\': `\e`, '-': `\-`, '"': `\(dq`, '\'': `\(aq`, '`': `\(ga`, '^': `\(ha`, '~': `\(ti`, '\t': "    ",
}

// escape makes text of ASCII only, which every roff prints as it was.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		e, ok := special[r]
		switch {
		case ok:
			b.WriteString(e)
		case r < ' ' || r == 0x7f:
			b.WriteByte(' ')
		case r > 0x7f:
			fmt.Fprintf(&b, `\[u%04X]`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

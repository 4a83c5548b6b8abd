package markup

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxNesting bounds open elements; deeper ones lose their tags, not their text.
const maxNesting = 32

// maxOutput bounds the output of a small input: links and headings become six
// times as long.
const maxOutput = MaxInput

// Sanitise returns remote HTML as HTML that may stand in our pages: an
// allow-list of elements, links to http and https only and with rel, classes of
// microformats only, every element closed. Headings become strong, other blocks
// paragraphs, images their alternative text. It never panics: if a parser does,
// the result is the input as escaped text.
func Sanitise(remote string) (safe string) {
	remote = clip(remote, MaxInput)
	defer func() {
		if recover() != nil {
			safe = "<p>" + html.EscapeString(remote) + "</p>"
		}
	}()
	r := rewriter{tokens: html.NewTokenizer(strings.NewReader(remote))}
	r.run()
	return policy.Sanitize(strings.ReplaceAll(r.out.String(), "<p></p>", ""))
}

// rewriter brings remote HTML into the subset, balanced. It keeps no more than
// policy lets through; policy decides.
type rewriter struct {
	tokens *html.Tokenizer
	out    strings.Builder
	open   []string // elements written and not closed yet
	skip   skipper
}

func (r *rewriter) run() {
	for r.tokens.Next() != html.ErrorToken && r.out.Len() < maxOutput {
		t := r.tokens.Token()
		if r.skip.hides(t) {
			continue
		}
		switch t.Type {
		case html.TextToken:
			r.out.WriteString(html.EscapeString(t.Data))
		case html.StartTagToken, html.SelfClosingTagToken:
			r.start(t)
		case html.EndTagToken:
			for _, name := range slices.Backward(translate(t)) {
				r.end(name)
			}
		}
	}
	r.closeTo(0)
}

func (r *rewriter) start(t html.Token) {
	switch t.DataAtom {
	case atom.Br, atom.Hr:
		r.out.WriteString("<br>")
		return
	case atom.Img:
		r.out.WriteString(html.EscapeString(attr(t, "alt")))
		return
	}
	for _, name := range translate(t) {
		if isBlock(name) {
			r.end("p") // a paragraph holds no blocks
		}
		switch name {
		case "a":
			r.end("a")
		case "li":
			r.endItem()
		}
		if len(r.open) >= maxNesting {
			continue
		}
		r.open = append(r.open, name)
		r.out.WriteString("<" + name + attributes(name, t) + ">")
	}
}

// end closes the innermost element of that name and all elements within it.
func (r *rewriter) end(name string) {
	for i, o := range slices.Backward(r.open) {
		if o == name {
			r.closeTo(i)
			return
		}
	}
}

// endItem closes the open item of the innermost list.
func (r *rewriter) endItem() {
	for i, o := range slices.Backward(r.open) {
		switch o {
		case "ul", "ol":
			return
		case "li":
			r.closeTo(i)
			return
		}
	}
}

func (r *rewriter) closeTo(depth int) {
	for _, name := range slices.Backward(r.open[depth:]) {
		r.out.WriteString("</" + name + ">")
	}
	r.open = r.open[:depth]
}

func isBlock(name string) bool {
	return slices.Contains([]string{"p", "ul", "ol", "li", "blockquote", "pre"}, name)
}

// translate returns the elements of the subset that stand for an element,
// outermost first; none if only its content is kept.
func translate(t html.Token) []string {
	switch t.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return []string{"p", "strong"}
	case atom.Div, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Aside, atom.Figure, atom.Figcaption,
		atom.Table, atom.Tr, atom.Dl, atom.Dt, atom.Dd, atom.Details, atom.Summary:
		return []string{"p"}
	case atom.S, atom.Strike:
		return []string{"del"}
	case atom.Br:
		return nil
	}
	if slices.Contains(elements, t.Data) {
		return []string{t.Data}
	}
	return nil
}

// attributes writes the allowed attributes of an element.
func attributes(name string, t html.Token) string {
	var b strings.Builder
	add := func(key, value string) {
		if value != "" {
			b.WriteString(" " + key + `="` + html.EscapeString(value) + `"`)
		}
	}
	if name == "a" {
		if href := webLink(attr(t, "href")); href != "" {
			add("href", href)
			add("rel", linkRel)
		}
	}
	if name == "a" || name == "span" {
		var kept []string
		for _, c := range strings.Fields(attr(t, "class")) {
			if classPattern.MatchString(c) && len(kept) < 8 {
				kept = append(kept, c)
			}
		}
		add("class", strings.Join(kept, " "))
	}
	for _, key := range []string{"lang", "dir", "start", "value"} {
		add(key, attr(t, key)) // policy knows which element may have which
	}
	return b.String()
}

// webLink returns s if it is an absolute http or https URL with a host and
// without user information (which makes a link look as if it led elsewhere).
func webLink(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil {
		return ""
	}
	return u.String()
}

func attr(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// skipper hides elements whose content is not text for people.
type skipper struct {
	name  string
	depth int
}

func (s *skipper) hides(t html.Token) bool {
	if s.depth == 0 {
		selfClosed := t.Type == html.SelfClosingTagToken && t.DataAtom == atom.Svg // of HTML none closes itself
		opens := t.Type == html.StartTagToken || t.Type == html.SelfClosingTagToken
		if selfClosed || !opens || !invisibleElement(t.DataAtom) {
			return false
		}
		s.name, s.depth = t.Data, 1
		return true
	}
	switch {
	case t.Type == html.StartTagToken && t.Data == s.name:
		s.depth++
	case t.Type == html.EndTagToken && t.Data == s.name:
		s.depth--
	}
	return true
}

func invisibleElement(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Iframe, atom.Noscript, atom.Noembed, atom.Noframes, atom.Template, atom.Svg,
		atom.Textarea, atom.Title, atom.Head, atom.Object, atom.Select, atom.Xmp:
		return true
	}
	return false
}

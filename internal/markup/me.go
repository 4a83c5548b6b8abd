package markup

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxMine is how many links of a page are read.
const maxMine = 100

// Mine returns the addresses that a page of the web says belong to the same
// person as it does: those of its a and link elements with rel "me".
func Mine(page string) (to []string) {
	defer func() {
		if recover() != nil {
			to = nil
		}
	}()
	z := html.NewTokenizer(strings.NewReader(page))
	inert := 0 // how many template elements this is in; the tokenizer knows the other inert ones
	for z.Next() != html.ErrorToken && len(to) < maxMine {
		t := z.Token()
		if t.DataAtom == atom.Template && t.Type == html.StartTagToken {
			inert++
		} else if t.DataAtom == atom.Template && t.Type == html.EndTagToken {
			inert = max(inert-1, 0)
		}
		if inert > 0 || t.Type != html.StartTagToken && t.Type != html.SelfClosingTagToken {
			continue
		}
		if href := attr(t, "href"); (t.DataAtom == atom.A || t.DataAtom == atom.Link) && href != "" && len(href) <= 2048 && hasToken(t, "rel", "me") {
			to = append(to, href)
		}
	}
	return to
}

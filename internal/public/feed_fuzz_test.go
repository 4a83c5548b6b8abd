package public

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"earshot/internal/desk"
	"earshot/internal/markup"
)

// FuzzFeeds: with any name and posts of a desk, its feeds are well-formed, have
// each post once, and only elements of the format.
func FuzzFeeds(f *testing.F) {
	f.Add("Help <desk>", "Works & again: https://acme.example/?a=1&b=2 ]]> #acme", "en", int64(0))
	f.Add("\x00\ufffe\r\n", "<script>alert(1)</script>\x1b\x85\u2028", `de" onload="x`, int64(1<<40))
	f.Add("\xff]]>", "<![CDATA[x]]><!-- -- -->&nbsp;&#0;", "", int64(-1))
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f.Fuzz(func(t *testing.T, name, text, language string, later int64) {
		post := desk.Post{Object: "https://social.acme.example/posts/1", Text: text, Language: language, Outgoing: desk.Outgoing{PublishedAt: at},
			Updated: at.Add(time.Duration(later) % (1000 * time.Hour))}
		d := feedData{Title: name, Home: "https://social.acme.example/", Atom: "https://social.acme.example/feed.atom",
			JSON: "https://social.acme.example/feed.json", Language: language, Changed: changed(post),
			Entries: []entry{{post, name, "https://social.acme.example/@help"}}}

		body, _, err := d.atom()
		if err != nil {
			t.Fatal(err)
		}
		elementsOfAtom(t, body)
		var a atomFeed
		if err := xml.Unmarshal(body, &a); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		if len(a.Entries) != 1 || a.Title != inXML(name) || a.Entries[0].Author.Name != inXML(name) || a.Entries[0].ID != string(post.Object) {
			t.Errorf("name %q: %+v", name, a)
		}
		if e := a.Entries[0]; e.Content != (atomContent{"html", inXML(markup.Render(text, nil))}) || utf8.RuneCountInString(e.Title) > titleInFeed+1 {
			t.Errorf("text %q: %+v", text, e)
		}

		body, _, err = d.json()
		if err != nil {
			t.Fatal(err)
		}
		var j jsonFeed
		if err := json.Unmarshal(body, &j); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		if len(j.Items) != 1 || j.Title != valid(name) || j.Items[0].Text != valid(text) || j.Items[0].HTML != valid(markup.Render(text, nil)) {
			t.Errorf("name %q, text %q: %+v", name, text, j)
		}
	})
}

// elementsOfAtom fails if a reader that knows nothing of our types meets
// anything but text in the elements that a feed with one entry has.
func elementsOfAtom(t *testing.T, body []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(body))
	var names []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		switch token := token.(type) {
		case xml.StartElement:
			names = append(names, token.Name.Local)
		case xml.Comment, xml.Directive:
			t.Errorf("%T in %s", token, body)
		}
	}
	const want = "feed id title updated link link generator entry id title published updated link author name uri content"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("elements %s in %s", got, body)
	}
}

// valid is a text with every byte that is no UTF-8 replaced, as JSON has it.
func valid(s string) string { return strings.Map(func(r rune) rune { return r }, s) }

// inXML is the same, but also replaces characters that XML forbids.
func inXML(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\ufffe' || r == '\uffff' {
			return utf8.RuneError
		}
		return r
	}, s)
}

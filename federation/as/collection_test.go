package as

import (
	"fmt"
	"strings"
	"testing"
)

// The forms of an outbox that servers have, and the entries that are left out.
func TestParseCollection(t *testing.T) {
	const create = `{"id":"https://a.example/c","type":"Create","actor":"https://a.example/u","object":{"id":"https://a.example/1","type":"Note"}}`
	for name, c := range map[string]struct {
		doc, first string
		posts      string // their ids, those with an object in brackets
	}{
		"a page apart":            {`{"type":"OrderedCollection","first":"https://a.example/o?page=1"}`, "https://a.example/o?page=1", ""},
		"a page inside":           {`{"type":"OrderedCollection","first":{"type":"OrderedCollectionPage","orderedItems":[` + create + `]}}`, "", "(https://a.example/1)"},
		"an empty page inside":    {`{"type":"OrderedCollection","first":{"type":"OrderedCollectionPage","id":"https://a.example/p"}}`, "https://a.example/p", ""},
		"a page":                  {`{"type":"OrderedCollectionPage","orderedItems":[` + create + `]}`, "", "(https://a.example/1)"},
		"not ordered":             {`{"type":"Collection","items":"https://a.example/c"}`, "", "https://a.example/c"},
		"an id as object":         {`{"type":"Collection","items":[{"type":"Create","actor":"https://a.example/u","object":"https://a.example/1"}]}`, "", "https://a.example/1"},
		"posts without a Create":  {`{"type":"Collection","items":[{"id":"https://a.example/1","type":"Note"}]}`, "", "(https://a.example/1)"},
		"boosts, and the garbage": {`{"type":"Collection","items":[{"type":"Announce","actor":"https://a.example/u","object":"https://b.example/1"},7,null,{},{"type":"Create"},` + create + `]}`, "", "(https://a.example/1)"},
		"empty":                   {`{"type":"OrderedCollection","totalItems":0}`, "", ""},
	} {
		got, err := ParseCollection([]byte(c.doc))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var posts []string
		for _, p := range got.Posts {
			id := string(p.ID)
			if p.Object != nil {
				id = "(" + id + ")"
			}
			posts = append(posts, id)
		}
		if got.First != c.first || strings.Join(posts, " ") != c.posts {
			t.Errorf("%s: first %q, posts %v", name, got.First, posts)
		}
	}
	for _, doc := range []string{`{"type":"Note","id":"https://a.example/1"}`, `[]`, `{"orderedItems":[]}`} {
		if c, err := ParseCollection([]byte(doc)); err == nil {
			t.Errorf("%s is read as %v", doc, c)
		}
	}
	many := `{"type":"Collection","items":[` + strings.TrimSuffix(strings.Repeat(`"https://a.example/c",`, 1000), ",") + `]}`
	if c, err := ParseCollection([]byte(many)); err != nil || len(c.Posts) != MaxItems {
		t.Errorf("of 1,000 entries: %v, %v", c, fmt.Sprint(err))
	}
}

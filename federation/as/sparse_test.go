package as

import (
	"errors"
	"testing"

	"earshot/internal/desk"
)

// An activity is read with as little as its effect needs.
func TestSparseActivities(t *testing.T) {
	const u, d = "https://a.example/u", "https://b.example/d"
	for _, c := range []struct {
		name, doc string
		kind      Type
		object    desk.ObjectID
		innerID   desk.ActivityID
		inner     desk.ActorID // the actor of the inner activity
	}{
		{"a Follow without id", `{"type":"Follow","actor":"` + u + `","object":"` + d + `"}`, Follow, d, "", ""},
		{"a null id is none", `{"id":null,"type":"Like","actor":"` + u + `","object":"` + d + `"}`, Like, d, "", ""},
		{"a Block of an object", `{"type":"Block","actor":{"id":"` + u + `","type":"Person"},"object":{"id":"` + d + `","type":"Service"}}`, Block, d, "", ""},
		{"an Undo without anything but what it undoes", `{"type":"Undo","actor":"` + u + `","object":{"type":"Follow","object":"` + d + `"}}`, Undo, "", "", u},
		{"the inner object is an object", `{"type":"Undo","actor":"` + u + `","object":{"type":"Like","object":{"id":"` + d + `","type":"Note"}}}`, Undo, "", "", u},
		{"the inner activity is an id and a type", `{"type":"Undo","actor":"` + u + `","object":{"id":"https://a.example/1","type":"Follow"}}`, Undo, "https://a.example/1", "https://a.example/1", u},
		{"the inner actor is another", `{"type":"Undo","actor":"` + u + `","object":{"type":"Follow","actor":"https://a.example/v","object":"` + d + `"}}`, Undo, "", "", "https://a.example/v"},
		{"an Accept lends no actor", `{"type":"Accept","actor":"` + u + `","object":{"type":"Follow","object":"` + u + `"}}`, Accept, "", "", ""},
	} {
		a, err := ParseActivity([]byte(c.doc))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if a.Type != c.kind || a.Actor != u || a.Object.ID != c.object || a.ID != "" {
			t.Errorf("%s: %+v", c.name, a)
		}
		if in := a.Inner; (in != nil) != (c.kind == Undo || c.kind == Accept) || in != nil && (in.Actor != c.inner || in.ID != c.innerID) {
			t.Errorf("%s: inside it %+v", c.name, in)
		}
	}
	for name, doc := range map[string]string{
		"an id that is none":  `{"id":"#follow","type":"Follow","actor":"` + u + `","object":"` + d + `"}`,
		"no actor":            `{"id":"https://a.example/1","type":"Follow","object":"` + d + `"}`,
		"an actor that is 1":  `{"type":"Follow","actor":1,"object":"` + d + `"}`,
		"an author that is 1": `{"type":"Create","actor":"` + u + `","object":{"id":"https://a.example/1","type":"Note","attributedTo":1}}`,
	} {
		if _, err := ParseActivity([]byte(doc)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	a, err := ParseActivity([]byte(`{"type":"Undo","actor":"` + u + `","object":{"type":"Follow","actor":1,"object":"` + d + `"}}`))
	if err != nil || a.Inner != nil {
		t.Errorf("an inner actor that is 1 counts as one that is missing: %+v, %v", a, err)
	}
}

// The authors of an object are a set, and a Create fills in a missing one.
func TestAuthors(t *testing.T) {
	const u, v, g = `"https://a.example/u"`, `"https://a.example/v"`, `{"type":"Group","id":"https://a.example/g"}`
	for _, c := range []struct{ name, authors, created, fetched string }{
		{"one", u, "u", "u"},
		{"none", ``, "u", ""},
		{"an empty list", `[]`, "u", ""},
		{"a group first", `[` + g + `,{"type":"Person","id":` + u + `}]`, "u", "u"},
		{"a group alone", g, "g", "g"},
		{"a second author sends it", `[` + v + `,` + u + `]`, "u", "v"},
		{"others only", `[` + g + `,` + v + `]`, "v", "v"},
	} {
		object := `{"id":"https://a.example/1","type":"Note"`
		if c.authors != "" {
			object += `,"attributedTo":` + c.authors
		}
		object += "}"
		a, err := ParseActivity([]byte(`{"type":"Create","actor":` + u + `,"object":` + object + `}`))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		o, err := ParseObject([]byte(object))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		short := func(id desk.ActorID) string {
			if id == "" {
				return ""
			}
			return string(id[len(id)-1:])
		}
		if created, fetched := short(a.Object.Object.AttributedTo), short(o.AttributedTo); created != c.created || fetched != c.fetched {
			t.Errorf("%s: created by %q, fetched as of %q; want %q and %q", c.name, created, fetched, c.created, c.fetched)
		}
	}
}

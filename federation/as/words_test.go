package as

import (
	"strings"
	"testing"
)

func post(fields string) string {
	return `{"id":"https://a.example/1","type":"Note",` + fields + `}`
}

// Words are read in every shape in which servers write them.
func TestWordsInEveryShape(t *testing.T) {
	for name, c := range map[string]struct{ fields, content, language string }{
		"text":                     {`"content":"hallo"`, "hallo", ""},
		"a map":                    {`"contentMap":{"de":"hallo"}`, "hallo", "de"},
		"both":                     {`"content":"hallo","contentMap":{"de":"hallo","en":"hello"}`, "hallo", "de"},
		"a map for the text":       {`"content":{"de":"hallo"}`, "hallo", "de"},
		"several in it":            {`"content":{"und":"x","de-AT":"servus","zh-Hant":"y"}`, "servus", "de-AT"},
		"no language in it":        {`"content":{"@none":"hallo"}`, "hallo", ""},
		"a value of JSON-LD":       {`"content":{"@value":"hallo","@language":"de"}`, "hallo", "de"},
		"without its language":     {`"content":{"@value":"hallo"},"contentMap":{"de":"hallo"}`, "hallo", "de"},
		"a list of values":         {`"content":[{"@value":"hallo","@language":"de"},{"@value":"hello","@language":"en"}]`, "hallo", "de"},
		"a list of maps":           {`"content":[{"de":"hallo"},{"en":"hello"}]`, "hallo", "de"},
		"an empty text and a map":  {`"content":"","contentMap":{"de":"hallo"}`, "hallo", "de"},
		"an empty list and a map":  {`"content":[],"contentMap":{"de":"hallo"}`, "hallo", "de"},
		"something else":           {`"content":{"type":"Link","href":"https://a.example","id":"https://a.example"}`, "", ""},
		"U+0000":                   {`"content":"hal\u0000lo: du"`, "hallo: du", ""},
		"U+0000 beside an address": {`"content":"https://a.example \u0000x"`, "https://a.example x", ""},
		"a byte order mark":        {`"content":"\ufeffhallo"`, "hallo", ""},
		"U+0000 in a map":          {`"contentMap":{"de":"hal\u0000lo"}`, "hallo", "de"},
	} {
		o, err := ParseObject([]byte(post(c.fields)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if o.Content != c.content || o.Language != c.language {
			t.Errorf("%s: %q in %q", name, o.Content, o.Language)
		}
	}
	o, err := ParseObject([]byte(post(`"name":{"de":"Titel"},"summary":{"@value":"Warnung"},"tag":{"type":"Hashtag","name":{"de":"#acme"}},
		"attachment":{"type":"Document","url":"https://a.example/a.png","nameMap":{"de":"Foto"}}`)))
	if err != nil || o.Name != "Titel" || o.Summary != "Warnung" || o.Hashtags[0] != "#acme" || o.Attachments[0].Alt != "Foto" {
		t.Errorf("%+v, %v", o, err)
	}
	a, err := ParseActor([]byte(`{"id":"https://a.example/u","type":"Person","name":{"de":"Jürgen"},"summary":{"de":"über"},"attachment":{"type":"PropertyValue","name":{"de":"Ort"},"value":{"@value":"Kiel"}}}`))
	if err != nil || a.Name != "Jürgen" || a.Summary != "über" || a.Fields[0] != (Field{"Ort", "Kiel"}) {
		t.Errorf("%+v, %v", a, err)
	}
}

// A vote has nothing but its name, and is not public.
func TestVotes(t *testing.T) {
	for fields, vote := range map[string]bool{
		`"to":["https://b.example/u"]`:                                                               true,
		`"to":"https://b.example/u","content":""`:                                                    true,
		`"to":["https://b.example/u"],"content":"<p>x</p>"`:                                          false,
		`"to":["https://b.example/u"],"summary":"x"`:                                                 false,
		`"to":["https://b.example/u"],"attachment":{"type":"Image","url":"https://a.example/a.png"}`: false,
		`"to":["as:Public"]`:                                                                         false,
		`"to":["https://b.example/u"],"cc":"` + Public + `"`:                                         false,
	} {
		o, err := ParseObject([]byte(post(`"name":"A","inReplyTo":"https://b.example/1",` + fields)))
		if err != nil || o.IsVote != vote {
			t.Errorf("%s: %v, %v", fields, o, err)
		}
	}
}

// However a document is cleaned, its own bytes are those that came.
func TestCleanedDocumentIsRead(t *testing.T) {
	doc := "\ufeff" + post(`"content":"a\u0000b"`)
	o, err := ParseObject([]byte(doc))
	if err != nil || o.Content != "ab" || !strings.HasSuffix(doc, string(o.Raw)) {
		t.Errorf("%+v, %v", o, err)
	}
	if again, err := ParseObject(o.Raw); err != nil || again.Content != "ab" {
		t.Errorf("%+v, %v", again, err)
	}
}

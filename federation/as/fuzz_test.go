package as

import (
	"bytes"
	"encoding/json"
	"testing"
)

// seed adds payloads of every kind: a parser also meets payloads for other
// parsers.
func seed(f *testing.F) {
	for _, name := range []string{"create_variants.json", "note_mastodon.json", "actor_variants.json", "../build/testdata/create.json",
		"../build/testdata/accept.json", "../build/testdata/delete.json", "../build/testdata/actor.json", "../build/testdata/collection_flat.json",
		"../build/testdata/reply_request.json", "../build/testdata/accept_quote.json", "../build/testdata/quote_authorization.json", "../build/testdata/note_approved.json"} {
		f.Add(testdata(f, name))
	}
	f.Add([]byte(`{"type":"Create","actor":"https://a.example/u","to":"as:Public","tag":{"type":"Mention","href":"https://b.example/u"},
		"object":{"id":"https://a.example/1","type":"Note","attributedTo":"https://a.example/u","mediaType":"text/markdown","content":"a\r\n<b","contentMap":{"de":"a"}}}`))
	f.Add([]byte(`{"id":"https://a.example/k","type":"Key","owner":"https://a.example/u","publicKeyPem":"P"}`))
}

// checkRaw checks that accepted bytes are JSON, and that an object's own bytes
// are part of them.
func checkRaw(t *testing.T, doc, raw []byte) {
	if !json.Valid(doc) || !json.Valid(raw) || !bytes.Contains(doc, raw) {
		t.Errorf("accepted %q with the bytes %q", doc, raw)
	}
}

func checkIDs(t *testing.T, ids ...string) {
	for _, id := range ids {
		if id != "" && CheckID(id) == "" {
			t.Errorf("%q is given out as an id", id)
		}
	}
}

func FuzzParseActivity(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, doc []byte) {
		a, err := ParseActivity(doc)
		if err != nil {
			return
		}
		checkRaw(t, doc, a.Raw)
		checkIDs(t, string(a.ID), string(a.Actor), string(a.Object.ID), string(a.Target), string(a.Result), string(a.Instrument))
		if a.Actor == "" || a.Type == "" {
			t.Errorf("%q has no actor or type", doc)
		}
		if o := a.Object.Object; o != nil {
			checkRaw(t, a.Raw, o.Raw)
		}
	})
}

func FuzzParseObject(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, doc []byte) {
		o, err := ParseObject(doc)
		if err != nil {
			return
		}
		checkRaw(t, doc, o.Raw)
		checkIDs(t, string(o.ID), string(o.AttributedTo), string(o.InReplyTo), o.URL, string(o.Quote), string(o.Interaction), string(o.Target))
		if p := o.CanReply; p != nil && (len(p.Automatic) > MaxList || len(p.Manual) > MaxList) {
			t.Errorf("%q has a policy of %d and %d", doc, len(p.Automatic), len(p.Manual))
		}
		if o.ID == "" || o.Type == "" {
			t.Errorf("%q has no id or type", doc)
		}
	})
}

func FuzzParseCollection(f *testing.F) {
	seed(f)
	f.Add([]byte(`{"type":"OrderedCollection","first":{"type":"OrderedCollectionPage","orderedItems":["https://a.example/1",{"type":"Create","actor":"https://a.example/u","object":{"id":"https://a.example/2","type":"Note"}}]}}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		c, err := ParseCollection(doc)
		if err != nil {
			return
		}
		if checkIDs(t, c.First); len(c.Posts) > MaxItems || c.First != "" && len(c.Posts) > 0 {
			t.Errorf("%q has %d posts, first %q", doc, len(c.Posts), c.First)
		}
		for _, p := range c.Posts {
			if checkIDs(t, string(p.ID)); p.ID == "" {
				t.Errorf("%q has a post without an id", doc)
			}
		}
	})
}

func FuzzParseActor(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, doc []byte) {
		a, err := ParseActor(doc)
		if err != nil {
			return
		}
		checkRaw(t, doc, a.Raw)
		checkIDs(t, string(a.ID), a.Inbox, a.Outbox, a.SharedInbox, a.URL, a.IconURL, string(a.MovedTo))
	})
}

func FuzzParseKeyDocument(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, doc []byte) {
		key, owner, err := ParseKeyDocument(doc)
		if err != nil {
			return
		}
		checkIDs(t, key.ID, string(key.Owner))
		if key.ID == "" || owner == nil && key.Owner == "" {
			t.Errorf("%q has a key without id or owner", doc)
		}
	})
}

func BenchmarkParseActivity(b *testing.B) {
	for _, name := range []string{"create_variants.json", "../build/testdata/create.json"} {
		raw := testdata(b, name)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseActivity(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// FuzzMediaType: a media type that is believed of a fetched document is
// accepted in a POST too.
func FuzzMediaType(f *testing.F) {
	for _, s := range []string{ContentType, LDContentType, `application/ld+json; profile=https://www.w3.org/ns/activitystreams`, `text/html;q="0,5"`, `a;b="c`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		PrefersActivityPub(s, s)
		if IsActivityPub(s) && !MayBeActivity(s) {
			t.Errorf("%q is fetched and not taken", s)
		}
	})
}

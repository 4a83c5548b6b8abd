package inbox

import (
	"strings"
	"testing"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/desk"
)

// answersSeen are answers as servers give them, and what they are about.
var answersSeen = []struct{ name, object, want string }{
	{"the request, embedded", `{"type":"ReplyRequest","id":"https://help.acme.example/activities/p1/ask","actor":"https://help.acme.example/desks/help",
		"object":"https://m.example/notes/1","instrument":"https://help.acme.example/posts/p1"}`, "https://help.acme.example/posts/p1"},
	{"the request, with the note", `{"type":"ReplyRequest","id":"https://help.acme.example/activities/p1/ask","actor":"https://help.acme.example/desks/help",
		"object":"https://m.example/notes/1","instrument":{"id":"https://help.acme.example/posts/p1","type":"Note"}}`, "https://help.acme.example/posts/p1"},
	{"the request by its id", `"https://help.acme.example/activities/p1/ask"`, "https://help.acme.example/posts/p1"},
	{"the reply", `"https://help.acme.example/posts/p1"`, "https://help.acme.example/posts/p1"},
	{"a request about another's post", `{"type":"ReplyRequest","id":"https://m.example/r","actor":"https://m.example/u","object":"https://m.example/1","instrument":"https://m.example/2"}`, ""},
	{"a request about an actor", `{"type":"ReplyRequest","id":"https://m.example/r","actor":"https://m.example/u","object":"https://m.example/1","instrument":"https://help.acme.example/desks/help"}`, ""},
	{"a request within a request", `{"type":"ReplyRequest","id":"https://m.example/r","actor":"https://m.example/u","object":"https://m.example/1","instrument":"https://help.acme.example/activities/p1/ask"}`, ""},
	{"a follow", `{"type":"Follow","id":"https://help.acme.example/activities/f1/follow","actor":"https://help.acme.example/relay","object":"https://tags.example/acme"}`, ""},
	{"a follow by its id", `"https://help.acme.example/activities/f1/follow"`, ""},
	{"no post", `"https://help.acme.example/activities//ask"`, ""},
	{"more than a post", `"https://help.acme.example/activities/p1/x/ask"`, ""},
	{"a post's likes", `"https://help.acme.example/posts/p1/likes"`, ""},
	{"another host", `"https://help.acme.example.evil.example/posts/p1"`, ""},
}

func answerOf(object string) []byte {
	return []byte(`{"id":"https://m.example/a","type":"Accept","actor":"https://m.example/u","object":` + object + `}`)
}

func acmeSite(t testing.TB) desk.Site {
	t.Helper()
	site, err := desk.NewSite("https://help.acme.example", "", false)
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func TestAnswered(t *testing.T) {
	site := acmeSite(t)
	for _, tt := range answersSeen {
		a, err := as.ParseActivity(answerOf(tt.object))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := approvedReply(a, site); got != desk.ObjectID(tt.want) {
			t.Errorf("%s is about %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Whatever an answer says, it is about one post of ours or about none, and
// that post is named in it.
func FuzzAnswered(f *testing.F) {
	for _, tt := range answersSeen {
		f.Add(answerOf(tt.object))
	}
	site := acmeSite(f)
	f.Fuzz(func(t *testing.T, doc []byte) {
		a, err := as.ParseActivity(doc)
		if err != nil {
			return
		}
		got := approvedReply(a, site)
		if got == "" {
			return
		}
		id, ok := site.PostOf(got)
		if !ok || id == "" || strings.ContainsAny(string(id), "/?#") {
			t.Fatalf("%q is about %q, which is no post of ours", doc, got)
		}
		named := a.Object.ID == got || string(a.Object.ID) == string(app.ReplyRequestID(site, id))
		if a.Inner != nil {
			named = a.Inner.Type == as.ReplyRequest && a.Inner.Instrument == got
		}
		if !named {
			t.Errorf("%q names %q nowhere", doc, got)
		}
	})
}

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
	{"the request, under another id", `{"type":"ReplyRequest","id":"https://m.example/made-up","object":"https://m.example/notes/1","instrument":"https://help.acme.example/posts/p1"}`, "https://help.acme.example/posts/p1"},
	{"the request, with nothing but its id", `{"type":"ReplyRequest","id":"https://help.acme.example/activities/p1/ask"}`, "https://help.acme.example/posts/p1"},
	{"the Create, embedded", `{"type":"Create","id":"https://m.example/made-up","object":{"id":"https://help.acme.example/posts/p1","type":"Note"}}`, "https://help.acme.example/posts/p1"},
	{"the Create by its id", `"https://help.acme.example/activities/p1/create"`, "https://help.acme.example/posts/p1"},
	{"an Update by its id", `"https://help.acme.example/activities/p1/update/1"`, ""},
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
		ask, create := string(app.ReplyRequestID(site, id)), string(app.CreateID(site, id))
		named := a.Object.ID == got || string(a.Object.ID) == ask || string(a.Object.ID) == create
		if in := a.Inner; in != nil && in.Type == as.ReplyRequest && in.Instrument != "" {
			named = in.Instrument == got
		} else if in != nil && in.Type == as.Create && in.Object.ID != "" {
			named = in.Object.ID == got
		}
		if !named {
			t.Errorf("%q names %q nowhere", doc, got)
		}
	})
}

// An answer is about our Follow by the actors on both sides, not
// by an id that the other side may have made up.
func TestAnswersFollow(t *testing.T) {
	site := acmeSite(t)
	const last = "https://help.acme.example/activities/f2/follow"
	follow := func(id, actor, object string) string {
		return `{"type":"Follow","id":` + id + `,"actor":` + actor + `,"object":` + object + `}`
	}
	const relay, them, made = `"https://help.acme.example/relay"`, `"https://m.example/u"`, `"https://m.example/made-up"`
	for _, c := range []struct {
		name, object string
		want         desk.ActivityID
		ok           bool
	}{
		{"by its id", `"` + last + `"`, last, true},
		{"embedded", follow(`"`+last+`"`, relay, them), last, true},
		{"embedded, of Public", follow(`"`+last+`"`, relay, `"https://www.w3.org/ns/activitystreams#Public"`), last, true},
		{"embedded, under a made-up id", follow(made, relay, them), "", true},
		{"embedded, without id", follow("null", relay, them), "", true},
		{"embedded, its type and object", `{"type":"Follow","object":` + them + `}`, "", true},
		{"a made-up id", made, "", true},
		{"nothing", `null`, "", true},
		{"the Follow of another", follow(made, `"https://x.example/u"`, them), "", false},
		{"the Follow of one of our desks", follow(made, `"https://help.acme.example/desks/help"`, them), "", false},
		{"our desk's Follow", follow(`"`+last+`"`, `"https://help.acme.example/desks/help"`, them), last, true},
		{"our Follow of another", follow(`"`+last+`"`, relay, `"https://x.example/u"`), "", false},
		{"no Follow", `{"type":"Join","actor":` + relay + `,"object":` + them + `}`, "", false},
	} {
		a, err := as.ParseActivity(answerOf(c.object))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got, ok := answersFollow(a, site); got != c.want || ok != c.ok {
			t.Errorf("%s: %q, %v; want %q, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

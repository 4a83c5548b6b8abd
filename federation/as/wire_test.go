package as

import (
	"slices"
	"testing"

	"earshot/internal/desk"
)

// Shapes that real servers send, for which the plain reading of a property is
// not enough. Only the payloads are made up.

func TestLanguageOfTheOnlyEntry(t *testing.T) {
	for in, want := range map[string]string{
		`"content":"<p>Hallo</p>","contentMap":{"de":"<bdi>Hallo</bdi>"}`:                   "de", // Friendica marks up the two differently
		`"content":"<p>Hallo</p>","contentMap":{"de":"<p>Hallo</p> ","und":"<p>Hallo</p>"}`: "",
		`"content":"<p>Hallo</p>","contentMap":{"de":"<p>Hi</p>","en":"<p>Hello</p>"}`:      "", // neither is said to be it
		`"content":"<p>Hallo</p>","contentMap":{"und":"<p>Hi</p>"}`:                         "",
		`"content":"<p>Hallo</p>","contentMap":{"de":""}`:                                   "",
		`"content":"<p>Hallo</p>","contentMap":{"de":"<p>Hi</p>"},"language":"en"`:          "de",
	} {
		o, err := ParseObject([]byte(`{"id":"https://a.example/1","type":"Note",` + in + `}`))
		if err != nil || o.Language != want || o.Content != "<p>Hallo</p>" {
			t.Errorf("%s: %q in %q, want %q; %v", in, o.Content, o.Language, want, err)
		}
	}
}

// Lemmy put a comment's mentions on the Create only, and a Create may carry the
// audience alone.
func TestActivitySpeaksForItsObject(t *testing.T) {
	const tags = `[{"type":"Mention","href":"https://b.example/u"},{"type":"Hashtag","name":"#acme"}]`
	for _, tt := range []struct {
		name, kind, activity, object string
		to, cc                       []string
		mentions                     int
		hashtags                     []string
	}{
		{"nothing on the object", "Create", `"to":"as:Public","cc":["https://b.example/u"],"tag":` + tags, `"content":"x"`,
			[]string{"as:Public"}, []string{"https://b.example/u"}, 1, []string{"#acme"}},
		{"an edit", "Update", `"to":"as:Public","tag":` + tags, `"content":"x"`, []string{"as:Public"}, nil, 1, []string{"#acme"}},
		{"an empty list of tags is an answer", "Create", `"to":"as:Public","tag":` + tags, `"tag":[]`, []string{"as:Public"}, nil, 0, nil},
		{"an audience of empty lists is none", "Create", `"to":"as:Public","cc":["https://b.example/u"]`, `"to":[],"cc":[],"bcc":[]`, []string{"as:Public"}, []string{"https://b.example/u"}, 0, nil},
		{"the object is narrower", "Create", `"to":"as:Public"`, `"to":[],"cc":"https://c.example/u"`, nil, []string{"https://c.example/u"}, 0, nil},
		{"the object speaks", "Create", `"to":"as:Public","tag":` + tags, `"cc":"https://c.example/u","tag":{"type":"Hashtag","name":"#own"}`,
			nil, []string{"https://c.example/u"}, 0, []string{"#own"}},
		{"blind copies are an audience", "Create", `"to":"as:Public"`, `"bto":"https://c.example/u"`, nil, nil, 0, nil},
		{"an embedded object is not the sender's", "Announce", `"to":"as:Public","tag":` + tags, `"content":"x"`, nil, nil, 0, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := ParseActivity([]byte(`{"id":"https://a.example/c","type":"` + tt.kind + `","actor":"https://a.example/u",` + tt.activity +
				`,"object":{"id":"https://a.example/1","type":"Note","attributedTo":"https://a.example/u",` + tt.object + `}}`))
			if err != nil {
				t.Fatal(err)
			}
			o := a.Object.Object
			if !slices.Equal(o.To, tt.to) || !slices.Equal(o.Cc, tt.cc) || len(o.Mentions) != tt.mentions || !slices.Equal(o.Hashtags, tt.hashtags) {
				t.Errorf("to %v, cc %v, mentions %v, hashtags %v", o.To, o.Cc, o.Mentions, o.Hashtags)
			}
		})
	}
}

func TestPlainTextContent(t *testing.T) {
	for in, want := range map[string]string{
		`"mediaType":"text/markdown","content":"1 < 2\r\n\r\n**so** <b>"`: "1 &lt; 2<br><br>**so** &lt;b&gt;", // PeerTube's comments
		`"mediaType":"text/plain; charset=utf-8","content":"a & b\nc"`:    "a &amp; b<br>c",
		`"mediaType":"text/html","content":"<p>a</p>\n"`:                  "<p>a</p>\n",
		`"content":"<p>a</p>"`: "<p>a</p>",
		`"mediaType":"text/markdown","contentMap":{"de":"a\nb"}`:               "a<br>b",
		`"mediaType":"text/markdown","content":"a\n<","contentMap":{"de":"<"}`: "a<br>&lt;",
	} {
		o, err := ParseObject([]byte(`{"id":"https://a.example/1","type":"Note",` + in + `}`))
		if err != nil || o.Content != want {
			t.Errorf("%s: %q, want %q; %v", in, o.Content, want, err)
		}
	}
}

func TestTopLevelSharedInbox(t *testing.T) {
	for in, want := range map[string]string{
		`"sharedInbox":"https://a.example/in"`:                                                     "https://a.example/in",
		`"sharedInbox":"https://a.example/old","endpoints":{"sharedInbox":"https://a.example/in"}`: "https://a.example/in",
		`"sharedInbox":"https://a.example/in","endpoints":"https://a.example/#endpoints"`:          "https://a.example/in",
	} {
		a, err := ParseActor([]byte(`{"id":"https://a.example/u","type":"Person",` + in + `}`))
		if err != nil || a.SharedInbox != want {
			t.Errorf("%s: %q; %v", in, a.SharedInbox, err)
		}
	}
}

// Pleroma says in `closed`, from the beginning, when a poll will end; Mastodon
// adds it once it has.
func TestEndOfAPoll(t *testing.T) {
	for in, want := range map[string]string{
		`"closed":"2026-01-02T00:00:00.123"`:                                   "2026-01-02",
		`"endTime":"2026-01-03T00:00:00Z","closed":"2026-01-02T00:00:00Z"`:     "2026-01-02",
		`"endTime":"2026-01-03T00:00:00Z"`:                                     "2026-01-03",
		`"endTime":null`:                                                       "0001-01-01",
		`"closed":true`:                                                        "0001-01-01",
		`"endTime":"2026-01-03T00:00:00Z","closed":"2026-01-04T00:00:00+0000"`: "2026-01-03",
	} {
		o, err := ParseObject([]byte(`{"id":"https://a.example/1","type":"Question",` + in + `}`))
		if err != nil || o.EndTime.Format("2006-01-02") != want || o.Closed != (in == `"closed":true`) {
			t.Errorf("%s: ends %s, closed %v; %v", in, o.EndTime, o.Closed, err)
		}
	}
}

// A host name with an underscore cannot have a certificate, and no two parsers
// agree on it.
func TestUnderscoreInHost(t *testing.T) {
	if _, err := ParseActivity([]byte(`{"id":"https://a_b.example/1","type":"Like","actor":"https://a_b.example/u","object":"https://c.example/1"}`)); err == nil {
		t.Error("a host with an underscore")
	}
}

func TestFirstActorSpeaks(t *testing.T) {
	a, err := ParseActivity([]byte(`{"id":"https://a.example/1","type":"Follow","actor":[{"id":"https://a.example/u","type":"Person"},"https://b.example/u"],"object":"https://c.example/u"}`))
	if err != nil || a.Actor != desk.ActorID("https://a.example/u") {
		t.Errorf("%+v, %v", a, err)
	}
}

// GoToSocial's policies, in the words since 0.21, in those before, in both
// (WordPress, with single values), and in no words at all.
func TestReplyPolicy(t *testing.T) {
	for in, want := range map[string]*Policy{
		`"interactionPolicy":{"canReply":{"automaticApproval":["https://a.example/u","https://a.example/u/followers"],"manualApproval":["as:Public"]}}`: {
			Automatic: []string{"https://a.example/u", "https://a.example/u/followers"}, Manual: []string{"as:Public"}},
		`"interactionPolicy":{"canReply":{"always":[],"approvalRequired":"as:Public"}}`:                   {Manual: []string{"as:Public"}, Older: true},
		`"interactionPolicy":{"canReply":{"always":"https://x.example","automaticApproval":"as:Public"}}`: {Automatic: []string{"as:Public"}, Older: true},
		`"interactionPolicy":{"canReply":{"always":"as:Public","automaticApproval":[]}}`:                  {Older: true},
		`"interactionPolicy":{"canReply":{}}`:                                                             {},
		`"interactionPolicy":{"canLike":{"always":"as:Public"}}`:                                          nil,
		`"interactionPolicy":"https://a.example/policy"`:                                                  nil,
		`"canReply":{"always":"as:Public"}`:                                                               nil,
	} {
		o, err := ParseObject([]byte(`{"id":"https://a.example/1","type":"Note",` + in + `}`))
		if err != nil {
			t.Fatal(in, err)
		}
		t.Run(in, func(t *testing.T) { diff(t, want, o.CanReply) })
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]desk.ObjectID{
		`"quote":"https://b.example/1","quoteUri":"https://c.example/1"`:                    "https://b.example/1",
		`"quoteUri":"https://b.example/1"`:                                                  "https://b.example/1", // Fedibird
		`"quoteUrl":"https://b.example/1"`:                                                  "https://b.example/1", // Misskey
		`"_misskey_quote":"https://b.example/1"`:                                            "https://b.example/1",
		`"quote":null,"quoteUrl":"RE: x","_misskey_quote":"https://b.example/1"`:            "https://b.example/1",
		`"quote":{"id":"https://b.example/1","type":"Note"}`:                                "https://b.example/1",
		`"tag":{"type":"Link","href":"https://b.example/1","mediaType":"application/json"}`: "", // FEP-e232: a link, not a quote
	} {
		o, err := ParseObject([]byte(`{"id":"https://a.example/1","type":"Note",` + in + `}`))
		if err != nil || o.Quote != want {
			t.Errorf("%s: %q, want %q; %v", in, o.Quote, want, err)
		}
	}
}

package as

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/desk"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(Object{}, "Raw"), cmpopts.IgnoreFields(Actor{}, "Raw"),
		cmpopts.IgnoreFields(Activity{}, "Raw")); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

const (
	anaID  = desk.ActorID("https://m.example/users/ana")
	deskID = desk.ActorID("https://help.acme.example/desks/help")
)

func TestParseActivityVariants(t *testing.T) {
	raw := testdata(t, "create_variants.json")
	got, err := ParseActivity(raw)
	if err != nil {
		t.Fatal(err)
	}
	object := &Object{
		ID: "https://m.example/notes/1", Type: Note,
		AttributedTo: anaID, AllAttributedTo: []desk.ActorID{anaID, "https://m.example/groups/g"},
		InReplyTo: "https://m.example/notes/0", Context: "https://m.example/contexts/1",
		Conversation: "tag:m.example,2026:objectId=1:objectType=Conversation",
		Content:      "<p>Meine Leitung ist tot</p>", Language: "de",
		ContentMap: map[string]string{"und": "<p>?</p>", "en": "<p>My line is down</p>", "de": "<p>Meine Leitung ist tot</p>"},
		URL:        "https://m.example/@ana/1", Generator: "Tusky", To: []string{"Public"},
		Hashtags: []string{"#acme"}, Sensitive: true,
		Attachments: []Attachment{{URL: "https://m.example/1.png", MediaType: "image/png", Alt: "The modem"}},
	}
	diff(t, &Activity{
		ID: "https://m.example/activities/1", Type: Create, Actor: anaID,
		Object: Ref{ID: object.ID, Object: object}, Objects: []desk.ObjectID{object.ID},
		To: []string{"as:Public"}, Cc: []string{"https://m.example/users/ana/followers", "https://help.acme.example/desks/help"},
		Published: time.Date(2026, 3, 1, 9, 0, 0, 123456000, time.UTC),
	}, got)
	if string(got.Raw) != strings.TrimSpace(string(raw)) {
		t.Error("the activity's own bytes are not those received")
	}
	if r := string(got.Object.Object.Raw); !strings.HasPrefix(r, `{`) || !strings.HasSuffix(r, "901234567890\n  }") {
		t.Errorf("the object's own bytes: %s", r)
	}
}

func TestParseObject(t *testing.T) {
	got, err := ParseObject(testdata(t, "note_mastodon.json"))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, &Object{
		ID: "https://m.example/users/ana/statuses/2", Type: Note, AttributedTo: anaID, AllAttributedTo: []desk.ActorID{anaID},
		Summary: "outage", Content: "<p>@help it is down #fail</p>", Language: "en",
		ContentMap: map[string]string{"de": "<p>anders</p>", "en": "<p>@help it is down #fail</p>"},
		URL:        "https://m.example/@ana/2", To: []string{Public},
		Cc:       []string{"https://m.example/users/ana/followers", string(deskID)},
		Hashtags: []string{"#fail"}, Mentions: []Mention{{deskID, "@help@acme.example"}},
		Published: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC),
		Updated:   time.Date(2026, 3, 1, 10, 5, 0, 500000000, time.UTC),
	}, got)
}

func TestParseActor(t *testing.T) {
	got, err := ParseActor(testdata(t, "actor_variants.json"))
	if err != nil {
		t.Fatal(err)
	}
	const bot = desk.ActorID("https://m.example/users/bot")
	no := false
	diff(t, &Actor{
		ID: bot, Type: Service, PreferredUsername: "bot", Name: "A bot", Summary: "<p>#nobot</p>",
		URL: "https://m.example/@bot", IconURL: "https://m.example/bot.png", Webfinger: "bot@m.example",
		Inbox: string(bot) + "/inbox", SharedInbox: "https://m.example/inbox",
		Keys: []Key{
			{ID: string(bot) + "#old", Owner: bot, PEM: "OLD"}, {ID: string(bot) + "#main-key", Owner: bot, PEM: "NEW"},
			{ID: string(bot) + "/key3"}, {ID: string(bot) + "#ed", Owner: bot, Multikey: "z6Mk"},
		},
		Fields:      []Field{{"Web", `<a href="https://b.example">b</a>`}},
		AlsoKnownAs: []desk.ActorID{"https://old.example/users/bot"}, MovedTo: "https://new.example/users/bot",
		Generator: []string{"Application", "https://rfc.example/9421", "RFC-9421", "https://w3id.org/fep/521a"},
		Bot:       true, ManuallyApproves: true, Memorial: true, Discoverable: &no,
	}, got)
	if k, ok := got.Key(string(bot) + "#main-key"); !ok || k.PEM != "NEW" {
		t.Errorf("key %+v", k)
	}
	if _, ok := got.Key(string(bot)); ok {
		t.Error("a key is found without its fragment")
	}
	for typ, bot := range map[Type]bool{Person: false, Group: false, Organization: false, Service: true, Application: true} {
		a, err := ParseActor(fmt.Appendf(nil, `{"id":"https://a.example/1","type":%q}`, typ))
		if err != nil || a.Bot != bot {
			t.Errorf("%s: bot %v, %v", typ, a.Bot, err)
		}
	}
}

func TestParseKeyDocument(t *testing.T) {
	const owner = `"https://a.example/u"`
	for _, tt := range []struct {
		name, in string
		want     Key
		stub     bool
		fails    bool
	}{
		{"stub actor", `{"id":` + owner + `,"type":"Person","preferredUsername":"u","publicKey":{"id":"https://a.example/u/main-key","owner":` + owner + `,"publicKeyPem":"P"}}`,
			Key{ID: "https://a.example/u/main-key", Owner: "https://a.example/u", PEM: "P"}, true, false},
		{"bare key", `{"id":"https://a.example/u/publickey","type":"CryptographicKey","owner":` + owner + `,"publicKeyPem":"P"}`,
			Key{ID: "https://a.example/u/publickey", Owner: "https://a.example/u", PEM: "P"}, false, false},
		{"bare multikey", `{"id":"https://a.example/u#ed","type":"Multikey","controller":` + owner + `,"publicKeyMultibase":"z"}`,
			Key{ID: "https://a.example/u#ed", Owner: "https://a.example/u", Multikey: "z"}, false, false},
		{"only assertionMethod ids", `{"id":` + owner + `,"type":"Person","assertionMethod":["https://a.example/u#ed"]}`,
			Key{ID: "https://a.example/u#ed"}, true, false},
		{"key without owner", `{"id":"https://a.example/k","type":"Key","publicKeyPem":"P"}`, Key{}, false, true},
		{"actor without key", `{"id":` + owner + `,"type":"Person"}`, Key{}, false, true},
		{"a note", `{"id":` + owner + `,"type":"Note","publicKey":{"id":"https://a.example/k","owner":` + owner + `,"publicKeyPem":"P"}}`, Key{}, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			key, stub, err := ParseKeyDocument([]byte(tt.in))
			if key != tt.want || (stub != nil) != tt.stub || (err != nil) != tt.fails {
				t.Errorf("%+v, actor %v, %v", key, stub != nil, err)
			}
		})
	}
}

func TestVotesAndQuestions(t *testing.T) {
	for in, want := range map[string]bool{
		`"name":"yes","inReplyTo":"https://a.example/q"`:                              true,
		`"name":"yes","inReplyTo":"https://a.example/q","content":"I vote yes"`:       false,
		`"name":"yes","inReplyTo":"https://a.example/q","contentMap":{"en":"I vote"}`: false,
		`"name":"A title"`:                  false,
		`"inReplyTo":"https://a.example/q"`: false,
	} {
		o, err := ParseObject([]byte(`{"id":"https://a.example/1","type":"Note",` + in + `}`))
		if err != nil || o.IsVote != want {
			t.Errorf("%s: vote %v, want %v; %v", in, o.IsVote, want, err)
		}
	}
	o, err := ParseObject([]byte(`{"id":"https://a.example/1","type":"Question","oneOf":[{"type":"Note","name":"a"},{"name":"b"}],"endTime":"2026-01-01T00:00:00","closed":"2026-01-01T00:00:00Z"}`))
	if err != nil || !slices.Equal(o.Options, []string{"a", "b"}) || o.Closed || o.EndTime.Year() != 2026 {
		t.Errorf("%+v, %v", o, err)
	}
}

package build

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/internal/desk"
	"earshot/internal/test/corpus"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	deskID = desk.ActorID("https://help.acme.example/desks/help")
	anaID  = desk.ActorID("https://m.example/users/ana")
	noteID = desk.ObjectID("https://help.acme.example/posts/1")
	actID  = desk.ActivityID("https://help.acme.example/activities/1/create")
)

var noon = time.Date(2026, 3, 1, 13, 0, 0, 123456000, time.FixedZone("CET", 3600))

func reply() NoteDoc {
	return NoteDoc{
		ID: noteID, AttributedTo: deskID, HTML: "<p>Which street, Ana & co?</p>", Language: "en",
		Source: "Which street, Ana & co?", To: []string{string(anaID)}, Cc: []string{as.Public},
		InReplyTo: "https://m.example/notes/ü%7E?a=[1]", Context: "https://m.example/contexts/1",
		Conversation: "tag:m.example,2026:objectId=1:objectType=Conversation",
		Mentions:     []as.Mention{{Href: anaID, Name: "@ana@m.example"}},
		Attachments:  []as.Attachment{{URL: "https://help.acme.example/files/1.png", MediaType: "image/png", Alt: "A map"}},
		Published:    noon, URL: "https://help.acme.example/issues/1#1", Replies: "https://help.acme.example/posts/1/replies",
	}
}

func provider() ActorDoc {
	const id = string(deskID)
	return ActorDoc{
		ID: deskID, Type: as.Organization, PreferredUsername: "help", Name: "Acme", SummaryHTML: "<p>We listen.</p>",
		URL: "https://help.acme.example/@help", Icon: Image{URL: "https://help.acme.example/icon.png", MediaType: "image/png"}, Header: Image{"https://help.acme.example/header.jpg", "image/jpeg", 1500, 500},
		Inbox: id + "/inbox", Outbox: id + "/outbox", Followers: id + "/followers", Following: id + "/following",
		Featured: id + "/featured", SharedInbox: "https://help.acme.example/inbox",
		KeyID: id + "#main-key", KeyPEM: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
		Methods: []Method{{id + "#ed25519-key", "z6MkAAAA"}}, Webfinger: "help@acme.example", Published: noon,
		Fields:       []as.Field{{Name: "Web", Value: `<a href="https://acme.example" rel="me">acme.example</a>`}},
		Discoverable: true, Indexable: true, Generator: "https://help.acme.example/relay",
	}
}

func TestBuild(t *testing.T) {
	edited := reply()
	edited.Updated = noon.Add(time.Minute)
	approved := reply()
	approved.ReplyAuthorization, approved.Quotable = "https://m.example/authorizations/1", true
	quote := QuoteRequestDoc{ID: "https://m.example/requests/1", Actor: anaID, Object: noteID, Instrument: "https://m.example/notes/9"}
	const stamp = "https://help.acme.example/posts/1/quotes/9"
	follow := FollowDoc{ID: "https://m.example/follows/1", Actor: anaID, Object: string(deskID)}
	instance := ActorDoc{
		ID: "https://help.acme.example/relay", Type: as.Application, PreferredUsername: "relay",
		Inbox: "https://help.acme.example/relay/inbox", Outbox: "https://help.acme.example/relay/outbox",
		Followers: "https://help.acme.example/relay/followers", Following: "https://help.acme.example/relay/following",
		SharedInbox: "https://help.acme.example/inbox", KeyID: "https://help.acme.example/relay#main-key", KeyPEM: "PEM",
	}
	note, err := Note(reply())
	if err != nil {
		t.Fatal(err)
	}
	for name, build := range map[string]func() ([]byte, error){
		"note":          func() ([]byte, error) { return Note(reply()) },
		"note_bare":     func() ([]byte, error) { return Note(NoteDoc{ID: noteID, AttributedTo: deskID, HTML: "<p>x</p>"}) },
		"note_approved": func() ([]byte, error) { return Note(approved) },
		"reply_request": func() ([]byte, error) { return ReplyRequest(actID, deskID, anaID, reply()) },
		"accept_quote":  func() ([]byte, error) { return AcceptQuote(actID, deskID, quote, stamp) },
		"reject_quote":  func() ([]byte, error) { return RejectQuote(actID, deskID, quote) },
		"quote_authorization": func() ([]byte, error) {
			return QuoteAuthorization(stamp, deskID, quote.Instrument, noteID)
		},
		"create": func() ([]byte, error) { return Create(actID, deskID, reply()) },
		"update": func() ([]byte, error) { return Update(actID, deskID, edited) },
		"delete": func() ([]byte, error) {
			return Delete(actID, deskID, noteID, []string{string(anaID)}, nil, noon)
		},
		"tombstone":       func() ([]byte, error) { return Tombstone(noteID, as.Note, noon) },
		"follow":          func() ([]byte, error) { return Follow(actID, deskID, string(anaID), []string{string(anaID)}) },
		"follow_relay":    func() ([]byte, error) { return Follow(actID, deskID, as.Public, nil) },
		"accept":          func() ([]byte, error) { return Accept(actID, deskID, follow) },
		"undo":            func() ([]byte, error) { return Undo(actID, anaID, follow, []string{string(deskID)}) },
		"actor":           func() ([]byte, error) { return Actor(provider()) },
		"actor_instance":  func() ([]byte, error) { return Actor(instance) },
		"update_actor":    func() ([]byte, error) { return UpdateActor(actID, provider(), []string{as.Public}, nil, noon) },
		"collection":      func() ([]byte, error) { return Collection("https://a.example/c", "", 3, "https://a.example/c?p=1") },
		"collection_flat": func() ([]byte, error) { return Collection("https://a.example/c", deskID, 1, "", note) },
		"collection_page": func() ([]byte, error) {
			return CollectionPage("https://a.example/c?p=1", "https://a.example/c", "https://a.example/c?p=2", "", IDs(noteID))
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := build()
			if err != nil {
				t.Fatal(err)
			}
			if again, _ := build(); !bytes.Equal(got, again) {
				t.Errorf("two builds differ:\n%s\n%s", got, again)
			}
			golden(t, filepath.Join("testdata", name+".json"), got)
		})
	}
}

// Replies are embedded with a first page, as GoToSocial has to have it.
func TestReplies(t *testing.T) {
	for what, raw := range map[string]string{
		"own": `{"wanted":{"replies":{"type":"Collection","id":"https://help.acme.example/posts/1/replies","first":{"type":"CollectionPage",
			"partOf":"https://help.acme.example/posts/1/replies","next":"https://help.acme.example/posts/1/replies?page=first","items":[]}}}}`,
		"recorded": string(corpus.Interop(t, "gotosocial-replies-page.json")),
	} {
		if raw == "" {
			continue
		}
		var recorded struct {
			Wanted struct{ Replies map[string]any }
		}
		if err := json.Unmarshal([]byte(strings.ReplaceAll(raw, "https://desk.example/", "https://help.acme.example/")), &recorded); err != nil {
			t.Fatal(err)
		}
		note, err := Note(reply())
		if err != nil {
			t.Fatal(err)
		}
		var got struct{ Replies map[string]any }
		if err := json.Unmarshal(note, &got); err != nil {
			t.Fatal(err)
		}
		if want := recorded.Wanted.Replies; len(want) == 0 || !reflect.DeepEqual(got.Replies, want) {
			t.Errorf("%s: %v, want %v", what, got.Replies, want)
		}
	}
}

// golden compares without regard to white space: the files are indented for people.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		var b bytes.Buffer
		if err := json.Indent(&b, got, "", "  "); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(b.Bytes(), '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := json.Compact(&want, raw); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s:\n got %s\nwant %s", file, got, want.Bytes())
	}
}

// Our own parser reads the documents that we build, with the same ids byte by
// byte.
func TestOwnParserReadsBuiltDocuments(t *testing.T) {
	raw, err := Create(actID, deskID, reply())
	if err != nil {
		t.Fatal(err)
	}
	a, err := as.ParseActivity(raw)
	if err != nil {
		t.Fatal(err)
	}
	o, want := a.Object.Object, reply()
	if a.ID != actID || a.Actor != deskID || a.Type != as.Create || a.Object.ID != noteID || !a.Published.Equal(noon.Truncate(time.Second)) {
		t.Errorf("activity %+v", a)
	}
	if o.InReplyTo != want.InReplyTo || o.Content != want.HTML || o.Language != "en" || o.AttributedTo != deskID ||
		o.Conversation != want.Conversation || o.Mentions[0] != want.Mentions[0] || o.Attachments[0] != want.Attachments[0] {
		t.Errorf("object %+v", o)
	}

	raw, err = Actor(provider())
	if err != nil {
		t.Fatal(err)
	}
	actor, err := as.ParseActor(raw)
	if err != nil {
		t.Fatal(err)
	}
	key, ok := actor.Key(string(deskID) + "#main-key")
	if !ok || key.Owner != deskID || key.PEM != provider().KeyPEM {
		t.Errorf("key %+v", key)
	}
	if !actor.IsEarshot() || actor.Bot || actor.SharedInbox != provider().SharedInbox || actor.Webfinger != "help@acme.example" ||
		actor.Indexable == nil || !*actor.Indexable || len(actor.Keys) != 2 {
		t.Errorf("actor %+v", actor)
	}
}

func TestBuildRefuses(t *testing.T) {
	if _, err := Update(actID, deskID, reply()); desk.ErrorCode(err) != desk.CodeInvalid {
		t.Errorf("an Update without updated: %v", err)
	}
	bad := reply()
	bad.To = []string{"ana@m.example"}
	if _, err := Note(bad); err == nil {
		t.Error("a recipient that is no id is accepted")
	}
	if _, err := Follow(actID, "", as.Public, nil); err == nil {
		t.Error("a Follow by nobody is accepted")
	}
	if _, err := Actor(ActorDoc{}); err == nil {
		t.Error("an empty actor is accepted")
	}
	if _, err := CollectionPage("https://a.example/p", "https://a.example/c", "", "", []json.RawMessage{[]byte("1")}); err == nil {
		t.Error("a number as an item is accepted")
	}
}

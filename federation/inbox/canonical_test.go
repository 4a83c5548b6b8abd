package inbox

import (
	"encoding/json"
	"strings"
	"testing"

	"earshot/federation/as"
	"earshot/internal/address"
	"earshot/internal/desk"
)

var testBook = address.Book{Site: desk.Site{URL: "https://help.acme.example", HandleDomain: "acme.example"}, Alias: func(s string) (desk.Handle, bool) {
	return "help", s == "https://help.acme.example/users/help" || s == "@support@acme.example"
}}

func TestMentioned(t *testing.T) {
	const us = "https://help.acme.example/desks/help"
	for _, c := range []struct{ href, name, want string }{
		{us, "@help", us},
		{us + "/", "@x@m.example", us},
		{"https://help.acme.example/@help", "@help", us}, // Hubzilla
		{"https://help.acme.example/@help/", "@help@acme.example", us},
		{"https://help.acme.example/@Help", "", us},
		{"https://help.acme.example/users/help", "@help", us},
		{"https://help.acme.example/users/else", "@Help@acme.example", us}, // it leads nowhere
		{"https://help.acme.example/users/else", "@help@m.example", "https://help.acme.example/users/else"},
		{"", "@help@acme.example", us},
		{"", "@Help@help.ACME.example", us},
		{"", "help@acme.example", us},
		{"", "@support@acme.example", us},
		{"", "@relay@acme.example", "https://help.acme.example/relay"},
		{"", "@help", ""},
		{"", "@help@acme.example.evil.example", ""},
		{"", "", ""},
		{"https://help.acme.example/@help/../other", "", "https://help.acme.example/@help/../other"},
		{"https://help.acme.example/posts/1", "@help@acme.example", "https://help.acme.example/posts/1"},
		{"https://m.example/@help", "@help@acme.example", "https://m.example/@help"}, // the link says which account, not the name
	} {
		if got := mentioned(testBook, as.Mention{Href: desk.ActorID(c.href), Name: c.name}); string(got) != c.want {
			t.Errorf("%q %q: %q, want %q", c.href, c.name, got, c.want)
		}
	}
}

// readAs reads an activity as the inbox does.
func readAs(t *testing.T, doc string) *as.Activity {
	t.Helper()
	a, err := as.ParseActivity([]byte(doc))
	if err != nil {
		t.Fatal(err, doc)
	}
	return canonical(testBook, a)
}

const (
	deskID = "https://help.acme.example/desks/help"
	postID = "https://help.acme.example/posts/0192f3a4-5b6c-7d8e-9f00-abcdefabcdef"
	create = "https://help.acme.example/activities/0192f3a4-5b6c-7d8e-9f00-abcdefabcdef/create"
	ask    = "https://help.acme.example/activities/0192f3a4-5b6c-7d8e-9f00-abcdefabcdef/ask"
)

func TestCanonicalReferences(t *testing.T) {
	for _, c := range []struct{ kind, object, want string }{
		{"Follow", deskID + "#main-key", deskID}, {"Block", "https://help.acme.example/%40help", deskID}, {"Block", "https://HELP.acme.example", "https://help.acme.example/relay"},
		{"Like", create, postID}, {"EmojiReact", postID + "/", postID}, {"Announce", create + "?x", postID}, {"QuoteRequest", postID + "#x", postID},
		{"Accept", ask + "/", ask}, {"Reject", create + "/", create}, {"Accept", postID + "/", postID},
		{"Follow", "https://help.acme.example/users/help/", deskID}, {"Follow", "https://m.example/users/help/", "https://m.example/users/help/"},
		{"Block", "https://help.acme.example/desks/help/../x", "https://help.acme.example/desks/help/../x"}, {"Block", "https://u@help.acme.example/desks/help", ""},
		// What was changed or deleted stays as it was sent: it is refused as ours.
		{"Delete", postID + "/", postID + "/"}, {"Update", postID + "/", postID + "/"}, {"Create", postID + "#x", postID + "#x"},
	} {
		a := readAs(t, `{"id":"https://m.example/1","type":"`+c.kind+`","actor":"https://m.example/u","object":"`+c.object+`"}`)
		if string(a.Object.ID) != c.want {
			t.Errorf("%s of %s: %s, want %s", c.kind, c.object, a.Object.ID, c.want)
		}
		u := readAs(t, `{"id":"https://m.example/2","type":"Undo","actor":"https://m.example/u","object":{"id":"https://m.example/1","type":"`+c.kind+`","actor":"https://m.example/u","object":"`+c.object+`"}}`)
		if u.Inner == nil || string(u.Inner.Object.ID) != c.want {
			t.Errorf("Undo of %s of %s: %+v, want %s", c.kind, c.object, u.Inner, c.want)
		}
	}
	flag := readAs(t, `{"id":"https://m.example/1","type":"Flag","actor":"https://m.example/u","object":["`+deskID+`/","`+create+`","https://m.example/2/"]}`)
	if got, _ := json.Marshal(flag.Objects); string(got) != `["`+deskID+`","`+postID+`","https://m.example/2/"]` {
		t.Errorf("Flag: %s", got)
	}
	answer := readAs(t, `{"id":"https://m.example/1","type":"Accept","actor":"https://m.example/u","object":{"id":"`+ask+`/","type":"ReplyRequest","actor":"`+deskID+`/","object":"https://m.example/2","instrument":"`+create+`#x"}}`)
	if answer.Inner.ID != ask || answer.Inner.Instrument != postID {
		t.Errorf("Accept of a request: %+v", answer.Inner)
	}
}

func TestCanonicalObject(t *testing.T) {
	slash := strings.NewReplacer("^", deskID, "~", postID)
	a := readAs(t, slash.Replace(`{"id":"https://m.example/1","type":"Create","actor":"https://m.example/u","to":["^/","as:Public"],"cc":["https://help.acme.example/@help","^/followers/","https://m.example/x/"],
		"object":{"id":"https://m.example/2","type":"Note","attributedTo":"https://m.example/u","content":"x","inReplyTo":"~/","quote":"~#x","to":["as:Public"],"cc":"^#x","audience":["^?x"],"context":"https://help.acme.example/issues/7/",
		"tag":[{"type":"Mention","href":"^/","name":"@help"}],"interactionPolicy":{"canReply":{"automaticApproval":["^/","as:Public"],"manualApproval":["https://help.acme.example/@help"]}}}}`))
	o := a.Object.Object
	got, err := json.Marshal([]any{a.To, a.Cc, o.InReplyTo, o.Quote, o.To, o.Cc, o.Audience, o.Context, o.Mentions, o.CanReply.Automatic, o.CanReply.Manual})
	if err != nil {
		t.Fatal(err)
	}
	want := slash.Replace(`[["^","as:Public"],["^","^/followers","https://m.example/x/"],"~","~",["as:Public"],["^"],["^"],"https://help.acme.example/issues/7/thread",[{"Href":"^","Name":"@help"}],["^","as:Public"],["^"]]`)
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	page := readAs(t, `{"id":"https://m.example/1","type":"Create","actor":"https://m.example/u","object":{"id":"https://m.example/2","type":"Note","attributedTo":"https://m.example/u","inReplyTo":"https://help.acme.example/issues/7","context":"https://m.example/c"}}`)
	if got := page.Object.Object.Context; got != "https://help.acme.example/issues/7/thread" {
		t.Errorf("an answer to the page of an issue has the context %s", got)
	}
}

// What comes from a fetch is shared with others who asked for the same.
func TestCanonicalLeavesItsInput(t *testing.T) {
	doc := []byte(strings.ReplaceAll(`{"id":"https://m.example/2","type":"Note","attributedTo":"https://m.example/u","to":["^/"],"inReplyTo":"^/","tag":[{"type":"Mention","href":"^/"}],"interactionPolicy":{"canReply":{"automaticApproval":["^/"]}}}`, "^", deskID))
	o, err := as.ParseObject(doc)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := json.Marshal(o)
	canonicalObject(testBook, o)
	if after, _ := json.Marshal(o); string(after) != string(before) {
		t.Errorf("before %s\nafter %s", before, after)
	}
}

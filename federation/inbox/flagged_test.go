package inbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"earshot/federation/as"
	"earshot/internal/address"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
)

func TestFlagged(t *testing.T) {
	const desks, post, page = "https://help.acme.example/desks/help", "https://help.acme.example/posts/p1", "https://help.acme.example/posts/p2"
	book := address.Book{Site: acmeSite(t)}
	var many []string
	for n := range 500 {
		many = append(many, fmt.Sprint("https://help.acme.example/posts/m", n))
	}
	for _, c := range []struct {
		name    string
		objects []string
		words   string
		want    []desk.ObjectID
	}{
		{"the account and a post", []string{desks, post, "https://m.example/1"}, "", []desk.ObjectID{desks, post}},
		{"the account, and posts in the words", []string{desks}, "Note: " + post + "\n-----\nLocal Note: " + page + ".\nrude", []desk.ObjectID{desks, post, page}},
		{"the instance", []string{"https://help.acme.example/relay"}, "see (" + post + ")", []desk.ObjectID{"https://help.acme.example/relay", post}},
		{"said twice", []string{post}, "(" + post + "/) " + post, []desk.ObjectID{post}},
		{"in HTML", []string{desks}, "<p>see " + post + "</p><p>" + page + "</p>", []desk.ObjectID{desks, post, page}},
		{"another's post", []string{desks}, "https://m.example/posts/p1 https://help.acme.example.evil.example/posts/p1", []desk.ObjectID{desks}},
		{"the desk's page, in other letters", []string{"https://HELP.acme.example/@Help/", desks + "#main-key", desks + "/outbox"}, "", []desk.ObjectID{desks}},
		{"the page of the instance, and its shared inbox", []string{"https://help.acme.example", "https://help.acme.example/listening", "https://help.acme.example/inbox"}, "", []desk.ObjectID{"https://help.acme.example/relay"}},
		{"the Create of a post, and its collections", []string{"https://help.acme.example/activities/0192f1f2-0000-7000-8000-000000000001/create", post + "/replies"}, "", []desk.ObjectID{"https://help.acme.example/posts/0192f1f2-0000-7000-8000-000000000001", post}},
		{"the page of an issue", []string{"https://help.acme.example/issues/i1", "https://help.acme.example/issues/i1/thread"}, "", []desk.ObjectID{"https://help.acme.example/issues/i1"}},
		{"no address that we give out", []string{"https://help.acme.example/users/help", "https://help.acme.example/posts/p1/likes"}, "", nil},
		{"no post", []string{desks}, "posts/p1 https://help.acme.example/posts/p1/likes https://help.acme.example/desks/other", []desk.ObjectID{desks}},
	} {
		got := flagged(book, flagOf(t, c.objects, c.words))
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := flagged(book, flagOf(t, []string{desks}, strings.Join(many, " "))); len(got) != 1+maxNamed {
		t.Errorf("%d posts are looked up for one Flag", len(got))
	}
}

func flagOf(t *testing.T, objects []string, words string) *as.Activity {
	t.Helper()
	doc, err := json.Marshal(map[string]any{"type": "Flag", "actor": "https://m.example/actor", "object": objects, "content": words})
	if err != nil {
		t.Fatal(err)
	}
	a, err := as.ParseActivity(doc)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// A Flag on the account is shown with the reply that its words name.
func TestFlagOnTheAccount(t *testing.T) {
	i := newInstance(t, false)
	issue := i.report(ana, "1")
	reply := string(i.reply(issue.ID).Object)
	before := len(i.notes(issue.ID))
	flag := func(words string) string {
		return fmt.Sprintf(`{"type":"Flag","actor":%q,"object":%q,"content":%q}`, ben, ourDesk, words)
	}
	i.told(ben, flag("rude"))
	if got := len(i.notes(issue.ID)); got != before {
		t.Errorf("a Flag that names no post: %d new entries", got-before)
	}
	i.told(ben, flag("Note: "+reply+"\n-----\nrude"))
	if got := len(i.notes(issue.ID)); got != before+1 {
		t.Errorf("%d new entries", got-before)
	}
}

// What several programs send when an account, a post or the instance is complained
// of reaches the admins. The shapes are theirs; the words are ours.
func TestFlagShapes(t *testing.T) {
	i := newInstance(t, false)
	issue := i.report(ana, "1")
	reply := string(i.reply(issue.ID).Object)
	p, err := i.App.Broadcast(t.Context(), app.By{}, app.BroadcastInput{Desk: "help", Text: "All is well", Now: true})
	if err != nil {
		t.Fatal(err)
	}
	broadcast := string(p.Object)
	const relay = "https://help.acme.example/relay"
	server := desk.ActorID("https://m.example/actor")
	i.peers.actors[server] = &as.Actor{ID: server, Type: as.Application, PreferredUsername: "m.example", Inbox: "https://m.example/inbox"}
	for n, c := range []struct {
		name, object, more, words string
		signer                    desk.ActorID
		about                     []string
	}{
		{"Mastodon: the account and a post, as the server", fmt.Sprintf(`[%q,%q]`, ourDesk, broadcast), fmt.Sprintf(`,"content":"Unwanted","to":%q`, ourDesk), "Unwanted", server, []string{string(ourDesk), broadcast}},
		{"Mastodon: the account alone", fmt.Sprintf(`[%q]`, ourDesk), `,"content":""`, "", server, []string{string(ourDesk)}},
		{"GoToSocial: no recipients", fmt.Sprintf(`[%q,%q]`, ourDesk, reply), `,"content":"please look"`, "please look", server, []string{string(ourDesk), reply}},
		{"Misskey: an account, the posts in the words", jsonID(string(ourDesk)), fmt.Sprintf(`,"content":"Note: %s\n-----\nannoying"`, broadcast), "Note: " + broadcast + " ----- annoying", server, []string{string(ourDesk), broadcast}},
		{"Pleroma: the post embedded", fmt.Sprintf(`[%q,{"type":"Note","id":%q,"actor":{"type":"Person","id":%q},"content":"All is well"}]`, ourDesk, broadcast, ourDesk), fmt.Sprintf(`,"content":"not nice","cc":[%q],"to":[],"state":"open"`, ourDesk), "not nice", ben, []string{string(ourDesk), broadcast}},
		{"Lemmy: one post, the words as a summary, in the name of a person", jsonID(broadcast), fmt.Sprintf(`,"summary":"off topic","to":[%q],"audience":"https://l.example/c/main"`, ourDesk), "off topic", ben, []string{broadcast}},
		{"the instance", jsonID(relay), `,"content":"spam from here"`, "spam from here", server, []string{relay}},
		{"a page of the instance", jsonID("https://help.acme.example/listening"), "", "", server, []string{relay}},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := fmt.Sprintf(`{"id":"https://m.example/flags/%d","type":"Flag","actor":%q,"object":%s%s}`, n, c.signer, c.object, c.more)
			i.told(c.signer, body)
			flags, err := i.App.Flags(t.Context())
			if err != nil || len(flags) != n+1 {
				t.Fatalf("%d complaints, %v", len(flags), err)
			}
			got := flags[0]
			about := make([]string, len(got.About))
			for n, o := range got.About {
				about[n] = string(o)
			}
			if got.Sender != c.signer || strings.Join(strings.Fields(got.Words), " ") != c.words || !slices.Equal(about, c.about) {
				t.Errorf("%+v", got)
			}
		})
	}
	if e := i.last(); e.Reason != "" {
		t.Errorf("something was dropped: %+v", e)
	}
	if o := i.send(server, fmt.Sprintf(`{"id":"https://m.example/flags/x","type":"Flag","actor":%q,"object":["https://m.example/users/x","https://help.acme.example/posts/none"],"content":"?"}`, server)); o.Reason != drop.UnknownObject {
		t.Errorf("about nothing of ours: %v", o)
	}
}

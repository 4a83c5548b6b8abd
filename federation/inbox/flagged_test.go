package inbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"earshot/federation/as"
	"earshot/internal/desk"
	"earshot/internal/drop"
)

func TestFlagged(t *testing.T) {
	const desks, post, page = "https://help.acme.example/desks/help", "https://help.acme.example/posts/p1", "https://help.acme.example/posts/p2"
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
		{"no post", []string{desks}, "posts/p1 https://help.acme.example/posts/p1/likes https://help.acme.example/desks/other", []desk.ObjectID{desks}},
	} {
		got := flagged(flagOf(t, c.objects, c.words), acmeSite(t))
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := flagged(flagOf(t, []string{desks}, strings.Join(many, " ")), acmeSite(t)); len(got) != 1+maxNamed {
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
	if o := i.send(ben, flag("rude")); o.Reason != drop.UnknownObject {
		t.Errorf("a Flag that names no post: %v", o)
	}
	i.told(ben, flag("Note: "+reply+"\n-----\nrude"))
	if got := len(i.notes(issue.ID)); got != before+1 {
		t.Errorf("%d new entries", got-before)
	}
}

package town

import (
	"context"
	"slices"
	"strings"
	"testing"

	"earshot/federation/as"
	"earshot/internal/desk"
)

// last returns the last activity that arrived, parsed.
func (p *place) last() *as.Activity {
	p.t.Helper()
	log := p.Arrivals()
	if len(log) == 0 {
		p.t.Fatal("nothing came in")
	}
	a, err := as.ParseActivity(log[len(log)-1].Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return a
}

func TestVote(t *testing.T) {
	here, there, _ := twoTowns(t)
	help := there.ActorOf("help")
	question := string(help) + "/posts/q"
	to := []string{string(here.ActorOf("ana"))}
	body := doc{"id": question + "/activity", "type": as.Create, "actor": help, "to": to, "object": doc{
		"id": question, "type": as.Question, "attributedTo": help, "content": "Which light?", "to": to,
		"oneOf": []doc{{"type": as.Note, "name": "red"}, {"type": as.Note, "name": "green"}}}}.bytes()
	signedPost(t, there, "help", here.base+"/inbox", body, nil)
	if err := here.Vote("ana", desk.ObjectID(question), "blue"); desk.ErrorCode(err) != desk.CodeInvalid {
		t.Errorf("voted for a text that is no option: %v", err)
	}
	contains(t, here.page("/users/ana/posts/none", 404), "no such post")
	here.must(here.Vote("ana", desk.ObjectID(question), "red"))
	settle(t, here, there)
	o := there.last().Object.Object
	if o == nil || !o.IsVote || o.Name != "red" || string(o.InReplyTo) != question || o.AttributedTo != here.ActorOf("ana") {
		t.Errorf("vote: %+v", o)
	}
}

func TestFlagComesFromTheTown(t *testing.T) {
	here, there, _ := twoTowns(t)
	post := there.write("help", PostInput{Text: "Buy now"})
	here.Flag(there.ActorOf("help"), []desk.ObjectID{post}, "spam")
	settle(t, here, there)
	a := there.last()
	if a.Type != as.Flag || a.Actor != here.instance.id || a.Content != "spam" || !slices.Contains(a.Objects, post) {
		t.Errorf("flag: %+v", a)
	}
}

func TestProfileAndMove(t *testing.T) {
	here, there, _ := twoTowns(t)
	there.must(there.Follow(context.Background(), "help", here.ActorOf("ana")))
	settle(t, here, there)
	here.must(here.SetBio("ana", "Leave me alone #nobot"))
	settle(t, here, there)
	r, err := there.remote(context.Background(), here.ActorOf("ana"))
	if err != nil || !strings.Contains(r.Summary, "nobot") || there.last().Type != as.Update {
		t.Errorf("profile: %+v, %v", r, err)
	}
	here.must(here.Move("ana", there.ActorOf("mia")))
	settle(t, here, there)
	if a := there.last(); a.Type != as.Move || string(a.Target) != string(there.ActorOf("mia")) {
		t.Errorf("move: %+v", a)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	here := build(t, nil, "ana", "bob")
	first := here.write("ana", PostInput{Text: "first"})
	for range maxPosts {
		here.write("ana", PostInput{Text: "@bob more"})
	}
	if len(here.posts) != maxPosts || len(here.order) != maxPosts || here.posts[first] != nil {
		t.Errorf("%d posts, %d in order", len(here.posts), len(here.order))
	}
	if n := len(here.Notifications("bob")); n != maxNotes {
		t.Errorf("%d notifications", n)
	}
}

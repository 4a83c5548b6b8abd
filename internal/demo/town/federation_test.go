package town

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/internal/desk"
)

func TestMentionIsDeliveredAndNotified(t *testing.T) {
	here, there, _ := twoTowns(t)
	id := here.write("ana", PostInput{Text: "No line since 9. " + there.handle("help") + " #acme #fail <b>"})
	settle(t, here, there)
	notes := there.Notifications("help")
	if len(notes) != 1 || notes[0].Kind != NoteMention || notes[0].Acct != "ana@"+string(here.host) || notes[0].Object != id {
		t.Fatalf("notifications: %+v", notes)
	}
	m, ok := there.see("help", id)
	if !ok || m.Text != "No line since 9. @help #acme #fail <b>" || m.Visibility != desk.VisibilityPublic || m.Language != "en" {
		t.Errorf("message: %+v", m)
	}
	if strings.Join(m.Tags, " ") != "#acme #fail" {
		t.Errorf("tags: %q", m.Tags)
	}
	a := there.Arrivals()
	if len(a) != 1 || a[0].Status != 202 || a[0].Scheme != "cavage" || a[0].KeyID != string(here.ActorOf("ana"))+"#main-key" {
		t.Errorf("arrivals: %+v", a)
	}
	if n, _ := here.Pending(); n != 0 {
		t.Errorf("%d jobs left", n)
	}
}

func TestAnswerEditDelete(t *testing.T) {
	here, there, now := twoTowns(t)
	report := here.write("ana", PostInput{Text: "Down again " + there.handle("help")})
	settle(t, here, there)
	now.Advance(time.Minute)
	answer := there.write("help", PostInput{Text: here.handle("ana") + " since when?", InReplyTo: report, Visibility: desk.VisibilityQuiet})
	settle(t, here, there)
	thread := here.Thread("ana", report)
	if len(thread) != 2 || thread[1].ID != answer || thread[1].Depth != 1 || thread[1].Acct != "help@"+string(there.host) ||
		thread[1].Visibility != desk.VisibilityQuiet || thread[1].Local {
		t.Fatalf("thread: %+v", thread)
	}
	if n := here.Notifications("ana"); len(n) != 1 || n[0].Object != answer {
		t.Errorf("notifications: %+v", n)
	}

	now.Advance(time.Minute)
	there.must(there.Edit(context.Background(), "help", answer, here.handle("ana")+" we know, since 9"))
	here.must(here.Edit(context.Background(), "ana", report, "Down again, all day"))
	settle(t, here, there)
	if m, _ := here.see("ana", answer); m.Text != "@ana we know, since 9" || !m.Edited {
		t.Errorf("edited answer: %+v", m)
	}
	if m, _ := there.see("help", report); m.Text != "Down again, all day" || !m.Edited {
		t.Errorf("edit after the mention was removed: %+v", m)
	}

	there.must(there.Delete("help", answer))
	here.must(here.Delete("ana", report))
	settle(t, here, there)
	if m, ok := here.see("ana", answer); !ok || !m.Deleted || m.Text != "" {
		t.Errorf("deleted answer: %+v", m)
	}
	if m, ok := there.see("help", report); !ok || !m.Deleted || m.HTML != "" {
		t.Errorf("deleted report: %+v", m)
	}
	if n := here.Notifications("ana"); len(n) != 0 {
		t.Errorf("notification of a deleted post: %+v", n)
	}
}

func TestEditsWithinOneSecond(t *testing.T) {
	here, there, _ := twoTowns(t)
	id := here.write("ana", PostInput{Text: "One " + there.handle("help")})
	for _, text := range []string{"Two", "Three"} {
		here.must(here.Edit(context.Background(), "ana", id, text))
	}
	settle(t, here, there)
	if m, _ := there.see("help", id); m.Text != "Three" || !m.Edited {
		t.Errorf("%+v", m)
	}
}

func TestAudiences(t *testing.T) {
	tests := []struct {
		visibility   desk.Visibility
		mia, bob     bool // see it: mia over there is not mentioned, bob here neither
		followerSees bool
	}{
		{desk.VisibilityPublic, true, true, true},
		{desk.VisibilityQuiet, true, true, true},
		{desk.VisibilityFollowers, false, false, true},
		{desk.VisibilityDirect, false, false, false},
	}
	for _, test := range tests {
		t.Run(string(test.visibility), func(t *testing.T) {
			here, there, _ := twoTowns(t)
			ctx := context.Background()
			id := here.write("ana", PostInput{Text: "Psst " + there.handle("help"), Visibility: test.visibility})
			settle(t, here, there)
			for _, v := range []struct {
				place *place
				who   string
				want  bool
			}{{there, "help", true}, {here, "ana", true}, {there, "mia", test.mia}, {here, "bob", test.bob}, {here, "", test.bob}} {
				m, ok := v.place.see(v.who, id)
				if ok != v.want || ok && m.Visibility != test.visibility {
					t.Errorf("%q sees it: %v, want %v: %+v", v.who, ok, v.want, m)
				}
			}
			there.must(there.Follow(ctx, "mia", here.ActorOf("ana")))
			settle(t, here, there)
			second := here.write("ana", PostInput{Text: "To those who listen", Visibility: test.visibility})
			settle(t, here, there)
			if _, ok := there.see("mia", second); ok != test.followerSees {
				t.Errorf("a follower sees it: %v, want %v", ok, test.followerSees)
			}
			if home := there.Home("mia"); (len(home) > 0 && home[0].ID == second) != test.followerSees {
				t.Errorf("home: %+v", home)
			}
		})
	}
}

func TestMentionNeedsTagAndAddress(t *testing.T) {
	here, there, _ := twoTowns(t)
	forge := func(d doc) {
		here.mu.Lock()
		here.send(here.people["ana"], d, []desk.ActorID{there.ActorOf("help")})
		here.mu.Unlock()
		settle(t, here, there)
	}
	note := func(key string, to []string, tags []doc) doc {
		ana := here.ActorOf("ana")
		id := string(ana) + "/posts/" + key
		return doc{"id": id + "/activity", "type": as.Create, "actor": ana, "to": to, "object": doc{
			"id": id, "type": as.Note, "attributedTo": ana, "content": "x", "to": to, "tag": tags}}
	}
	help := string(there.ActorOf("help"))
	tag := []doc{{"type": "Mention", "href": help, "name": there.handle("help")}}
	forge(note("only-addressed", []string{help}, nil))
	if n := there.Notifications("help"); len(n) != 0 {
		t.Errorf("notified without a Mention tag: %+v", n)
	}
	forge(note("only-tagged", []string{as.Public}, tag))
	if n := there.Notifications("help"); len(n) != 0 {
		t.Errorf("notified without being addressed: %+v", n)
	}
	forge(note("both", []string{help}, tag))
	if n := there.Notifications("help"); len(n) != 1 {
		t.Errorf("not notified: %+v", n)
	}
}

func TestFollowUnfollowRemoved(t *testing.T) {
	here, there, _ := twoTowns(t)
	ctx := context.Background()
	help := there.ActorOf("help")
	here.must(here.Follow(ctx, "ana", help))
	if here.Following("ana", help) {
		t.Error("following before it was accepted")
	}
	settle(t, here, there)
	if !here.Following("ana", help) {
		t.Fatal("not accepted")
	}
	if n := there.Notifications("help"); len(n) != 1 || n[0].Kind != NoteFollow {
		t.Errorf("notifications: %+v", n)
	}
	broadcast := there.write("help", PostInput{Text: "All works"})
	settle(t, here, there)
	if home := here.Home("ana"); len(home) != 1 || home[0].ID != broadcast {
		t.Errorf("home: %+v", home)
	}
	here.must(here.Unfollow(ctx, "ana", help))
	settle(t, here, there)
	there.write("help", PostInput{Text: "Nobody listens"})
	settle(t, here, there)
	if got := here.arrived("Create"); len(got) != 1 {
		t.Errorf("%d Creates, want 1", len(got))
	}
}

func TestLikesAndBoosts(t *testing.T) {
	here, there, now := twoTowns(t)
	report := here.write("ana", PostInput{Text: "Works! " + there.handle("help")})
	settle(t, here, there)
	there.must(there.Like("help", report))
	there.must(there.Boost("mia", report))
	settle(t, here, there)
	m, _ := here.see("ana", report)
	if m.Likes != 1 || m.Boosts != 1 || len(here.Notifications("ana")) != 2 {
		t.Errorf("%+v %+v", m, here.Notifications("ana"))
	}
	// A person who reacted hears of edits, even if no longer mentioned.
	now.Advance(time.Minute)
	here.must(here.Edit(context.Background(), "ana", report, "Works well"))
	settle(t, here, there)
	if m, _ := there.see("mia", report); m.Text != "Works well" {
		t.Errorf("%+v", m)
	}
	there.must(there.Unlike("help", report))
	there.must(there.Unboost("mia", report))
	settle(t, here, there)
	if m, _ := here.see("ana", report); m.Likes != 0 || m.Boosts != 0 {
		t.Errorf("%+v", m)
	}
	if there.Unlike("help", report) == nil {
		t.Error("unliked twice")
	}
}

func TestBlock(t *testing.T) {
	here, there, _ := twoTowns(t)
	ctx := context.Background()
	help := there.ActorOf("help")
	here.must(here.Follow(ctx, "ana", help))
	there.must(there.Follow(ctx, "help", here.ActorOf("ana")))
	settle(t, here, there)
	here.must(here.Block(ctx, "ana", help))
	settle(t, here, there)
	if len(there.arrived("Block")) != 1 || len(there.arrived("Undo")) != 1 {
		t.Errorf("arrivals: %+v", there.Arrivals())
	}
	if here.Following("ana", help) || there.Following("help", here.ActorOf("ana")) {
		t.Error("they still follow each other")
	}
	id := there.write("help", PostInput{Text: here.handle("ana") + " " + here.handle("bob") + " hello"})
	settle(t, here, there)
	if n := here.Notifications("ana"); len(n) != 0 {
		t.Errorf("notified by a blocked person: %+v", n)
	}
	if _, ok := here.see("ana", id); ok {
		t.Error("sees a post of a blocked person")
	}
	if _, ok := here.see("bob", id); !ok {
		t.Error("bob, who blocks nobody, does not see it")
	}
	there.must(there.Follow(ctx, "help", here.ActorOf("ana")))
	settle(t, here, there)
	if there.Following("help", here.ActorOf("ana")) || len(there.arrived("Reject")) != 1 {
		t.Error("a follow by a blocked person was not rejected")
	}
	here.must(here.Unblock(ctx, "ana", help))
	settle(t, here, there)
	if _, ok := here.see("ana", id); !ok {
		t.Error("does not see the post after the block ended")
	}
}

func TestThreadIsFetchedUpwards(t *testing.T) {
	here, there, _ := twoTowns(t)
	first := here.write("ana", PostInput{Text: "First, to nobody there"})
	second := here.write("bob", PostInput{Text: "Second", InReplyTo: first})
	third := here.write("ana", PostInput{Text: "Third, to " + there.handle("help"), InReplyTo: second})
	settle(t, here, there)
	var got []string
	for _, m := range there.Thread("help", third) {
		got = append(got, m.Text)
	}
	if want := "First, to nobody there|Second|Third, to @help"; strings.Join(got, "|") != want {
		t.Errorf("thread %q, want %q", got, want)
	}
}

func TestLeave(t *testing.T) {
	here, there, _ := twoTowns(t)
	id := here.write("ana", PostInput{Text: "Bye " + there.handle("help")})
	settle(t, here, there)
	here.must(here.Leave("ana"))
	settle(t, here, there)
	if m, _ := there.see("help", id); !m.Deleted {
		t.Errorf("a person's post outlives their account: %+v", m)
	}
	if status := get(t, string(here.ActorOf("ana")), as.ContentType).StatusCode; status != http.StatusGone {
		t.Errorf("actor answers %d", status)
	}
	if _, err := here.Post(context.Background(), "ana", PostInput{Text: "still here"}); desk.ErrorCode(err) != desk.CodeNotFound {
		t.Errorf("posts after leaving: %v", err)
	}
}

func TestPlainTagsAndLanguage(t *testing.T) {
	here, there, _ := twoTowns(t)
	id := here.write("ana", PostInput{Text: there.handle("help") + " #acme #fail", PlainTags: true, Language: "de"})
	settle(t, here, there)
	m, _ := there.see("help", id)
	if len(m.Tags) != 0 || m.Language != "de" || m.Text != "@help #acme #fail" {
		t.Errorf("%+v", m)
	}
}

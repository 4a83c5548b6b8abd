package town

import (
	"context"
	"testing"
	"time"

	"earshot/internal/desk"
)

func TestHashtagActor(t *testing.T) {
	here, there, now := twoTowns(t)
	ctx := context.Background()
	tag, err := there.Resolve(ctx, "@tag-fail@"+string(here.host))
	if err != nil || tag != here.TagActor("fail") {
		t.Fatalf("resolve: %v, %v", tag, err)
	}
	if short, err := there.Resolve(ctx, "@fail@"+string(here.host)); err != nil || short != tag {
		t.Errorf("short handle: %v, %v", short, err)
	}
	there.must(there.Follow(ctx, "help", tag))
	settle(t, here, there)
	if !there.Following("help", tag) {
		t.Fatal("the hashtag actor did not accept")
	}

	public := here.write("ana", PostInput{Text: "#acme #Fail again"})
	here.write("ana", PostInput{Text: "quiet #fail", Visibility: desk.VisibilityQuiet})
	here.write("bob", PostInput{Text: "plain #fail", PlainTags: true})
	here.write("bob", PostInput{Text: "other #acme"})
	settle(t, here, there)
	boosts := there.arrived("Announce")
	if len(boosts) != 1 || boosts[0].Object != public || boosts[0].Actor != tag {
		t.Fatalf("boosts: %+v", boosts)
	}
	if home := there.Home("help"); len(home) != 1 || home[0].ID != public || home[0].Text != "#acme #Fail again" {
		t.Fatalf("home: %+v", home)
	}

	now.Advance(time.Minute)
	here.must(here.Edit(ctx, "ana", public, "#acme is fine"))
	settle(t, here, there)
	if home := there.Home("help"); len(home) != 0 || len(there.arrived("Undo")) != 1 {
		t.Errorf("after the edit: %+v", home)
	}
	now.Advance(time.Minute)
	here.must(here.Edit(ctx, "ana", public, "#acme #fail after all"))
	settle(t, here, there)
	if home := there.Home("help"); len(home) != 1 || len(there.arrived("Announce")) != 2 {
		t.Errorf("after the second edit: %+v", home)
	}
	here.must(here.Delete("ana", public))
	settle(t, here, there)
	if len(there.arrived("Undo")) != 2 {
		t.Errorf("arrivals after the delete: %+v", there.Arrivals())
	}

	// A second Follow, after a lost Accept say, is accepted again.
	there.must(there.Follow(ctx, "help", tag))
	settle(t, here, there)
	if got := there.arrived("Accept"); len(got) != 2 {
		t.Errorf("%d Accepts, want 2", len(got))
	}
}

func TestHashtagActorsAreBounded(t *testing.T) {
	here := build(t, nil, "ana")
	here.mu.Lock()
	defer here.mu.Unlock()
	for _, bad := range []string{"", "two words", "a/b", "123", "x#y"} {
		if here.tagActor(bad) != nil {
			t.Errorf("%q got an actor", bad)
		}
	}
	for i := range maxTags + 5 {
		here.tagActor("tag" + string(rune('a'+i%26)) + string(rune('a'+i/26)))
	}
	if len(here.tags) != maxTags {
		t.Errorf("%d hashtag actors", len(here.tags))
	}
}

package source

import (
	"context"
	"testing"

	"earshot/federation/as"
	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/desk"
)

// How each provider spells a tag. A slug that is not the provider's own is
// accepted by some and never answered.
func TestActorAt(t *testing.T) {
	for _, c := range []struct{ provider, tag, want string }{
		{"fedibuzz", "acme", "https://relay.fedi.buzz/tag/acme"},
		{"fedibuzz", "#Acme_Berlin", "https://relay.fedi.buzz/tag/acme_berlin"},
		{"fedibuzz", "Straßenbahn", "https://relay.fedi.buzz/tag/strassenbahn"},
		{"fedibuzz", "Störung", "https://relay.fedi.buzz/tag/storung"},
		{"fedibuzz", "acme-fail", "https://relay.fedi.buzz/tag/acmefail"},
		{"tagspub", "acme_berlin", "https://tags.pub/user/acmeberlin"},
		{"tagspub", "#ACME", "https://tags.pub/user/acme"},
		{"tagspub", "停電", ""}, // nothing of it is left
		{"tagspub", "", ""},
		{"mastodon", "acme", ""},
		{"", "acme", ""},
	} {
		got, err := actorAt(c.provider, desk.CleanTag(c.tag))
		if string(got) != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s #%s: %q, %v; want %q", c.provider, c.tag, got, err, c.want)
		}
		if err != nil && desk.ErrorCode(err) != desk.CodeInvalid {
			t.Errorf("%s #%s: code %s", c.provider, c.tag, desk.ErrorCode(err))
		}
	}
}

type actors map[desk.ActorID]*as.Actor

func (a actors) RefreshActor(_ context.Context, id desk.ActorID) (*as.Actor, error) {
	if found, ok := a[id]; ok {
		return found, nil
	}
	return nil, &resolve.Error{Kind: resolve.NotFound, URL: string(id), Status: 404}
}

func TestFind(t *testing.T) {
	ctx := context.Background()
	s := New(Options{Web: &Web{}, Actors: actors{"https://relay.fedi.buzz/tag/fail": {ID: "https://relay.fedi.buzz/tag/FAIL", Inbox: "https://relay.fedi.buzz/tag/FAIL/inbox"}}})
	got, err := s.Find(ctx, app.SourceSpec{Kind: "tag-actor", Provider: "fedibuzz", Tag: "#Fail"})
	if err != nil {
		t.Fatal(err)
	}
	// The id that the actor itself gives is the one that is followed.
	if got.Actor != "https://relay.fedi.buzz/tag/FAIL" || got.Inbox == "" || got.Tag() != "Fail" || got.Name != "tag-actor relay.fedi.buzz #Fail" {
		t.Errorf("found %+v", got)
	}
	for name, c := range map[string]struct {
		spec app.SourceSpec
		code desk.Code
	}{
		"nobody there":   {app.SourceSpec{Kind: "tag-actor", Actor: "https://x.example/tag/a"}, desk.CodeUnavailable},
		"both":           {app.SourceSpec{Kind: "tag-actor", Actor: "https://x.example/tag/a", Provider: "fedibuzz"}, desk.CodeInvalid},
		"neither":        {app.SourceSpec{Kind: "tag-actor", Tag: "acme"}, desk.CodeInvalid},
		"no URL":         {app.SourceSpec{Kind: "tag-actor", Actor: "@tag@x.example"}, desk.CodeInvalid},
		"another kind":   {app.SourceSpec{Kind: "crystal-ball"}, desk.CodeInvalid},
		"a cut tag":      {app.SourceSpec{Kind: "tag-actor", Provider: "tagspub", Tag: "acme-fail"}, desk.CodeInvalid},
		"no tag at hand": {app.SourceSpec{Kind: "tag-actor", Provider: "tagspub"}, desk.CodeInvalid},
	} {
		if _, err := s.Find(ctx, c.spec); desk.ErrorCode(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

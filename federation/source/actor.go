package source

import (
	"context"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// The kinds that follow one actor, named by its address.
const (
	KindLitePub = "relay-litepub" // a relay that is followed like a person, and follows back
	KindGroup   = "group"         // a community, which announces what its members post (FEP-1b12)
)

// followed is a source that is one actor.
type followed struct {
	tagActor
	kind string
}

// Way implements Kind. Such relays announce edits and deletions as they announce posts.
func (k *followed) Way(store.Source) app.Way {
	return app.Way{Follows: true, Herd: true, Changes: true, Silence: silent}
}

// Find implements Kind.
func (k *followed) Find(ctx context.Context, spec app.SourceSpec) (store.Source, error) {
	s := store.Source{Kind: k.kind, URL: spec.URL, Actor: desk.ActorID(spec.URL)}
	if k.kind == KindGroup {
		if s.Desk = spec.Desk; s.Desk == "" {
			return s, desk.Invalid("source_group_desk", "the account of a desk follows a group: name the desk")
		}
	}
	s, err := k.Check(ctx, s)
	s.URL, s.Name = string(s.Actor), k.kind+" "+string(s.Actor.Host())
	return s, err
}

// Check implements Kind. A group has its own type of actor; relays have several.
func (k *followed) Check(ctx context.Context, s store.Source) (store.Source, error) {
	s, err := k.tagActor.Check(ctx, s)
	if err != nil || k.kind != KindGroup {
		return s, err
	}
	a, err := k.actors.RefreshActor(ctx, s.Actor)
	if err == nil && a.Type != as.Group {
		err = desk.Invalid("source_no_group", "%s is no group", s.Actor)
	}
	return s, err
}

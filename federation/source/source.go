// Package source is the ways of hearing: one file a kind, behind one interface.
// A source tells us only that a post exists: each post is fetched from its own
// server, matched again, and stored only if it is for us.
package source

import (
	"context"
	"sort"
	"strings"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// Kind is one way of hearing. Those that are asked are Pollers too, those that tell on
// a connection Streamers; the others tell our inbox.
type Kind interface {
	// Find turns what an admin asked for into a source, after a look at the
	// other side.
	Find(ctx context.Context, spec app.SourceSpec) (store.Source, error)
	// Check looks whether the other side is still there, and where.
	Check(ctx context.Context, s store.Source) (store.Source, error)
	// Way says how such a source is heard. It asks nobody.
	Way(s store.Source) app.Way
}

// Actors looks at actors.
type Actors interface {
	RefreshActor(ctx context.Context, id desk.ActorID) (*as.Actor, error)
}

// Tokens reads the access tokens of sources.
type Tokens interface {
	OpenToken(id desk.SourceID, sealed []byte) (string, error)
}

// Options are the parts that the kinds need.
type Options struct {
	Actors Actors
	Tokens Tokens
	Web    *Web
}

// Sources knows every kind. It implements app.Prober.
type Sources struct {
	kinds  map[string]Kind
	tokens Tokens
}

// New returns the kinds of sources there are.
func New(o Options) *Sources {
	return &Sources{tokens: o.Tokens, kinds: map[string]Kind{
		KindTagActor: &tagActor{o.Actors},
		KindTimeline: &timeline{o.Web, o.Tokens},
		KindStream:   &stream{timeline{o.Web, o.Tokens}},
		KindMisskey:  &misskey{o.Web, o.Tokens},
		KindRelay:    &relay{o.Web},
		KindLitePub:  &followed{tagActor{o.Actors}, KindLitePub},
		KindGroup:    &followed{tagActor{o.Actors}, KindGroup},
		KindListen:   &listenRelay{o.Web.Hosts.Site},
	}}
}

// Find implements app.Prober.
func (s *Sources) Find(ctx context.Context, spec app.SourceSpec) (store.Source, error) {
	k, err := s.kind(spec.Kind)
	if err != nil {
		return store.Source{}, err
	}
	return k.Find(ctx, spec)
}

// Check implements app.Prober.
func (s *Sources) Check(ctx context.Context, src store.Source) (store.Source, error) {
	k, err := s.kind(src.Kind)
	if err != nil {
		return src, err
	}
	return k.Check(ctx, src)
}

// Way implements app.Prober. A kind of another version is left alone.
func (s *Sources) Way(src store.Source) app.Way {
	if k, err := s.kind(src.Kind); err == nil {
		return k.Way(src)
	}
	return app.Way{}
}

func (s *Sources) kind(name string) (Kind, error) {
	if k, ok := s.kinds[name]; ok {
		return k, nil
	}
	var known []string
	for n := range s.kinds {
		known = append(known, n)
	}
	sort.Strings(known)
	return nil, desk.Invalid("source_kind_unknown", "there is no kind of source %q; there is %s", name, strings.Join(known, ", "))
}

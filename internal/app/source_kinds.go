package app

import (
	"context"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// Prober knows the kinds of sources, and looks at their other side over the network.
type Prober interface {
	// Find turns an admin's wish into a source, after a look at the other side.
	Find(ctx context.Context, spec SourceSpec) (store.Source, error)
	// Check looks whether a source is still there, and where.
	Check(ctx context.Context, s store.Source) (store.Source, error)
	// Way says how a source is heard. It asks nobody.
	Way(s store.Source) Way
	// Ask asks the server of a source what it says of itself, before there is one.
	Ask(ctx context.Context, spec SourceSpec) (ServerSays, error)
}

// Way is how a source is heard. The zero Way: it comes to us by itself.
type Way struct {
	Follows bool // an actor of ours follows it, and it tells our inbox
	Polls   bool // we ask it
	Streams bool // it tells us on a connection that we hold open
	Herd    bool // it tells many servers at once, and all of them fetch
	Changes bool // what it tells us of may be an edit or a deletion
	// Of one that is followed: how long after the last Follow, and after how long a
	// silence, it is asked again; 0: never. Undo: the last Follow is taken back
	// before, because another from a follower is ignored.
	Refresh, Silence time.Duration
	Undo             bool
}

// SourceSpec is a source as an admin names it. Which members count depends on the kind.
type SourceSpec struct {
	Kind     string      `json:"kind"`
	URL      string      `json:"url,omitempty"`      // a server, an actor or an inbox
	Provider string      `json:"provider,omitempty"` // a known provider of hashtag actors
	Actor    string      `json:"actor,omitempty"`    // or the actor itself
	Tag      string      `json:"tag,omitempty"`
	Tags     []string    `json:"tags,omitempty"` // more spellings of the tag, or more tags
	Desk     desk.Handle `json:"desk,omitempty"` // whose actor follows; "": the instance's own
	Token    string      `json:"token,omitempty"`
	Every    int         `json:"every,omitempty"` // seconds between two questions; 0: as usual
	Allow    []desk.Host `json:"allow,omitempty"`
}

// AllTags returns the tags of a spec, checked, each once.
func (s SourceSpec) AllTags() ([]string, error) {
	all := s.Tags
	if s.Tag != "" {
		all = append([]string{s.Tag}, all...)
	}
	if len(all) > MaxSourceTags {
		return nil, desk.Invalid("source_too_many_tags", "a source has at most %d hashtags", MaxSourceTags)
	}
	return desk.ParseTags(all)
}

// MaxSourceTags bounds the tags of one source.
const MaxSourceTags = 20

// TokenSealer encrypts access tokens as private keys are encrypted.
type TokenSealer interface {
	SealToken(s desk.SourceID, token string) ([]byte, error)
}

// way is how a source is heard; without kinds, as in tests, it is followed.
func (a *App) way(s store.Source) Way {
	if a.probe == nil {
		return Way{Follows: true}
	}
	return a.probe.Way(s)
}

package source

import (
	"context"
	"net/url"
	"sort"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// KindTagActor is an actor that boosts every post with one hashtag.
const KindTagActor = "tag-actor"

// provider is a public service of hashtag actors. Each writes tags in its own
// way, so its posts are matched again.
type provider struct {
	url  string // {tag} is replaced
	slug func(string) string
}

var providers = map[string]provider{
	// buzzrelay transliterates, lower-cases, and drops spaces and hyphens.
	"fedibuzz": {"https://relay.fedi.buzz/tag/{tag}", func(t string) string {
		return strings.NewReplacer("-", "", " ", "").Replace(ascii(t))
	}},
	// tags.pub drops everything but a-z and 0-9.
	"tagspub": {"https://tags.pub/user/{tag}", func(t string) string {
		return strings.Map(func(r rune) rune {
			if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') {
				return r
			}
			return -1
		}, t)
	}},
}

// Providers lists the providers of hashtag actors.
func Providers() []string {
	var out []string
	for n := range providers {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

type tagActor struct{ actors Actors }

// Find implements Kind.
func (k *tagActor) Find(ctx context.Context, spec app.SourceSpec) (store.Source, error) {
	s := store.Source{Kind: KindTagActor}
	tags, err := spec.AllTags()
	if err != nil {
		return s, err
	}
	s.Tags = tags
	switch {
	case spec.Actor != "" && spec.Provider != "":
		return s, desk.Invalid("source_provider_or_actor", "name a provider or an account, not both")
	case spec.Actor != "":
		s.Actor = desk.ActorID(spec.Actor)
	default:
		id, err := actorAt(spec.Provider, s.Tag())
		if err != nil {
			return s, err
		}
		s.Actor = id
	}
	if s, err = k.Check(ctx, s); err != nil {
		return s, err
	}
	s.Name = KindTagActor + " " + string(s.Actor.Host())
	if tag := s.Tag(); tag != "" {
		s.Name += " #" + tag
	}
	return s, nil
}

// actorAt returns the address of a tag's actor at a provider.
func actorAt(name, tag string) (desk.ActorID, error) {
	p, ok := providers[name]
	if !ok {
		return "", desk.Invalid("source_incomplete", "a hashtag actor needs a provider (%s) and a hashtag, or the address of an account", strings.Join(Providers(), ", "))
	}
	if tag == "" {
		return "", desk.Invalid("source_tag_missing", "a source at %s needs a hashtag", name)
	}
	slug := p.slug(strings.ToLower(norm.NFKC.String(tag)))
	if slug == "" {
		return "", desk.Invalid("source_tag_empty", "%s has no actor for #%s: it keeps only a-z and 0-9", name, tag)
	}
	return desk.ActorID(strings.ReplaceAll(p.url, "{tag}", url.PathEscape(slug))), nil
}

// Way implements Kind. FediBuzz takes the same Follow
// again, which renews it if it was lost. tags.pub ignores a second Follow of a follower.
func (k *tagActor) Way(s store.Source) app.Way {
	way := app.Way{Follows: true, Herd: true, Silence: silent, Undo: true}
	if s.Actor.Host() == fediBuzz {
		way.Refresh, way.Undo = refresh, false
	}
	return way
}

const (
	fediBuzz = "relay.fedi.buzz"
	refresh  = 7 * 24 * time.Hour
	silent   = 7 * 24 * time.Hour
)

// Check implements Kind. Only the actor's own id counts: some accept a Follow
// of another spelling and never answer it.
func (k *tagActor) Check(ctx context.Context, s store.Source) (store.Source, error) {
	if _, err := desk.HostOf(string(s.Actor)); err != nil {
		return s, err
	}
	a, err := k.actors.RefreshActor(ctx, s.Actor)
	if err != nil {
		if kind := resolve.KindOf(err); kind != resolve.Temporary {
			return s, desk.Unavailable("source_refuses", "looking at %s: its server says: %s (%v)", s.Actor, kind, err)
		}
		return s, desk.Unavailable("source_unreachable", "looking at %s: it cannot be reached right now; try again later (%v)", s.Actor, err)
	}
	s.Actor, s.Inbox = a.ID, a.Inbox
	return s, nil
}

// ascii folds letters to ASCII where they have such a form.
func ascii(s string) string {
	s = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "þ", "th").Replace(s)
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(s))
}

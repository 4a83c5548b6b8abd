package app

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"

	"earshot/internal/desk"
	"earshot/store"
)

// Suggestion is a source that would hear a desk's names. Nobody was asked whether it
// would be welcome there.
type Suggestion struct {
	SourceSpec
	Desk  desk.Handle
	Why   SuggestionWhy
	Rules string      // where the server says what it expects of visitors; "" for a service
	Says  *ServerSays // nil: it was not asked
}

// ServerSays is what a server says of itself to visitors.
type ServerSays struct {
	Access string   // "all" posts, "local" ones, or AccessClosed; "": it does not say
	Rules  []string // in its own words
	Uses   int      // of the hashtags, in the last seven days; -1: it does not say
	Error  string   // why it does not answer
}

// AccessClosed is a server that shows visitors nothing.
const AccessClosed = "closed"

// SuggestionWhy is what speaks for a source, and what it needs.
type SuggestionWhy string

// The reasons.
const (
	WhyService SuggestionWhy = "service" // made for this, for everybody
	WhyLarge   SuggestionWhy = "large"   // a large server; it may show visitors its own people only
	WhyMisskey SuggestionWhy = "misskey" // a large server of another kind
)

// largeServers are of different regions and languages. It is a beginning: those of the
// provider's own region hear more.
var largeServers = []struct {
	kind, url string
	why       SuggestionWhy
}{
	{"timeline", "https://mastodon.social", WhyLarge},
	{"timeline", "https://mastodon.online", WhyLarge},
	{"timeline", "https://mas.to", WhyLarge},
	{"timeline", "https://mstdn.jp", WhyLarge},
	{"misskey", "https://misskey.io", WhyMisskey},
}

// SuggestSources names sources that would hear the names of the desks and are not there
// yet, those that hear most first. It asks nobody.
func (a *App) SuggestSources(ctx context.Context) (out []Suggestion, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		out = nil
		desks, err := tx.Desks().All()
		if err != nil {
			return err
		}
		for _, d := range desks {
			for _, s := range suggestedFor(d) {
				is, err := tx.suggestedAlready(s)
				if err != nil {
					return err
				}
				if !is {
					out = append(out, s)
				}
			}
		}
		return nil
	})
	return out, err
}

// askAtOnce bounds how many servers are asked at once, askMost how many in all.
const (
	askAtOnce = 4
	askMost   = 20
)

// AskSuggestions asks the servers of the suggestions for their rules, and how often the
// desks' names were used there, and puts those first that would hear most. An admin has
// to want that: until then no server has heard of us.
func (a *App) AskSuggestions(ctx context.Context) ([]Suggestion, error) {
	out, err := a.SuggestSources(ctx)
	if err != nil {
		return nil, err
	}
	places := make(chan struct{}, askAtOnce)
	var asking sync.WaitGroup
	asked := 0
	for n := range out {
		if s := &out[n]; s.URL != "" && asked < askMost {
			asked++
			asking.Go(func() {
				places <- struct{}{}
				defer func() { <-places }()
				says, err := a.probe.Ask(ctx, s.SourceSpec)
				says.Error = desk.ErrorMessage(err)
				s.Says = &says
			})
		}
	}
	asking.Wait()
	slices.SortStableFunc(out, func(a, b Suggestion) int { return cmp.Compare(b.worth(), a.worth()) })
	return out, ctx.Err()
}

// worth orders suggestions: services, servers by how much they would hear, those that
// say nothing or were not asked, those that are closed or do not answer.
func (s Suggestion) worth() int {
	switch {
	case s.Why == WhyService:
		return math.MaxInt
	case s.Says == nil:
		return 0
	case s.Says.Error != "" || s.Says.Access == AccessClosed:
		return -1
	}
	return max(s.Says.Uses+1, 0)
}

// suggestedFor lists all suggestions for a desk. A service has an account for each tag;
// at a server several spellings are one source.
func suggestedFor(d desk.Desk) (out []Suggestion) {
	for _, provider := range []string{"fedibuzz", "tagspub"} {
		for _, name := range d.Names {
			out = append(out, Suggestion{SourceSpec{Kind: "tag-actor", Provider: provider, Tag: name}, d.Handle, WhyService, "", nil})
		}
	}
	if len(d.Names) == 0 {
		return out
	}
	names := d.Names[:min(len(d.Names), MaxSourceTags)]
	for _, s := range largeServers {
		out = append(out, Suggestion{SourceSpec{Kind: s.kind, URL: s.url, Tags: names}, d.Handle, s.why, s.url + "/about", nil})
	}
	return out
}

// suggestedAlready says whether such a source is there.
func (t *Tx) suggestedAlready(s Suggestion) (bool, error) {
	tags, err := s.AllTags()
	if err != nil {
		return true, nil // no source can have it
	}
	hosts := map[string]desk.Host{"fedibuzz": "relay.fedi.buzz", "tagspub": "tags.pub"}
	found := false
	err = store.EachPage(func(p store.Page) (string, error) {
		all, next, err := t.Sources().List(p)
		for _, o := range all {
			at := o.Kind == s.Kind && (s.URL != "" && o.URL == s.URL || s.URL == "" && o.Actor.Host() == hosts[s.Provider])
			found = found || at && o.State != store.SourceClosed && sharesTag(o.Tags, tags)
		}
		return next, err
	})
	return found, err
}

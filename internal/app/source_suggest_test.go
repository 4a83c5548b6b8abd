package app_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// saying answers for servers, and counts how often it is asked.
type saying struct{ asked atomic.Int32 }

func (*saying) Find(context.Context, app.SourceSpec) (store.Source, error) {
	return store.Source{}, errors.New("not here")
}
func (*saying) Check(_ context.Context, s store.Source) (store.Source, error) { return s, nil }
func (*saying) Way(store.Source) app.Way                                      { return app.Way{Polls: true} }

func (s *saying) Ask(_ context.Context, spec app.SourceSpec) (app.ServerSays, error) {
	s.asked.Add(1)
	switch spec.URL {
	case "https://mastodon.social":
		return app.ServerSays{Access: app.AccessClosed, Uses: 900}, nil
	case "https://mastodon.online":
		return app.ServerSays{Access: "local", Uses: 3}, nil
	case "https://mas.to":
		return app.ServerSays{Access: "all", Uses: 40}, nil
	case "https://misskey.io":
		return app.ServerSays{Uses: -1}, desk.Unavailable("source_unreachable", "it is out")
	}
	return app.ServerSays{Uses: -1}, nil
}

// Those that would hear most come first, and those that would hear nothing last. Without
// the wish no server is asked.
func TestAskSuggestions(t *testing.T) {
	h := newHouse(t)
	probe := &saying{}
	h.App = app.New(app.Deps{Store: h.store, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}, Probe: probe})
	order := func(list []app.Suggestion, err error) (out []string) {
		h.ok(err)
		for _, s := range list {
			out = append(out, s.Provider+s.URL)
			if asked := probe.asked.Load() > 0; (s.Says != nil) != (asked && s.URL != "") {
				t.Errorf("%s: %+v", s.URL, s.Says)
			}
		}
		return out
	}
	if got := order(h.SuggestSources(ctx)); len(got) != 7 || probe.asked.Load() > 0 {
		t.Errorf("%q, %d were asked", got, probe.asked.Load())
	}
	want := []string{"fedibuzz", "tagspub", "https://mas.to", "https://mastodon.online", "https://mstdn.jp", "https://mastodon.social", "https://misskey.io"}
	if got := order(h.AskSuggestions(ctx)); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

package app_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// checked is a server that is asked, as it is found now.
type checked struct {
	saying
	access string
	err    error
}

func (*checked) Find(context.Context, app.SourceSpec) (store.Source, error) {
	return store.Source{Kind: "timeline", URL: "https://social.example", Tags: []string{"acme"}}, nil
}
func (*checked) Way(store.Source) app.Way { return app.Way{Polls: true} }
func (c *checked) Check(_ context.Context, s store.Source) (store.Source, error) {
	s.Access = c.access
	return s, c.err
}

// What a check finds counts at once, also where the server failed or refused before.
func TestCheckSource(t *testing.T) {
	server := &checked{access: "local"}
	h := newHouse(t)
	h.App = app.New(app.Deps{Store: h.store, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}, Probe: server})
	s, err := h.AddSource(ctx, app.By{}, app.SourceSpec{})
	h.ok(err)
	check := func(what string, state store.SourceState, access, says string) {
		t.Helper()
		got, err := h.CheckSource(ctx, app.By{}, s.ID)
		h.ok(err)
		if got.State != state || got.Access != access || got.Error != says {
			t.Errorf("%s: %s, shows %q, %q", what, got.State, got.Access, got.Error)
		}
	}
	check("before it was asked", store.SourceIdle, "local", "")
	_, _, err = h.Polled(ctx, s.ID, app.Polled{Access: "local"}, nil)
	h.ok(err)
	server.access = "all"
	check("its rules have changed", store.SourcePolling, "all", "")
	for range 3 {
		_, _, err = h.Polled(ctx, s.ID, app.Polled{}, desk.Unavailable("source_unreachable", "it is silent"))
		h.ok(err)
	}
	server.err = desk.Unavailable("source_unreachable", "it is still silent")
	check("still silent", store.SourceFailed, "all", "it is still silent")
	server.err = nil
	check("back", store.SourceIdle, "all", "")
	_, _, err = h.Polled(ctx, s.ID, app.Polled{}, desk.Forbidden("source_closed", "it is closed"))
	h.ok(err)
	check("open again", store.SourceIdle, "all", "")
}

// When each hashtag of a source was looked back at is kept, for those that it has.
func TestLooksAreRemembered(t *testing.T) {
	h := newHouse(t)
	h.App = app.New(app.Deps{Store: h.store, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}, Probe: &checked{}})
	s, err := h.AddSource(ctx, app.By{}, app.SourceSpec{})
	h.ok(err)
	h.ok(h.Update(ctx, func(tx *app.Tx) error {
		s.Tags, s.Looked = []string{"acme", "beta"}, map[string]time.Time{"beta": h.clock.Now(), "gone": h.clock.Now()}
		return tx.Sources().Put(s)
	}))
	want := map[string]time.Time{"beta": h.clock.Now()}
	h.clock.Advance(time.Hour)
	want["acme"] = h.clock.Now()
	for _, looked := range []string{"acme", ""} {
		_, _, err = h.Polled(ctx, s.ID, app.Polled{Looked: looked}, nil)
		h.ok(err)
		got, err := h.Source(ctx, s.ID)
		h.ok(err)
		if !maps.EqualFunc(got.Looked, want, time.Time.Equal) {
			t.Errorf("%q: %v, want %v", looked, got.Looked, want)
		}
	}
}

// A poll that failed after some of its tags were read keeps how far it came.
func TestFailedPollKeepsCursors(t *testing.T) {
	h := newHouse(t)
	h.App = app.New(app.Deps{Store: h.store, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}, Probe: &checked{}})
	s, err := h.AddSource(ctx, app.By{}, app.SourceSpec{})
	h.ok(err)
	failed := desk.Unavailable("source_unreachable", "it is silent")
	for _, cursors := range []map[string]string{{"acme": "7"}, nil} {
		_, _, err = h.Polled(ctx, s.ID, app.Polled{Cursors: cursors}, failed)
		h.ok(err)
		got, err := h.Source(ctx, s.ID)
		h.ok(err)
		if got.Cursors["acme"] != "7" || got.Polls != 0 || got.Error != "it is silent" {
			t.Errorf("after %v: %v, %d polls, %q", cursors, got.Cursors, got.Polls, got.Error)
		}
	}
}

package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/federation/source"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// tagActors are providers of hashtag actors that answer every look.
type tagActors struct{}

func (tagActors) RefreshActor(_ context.Context, id desk.ActorID) (*as.Actor, error) {
	return &as.Actor{ID: id, Inbox: string(id) + "/inbox"}, nil
}

// Thirty days of two hashtag actors that bring something every hour. FediBuzz gets our Follow
// again every week, and no Undo: it takes the same Follow again, which renews one that it
// lost. tags.pub ignores a second Follow, and gets none while it is heard of.
func TestFediBuzzIsAskedAgainEveryWeek(t *testing.T) {
	for provider, want := range map[string]string{"fedibuzz": "follow on days 0 7 14 21 28", "tagspub": "follow on days 0"} {
		h := newHouse(t)
		h.App = app.New(app.Deps{Store: h.store, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{},
			Probe: source.New(source.Options{Web: &source.Web{}, Actors: tagActors{}})})
		s, err := h.AddSource(ctx, app.By{}, app.SourceSpec{Kind: "tag-actor", Provider: provider, Tag: "acme"})
		h.ok(err)
		var got strings.Builder
		got.WriteString("follow on days")
		began, seen := h.Now(), 0
		for range 30 * 24 {
			h.timers()
			if s, err = h.Source(ctx, s.ID); err != nil || s.Follows == 0 {
				t.Fatal(err)
			}
			for ; seen < s.Follows; seen++ {
				fmt.Fprintf(&got, " %d", int(h.Now().Sub(began)/(24*time.Hour)))
				_, err := h.SourceAnswered(ctx, app.FollowAnswer{From: s.Actor, Inbox: s.Inbox, Follow: s.Follow, Accepted: true})
				h.ok(err)
			}
			h.clock.Advance(time.Hour)
			h.ok(h.Update(ctx, func(tx *app.Tx) error { // it brings something
				s, _, err := tx.Sources().Get(s.ID)
				if err != nil {
					return err
				}
				s.HeardAt = tx.Now
				return tx.Sources().Put(s)
			}))
		}
		h.equal(provider, got.String(), want)
		for _, id := range h.jobs(store.QueuePublish) {
			if strings.Contains(id, "unfollow") {
				t.Errorf("%s gets %s", provider, id)
			}
		}
	}
}

// timers runs the timers that are due, as the queue does.
func (h *house) timers() {
	h.t.Helper()
	var due []store.Job
	err := h.Update(ctx, func(tx *app.Tx) (err error) {
		due, err = tx.Jobs().Lease(store.QueueTimer, tx.Now, tx.Now.Add(time.Minute), 100)
		return err
	})
	h.ok(err)
	for _, j := range due {
		h.ok(h.RunTimer(ctx, j))
		h.ok(h.Update(ctx, func(tx *app.Tx) error { _, err := tx.Jobs().Done(j.ID, j.Lease); return err }))
	}
}

package app_test

import (
	"context"
	"errors"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

// unwritten is a store whose next commits fail, though their functions have run.
type unwritten struct {
	store.Store
	fails int
}

var errDisk = errors.New("the disk says no")

func (u *unwritten) Update(ctx context.Context, op store.Op, f func(store.Tx) error) error {
	if u.fails == 0 {
		return u.Store.Update(ctx, op, f)
	}
	u.fails--
	return u.Store.Update(ctx, op, func(tx store.Tx) error { return errors.Join(f(tx), errDisk) })
}

// What a source told of is remembered once it is on disk: what failed is taken in, without
// a pause, when it is told again, and its counts are written with the next ones.
func TestBroughtAgainAfterAFailedCommit(t *testing.T) {
	h := newHouse(t)
	s := &unwritten{Store: h.store}
	a := app.New(app.Deps{Store: s, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}})
	relay, id := desk.ActorID("https://relay.example/actor"), desk.SourceID("relay")
	h.ok(a.Update(ctx, func(tx *app.Tx) error {
		return tx.Sources().Put(store.Source{ID: id, Kind: "relay", Name: "relay", Actor: relay, State: store.SourceAccepted})
	}))
	fetches := func(of desk.ObjectID) (due []store.Job) {
		t.Helper()
		h.ok(a.View(ctx, func(tx *app.Tx) error {
			due = nil
			for j, err := range store.EachOf(tx.Jobs().List, store.JobFilter{Queue: store.QueueBrought}) {
				if err != nil {
					return err
				}
				if j.Host == of.Host() {
					due = append(due, j)
				}
			}
			return nil
		}))
		return due
	}

	told := desk.ObjectID("https://a.example/posts/1")
	s.fails = 1
	if _, err := a.Announced(ctx, relay, told); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	if why, err := a.Announced(ctx, relay, told); err != nil || why != drop.Kept {
		t.Fatal(why, err)
	}
	if jobs := fetches(told); len(jobs) != 1 || jobs[0].Due.After(a.Now()) {
		t.Errorf("told again after a failed commit: %+v", jobs)
	}

	shown := app.Brought{Object: "https://b.example/posts/1", Tags: []string{"acme", "fail"}, Tagged: true, Version: "v1"}
	s.fails = 1
	if _, err := a.Bring(ctx, id, shown); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	for _, want := range []drop.Reason{drop.Kept, drop.Duplicate} {
		if why, err := a.Bring(ctx, id, shown); err != nil || len(why) != 1 || why[0] != want {
			t.Fatal(why, err)
		}
	}
	if jobs := fetches(shown.Object); len(jobs) != 1 {
		t.Errorf("shown again after a failed commit: %+v", jobs)
	}

	batch := []app.Brought{
		{Object: "https://c.example/posts/1", Tags: []string{"cats"}, Tagged: true, Version: "v1"},
		{Object: "https://c.example/posts/2", Tags: []string{"dogs"}, Tagged: true},
		{Object: "https://c.example/posts/3", Tags: []string{"acme", "fail"}, Tagged: true, Version: "v1"},
	}
	s.fails = 1
	if _, err := a.Bring(ctx, id, batch...); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	if why, err := a.Bring(ctx, id, batch...); err != nil || why[0] != drop.NotAddressed || why[2] != drop.Kept {
		t.Fatal(why, err)
	}
	h.ok(a.CountSources(ctx))
	counted, err := a.Source(ctx, id)
	h.ok(err)
	if n := counted.Drops[string(drop.NotAddressed)]; n != 2 {
		t.Errorf("%d drops of a batch that failed once, want 2", n)
	}

	a.SourceSkipped(id, drop.NotAddressed)
	s.fails = 1
	if err := a.CountSources(ctx); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	a.SourceSkipped(id, drop.NotAddressed)
	h.ok(a.CountSources(ctx))
	source, err := a.Source(ctx, id)
	h.ok(err)
	if source.Drops[string(drop.NotAddressed)] != 4 {
		t.Errorf("counts after a failed commit: %v", source.Drops)
	}
}

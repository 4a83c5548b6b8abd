package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"earshot/federation"
	"earshot/federation/delivery"
	"earshot/federation/inbox"
	"earshot/internal/clock"
	"earshot/internal/metrics"
	"earshot/internal/queue"
	"earshot/internal/server"
	"earshot/store"
	"earshot/store/bolt"
)

// meters counts the events that the parts of an instance report.
type meters struct{ *metrics.Metrics }

// filed is a store that keeps everything in a file.
type filed interface {
	Observe(func(bolt.Commit))
	Stats(context.Context) (bolt.FileStats, error)
}

func newMeters(in *instance, failures *server.Failures, places *server.Admission, ready func(context.Context) error, log *slog.Logger) meters {
	state := metrics.OfStore(in.store, clock.System{})
	state.Log, state.Ready = log, ready
	state.LastBackup = func(ctx context.Context) (time.Time, bool, error) {
		b, ok, err := in.app.LastBackup(ctx)
		return b.At, ok, err
	}
	state.Caches = func() map[string]int {
		r := in.network.Resolver.Remembered()
		return map[string]int{"actors": r.Actors, "names": r.Names, "failures": r.Failures, "wrong_signatures": failures.Len(), "addresses": places.Addresses()}
	}
	state.Taken, state.Drops = places.Taken, in.drops.Counts
	state.Refusals = func() (out []metrics.Refusals) {
		for r, n := range places.Refusals() {
			out = append(out, metrics.Refusals{At: r.At, Reason: string(r.Reason), N: n})
		}
		return out
	}
	file, isFile := any(in.store).(filed)
	if isFile {
		state.File = func(ctx context.Context) (metrics.File, error) {
			f, err := file.Stats(ctx)
			return metrics.File{Size: f.Size, Free: f.Free + f.Pending}, err
		}
	}
	m := meters{metrics.New(version(), state)}
	if isFile {
		file.Observe(m.commit)
	}
	return m
}

func (m meters) federation() federation.Observers {
	return federation.Observers{
		Inbox:    func(a inbox.Outcome) { m.Inbox(a.Status, string(a.Reason)) },
		Job:      func(e queue.Ended) { m.Job(string(e.Queue), string(e.Outcome), e.Took) },
		Delivery: func(o delivery.Outcome) { m.Delivery(string(o)) },
	}
}

func (m meters) request(r server.Request) { m.Request(r.Class, r.Status, r.Took) }

func (m meters) commit(c bolt.Commit) {
	outcome := "ok"
	switch {
	case errors.Is(c.Err, store.ErrFull):
		outcome = "full"
	case c.Err != nil:
		outcome = "failed"
	}
	m.Commit(outcome, c.Updates, c.Took)
}

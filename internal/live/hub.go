package live

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/store"
)

// The bounds.
const (
	portion    = 200 // changes read at once
	buffered   = 256 // events that a follower may be behind
	maxBacklog = 2000
	maxFollow  = 1000 // followers of one node
	// pollEvery is how often the log is read when nobody told of anything: a
	// change may be seen a moment after its node has told of it.
	pollEvery = time.Second
)

// Event is something that happened, under an id at which any node can go on.
type Event struct {
	ID string
	store.Change
}

// ErrBehind: a follower is too slow, or was away too long, and the missed
// events are unknown. The follower reloads its data and follows again.
var ErrBehind = errors.New("live: too far behind")

// ErrStopped: the node stops. Another one goes on where this one ended.
var ErrStopped = errors.New("live: stopped")

// Hub reads the log and hands it to followers. It must be run.
type Hub struct {
	store store.Store
	clock clock.Clock
	log   *slog.Logger

	mu        sync.Mutex
	at        store.Position
	started   chan struct{} // closed when at is known
	stopped   bool
	followers map[*Follower]struct{}
	present   map[desk.IssueID]map[desk.Email]Attendance
}

// New returns a hub.
func New(s store.Store, c clock.Clock, log *slog.Logger) *Hub {
	return &Hub{store: s, clock: c, log: log, started: make(chan struct{}), followers: map[*Follower]struct{}{}, present: map[desk.IssueID]map[desk.Email]Attendance{}}
}

// Run reads the log until ctx ends, then ends every follower.
func (h *Hub) Run(ctx context.Context) error {
	wake := make(chan struct{}, 1)
	defer h.store.Watch(func(q store.Queue) {
		if q != store.Changed {
			return
		}
		select {
		case wake <- struct{}{}:
		default: // it looks already
		}
	})()
	defer h.stop()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for begun := false; ; {
		err := h.begin(ctx, &begun)
		if err == nil {
			err = h.Catch(ctx)
		}
		if err != nil && ctx.Err() == nil {
			h.log.Warn("reading the log of changes failed; trying again", "err", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wake:
		case <-tick.C:
		}
	}
}

// begin finds the end of the log. Agents who are present repeat it before PresenceFor is
// over.
func (h *Hub) begin(ctx context.Context, begun *bool) error {
	if *begun {
		return nil
	}
	err := h.store.View(ctx, func(tx store.Tx) error {
		last, _, err := tx.Changes().Last()
		h.mu.Lock()
		h.at = last.Position
		h.mu.Unlock()
		return err
	})
	if err == nil {
		*begun = true
		close(h.started)
	}
	return err
}

// Catch reads the new changes in the log and sends them to followers.
func (h *Hub) Catch(ctx context.Context) error {
	for {
		h.mu.Lock()
		at := h.at
		h.mu.Unlock()
		var changes []store.Change
		err := h.store.View(ctx, func(tx store.Tx) (err error) {
			changes, err = tx.Changes().After(at, portion)
			return err
		})
		if err != nil || len(changes) == 0 {
			return err
		}
		h.handOut(changes)
	}
}

func (h *Hub) handOut(changes []store.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range changes {
		h.at = c.Position
		h.recordPresence(c)
		for f := range h.followers {
			select {
			case f.events <- eventOf(c):
			default: // too slow
				h.end(f, ErrBehind)
			}
		}
	}
}

func (h *Hub) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped = true
	for f := range h.followers {
		h.end(f, ErrStopped)
	}
}

// end takes a follower out; mu is held.
func (h *Hub) end(f *Follower, why error) {
	if _, there := h.followers[f]; there {
		delete(h.followers, f)
		f.why = why
		close(f.events)
	}
}

package live

import (
	"context"
	"strings"

	"earshot/internal/desk"
	"earshot/store"
)

// Follower receives events in order.
type Follower struct {
	hub     *Hub
	backlog []Event
	events  chan Event
	why     error // set before events is closed
}

// Follow begins to follow: after the event whose id is after, or with "" from
// now on. ErrBehind says that it is too old. Close it in the end.
func (h *Hub) Follow(ctx context.Context, after string) (*Follower, error) {
	select {
	case <-h.started:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	f := &Follower{hub: h, events: make(chan Event, buffered)}
	h.mu.Lock()
	if h.stopped || len(h.followers) >= maxFollow {
		stopped := h.stopped
		h.mu.Unlock()
		if stopped {
			return nil, ErrStopped
		}
		return nil, desk.RateLimited("followers_too_many", "too many clients follow the changes here: ask for changes from time to time instead")
	}
	h.followers[f] = struct{}{}
	until := h.at
	h.mu.Unlock()
	if after == "" {
		return f, nil
	}
	// Events that the hub has sent already are read from the log; later ones
	// come through the channel.
	if err := f.read(ctx, after, until); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// read fills the backlog with the changes after an event, up to a position.
func (f *Follower) read(ctx context.Context, after string, until store.Position) error {
	at, own := parseID(after)
	return f.hub.store.View(ctx, func(tx store.Tx) error {
		c, ok, err := tx.Changes().Get(at)
		if err != nil {
			return err
		}
		if !ok || tail(c.ID) != own || at > until {
			return ErrBehind
		}
		for at < until {
			changes, err := tx.Changes().After(at, portion)
			if err != nil {
				return err
			}
			if len(changes) == 0 {
				return nil
			}
			for _, c := range changes {
				if at = c.Position; at > until {
					return nil
				}
				if f.backlog = append(f.backlog, eventOf(c)); len(f.backlog) > maxBacklog {
					return ErrBehind
				}
			}
		}
		return nil
	})
}

// Next waits for the next event. ErrBehind and ErrStopped end the follower.
func (f *Follower) Next(ctx context.Context) (Event, error) {
	if len(f.backlog) > 0 {
		e := f.backlog[0]
		f.backlog = f.backlog[1:]
		return e, nil
	}
	select {
	case e, ok := <-f.events:
		if !ok {
			return Event{}, f.why
		}
		return e, nil
	case <-ctx.Done():
		return Event{}, ctx.Err()
	}
}

// Close ends following.
func (f *Follower) Close() {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	f.hub.end(f, ErrStopped)
}

// shortID is how much of a change's own id stands in an event's.
const shortID = 12

// eventOf gives a change its event's id: its position, and the end of its own
// id, so that a position in another log is not taken for one in this.
func eventOf(c store.Change) Event {
	return Event{ID: string(c.Position) + "-" + tail(c.ID), Change: c}
}

func tail(id string) string { return id[max(0, len(id)-shortID):] }

func parseID(id string) (store.Position, string) {
	at, own, _ := strings.Cut(id, "-")
	return store.Position(at), own
}

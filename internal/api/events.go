package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/internal/live"
	"earshot/store"
)

const (
	// beatEvery keeps proxies from closing a silent stream after a minute or
	// less. It is also the longest time until a stream ends after its reader lost
	// the right to read.
	beatEvery = 15 * time.Second
	// comeBack is in how many milliseconds a browser comes back.
	comeBack = 3000
)

// LiveEvent says that something happened and where to look.
type LiveEvent struct {
	Kind     store.ChangeKind `json:"kind"`
	At       Time             `json:"at"`
	Issue    desk.IssueID     `json:"issue"`
	Incident desk.IncidentID  `json:"incident"` // with the kind incident
	Desks    []desk.Handle    `json:"desks"`
	Entry    desk.Kind        `json:"entry"` // with the kinds opened and issue: the timeline entry's
	Event    desk.EventID     `json:"event"` // its id
	Post     desk.PostID      `json:"post"`
	Agent    desk.Email       `json:"agent"`
	State    string           `json:"state"` // of a delivery or a presence; of an incident alert: a program made a new draft
}

func liveEventOf(e live.Event) LiveEvent {
	return LiveEvent{Kind: e.Kind, At: Time{e.At}, Issue: e.Issue, Incident: e.Incident, Desks: list(e.Desks), Entry: e.Entry, Event: e.Event, Post: e.Post, Agent: e.Agent, State: e.State}
}

// events sends what happens as server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html). With
// Last-Event-ID a stream goes on after that event, on any node. An event "reset"
// says that the client may have missed events and must reload its data.
func (h *handler) events(w http.ResponseWriter, r *http.Request, who auth.Principal, agent desk.Agent) {
	if h.hub == nil {
		h.fail(w, r, desk.Conflict("events_off", "no server is running, so nothing happens here"))
		return
	}
	if h.by != nil {
		end, err := h.by.Stream(who)
		if err != nil {
			h.fail(w, r, err)
			return
		}
		defer end()
	}
	f, reset, err := h.follow(r.Context(), r.Header.Get("Last-Event-ID"))
	if err != nil {
		h.fail(w, r, err)
		return
	}
	defer func() { f.Close() }()
	s := &eventStream{w: w, to: http.NewResponseController(w), only: desk.Handle(r.URL.Query().Get("desk")), who: agent}
	_ = s.to.SetReadDeadline(time.Time{}) // the request has been read; its deadline would end the answer
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would keep it back
	if s.send(fmt.Sprintf("retry: %d\n\n", comeBack)) != nil || (reset && s.send(resetEvent) != nil) {
		return
	}
	beat := h.app.Now()
	for {
		e, err := next(r.Context(), f)
		if now := h.app.Now(); errors.Is(err, errQuiet) || now.Sub(beat) >= beatEvery {
			beat = now
			if agent, ended := h.still(r.Context(), who, s.who); ended != nil {
				_ = s.send(endedEvent)
				return
			} else {
				s.who = agent
			}
			if s.send(":\n\n") != nil {
				return
			}
		}
		switch {
		case err == nil:
			err = s.event(e)
		case errors.Is(err, errQuiet):
			err = nil
		case errors.Is(err, live.ErrBehind):
			// We follow again before we send the reset, so that events in
			// between come after it.
			var again *live.Follower
			if again, _, err = h.follow(r.Context(), ""); err == nil {
				f, err = again, s.send(resetEvent)
			}
		}
		if err != nil { // the reader went, or the node stops: they come back, with the id
			return
		}
	}
}

// resetEvent has an empty id, so that a client that reconnects starts again.
const resetEvent = "id\nevent: reset\ndata: {}\n\n"

// endedEvent says that the reader was signed out, or lost the right to read.
const endedEvent = "event: ended\ndata: {}\n\n"

var errQuiet = errors.New("nothing happened for a while")

// next waits for an event, for a while.
func next(ctx context.Context, f *live.Follower) (live.Event, error) {
	quiet, cancel := context.WithTimeout(ctx, beatEvery)
	defer cancel()
	e, err := f.Next(quiet)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = errQuiet
	}
	return e, err
}

// follow begins to follow; reset says that it could not go on after an event.
func (h *handler) follow(ctx context.Context, after string) (f *live.Follower, reset bool, err error) {
	if f, err = h.hub.Follow(ctx, after); errors.Is(err, live.ErrBehind) {
		reset = true
		f, err = h.hub.Follow(ctx, "")
	}
	if errors.Is(err, live.ErrStopped) {
		err = desk.Unavailable("server_stopping", "the server is stopping; come back in a moment")
	}
	return f, reset, err
}

// still returns the reader of a stream as they are now. It is an error if they may not
// follow any more.
func (h *handler) still(ctx context.Context, who auth.Principal, reader desk.Agent) (desk.Agent, error) {
	if h.by == nil {
		return reader, nil
	}
	now, may, err := h.by.Still(ctx, who, desk.ScopeRead)
	if err == nil && !may {
		err = desk.Unauthenticated("signed_out", "signed out")
	}
	return now, err
}

// eventStream writes events as long as they are read.
type eventStream struct {
	w    http.ResponseWriter
	to   *http.ResponseController
	only desk.Handle // "" for all desks
	who  desk.Agent  // who reads; the zero value: nobody
}

func (s *eventStream) event(e live.Event) error {
	if s.only != "" && !slices.Contains(e.Desks, s.only) || e.Kind == store.ChangeTurn && e.To != s.who.Email || !s.who.Sees(e.Desks) {
		return nil
	}
	data, err := json.Marshal(liveEventOf(e))
	if err != nil {
		return err
	}
	return s.send(fmt.Sprintf("id: %s\nevent: %s\ndata: %s\n\n", e.ID, e.Kind, data))
}

func (s *eventStream) send(text string) error {
	_ = s.to.SetWriteDeadline(time.Now().Add(stalled)) // without a deadline (in tests) no client stalls
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.to.Flush()
}

package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/queue"
	"earshot/store"
)

// Asked is a source that is asked, or listened to.
type Asked struct {
	store.Source
	Token string    // in the clear; "": without one
	Now   time.Time // when it is asked
}

// Poller is a kind that is asked.
type Poller interface {
	// Poll asks once. It tells what the source offers since the cursors: at the first
	// time nothing but the cursors. An error with desk.CodeForbidden is a refusal. Beside
	// an error stands what was read before it.
	Poll(ctx context.Context, s Asked) (app.Polled, error)
}

// Streamer is a kind that tells on a connection that we hold open.
type Streamer interface {
	// Stream listens until ctx or the connection ends.
	Stream(ctx context.Context, s Asked, to Sink) error
}

// Sink takes in what a stream says.
type Sink interface {
	// Connected is called once the other side has agreed.
	Connected(ctx context.Context) error
	Heard(ctx context.Context, posts ...app.Brought) error
	// CaughtUp takes in what was asked for, of the time without a connection.
	CaughtUp(ctx context.Context, p app.Polled) error
}

// Wait is an error of a source that names a time before which it does not want to
// be asked again.
type Wait struct {
	Until time.Time
	Err   error
}

func (w *Wait) Error() string { return w.Err.Error() }
func (w *Wait) Unwrap() error { return w.Err }

// NoStream is an error of a source that cannot be listened to, at least for now: a
// Poller is asked instead.
type NoStream struct{ Err error }

func (n *NoStream) Error() string { return n.Err.Error() }
func (n *NoStream) Unwrap() error { return n.Err }

// Tender asks sources, and listens to them. Each has one durable job, so that one of
// several nodes tends it.
type Tender struct {
	App     *app.App
	Sources *Sources
	Log     *slog.Logger
}

// MaxStreams bounds how many streams are open at once on a node.
const MaxStreams = 64

// forgetAfter is how soon a stream notices that its source was removed or changed.
const forgetAfter = 15 * time.Second

// Poll does one job of a source that is asked.
func (t *Tender) Poll(ctx context.Context, job store.Job) error {
	s, k, err := t.of(ctx, job)
	if err != nil || k == nil {
		return err
	}
	p, can := k.(Poller)
	if !can {
		return &queue.Dead{Err: fmt.Errorf("a source of kind %s cannot be asked", s.Kind)}
	}
	if k.Way(s).Streams {
		return nil // of an earlier version: the source has a job in the other queue now
	}
	return t.askOnce(ctx, p, s, time.Time{})
}

// askOnce asks a source, and gives its job back until the next time: not before the time
// that it named when we wanted to listen to it.
func (t *Tender) askOnce(ctx context.Context, p Poller, s store.Source, notBefore time.Time) error {
	found, failed := t.poll(ctx, p, s)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if notBefore.After(found.NotBefore) {
		found.NotBefore = notBefore
	}
	next, ok, err := t.App.Polled(ctx, s.ID, found, failed)
	if err != nil || !ok {
		return err
	}
	return &queue.Later{At: next, Err: failed}
}

func (t *Tender) poll(ctx context.Context, p Poller, s store.Source) (app.Polled, error) {
	asked, err := t.asked(s)
	if err != nil {
		return app.Polled{}, err
	}
	found, failed := p.Poll(ctx, asked)
	if w, ok := errors.AsType[*Wait](failed); ok {
		found.NotBefore = w.Until
	}
	return found, failed
}

// of reads a job. Without a kind there is nothing to do: the source was removed.
func (t *Tender) of(ctx context.Context, job store.Job) (store.Source, Kind, error) {
	var j app.Tend
	if err := json.Unmarshal(job.Payload, &j); err != nil {
		return store.Source{}, nil, &queue.Dead{Err: fmt.Errorf("reading the job of a source: %w", err)}
	}
	s, err := t.App.Source(ctx, j.Source)
	if desk.ErrorCode(err) == desk.CodeNotFound {
		return s, nil, nil
	}
	if err != nil {
		return s, nil, err
	}
	k, err := t.Sources.kind(s.Kind)
	if err != nil {
		return s, nil, &queue.Dead{Err: err}
	}
	return s, k, nil
}

func (t *Tender) asked(s store.Source) (Asked, error) {
	token, err := tokenOf(t.Sources.tokens, s)
	return Asked{s, token, t.App.Now()}, err
}

// Stream does the job of a source that is listened to: it ends when the connection does.
// What was said meanwhile is asked for first.
func (t *Tender) Stream(ctx context.Context, job store.Job) error {
	s, k, err := t.of(ctx, job)
	if err != nil || k == nil {
		return err
	}
	st, can := k.(Streamer)
	if !can {
		return &queue.Dead{Err: fmt.Errorf("a source of kind %s cannot be listened to", s.Kind)}
	}
	because := t.listen(ctx, st, s)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var until time.Time
	if w, ok := errors.AsType[*Wait](because); ok {
		until = w.Until
	}
	if _, none := errors.AsType[*NoStream](because); none {
		if p, can := k.(Poller); can {
			return t.askOnce(ctx, p, s, until)
		}
	}
	if because == nil {
		because = desk.Unavailable("source_stream_ended", "the connection ended")
	}
	next, ok, err := t.App.StreamEnded(ctx, s.ID, because, until)
	if err != nil || !ok {
		return err
	}
	return &queue.Later{At: next, Err: because}
}

// errRemoved ends the connection of a source that was removed, or whose job another node has.
var errRemoved = errors.New("the source was removed")

func (t *Tender) listen(ctx context.Context, st Streamer, s store.Source) error {
	asked, err := t.asked(s)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watched := make(chan struct{})
	go func() { defer close(watched); t.whileThere(ctx, s.ID, cancel) }()
	defer func() { cancel(nil); <-watched }()
	return st.Stream(ctx, asked, &sink{t, s.ID})
}

// whileThere cancels when a source is gone.
func (t *Tender) whileThere(ctx context.Context, id desk.SourceID, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(forgetAfter)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := t.App.Source(ctx, id); desk.ErrorCode(err) == desk.CodeNotFound {
			cancel(errRemoved)
			return
		}
	}
}

// sink is where a stream's posts go.
type sink struct {
	t  *Tender
	id desk.SourceID
}

func (s *sink) Connected(ctx context.Context) error { return s.t.App.Streams(ctx, s.id, nil) }

func (s *sink) CaughtUp(ctx context.Context, p app.Polled) error {
	if err := s.Heard(ctx, p.Posts...); err != nil {
		return err
	}
	return s.t.App.Streams(ctx, s.id, p.Cursors)
}

func (s *sink) Heard(ctx context.Context, posts ...app.Brought) error {
	_, err := s.t.App.Bring(ctx, s.id, posts...)
	return err
}

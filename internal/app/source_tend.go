package app

import (
	"context"
	"math/rand/v2"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

const (
	// PollEvery is how often a source is asked, and the most often that it may be.
	PollEvery = time.Minute
	// pollSeldom bounds the pause after failures, pollRefused is that after a refusal:
	// servers change their rules.
	pollSeldom  = time.Hour
	pollRefused = 24 * time.Hour
	streamAgain = 5 * time.Second
	// streamLasts: a connection that ended earlier counts as a failure in a row.
	streamLasts = time.Minute
	// failsBefore a source counts as failed.
	failsBefore = 3
)

// Polled is what a source answered when it was asked.
type Polled struct {
	Posts     []Brought
	Cursors   map[string]string // up to where it was read, also by one that failed; nil: as before
	More      bool              // there is more to be read at once
	Access    string            // see store.Source; "": as before
	Looked    string            // the tag that was looked back at, to the end; "": none
	NotBefore time.Time         // the source asks for patience; zero: it does not
}

// Polled takes in what came of asking a source, and says when it is asked next. Its
// posts are taken in before the cursor moves on: nothing between is missed. ok is
// false if the source was removed.
func (a *App) Polled(ctx context.Context, id desk.SourceID, p Polled, failed error) (next time.Time, ok bool, err error) {
	if _, err := a.Bring(ctx, id, p.Posts...); err != nil {
		return next, true, err
	}
	jitter := 0.8 + 0.4*rand.Float64()
	err = a.Update(ctx, func(tx *Tx) error {
		var s store.Source
		if s, ok, err = tx.Sources().Get(id); err != nil || !ok {
			return err
		}
		pause := max(s.Every, PollEvery)
		if p.Cursors != nil {
			s.Cursors = p.Cursors
		}
		switch {
		case failed == nil:
			s.State = store.SourcePolling
			tx.works(&s)
			s.Polls++
			if p.Access != "" {
				s.Access, s.AccessAt = p.Access, tx.Now
			}
			if p.Looked != "" {
				looked := map[string]time.Time{p.Looked: tx.Now}
				for _, tag := range s.Tags {
					if at := s.Looked[tag]; tag != p.Looked && !at.IsZero() {
						looked[tag] = at
					}
				}
				s.Looked = looked
			}
			if p.More {
				pause = streamAgain
			}
		default:
			pause = tx.fails(&s, failed, pause)
		}
		s.Next = tx.Now.Add(time.Duration(float64(pause) * jitter))
		if p.NotBefore.After(s.Next) {
			s.Next = p.NotBefore.Add(time.Duration(float64(pause) * (jitter - 0.8)))
		}
		next = s.Next
		return tx.Sources().Put(s)
	})
	return next, ok, err
}

// works notes that a source works.
func (t *Tx) works(s *store.Source) {
	s.Error, s.ErrorAt, s.Fails = "", time.Time{}, 0
	if s.Accepted.IsZero() {
		s.Accepted = t.Now
	}
}

// fails notes that a source did not work, and returns the pause before it is tried
// again: pause, doubled with each failure in a row.
func (t *Tx) fails(s *store.Source, err error, pause time.Duration) time.Duration {
	s.Error, s.ErrorAt = desk.ErrorMessage(err), t.Now
	s.Fails++
	if desk.ErrorCode(err) == desk.CodeForbidden {
		s.State = store.SourceRejected
		return pollRefused
	}
	if s.Fails >= failsBefore || s.State == store.SourceRejected || s.State == store.SourceStreaming {
		s.State = store.SourceFailed
	}
	for n := 1; n < s.Fails && pause < pollSeldom; n++ {
		pause *= 2
	}
	return min(pause, max(pollSeldom, s.Every))
}

// Streams notes that a source is connected, and read up to the cursors; nil: as before.
func (a *App) Streams(ctx context.Context, id desk.SourceID, cursors map[string]string) error {
	return a.Update(ctx, func(tx *Tx) error {
		s, ok, err := tx.Sources().Get(id)
		if err != nil || !ok {
			return err
		}
		if cursors != nil {
			s.Cursors = cursors
		} else {
			s.Asked = tx.Now
		}
		fails := s.Fails
		tx.works(&s)
		s.State, s.Next, s.Fails = store.SourceStreaming, time.Time{}, fails // until it has lasted
		return tx.Sources().Put(s)
	})
}

// StreamEnded takes in why a connection ended, and says when it is opened again. ok is
// false if the source was removed.
func (a *App) StreamEnded(ctx context.Context, id desk.SourceID, because error, notBefore time.Time) (next time.Time, ok bool, err error) {
	jitter := 0.8 + 0.4*rand.Float64()
	err = a.Update(ctx, func(tx *Tx) error {
		var s store.Source
		if s, ok, err = tx.Sources().Get(id); err != nil || !ok {
			return err
		}
		if s.State == store.SourceStreaming && tx.Now.Sub(s.Asked) > streamLasts {
			s.Fails = 0
		}
		s.Next = tx.Now.Add(time.Duration(float64(tx.fails(&s, because, streamAgain)) * jitter))
		if notBefore.After(s.Next) {
			s.Next = notBefore
		}
		next = s.Next
		return tx.Sources().Put(s)
	})
	return next, ok, err
}

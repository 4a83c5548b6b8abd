package app

import (
	"cmp"
	"context"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// GiveUpAfter: a server that was silent for a week is told nothing more.
const GiveUpAfter = 7 * 24 * time.Hour

// A host's breaker opens after FailuresToDown failures in a row, and no longer
// than MaxHostPause at a time.
const (
	FailuresToDown = 3
	MaxHostPause   = 12 * time.Hour
)

// hostFailed counts a failure of a host. An answer shows that the host lives, so
// only silence (status 0), 5xx and 429 open its breaker.
func hostFailed(h store.HostState, host desk.Host, status int, pause time.Duration, now time.Time) store.HostState {
	h.Host = host
	if status != 0 && status/100 != 5 && status != tooManyRequests {
		return h
	}
	if h.Failures == 0 {
		h.DownSince = now
	}
	h.Failures++
	if h.Failures >= FailuresToDown || status == tooManyRequests {
		h.DownUntil = now.Add(min(pause, MaxHostPause))
	}
	return h
}

const tooManyRequests = 429 // HTTP

// givenUp says whether a server has been silent for a week. Its followers are
// left out then, until it speaks to us, or for one try a week: it may come back
// and have nothing to say.
func (t *Tx) givenUp(h desk.Host) (bool, error) {
	s, _, err := t.Hosts().Get(h)
	return isGivenUp(s, t.Now), err
}

func isGivenUp(s store.HostState, now time.Time) bool {
	if s.DownSince.IsZero() || s.DownUntil.IsZero() {
		return false
	}
	return now.Sub(s.DownSince) >= GiveUpAfter && now.Sub(s.DownUntil) < GiveUpAfter
}

// limitsRefreshedAfter: a server is asked about itself once a day at most, and only
// while a person there talks to us.
const limitsRefreshedAfter = 24 * time.Hour

// queueServerLimits makes sure that we know how long the posts of a server's people may
// be: agents who answer them count with that length.
func (t *Tx) queueServerLimits(h desk.Host) error {
	s, _, err := t.Hosts().Get(h)
	if err != nil || t.Now.Sub(s.MaxCharactersAt) < limitsRefreshedAfter {
		return err
	}
	return t.addJobOf(h, store.QueueFetch, "about:"+string(h), "", t.Now, Fetch{Host: h})
}

// LearnServer stores how long a post may be on a server, and the name of its
// software; 0 and "": the server does not say, and its earlier answer stays.
func (a *App) LearnServer(ctx context.Context, h desk.Host, n int, software string) error {
	return a.Update(ctx, func(tx *Tx) error {
		s, _, err := tx.Hosts().Get(h)
		if err != nil {
			return err
		}
		s.Host, s.MaxCharactersAt = h, tx.Now
		if n > 0 {
			s.MaxCharacters = n
		}
		s.Software = cmp.Or(software, s.Software)
		return tx.Hosts().Put(s)
	})
}

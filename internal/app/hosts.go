package app

import (
	"context"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// GiveUpAfter: a server that was silent for a week is told nothing more.
const GiveUpAfter = 7 * 24 * time.Hour

// GivenUp says whether a server has been silent for a week. Its followers are
// left out then, until it speaks to us, or for one try a week: it may come back
// and have nothing to say.
func (t *Tx) GivenUp(h desk.Host) (bool, error) {
	s, ok, err := t.Hosts().Get(h)
	if err != nil || !ok || s.DownSince.IsZero() || s.DownUntil.IsZero() {
		return false, err
	}
	silent := t.Now.Sub(s.DownSince) >= GiveUpAfter
	tried := t.Now.Sub(s.DownUntil) < GiveUpAfter
	return silent && tried, nil
}

// limitsRefreshedAfter: a server is asked about itself once a day at most, and only
// while somebody there talks to us.
const limitsRefreshedAfter = 24 * time.Hour

// queueServerLimits makes sure that we know how long a post of a server's people may be:
// whoever answers them counts with it.
func (t *Tx) queueServerLimits(h desk.Host) error {
	s, _, err := t.Hosts().Get(h)
	if err != nil || t.Now.Sub(s.MaxCharactersAt) < limitsRefreshedAfter {
		return err
	}
	return t.addJob(store.QueueFetch, "about:"+string(h), "", t.Now, Fetch{Host: h})
}

// LearnMaxCharacters keeps how long a server says that a post may be; 0: it
// does not say, and what it said before stands.
func (a *App) LearnMaxCharacters(ctx context.Context, h desk.Host, n int) error {
	return a.Update(ctx, func(tx *Tx) error {
		s, _, err := tx.Hosts().Get(h)
		if err != nil {
			return err
		}
		s.Host, s.MaxCharactersAt = h, tx.Now
		if n > 0 {
			s.MaxCharacters = n
		}
		return tx.Hosts().Put(s)
	})
}

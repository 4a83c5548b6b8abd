package app

import (
	"time"

	"earshot/internal/desk"
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

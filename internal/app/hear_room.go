package app

import (
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// Issues are those of the store that the caller sees. What the open ones take of the room, and those that
// stand in piles, are counted with every change of one, in its transaction.
func (t *Tx) Issues() store.Issues { return issuesInRoom{t.ownIssues(), t} }

type issuesInRoom struct {
	store.Issues
	t *Tx
}

func (r issuesInRoom) Add(i desk.Issue) (bool, error) {
	added, err := r.Issues.Add(i)
	if err != nil || !added {
		return false, err
	}
	if err := r.t.countPile(desk.Issue{}, i); err != nil {
		return false, err
	}
	return true, r.t.countRoom(desk.Issue{}, i)
}

func (r issuesInRoom) Put(i desk.Issue) error {
	lately := r.t.Now.Sub(i.OpenedAt) < unreadLately
	if i.Room == "" && i.Pile == "" && !lately { // the first two are never lost
		return r.Issues.Put(i)
	}
	before, _, err := r.t.Tx.Issues().Get(i.ID)
	if err != nil {
		return err
	}
	if err := r.Issues.Put(i); err != nil {
		return err
	}
	if err := r.t.countPile(before, i); err != nil {
		return err
	}
	if lately {
		if err := r.t.unrow(before, i); err != nil {
			return err
		}
	}
	return r.t.countRoom(before, i)
}

// unreadLately is how long an unread issue may count as one that came lately: see
// desk.Load.
const unreadLately = 24 * time.Hour

// countRoom counts what an issue takes more, or less, than it did.
func (t *Tx) countRoom(before, after desk.Issue) error {
	was, bytesWere := before.Takes()
	is, bytes := after.Takes()
	if was == is && bytesWere == bytes {
		return nil
	}
	of := is
	if of == "" {
		of = was
	}
	s, ok, err := t.Standings().Get(string(of))
	if err != nil {
		return err
	}
	if !ok {
		s = desk.Standing{Key: string(of), Since: t.Now}
	}
	if is != "" {
		s.Open++
		s.OpenBytes += bytes
	}
	if was != "" {
		s.Open = max(0, s.Open-1)
		s.OpenBytes = max(0, s.OpenBytes-bytesWere)
	}
	s.Expires = t.Now.Add(hostRemembered)
	return t.putStanding(s)
}

// never is when a standing with open issues is forgotten.
var never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// putStanding stores a standing. The open issues of domains that are not trusted are
// counted together.
func (t *Tx) putStanding(s desk.Standing) error {
	before, _, err := t.Standings().Get(s.Key)
	if err != nil {
		return err
	}
	if s.Open > 0 {
		s.Expires = never
	}
	if err := t.Standings().Put(s); err != nil {
		return err
	}
	share := func(s desk.Standing) (int, int) {
		if s.Trusted() {
			return 0, 0
		}
		return s.Open, s.OpenBytes
	}
	was, bytesWere := share(before)
	is, bytes := share(s)
	if was == is && bytesWere == bytes {
		return nil
	}
	all, _, err := t.Standings().Get(desk.Strangers)
	if err != nil {
		return err
	}
	all.Key, all.Expires = desk.Strangers, never
	all.Open, all.OpenBytes = max(0, all.Open+is-was), max(0, all.OpenBytes+bytes-bytesWere)
	return t.Standings().Put(all)
}
